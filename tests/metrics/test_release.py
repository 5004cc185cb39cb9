"""From counts to the ledger: what a release holds."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from equity.publication.models import Release
from equity.tenancy.acting import acting_as
from equity.tenancy.models import Unit
from equity.tenancy.personas import Persona
from metrics.actions.groups import set_missing_goal
from metrics.actions.versions import set_target
from metrics.groups import dimension_for
from metrics.models import Metric
from tests.cast import House
from tests.metrics.facts import Facts, entries, example, released
from tests.metrics.hospitals import QUARTERS, two_hospitals


@pytest.fixture
def facts(house: House) -> Facts:
    return two_hospitals(house)


def test_a_release_goes_from_counts_to_the_ledger(facts: Facts, house: House) -> None:
    release = released(facts, house.person("alice"), QUARTERS[:1])
    assert release.state == Release.State.PUBLISHED
    documents = entries(release)
    document = documents["seen-in-time|west|2024-01-01..2024-03-31|race=a"]
    assert (document["numerator"], document["denominator"], document["rate"]) == (41, 90, 45.5556)
    assert document["labels"]["race"] == {
        "dimension": "Race",
        "partition": True,
        "category": "A",
        "short": "A",
        "missing": False,
        "position": 0,
    }
    assert document["period"] == {
        "start": "2024-01-01", "end": "2024-03-31", "grain": "quarter", "label": "January to March 2024",
    }  # fmt: skip
    assert len(documents) == len({*documents}) == 3 * 6


def test_hidden_cells_carry_no_number(facts: Facts, house: House) -> None:
    documents = entries(released(facts, house.person("alice"), QUARTERS)).values()
    hidden = [one for one in documents if one["status"] == "hidden"]
    assert hidden
    for one in hidden:
        assert (one["numerator"], one["rate"], one["ci"], one["reliable"]) == (None, None, None, None)


def test_targets_and_goals_go_with_what_is_shown_and_nobody_is_named(facts: Facts, house: House) -> None:
    soon = date(2030, 12, 31)
    with acting_as(Persona.MEMBER, organisation=house.riverside, person=house.person("alice")):
        for stratum, value in (("race=a", Decimal("62.5")), ("race=c", Decimal(60)), ("", Decimal(70))):
            metric = facts.metrics["seen-in-time"]
            set_target(metric=metric, stratum=stratum, value=value, by_date=soon, reason="So.", by=None)
        set_missing_goal(
            dimension=dimension_for("race"),
            owner=house.person("bea"),
            at_most=Decimal(3),
            by_date=soon,
            insiders=[house.person("bea")],
            by=None,
        )
    documents = entries(released(facts, house.person("alice"), QUARTERS))
    for key, document in documents.items():
        shown = document["status"] == "published"
        wanted = {"race=a": 62.5, "race=c": 60.0, "": 70.0}.get(key.split("|")[3]) if shown else None
        assert document.get("target") == (wanted and {"value": wanted, "by": "2030-12-31"}), key
        if "race" in document["labels"]:
            goal = document["labels"]["race"]["goal"]
            assert goal == {"at_most": 3.0, "by": "2030-12-31", "role": "Analyst"}
    assert any(one["status"] == "hidden" and key.endswith("race=c") for key, one in documents.items())


def test_rates_and_ranges_follow_from_the_shown_counts(facts: Facts, house: House) -> None:
    for one in entries(released(facts, house.person("alice"), QUARTERS)).values():
        if one["status"] == "published":
            assert one["rate"] == pytest.approx(100 * one["numerator"] / one["denominator"], abs=1e-4)
            assert one["ci"][0] <= one["rate"] <= one["ci"][1]


def test_shown_parts_add_up_to_the_shown_whole(facts: Facts, house: House) -> None:
    documents = entries(released(facts, house.person("alice"), ["2024", *QUARTERS]))
    checked = 0
    for key, whole in documents.items():
        if not key.endswith("|"):
            continue
        for dimension in ("race", "lang"):
            parts = [one for other, one in documents.items() if other.startswith(f"{key}{dimension}=")]
            if all(one["status"] == "published" for one in (whole, *parts)):
                checked += 1
                assert sum(one["numerator"] for one in parts) == whole["numerator"]
                assert sum(one["denominator"] for one in parts) == whole["denominator"]
    assert checked


def test_money_passes_without_hiding(facts: Facts, house: House) -> None:
    facts.metric("local-spend", counts_people=False, level="community")
    facts.add("local-spend", "east", "2024-Q1", {"": (3, 9)})
    facts.roll_up()
    documents = entries(released(facts, house.person("alice"), QUARTERS[:1], ["local-spend"]))
    spend = documents["local-spend|east|2024-01-01..2024-03-31|"]
    assert (spend["status"], spend["numerator"], spend["ci"]) == ("published", 3, None)


def test_intersections_are_published_for_the_whole_institution_only(facts: Facts, house: House) -> None:
    facts.add("seen-in-time", "east", "2024-Q1", {"lang=en&race=a": (50, 90), "lang=es&race=a": (14, 30)})
    facts.add("seen-in-time", "west", "2024-Q1", {"lang=en&race=a": (30, 60), "lang=es&race=a": (11, 30)})
    facts.roll_up()
    documents = entries(released(facts, house.person("alice"), QUARTERS[:1])).values()
    assert {one["unit"]["code"] for one in documents if len(one["dims"]) > 1} == {"all"}


def test_the_whole_institution_is_told_apart_from_its_parts(facts: Facts, house: House) -> None:
    documents = entries(released(facts, house.person("alice"), QUARTERS[:1])).values()
    assert {(one["unit"]["code"], one["unit"]["root"]) for one in documents} == {
        ("all", True),
        ("east", False),
        ("west", False),
    }


def test_unit_names_come_from_the_institution(facts: Facts, house: House) -> None:
    documents = entries(released(facts, house.person("alice"), QUARTERS[:1])).values()
    with acting_as(Persona.OPERATOR):
        names = set(Unit.objects.filter(organisation=facts.organisation).values_list("name", flat=True))
        assert Metric.objects.count() == 1
    assert {one["unit"]["name"] for one in documents} == names


@pytest.fixture
def readmissions(house: House) -> Facts:
    made = Facts(house.elsewhere, {"all": house.units["elsewhere/all"]})
    example(made, "hospitals-130")
    return made


def test_readmissions_of_the_130_hospitals_are_published_as_they_are(
    readmissions: Facts, house: House
) -> None:
    documents = entries(released(readmissions, house.person("walter"), ["1999-01-01/2008-12-31"]))
    start = "readmission-30-day|all|1999-01-01..2008-12-31|race_ethnicity="
    black, white = documents[f"{start}black"], documents[f"{start}white"]
    assert (black["numerator"], black["denominator"], round(black["rate"], 1)) == (2155, 19210, 11.2)
    assert (white["numerator"], white["denominator"], round(white["rate"], 1)) == (8592, 76099, 11.3)
