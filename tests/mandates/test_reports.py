"""A report of an institution: begun, and filled from the ledger by its measures and groups."""

from __future__ import annotations

import pytest

from equity.errors import NotFound, RuleBroken
from equity.mandates import actions, queries
from equity.mandates.filling import State, Why
from equity.mandates.models import GroupLink, MeasureLink
from equity.mandates.readiness import Lack, missing
from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona
from metrics.models import Category, Metric
from tests.mandates.conftest import MANDATE, counted
from tests.public.published import publish


def value(filled, measure, way, group):
    table = next(one for one in filled.tables if one.measure.code == measure)
    block = next(one for one in table.blocks if one.stratification.code == way)
    return next(row.value for row in block.rows if row.group.code == group)


def lacks(mandated, unit=None):
    found = missing(mandated.whole())
    return {one.lack for one in found if unit is None or one.reporter == str(mandated.reporter(unit).pk)}


# ---------------------------------------------------------------- beginning
def test_report_begins_with_the_hospitals_and_the_system(mandated):
    facts = [one.facts for one in mandated.whole().filled]
    assert [(one.unit, one.kind.code if one.kind else "") for one in facts] == [
        ("east", ""),
        ("west", ""),
        ("all", "system"),
    ]


def test_institution_with_one_hospital_has_no_system_report(house):
    with acting_as(Persona.MEMBER, organisation=house.elsewhere, person=house.person("walter")):
        report = actions.open_report(
            organisation=house.elsewhere, mandate=MANDATE, year=2026, by=house.person("walter")
        )
        assert queries.reporters_of(report) == []


def test_metric_with_the_code_that_the_template_names_is_proposed(mandated):
    with mandated.by("alice"):
        links = queries.links_of(MANDATE)
    assert {code: link.metric.code for code, link in links.items()} == {"readmission": "readmission-30-day"}


def test_report_is_begun_once_and_not_before_its_year_is_over(mandated):
    for year in (2026, 2400):
        with mandated.by("bea") as bea, pytest.raises(RuleBroken):
            actions.open_report(organisation=mandated.house.riverside, mandate=MANDATE, year=year, by=bea)


def test_year_before_the_first_edition_does_not_exist(mandated):
    with mandated.by("bea") as bea, pytest.raises(NotFound):
        actions.open_report(organisation=mandated.house.riverside, mandate=MANDATE, year=2024, by=bea)


def test_next_report_knows_what_a_hospital_is(mandated):
    mandated.describe("east")
    with mandated.by("bea") as bea:
        earlier = actions.open_report(
            organisation=mandated.house.riverside, mandate=MANDATE, year=2025, by=bea
        )
        assert [one.kind for one in queries.reporters_of(earlier)] == ["", "", "system"]
        mandated.report.year, earlier.year = 2024, 2026
    # A report of an earlier year gives its facts to the later one.
    with acting_as(Persona.OPERATOR):
        type(earlier).objects.filter(pk=mandated.report.pk).update(year=2024)
        type(earlier).objects.filter(pk=earlier.pk).update(year=2023)
    with mandated.by("bea") as bea:
        later = actions.open_report(organisation=mandated.house.riverside, mandate=MANDATE, year=2026, by=bea)
        assert [one.kind for one in queries.reporters_of(later)] == ["acute", "", "system"]


# ---------------------------------------------------------------- numbers
def test_numbers_are_those_of_the_ledger(mandated):
    mandated.describe("east")
    filled = mandated.filled()
    table = next(one for one in filled.tables if one.measure.code == "readmission")
    assert (table.overall.numerator, table.overall.denominator, table.overall.rate) == (150, 1000, 15.0)
    assert value(filled, "readmission", "race-ethnicity", "black").rate == 20.0
    assert value(filled, "readmission", "race-ethnicity", "asian").state is State.SUPPRESSED
    assert value(filled, "readmission", "race-ethnicity", "white").rate == 10.0
    assert value(filled, "readmission", "race-ethnicity", "hispanic").why is Why.NO_GROUP
    assert value(filled, "readmission", "age", "65-up").why is Why.NO_GROUP
    assert mandated.whole().as_of == mandated.seq


def test_numbers_by_agreement_only_are_not_in_a_public_report(mandated):
    """Members see them in the ledger; the report is for everybody."""
    mandated.describe("east")
    publish(
        mandated.house.riverside,
        mandated.house.person("alice"),
        [counted(999, 1000, audience="agreement"), counted(99, 100, race="black", audience="agreement")],
    )
    filled = mandated.filled()
    table = next(one for one in filled.tables if one.measure.code == "readmission")
    assert table.overall.numerator == 150
    assert value(filled, "readmission", "race-ethnicity", "black").numerator == 60
    assert mandated.whole().as_of == mandated.seq


def test_other_years_and_quarters_are_not_taken(mandated):
    mandated.describe("east")
    quarter = ("2025-01-01", "2025-03-31", "quarter", "Q1")
    last_year = ("2024-01-01", "2024-12-31", "year", "2024")
    publish(
        mandated.house.riverside,
        mandated.house.person("alice"),
        [counted(7, 700, period=quarter), counted(8, 800, period=last_year)],
    )
    table = next(one for one in mandated.filled().tables if one.measure.code == "readmission")
    assert table.overall.numerator == 150


def test_withdrawn_number_is_gone(mandated):
    mandated.describe("east")
    gone = counted(60, 300, race="black", op="delete")
    publish(
        mandated.house.riverside,
        mandated.house.person("alice"),
        [type(gone)(**{**vars(gone), "document": {"reason": "privacy"}})],
        kind="withdrawal",
    )
    assert value(mandated.filled(), "readmission", "race-ethnicity", "black").why is Why.NOT_PUBLISHED


def test_system_adds_up_what_is_published_of_its_hospitals(mandated):
    mandated.describe("east")
    mandated.describe("west")
    system = mandated.filled("all")
    assert value(system, "readmission", "race-ethnicity", "black").rate == 18.0
    assert value(system, "readmission", "race-ethnicity", "white").denominator == 1000
    assert value(system, "readmission", "payer", "private").why is Why.NOT_PUBLISHED
    assert system.facts.members == ("East Hospital 106000001", "West Hospital 106000001")


def test_system_leaves_out_a_hospital_that_does_not_report(mandated):
    mandated.describe("east")
    mandated.describe("west", kind="none")
    assert value(mandated.filled("all"), "readmission", "race-ethnicity", "black").rate == 20.0
    assert {one.facts.unit for one in mandated.whole().filled} == {"east", "all"}


def test_widest_disparities_are_ranked_by_ratio(mandated):
    mandated.describe("east")
    widest = mandated.filled().ranking.widest
    assert [(one.group.code, one.reference.code, float(one.ratio)) for one in widest] == [
        ("black", "white", 2.0),
        ("medicaid", "private", 1.5),
    ]


# ---------------------------------------------------------------- measures and groups
def test_metric_that_counts_the_other_way_round_is_refused(mandated):
    template = queries.template_for(MANDATE, 2026)
    with mandated.by("bea") as bea:
        metric = Metric.objects.get(code="readmission-30-day")
        with pytest.raises(RuleBroken):
            actions.link_measures(
                organisation=mandated.house.riverside,
                template=template,
                chosen={"recommend": metric},
                by=bea,
            )
        assert not MeasureLink.objects.filter(measure="recommend").exists()


def test_measure_of_which_somebody_said_that_there_is_none_is_not_missing(mandated):
    mandated.describe("east")
    template = queries.template_for(MANDATE, 2026)
    before = [one for one in missing(mandated.whole()) if one.lack is Lack.METRIC]
    with mandated.by("bea") as bea:
        actions.link_measures(
            organisation=mandated.house.riverside, template=template, chosen={"cesarean": None}, by=bea
        )
    after = [one for one in missing(mandated.whole()) if one.lack is Lack.METRIC]
    assert {one.key for one in before} - {one.key for one in after} == {"cesarean"}


def test_institution_says_which_of_its_groups_make_up_a_group(mandated):
    mandated.describe("east")
    template = queries.template_for(MANDATE, 2026)
    payer = queries.stratification_for(template, "payer")
    with mandated.by("bea") as bea:
        both = list(Category.objects.filter(dimension__code="payer", missing=False))
        actions.link_groups(
            organisation=mandated.house.riverside,
            template=template,
            stratification=payer,
            chosen={"other": both},
            by=bea,
        )
    assert value(mandated.filled(), "readmission", "payer", "other").rate == 15.0
    with mandated.by("bea") as bea:
        actions.link_groups(
            organisation=mandated.house.riverside, template=template, stratification=payer, chosen={}, by=bea
        )
        assert not GroupLink.objects.exists()


def test_group_cannot_be_part_of_two_groups(mandated):
    template = queries.template_for(MANDATE, 2026)
    payer = queries.stratification_for(template, "payer")
    with mandated.by("bea") as bea:
        one = Category.objects.get(dimension__code="payer", code="medicaid")
        with pytest.raises(RuleBroken):
            actions.link_groups(
                organisation=mandated.house.riverside,
                template=template,
                stratification=payer,
                chosen={"other": [one], "medicaid": [one]},
                by=bea,
            )
