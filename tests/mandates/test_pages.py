"""The screens: what each says, what each writes, who may, and another institution."""

from __future__ import annotations

import datetime
import html

import pytest
from django.utils import timezone

from equity.cycle.actions import open_cycle
from equity.mandates import queries
from equity.mandates.models import DisparityPlan, PlanPractice, Submission
from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona
from practices import actions as programme
from practices import queries as practices
from practices.loading import catalogue_files, load
from practices.models import ItemKind
from tests.cast import ROLES
from tests.mandates.conftest import complete

BLACK = "acute--readmission--race-ethnicity--black"


@pytest.fixture
def visit(mandated, client):
    """Open an address as somebody; with a form, send it."""

    def opened(name, address, sent=None, status=200):
        client.force_login(mandated.house.accounts[name])
        response = client.get(address) if sent is None else client.post(address, sent)
        assert response.status_code == status, response.content[:2000]
        return html.unescape(response.content.decode())

    return opened


def practice_of(house, name="alice"):
    """A practice that was adopted by an institution."""
    with acting_as(Persona.OPERATOR):
        for path in catalogue_files():
            load(path)
    organisation = house.elsewhere if name == "walter" else house.riverside
    with acting_as(Persona.MEMBER, organisation=organisation, person=house.person(name)):
        by = house.person(name)
        cycle = open_cycle(organisation=organisation, started_on=datetime.date(2026, 1, 5), by=by)
        guide = practices.guide_for(practices.LIGHT_AND_HEAT)
        goal = programme.adopt_goal(
            cycle=cycle, item=practices.item_for(guide, "2.1", ItemKind.GOAL), reason="Asked for.", by=by
        )
        return programme.adopt_practice(
            goal=goal, item=practices.item_for(guide, "2.1.1", ItemKind.PRACTICE), by=by
        )


# ---------------------------------------------------------------- reading
def test_list_says_when_each_report_is_due_and_that_it_does_not_bind_ohio(mandated, visit):
    text = visit("carmen", "/o/riverside/reports/")
    assert "California hospital equity report" in text
    assert "30 September 2026" in text
    assert "Institutions in CA. Riverside Health is not one" in text
    assert "No report</b> known to this site" in text


def test_list_offers_to_begin_a_report_to_those_who_may(mandated, visit):
    (template,) = queries.templates()
    following = template.deadline.next_year(timezone.localdate())
    assert f"Begin the report of {following}" in visit("bea", "/o/riverside/reports/")
    assert "Begin the report" not in visit("oscar", "/o/riverside/reports/")


def test_report_page_lists_what_is_missing_with_links(mandated, visit):
    text = visit("bea", mandated.address("report"))
    reporter = mandated.reporter()
    assert "East Hospital: nobody has said which kind of hospital it is." in text
    assert mandated.address("facts", pk=reporter.pk) in text
    assert f"release {mandated.seq}" in text
    assert "was not held against" in text or "were not held against" in text


def test_reader_without_the_right_to_write_gets_no_link_to_forms(mandated, visit):
    text = visit("carmen", mandated.address("report"))
    assert "nobody has said which kind of hospital it is." in text
    assert "/facts/" not in text


def test_hospital_page_shows_numbers_the_pill_and_the_blank(mandated, visit):
    mandated.describe("east")
    text = visit("carmen", mandated.address("reporter", pk=mandated.reporter().pk))
    assert "Black or African American beside White, rate ratio <b>2.00</b>" in text
    assert "Hidden to protect privacy" in text
    assert "We have no such group" in text
    assert "not checked with the department" in text


def test_groups_page_names_what_goes_nowhere(mandated, visit):
    text = visit("bea", mandated.address("groups"))
    assert "blank: we have no such group" in text
    assert "We do not compare by this." in text


# ---------------------------------------------------------------- the journey
def test_journey_from_begun_to_submitted_and_amended(mandated, visit):
    """As Bea, who prepares, and Alice, who submits: by forms alone, without a script."""
    practice = practice_of(mandated.house)
    reporter = mandated.reporter()
    other = mandated.reporter("west")
    visit("bea", mandated.address("facts", pk=other.pk), {"kind": "none"}, 302)
    visit("bea", mandated.address("facts", pk=reporter.pk), {"kind": "acute", "identifier": "106000001"}, 302)
    visit("bea", mandated.address("measures"), {"measure-cesarean": "none"}, 302)
    answers = {"yes-equity-leader": "yes", "text-equity-leader": "The chief equity officer"}
    visit("bea", mandated.address("answers", pk=reporter.pk), answers, 302)
    visit(
        "bea", mandated.address("statements", pk=reporter.pk), {"text-access": "We opened on Saturdays."}, 302
    )
    planned = {
        "population": "300 stays of Black patients",
        "objective": "From 20 to 15 in 100",
        "by": "2027-12-31",
        "area": "coordination",
        "actions": "A call on the second day.",
        "practices": [str(practice.pk)],
    }
    visit("bea", mandated.address("plan", pk=reporter.pk, disparity=BLACK), planned, 302)
    page = visit("carmen", mandated.address("reporter", pk=reporter.pk))
    for words in (
        "106000001",
        "The chief equity officer",
        "We opened on Saturdays.",
        "A call on the second day.",
    ):
        assert words in page
    assert practice.title in page

    seq = mandated.seq
    assert "things</b> are still missing" in visit("alice", mandated.address("submit"))
    visit("alice", mandated.address("submit"), {"as_of": seq}, 302)
    text = visit("carmen", mandated.address("report"))
    assert "by Alice" in text
    assert "SHA-256" in text
    refused = visit("alice", mandated.address("submit"), {"as_of": seq}, 422)
    assert "Say what was changed since the version before" in refused
    visit("alice", mandated.address("submit"), {"as_of": seq, "note": "A number was missing."}, 302)
    assert "A number was missing." in visit("carmen", mandated.address("report"))


def test_submitted_file_is_sent_byte_for_byte(mandated, visit, client):
    mandated.describe("east")
    visit("alice", mandated.address("submit"), {"as_of": mandated.seq}, 302)
    with mandated.by("alice"):
        kept = list(queries.files_of(Submission.objects.get()))
    for file in kept:
        response = client.get(mandated.address("file", pk=file.pk))
        with mandated.by("alice"):
            assert response.content == bytes(queries.file_for(file.pk).content)
        assert file.name in response["Content-Disposition"]


@pytest.mark.parametrize("sheet", ["reporters", "core", "structural", "disparities", "statements", "about"])
def test_every_sheet_can_be_looked_at_before(mandated, client, sheet):
    client.force_login(mandated.house.accounts["carmen"])
    response = client.get(mandated.address("sheet", pk=mandated.report.pk, sheet=sheet))
    assert response["Content-Type"].startswith("text/csv")
    assert f"riverside-california-hospital-equity-2026-{sheet}.csv" in response["Content-Disposition"]


def test_sheet_that_the_template_does_not_have_does_not_exist(mandated, visit):
    visit("carmen", mandated.address("sheet", pk=mandated.report.pk, sheet="secret"), status=404)


# ---------------------------------------------------------------- forms that say no
def test_plan_for_what_is_no_disparity_does_not_exist(mandated, visit):
    mandated.describe("east")
    address = mandated.address(
        "plan", pk=mandated.reporter().pk, disparity="acute--readmission--payer--nobody"
    )
    visit("bea", address, status=404)


def test_plan_of_a_disparity_that_newer_numbers_moved_away_is_kept(mandated, visit):
    mandated.describe("east")
    complete(mandated)
    reporter = mandated.reporter()
    with acting_as(Persona.OPERATOR):
        DisparityPlan.objects.filter(key=BLACK).update(key="acute--readmission--age--65-up")
    text = visit("bea", mandated.address("plan", pk=reporter.pk, disparity="acute--readmission--age--65-up"))
    assert "no longer among them" in text


def test_practice_of_another_institution_cannot_be_linked(mandated, visit):
    mandated.describe("east")
    foreign = practice_of(mandated.house, "walter")
    address = mandated.address("plan", pk=mandated.reporter().pk, disparity=BLACK)
    visit("bea", address, {"practices": [str(foreign.pk)]}, 422)
    with mandated.by("bea"):
        assert not PlanPractice.objects.exists()


def test_group_that_stands_twice_is_told_in_the_form(mandated, visit):
    address = mandated.address("group", pk=mandated.report.pk, by="payer")
    text = visit("bea", address, {"group-medicare": ["medicaid"], "group-other": ["medicaid"]}, 422)
    assert "can be part of one group only" in text


def test_new_numbers_while_looking_are_told(mandated, visit):
    mandated.describe("east")
    text = visit("alice", mandated.address("submit"), {"as_of": mandated.seq - 1}, 422)
    assert "Newer figures were published while you were looking." in text


# ---------------------------------------------------------------- who may
@pytest.mark.parametrize(
    ("page", "allowed"),
    [
        ("report", set(ROLES)),
        ("groups", set(ROLES)),
        ("measures", {"alice", "bea"}),
        ("submit", {"alice"}),
    ],
)
def test_who_may_open_what(mandated, client, page, allowed):
    for name in ROLES:
        client.force_login(mandated.house.accounts[name])
        status = client.get(mandated.address(page)).status_code
        assert status == (200 if name in allowed else 403), name


def test_report_of_another_institution_does_not_exist(mandated, visit):
    visit("walter", mandated.address("report", "elsewhere", pk=mandated.report.pk), status=404)
    visit("walter", mandated.address("report", "riverside", pk=mandated.report.pk), status=404)
    assert "2026" in visit("walter", "/o/elsewhere/reports/")
    assert str(mandated.report.pk) not in visit("walter", "/o/elsewhere/reports/")
