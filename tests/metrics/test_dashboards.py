"""Dashboards: insiders see every count, everybody else what is published; the number of queries does not grow."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Login, Persona
from tests.cast import House
from tests.metrics.facts import Facts, example, released

COUNTS = {
    "": (8264, 13225),
    "race=a": (5120, 9001),
    "race=b": (3137, 4211),
    "race=c": (7, 13),
}
QUARTER = "2024-Q1"
PLACES: list[tuple[str, dict[str, str]]] = [("levels", {}), ("level", {"level": "patient"})]


@pytest.fixture
def facts(house: House) -> Facts:
    made = Facts(house.riverside, {"all": house.units["riverside/all"]})
    made.dimension("race", ["a", "b", "c"])
    made.metric("seen-in-time")
    made.add("seen-in-time", "all", QUARTER, COUNTS)
    made.roll_up()
    return made


def read(client: Client, house: House, name: str, route: str, query: str = "", **more: Any) -> Any:
    client.force_login(house.accounts[name])
    place = "elsewhere" if name == "walter" else "riverside"
    return client.get(reverse(f"metrics:{route}", kwargs={"institution": place, **more}) + query)


def every_page(client: Client, house: House, name: str) -> bytes:
    one = {"level": "patient", "metric": "seen-in-time"}
    answers = [
        read(client, house, name, "levels"),
        read(client, house, name, "level", level="patient"),
        read(client, house, name, "metric", **one),
        read(client, house, name, "metric_csv", **one),
    ]
    assert {answer.status_code for answer in answers} == {200}
    return b"\n".join(answer.content for answer in answers)


def test_insiders_see_small_counts(facts: Facts, house: House, client: Client) -> None:
    for name in ("alice", "mona", "bea"):
        page = every_page(client, house, name)
        assert b"7 of 13" in page
        assert b"You see every count" in page


@pytest.mark.parametrize("name", ["carmen", "farid", "oscar"])
def test_others_see_what_is_published_and_no_trace_of_the_rest(
    facts: Facts, house: House, client: Client, name: str
) -> None:
    release = released(facts, house.person("alice"), [QUARTER])
    with acting_as(Persona.PUBLIC):
        documents = list(release.entries.values_list("document", flat=True))
    page = every_page(client, house, name)
    assert b"You see what has been published." in page
    assert b"Hidden to protect privacy" in page
    assert not re.search(rb"\b7 of 13\b|53\.8[0-9]?\b|,7,13,", page)
    hidden = [one for one in documents if one["status"] == "hidden"]
    assert len(hidden) >= 2
    for one in hidden:
        key = "&".join(f"{dimension}={group}" for dimension, group in one["dims"].items())
        numerator, denominator = COUNTS[key]
        if numerator > 10:
            assert f"{numerator:,}".encode() not in page
            assert str(numerator).encode() not in page
        assert f"{100 * numerator / denominator:.2f}".encode() not in page


def test_before_anything_is_published_others_see_no_number(
    facts: Facts, house: House, client: Client
) -> None:
    page = every_page(client, house, "carmen")
    assert b"Not measured yet." in page
    assert not re.search(rb"8,?264|5,?120|3,?137", page)


def test_postgresql_refuses_counts_to_a_reviewer_in_raw_sql(facts: Facts, house: House) -> None:
    seen = {}
    for name in ("alice", "carmen"):
        with (
            acting_as(Persona.MEMBER, organisation=house.riverside, person=house.person(name)) as acting,
            connections[acting.alias].cursor() as cursor,
        ):
            cursor.execute(
                "SELECT (SELECT count(*) FROM metrics_rollup), (SELECT count(*) FROM metrics_observation)"
            )
            seen[name] = cursor.fetchone()
    assert seen["carmen"] == (0, 0)
    assert all(seen["alice"])


def _queries(client: Client, house: House, name: str, route: str, **more: Any) -> int:
    """How often a page asks for definitions, counts or the ledger; signing in is not the page's."""
    with CaptureQueriesContext(connections[Login.OWNER.value]) as captured:
        assert read(client, house, name, route, **more).status_code == 200
    return sum(bool(re.search(r'FROM "(metrics|publication|tenancy_unit)', one["sql"])) for one in captured)


def test_a_level_page_takes_the_same_queries_for_eight_metrics_as_for_one(
    facts: Facts, house: House, client: Client
) -> None:
    released(facts, house.person("alice"), [QUARTER])
    before = {name: _queries(client, house, name, "level", level="patient") for name in ("alice", "carmen")}
    facts.dimension("lang", ["en", "es"])
    facts.dimension("age", ["young", "old"])
    for number in range(7):
        code = f"measure-{number}"
        facts.metric(code)
        more = {
            "lang=en": (4000, 6000),
            "lang=es": (4264, 7225),
            "age=young": (64, 225),
            "age=old": (8200, 13000),
        }
        facts.add(code, "all", QUARTER, {**COUNTS, **more})
    facts.roll_up()
    released(facts, house.person("alice"), [QUARTER])
    after = {name: _queries(client, house, name, "level", level="patient") for name in ("alice", "carmen")}
    assert after == before
    assert all(before.values())


def test_facts_are_found_by_their_primary_key(facts: Facts, house: House, client: Client) -> None:
    with CaptureQueriesContext(connections[Login.OWNER.value]) as captured:
        read(client, house, "alice", "level", level="patient")
    read_facts = [one["sql"] for one in captured if 'FROM "metrics_rollup"' in one["sql"]]
    assert read_facts
    for sql in read_facts:
        assert '"metrics_rollup"."organisation_id" = ' in sql
        assert '"metrics_rollup"."series_id" IN (' in sql


def test_a_way_to_compare_and_a_period_are_chosen_in_the_address(
    facts: Facts, house: House, client: Client
) -> None:
    facts.dimension("lang", ["en", "es"])
    facts.add("seen-in-time", "all", QUARTER, {"lang=en": (4000, 6000), "lang=es": (4264, 7225)})
    facts.add("seen-in-time", "all", "2024-Q2", {"": (9999, 20000)})
    facts.roll_up()
    latest = read(client, house, "alice", "level", level="patient").content
    assert b"April to June 2024" in latest
    chosen = read(client, house, "alice", "level", f"?by=lang&period={QUARTER}", level="patient").content
    assert b"4,264 of 7,225" in chosen
    assert b"5,120 of 9,001" not in chosen


def test_the_way_that_one_measure_is_shown_by_is_the_one_chosen(
    facts: Facts, house: House, client: Client
) -> None:
    facts.dimension("lang", ["en", "es"])
    facts.add("seen-in-time", "all", QUARTER, {"lang=en": (4000, 6000), "lang=es": (4264, 7225)})
    facts.roll_up()
    one = {"level": "patient", "metric": "seen-in-time"}
    for code in ("race", "lang"):
        page = read(client, house, "alice", "metric", f"?by={code}", **one).content
        assert f'<option value="{code}" selected>'.encode() in page
    assert (
        b'<option value=""'
        not in read(client, house, "alice", "metric", **one).content.split(b"</select>")[0]
    )
    facts.metric("another")
    assert (
        b'<option value="" selected>Each measure'
        in read(client, house, "alice", "level", level="patient").content
    )


def test_an_unknown_choice_means_the_usual(facts: Facts, house: House, client: Client) -> None:
    answer = read(client, house, "alice", "level", "?by=shoe&period=yesterday&unit=moon", level="patient")
    assert b"5,120 of 9,001" in answer.content


def test_a_period_that_is_not_in_whole_is_not_shown(facts: Facts, house: House, client: Client) -> None:
    facts.metric("monthly", frequency=1)
    facts.add("monthly", "all", "2024-05", {"": (4321, 9876)})
    facts.roll_up()
    page = read(client, house, "alice", "metric", level="patient", metric="monthly").content
    assert b"May 2024" in page
    assert b"April to June 2024" not in page


def test_htmx_gets_the_figures_alone(facts: Facts, house: House, client: Client) -> None:
    client.force_login(house.accounts["alice"])
    address = reverse("metrics:level", kwargs={"institution": "riverside", "level": "patient"})
    block = client.get(address, headers={"HX-Request": "true"}).content
    assert block.strip().startswith(b'<div id="figures"')
    assert b"<html" not in block


def test_a_metric_without_numbers_names_its_owner(facts: Facts, house: House, client: Client) -> None:
    facts.metric("later", owner=house.person("oscar"))
    page = read(client, house, "alice", "metric", level="patient", metric="later").content
    assert b"Not measured yet." in page
    assert b"Owner: Oscar" in page


def test_whoever_imports_finds_the_way_from_the_figures(facts: Facts, house: House, client: Client) -> None:
    address = f'href="{reverse("metrics:imports", kwargs={"institution": "riverside"})}"'.encode()
    seen = {
        name: [address in read(client, house, name, route, **more).content for route, more in PLACES]
        for name in ("alice", "bea", "mona", "oscar", "carmen")
    }
    can = [name for name, found in seen.items() if all(found)]
    assert can == ["alice", "bea"]
    assert not any(any(found) for name, found in seen.items() if name not in can)


def test_a_level_without_measures_says_what_to_do_next(facts: Facts, house: House, client: Client) -> None:
    for route, more in (("levels", {}), ("level", {"level": "societal"})):
        for name in ("alice", "carmen"):
            page = read(client, house, name, route, **more).content
            assert page.count(b"How do we begin to measure?") == 1
            assert (b"Choose it from the library" in page) is (name == "alice")
            assert (b"Ask its equity lead which one comes next" in page) is (name == "carmen")
    assert b"How do we begin" not in read(client, house, "alice", "level", level="patient").content


def test_a_blank_is_told_in_words(facts: Facts, house: House, client: Client) -> None:
    facts.metric("asked")
    facts.add("asked", "all", QUARTER, {"": (40, 90), "race=a": (40, 90)})
    facts.blank("asked", "all", QUARTER, "race=b", "not_asked")
    facts.roll_up()
    page = read(client, house, "alice", "metric", level="patient", metric="asked").content
    assert b"Not asked" in page


def test_of_an_average_the_number_of_values_is_told_and_not_their_sum(
    facts: Facts, house: House, client: Client
) -> None:
    facts.metric("wait", kind="mean", per=1)
    facts.add("wait", "all", QUARTER, {"": (6208, 185)}, squares={"": 250_000.0})
    facts.roll_up()
    page = read(client, house, "alice", "metric", level="patient", metric="wait").content
    assert b">185</span>" in page
    assert b"6,208" not in page


def test_money_and_counts_have_a_plain_sentence(facts: Facts, house: House, client: Client) -> None:
    facts.metric("spend", counts_people=False, level="community")
    facts.metric("laws", counts_people=False, level="societal", kind="count", denominator="")
    facts.add("spend", "all", QUARTER, {"": (250, 1000)})
    facts.add("laws", "all", QUARTER, {"": (4, None)})
    facts.roll_up()
    spend = read(client, house, "carmen", "level", level="community").content
    assert b"Not measured yet." in spend
    spend = read(client, house, "alice", "level", level="community").content
    assert b"<b>25.0 in 100</b> in January to March 2024: 250 of 1,000" in spend
    assert b"has <b>1 number</b> here. It compares no groups." in spend
    laws = read(client, house, "alice", "level", level="societal").content
    assert b"Riverside Health counted <b>4</b>" in laws


def test_a_level_or_metric_that_does_not_exist_is_not_found(
    facts: Facts, house: House, client: Client
) -> None:
    assert read(client, house, "alice", "level", level="cosmic").status_code == 404
    assert read(client, house, "alice", "metric", level="community", metric="seen-in-time").status_code == 404
    assert read(client, house, "walter", "metric", level="patient", metric="seen-in-time").status_code == 404


def test_readmissions_are_shown_as_they_were_counted(house: House, client: Client) -> None:
    facts = Facts(house.riverside, {"all": house.units["riverside/all"]})
    example(facts, "hospitals-130")
    released(facts, house.person("alice"), ["1999-01-01/2008-12-31"])
    one = {"level": "patient", "metric": "readmission-30-day"}
    for name in ("alice", "carmen"):
        page = read(client, house, name, "metric", "?by=race_ethnicity", **one).content
        assert b"2,155 of 19,210" in page
        assert b"8,592 of 76,099" in page
        assert b'<b class="nowrap">11.2</b>' in page
        assert b'<b class="nowrap">11.3</b>' in page
        file = read(client, house, name, "metric_csv", "?by=race_ethnicity", **one).content.decode()
        black = next(line for line in file.splitlines() if ",race_ethnicity=black," in line)
        assert black.split(",")[-9:-3] == ["2155", "19210", "11.22", "100", "10.78", "11.67"]


def test_the_table_of_words_is_narrowed_by_the_address_and_comes_as_a_file(
    facts: Facts, house: House, client: Client
) -> None:
    page = read(client, house, "alice", "levels").content.decode()
    assert "Measured once" in page
    narrowed = read(client, house, "alice", "levels", "?level=societal").content.decode()
    assert "Measured once" not in narrowed
    assert read(client, house, "alice", "levels", "?level=nowhere&unit=none").status_code == 200
    text = read(client, house, "alice", "levels_csv").content.decode()
    assert "seen-in-time,Seen in time,patient,race,once,20.65,-2.34,45.39," in text


def test_two_ways_that_are_not_counted_together_are_said_to_be_and_the_first_is_shown(
    facts: Facts, house: House, client: Client
) -> None:
    facts.dimension("payer", ["x", "y"])
    one = {"level": "patient", "metric": "seen-in-time"}
    page = read(client, house, "alice", "metric", "?by=race&also=payer", **one).content.decode()
    assert "not counted by these two together" in page
    assert "by race" in page
    alone = read(client, house, "alice", "metric", "?by=race&also=race", **one).content.decode()
    assert "not counted by these two together" not in alone
