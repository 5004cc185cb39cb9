"""A total in which a unit is silent is not shown and not published; whoever sees counts is told which unit it is."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from equity.publication.models import Release
from metrics.releasing import candidates
from tests.cast import House
from tests.metrics.facts import Facts, by, certified, entries, released, report

MONTHS = [f"2024-{month:02}" for month in range(1, 7)]
SILENT = "West Hospital has not reported May to June 2024 (not collected)."


@pytest.fixture
def facts(house: House) -> Facts:
    """Two hospitals count by month; West stops after April."""
    units = {code: house.units[f"riverside/{code}"] for code in ("all", "east", "west")}
    made = Facts(house.riverside, units)
    made.dimension("race", ["a", "b"])
    made.metric("seen-in-time", frequency=1)
    for month in MONTHS:
        made.add("seen-in-time", "east", month, {"": (60, 90), "race=a": (40, 50), "race=b": (20, 40)})
    for month in MONTHS[:4]:
        made.add("seen-in-time", "west", month, {"": (70, 95), "race=a": (40, 50), "race=b": (30, 45)})
    made.roll_up()
    return made


def offered(facts: Facts, house: House) -> set[str]:
    with by(house.person("alice"), facts.organisation):
        return {period.code for one in candidates(facts.organisation) for period in one.periods}


def read(house: House, client: Client, name: str, route: str, query: str = "", **more: Any) -> str:
    client.force_login(house.accounts[name])
    return client.get(
        reverse(f"metrics:{route}", kwargs={"institution": "riverside", **more}) + query
    ).content.decode()


def metric_page(house: House, client: Client, name: str = "alice", query: str = "") -> str:
    return read(house, client, name, "metric", query, level="patient", metric="seen-in-time")


def test_a_quarter_in_which_a_unit_is_silent_is_not_offered(facts: Facts, house: House) -> None:
    assert offered(facts, house) == {"2024-Q1"}
    facts.add("seen-in-time", "west", "2024-05", {"": (70, 95)})
    assert offered(facts, house) == {"2024-Q1"}
    facts.add("seen-in-time", "west", "2024-06", {"": (70, 95)})
    assert offered(facts, house) == {"2024-Q1", "2024-Q2"}


def test_a_quarter_in_which_a_unit_is_silent_is_not_released_either_when_it_is_asked_for(
    facts: Facts, house: House
) -> None:
    """A job may carry any period: the rule stands where it is checked."""
    release = released(facts, house.person("alice"), ["2024-Q1", "2024-Q2"])
    assert {key.split("|")[2] for key in entries(release)} == {"2024-01-01..2024-03-31"}
    assert report(release)["metrics"][0]["incomplete"] == ["April to June 2024"]


def test_a_unit_without_any_month_in_a_quarter_keeps_it_back(facts: Facts, house: House) -> None:
    for month in ("2024-07", "2024-08", "2024-09"):
        facts.add("seen-in-time", "east", month, {"": (60, 90)})
    facts.roll_up()
    assert offered(facts, house) == {"2024-Q1"}
    assert certified(facts, house.person("alice"), ["2024-Q3"]).state == Release.State.REFUSED


def test_a_unit_that_says_not_asked_keeps_nothing_back_from_then_on(facts: Facts, house: House) -> None:
    for month in ("2024-05", "2024-06"):
        facts.add("seen-in-time", "west", month, {"": (0, 0)})
    for month in ("2024-07", "2024-08", "2024-09"):
        facts.add("seen-in-time", "east", month, {"": (60, 90)})
    facts.blank("seen-in-time", "west", "2024-07", "", "not_asked")
    facts.roll_up()
    assert offered(facts, house) == {"2024-Q1", "2024-Q2", "2024-Q3"}


def test_insiders_see_the_latest_whole_month_and_who_has_not_reported(
    facts: Facts, house: House, client: Client
) -> None:
    page = metric_page(house, client)
    pages = [
        page,
        read(house, client, "alice", "level", level="patient"),
        read(house, client, "alice", "levels"),
    ]
    for one in pages:
        assert "April 2024" in one
        assert f"Not complete yet:</span> {SILENT}" in one
        assert ">June 2024<" not in one
    assert "What is not complete yet?" in page
    assert "East Hospital has not reported July to December 2024 (not collected)." in page
    assert "East Hospital has not reported" not in "".join(pages[1:])


def test_a_unit_that_reported_all_is_shown_up_to_its_own_last_month(
    facts: Facts, house: House, client: Client
) -> None:
    page = metric_page(house, client, query="?unit=east")
    assert "April to June 2024" in page
    assert "has not reported May" not in page


def test_a_metric_without_a_whole_period_says_who_it_waits_for(
    facts: Facts, house: House, client: Client
) -> None:
    facts.metric("new", frequency=3)
    facts.add("new", "east", "2024-Q1", {"": (40, 90)})
    facts.blank("new", "west", "2024-Q1", "", "withheld")
    facts.roll_up()
    page = read(house, client, "alice", "metric", level="patient", metric="new")
    assert "West Hospital has not reported January to March 2024 (held back)" in page
    assert "Not measured yet." not in page


def test_whoever_does_not_see_counts_is_not_told_who_is_silent(
    facts: Facts, house: House, client: Client
) -> None:
    released(facts, house.person("alice"), ["2024-Q1"])
    page = metric_page(house, client, "carmen")
    assert "January to March 2024" in page
    assert "has not reported" not in page


def test_whoever_prepares_a_release_is_told_what_cannot_be_published(
    facts: Facts, house: House, client: Client
) -> None:
    page = read(house, client, "bea", "release_new")
    assert "What cannot be published yet, and why?" in page
    assert "West Hospital has not reported May to December 2024 (not collected)." in page
    release = certified(facts, house.person("alice"), ["2024-Q1", "2024-Q2"])
    page = read(house, client, "bea", "release", pk=release.pk)
    assert "April to June 2024:</b> not every unit has reported all of it." in page


def test_only_those_who_import_are_told_how_to_end_the_waiting(
    facts: Facts, house: House, client: Client
) -> None:
    assert "says “not asked”" in metric_page(house, client, "bea")
    assert "says “not asked”" not in metric_page(house, client, "mona")


def test_groups_stand_for_everybody_where_nobody_counts_everybody(
    facts: Facts, house: House, client: Client
) -> None:
    facts.metric("groups", frequency=3)
    for unit in ("east", "west"):
        facts.add("groups", unit, "2024-Q1", {"race=a": (40, 90), "race=b": (30, 80)})
    facts.add("groups", "east", "2024-Q2", {"race=a": (41, 91), "race=b": (31, 81)})
    facts.roll_up()
    page = read(house, client, "alice", "metric", level="patient", metric="groups")
    assert "80 of 180" in page
    assert "West Hospital has not reported April to June 2024 (not collected)." in page
