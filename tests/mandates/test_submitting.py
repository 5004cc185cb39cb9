"""What a report lacks, when it is due, and how it is kept as it was submitted."""

from __future__ import annotations

import datetime
import hashlib

import pytest
from django.db import DatabaseError, transaction

from equity.errors import RuleBroken
from equity.mandates import actions, exports, queries
from equity.mandates.assembling import assemble
from equity.mandates.models import MeasureLink, Submission, SubmittedFile
from equity.mandates.readiness import Lack, missing
from equity.tenancy.acting import acting_as
from equity.tenancy.models import AuditEvent
from equity.tenancy.personas import Persona
from metrics.models import Metric
from tests.mandates.conftest import complete, counted
from tests.public.published import publish


def lacks(mandated, unit=None):
    found = missing(mandated.whole())
    return {one.lack for one in found if unit is None or one.reporter == str(mandated.reporter(unit).pk)}


# ---------------------------------------------------------------- ready or not
def test_new_report_lacks_the_kind_of_each_hospital(mandated):
    assert Lack.NOBODY in lacks(mandated)
    assert lacks(mandated, "east") == {Lack.KIND}


def test_everything_that_a_hospital_lacks_is_listed(mandated):
    mandated.describe("east", identifier="")
    assert lacks(mandated, "east") == {
        Lack.IDENTIFIER,
        Lack.COMPARED,
        Lack.ANSWER,
        Lack.PLAN,
        Lack.STATEMENT,
    }
    assert Lack.NOBODY not in lacks(mandated)


def test_unpublished_year_is_listed(mandated):
    mandated.describe("west")
    with acting_as(Persona.OPERATOR):
        MeasureLink.objects.filter(measure="readmission").update(
            metric=Metric.objects.create(
                organisation=mandated.house.riverside,
                code="unpublished",
                name="Unpublished",
                level="patient",
                purpose="impact",
                kind="proportion",
                counts_people=True,
                better="lower",
                numerator="Some",
                denominator="All",
                frequency=12,
                source="The record",
            )
        )
    assert Lack.PUBLISHED in lacks(mandated, "west")


def test_psychiatric_hospital_is_told_that_its_list_is_not_known(mandated):
    mandated.describe("east", kind="psychiatric")
    (found,) = (one for one in missing(mandated.whole()) if one.lack is Lack.SHORT_LIST)
    assert found.count == 6


def test_what_is_mended_is_no_longer_missing(mandated):
    mandated.describe("east")
    complete(mandated)
    assert lacks(mandated, "east") == {Lack.COMPARED}


@pytest.mark.parametrize("field", ["population", "objective", "due", "area", "actions"])
def test_plan_without_one_of_its_parts_is_half_a_plan(mandated, field):
    mandated.describe("east")
    complete(mandated)
    key = mandated.filled().ranking.widest[0].key
    given = {
        "population": "All",
        "objective": "Half",
        "due": datetime.date(2027, 1, 1),
        "area": "access",
        "actions": "Calls",
    }
    with mandated.by("bea") as bea:
        actions.plan(
            reporter=mandated.reporter(),
            key=key,
            practices=[],
            by=bea,
            **{**given, field: None if field == "due" else ""},
        )
    assert Lack.HALF_PLAN in lacks(mandated, "east")


# ---------------------------------------------------------------- when
def test_extension_is_noted_once_and_moves_the_day(mandated):
    today = datetime.date(2026, 10, 1)
    with mandated.by("alice") as alice:
        report = queries.report_for(mandated.report.pk)
        assert queries.due_of(report, today).days_late == 1
        actions.note_extension(report=report, by=alice)
        report = queries.report_for(mandated.report.pk)
        assert queries.due_of(report, today).days_left == 59
        with pytest.raises(RuleBroken):
            actions.note_extension(report=report, by=alice)


def test_calendar_has_the_next_report_the_one_before_and_every_begun_one(mandated):
    with mandated.by("alice"):
        years = [(one.year, one.report is not None) for one in queries.calendar(datetime.date(2026, 11, 22))]
        assert years == [(2027, False), (2026, True)]
        years = [one.year for one in queries.calendar(datetime.date(2029, 1, 1))]
        assert years == [2029, 2028, 2026]


# ---------------------------------------------------------------- submitted
def submitted(mandated, note=""):
    with mandated.by("alice") as alice:
        report = queries.report_for(mandated.report.pk)
        return actions.submit(report=report, note=note, as_of=mandated.whole().as_of, by=alice)


def test_what_was_submitted_stays_as_it_was(mandated):
    mandated.describe("east")
    first = submitted(mandated)
    with mandated.by("alice"):
        before = {one.name: bytes(one.content) for one in SubmittedFile.objects.filter(submission=first)}
    assert first.as_of == mandated.seq
    assert first.lacking > 0
    assert len(before) == 7

    publish(mandated.house.riverside, mandated.house.person("alice"), [counted(90, 300, race="black")])
    second = submitted(mandated, "A count was put right.")
    assert (second.version, second.as_of > first.as_of) == (2, True)
    with mandated.by("alice"):
        files = SubmittedFile.objects.filter(submission=first)
        assert {one.name: bytes(one.content) for one in files} == before
        assert all(hashlib.sha256(before[one.name]).hexdigest() == one.sha256 for one in files)
        core = next(one for one in SubmittedFile.objects.filter(submission=second) if "core" in one.name)
        assert bytes(core.content) != before[core.name]


def test_amended_report_says_why(mandated):
    mandated.describe("east")
    submitted(mandated)
    with pytest.raises(RuleBroken):
        submitted(mandated, "  ")


def test_report_is_not_submitted_with_other_numbers_than_those_looked_at(mandated):
    mandated.describe("east")
    with mandated.by("alice") as alice, pytest.raises(RuleBroken):
        report = queries.report_for(mandated.report.pk)
        actions.submit(report=report, note="", as_of=mandated.seq - 1, by=alice)
    with mandated.by("alice"):
        assert not Submission.objects.exists()


@pytest.mark.parametrize("persona", [Persona.MEMBER, Persona.WORKER, Persona.OPERATOR])
@pytest.mark.parametrize("model", [Submission, SubmittedFile])
def test_nobody_changes_or_deletes_what_was_submitted(mandated, model, persona):
    mandated.describe("east")
    submitted(mandated)
    for change in (
        lambda found: found.update(organisation_id=mandated.house.elsewhere.pk),
        lambda found: found._raw_delete(found.db),
    ):
        with (
            acting_as(
                persona, organisation=mandated.house.riverside, person=mandated.house.person("alice")
            ) as acting,
            pytest.raises(DatabaseError),
            transaction.atomic(using=acting.alias),
        ):
            change(model.objects.using(acting.alias).all())


def test_every_step_is_in_the_trail(mandated):
    mandated.describe("east")
    complete(mandated)
    submitted(mandated)
    with mandated.by("alice"):
        events = set(AuditEvent.objects.values_list("event", flat=True))
    assert {
        "mandate.open",
        "mandate.describe",
        "mandate.answer",
        "mandate.state",
        "mandate.plan",
        "mandate.submit",
    } <= events


def test_files_are_the_same_whoever_makes_them(mandated):
    """Insiders and others read the same ledger rows: no full count can slip in."""
    mandated.describe("east")
    made = {}
    for name in ("alice", "carmen"):
        with mandated.by(name):
            report = assemble(queries.report_for(mandated.report.pk))
            made[name] = [
                exports.sheet_file(report, sheet, "riverside").content for sheet, _ in report.template.sheets
            ]
    assert made["alice"] == made["carmen"]
