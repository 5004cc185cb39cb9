"""People who come several times and are counted once: from the file to the public page, nothing is added up."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona
from metrics import consistency
from metrics.definitions import define_metrics
from metrics.meaning import adds_up, meaning_of
from metrics.models import Metric, Rollup
from tests.cast import House
from tests.metrics.facts import Facts, draft, entries, released, report, run
from tests.metrics.importing import address, applied, define, file_of, observations

REACHED = """
[[metric]]
code = "reached"
name = "Patients reached"
level = "patient"
purpose = "impact"
kind = "proportion"
better = "higher"
numerator = "Patients whom somebody called"
denominator = "Patients with a visit"
source = "The record"
frequency = "quarter"
once_over_periods = true
"""
HEADER = "metric,unit,period,numerator,denominator\n"
QUARTERS = [f"2024-Q{number}" for number in (1, 2, 3, 4)]


@pytest.fixture
def bea(client: Client, house: House) -> Client:
    define(house)
    with acting_as(Persona.OPERATOR):
        define_metrics(organisation=house.riverside, text=REACHED, by=None)
    client.force_login(house.accounts["bea"])
    return client


@pytest.fixture
def facts(house: House) -> Facts:
    """Two hospitals; 60 of each quarter's 100 come again in another quarter, so that a year has 220 and not 400."""
    made = Facts(
        house.riverside, {code: house.units[f"riverside/{code}"] for code in ("all", "east", "west")}
    )
    made.metric("reached", once_over_periods=True)
    for unit in ("east", "west"):
        for quarter in QUARTERS:
            made.add("reached", unit, quarter, {"": (40, 100)})
    made.roll_up()
    return made


def give_years(facts: Facts) -> None:
    for unit in ("east", "west"):
        facts.add("reached", unit, "2024", {"": (90, 220)})
    facts.roll_up()


def test_a_file_gives_the_quarters_and_the_year(bea: Client, house: House) -> None:
    rows = "".join(f"reached,east,{period},40,100\n" for period in QUARTERS) + "reached,east,2024,90,220\n"
    applied(house, HEADER + rows)
    found = {(day, numerator) for _unit, day, _key, numerator, *_ in observations(house)}
    assert found == {
        ("2024-01-01", 40),
        ("2024-01-01", 90),
        ("2024-04-01", 40),
        ("2024-07-01", 40),
        ("2024-10-01", 40),
    }


def test_a_shorter_period_than_the_measure_has_is_refused(bea: Client) -> None:
    response = bea.post(address("import_counts"), {"file": file_of(HEADER + "reached,east,2024-01,40,100\n")})
    assert "is not of the length" in bea.get(response["Location"]).content.decode()


def test_the_grid_has_a_field_for_the_year(bea: Client, house: House) -> None:
    applied(house, HEADER + "reached,east,2024-Q1,40,100\nreached,east,2024,90,220\n")
    page = bea.get(address("import_typed") + "?metric=reached&unit=east&year=2024").content.decode()
    fields = dict(re.findall(r'<input name="([^"]*\|n)" value="([^"]*)"', page))
    assert fields == {
        "all|2024-Q1|n": "40",
        "all|2024-Q2|n": "",
        "all|2024-Q3|n": "",
        "all|2024-Q4|n": "",
        "all|2024|n": "90",
    }


def test_the_whole_has_no_number_of_the_year_until_it_is_given(
    facts: Facts, client: Client, house: House
) -> None:
    client.force_login(house.accounts["alice"])
    shown = reverse("metrics:metric", args=["riverside", "patient", "reached"])
    page = client.get(shown).content.decode()
    assert "160" not in page
    assert "because a person who comes in several quarters is counted once in the year" in page
    assert client.get(f"{shown}?period=2024").content.decode().count("440") == 0
    give_years(facts)
    assert "180 of 440" in re.sub(r"<[^>]*>", "", client.get(f"{shown}?period=2024").content.decode())


def test_a_release_says_that_it_is_counted_once_and_proves_it_so(
    facts: Facts, house: House, client: Client
) -> None:
    """Were the year taken for the sum of its quarters, the counts would contradict each other."""
    give_years(facts)
    documents = entries(released(facts, house.person("alice"), ["2024", *QUARTERS]))
    year = documents["reached|all|2024-01-01..2024-12-31|"]
    assert (year["numerator"], year["denominator"]) == (180, 440)
    assert year["metric"]["counted_once"] == ["periods"]
    row = client.get("/api/v1/observations", headers={"accept": "application/json"}).json()["data"][0]
    assert row["metric"]["counted_once"] == ["periods"]
    page = client.get(reverse("public:measure", args=["riverside", "reached"])).content.decode()
    assert "Counts of a quarter cannot be added up to a year" in page


def test_a_year_that_is_not_given_is_not_released(facts: Facts, house: House) -> None:
    drafted = draft(facts, house.person("alice"), ["2024", *QUARTERS])
    run(drafted.job)
    assert {cell["cells"] for cell in report(drafted.release)["metrics"]} == {3 * 4}


def test_the_nightly_check_knows_what_is_not_added_up(facts: Facts) -> None:
    facts.metric("everywhere", once_over_units=True)
    for unit, reached in (("east", 40), ("west", 50), ("all", 70)):
        facts.add("everywhere", unit, "2024-Q1", {"": (reached, 100)})
    give_years(facts)
    with acting_as(Persona.WORKER, organisation=facts.organisation):
        found = consistency.check(facts.organisation.pk, None)
    assert found.cells == 3 * 4 + 3 + 3 + 3
    assert found.differences == []


def test_over_units_the_whole_and_its_units_may_be_sent_together(bea: Client, house: House) -> None:
    with acting_as(Persona.OPERATOR):
        Metric.objects.filter(code="reached").update(once_over_units=True)
    applied(house, HEADER + "reached,all,2024-Q1,60,150\nreached,east,2024-Q1,40,100\n")
    assert {unit for unit, *_ in observations(house)} == {"all", "east"}


def test_who_is_counted_once_over_units_is_not_added_up_over_institutions(facts: Facts) -> None:
    metric = facts.metrics["reached"]
    assert adds_up(metric)
    other = facts.metric("everywhere", once_over_units=True)
    assert not adds_up(other)


def test_counted_once_is_another_meaning_and_said_nothing_is_the_old_one(facts: Facts) -> None:
    metric = facts.metrics["reached"]
    once = meaning_of(metric)
    metric.once_over_periods = False
    each_time = meaning_of(metric)
    assert once != each_time
    assert each_time == meaning_of(Metric(**{name: getattr(metric, name) for name in (
        "code", "kind", "better", "per", "decimals", "counts_people", "frequency", "numerator", "denominator", "exclusions")}))  # fmt: skip


@pytest.fixture
def counted(house: House) -> Facts:
    """An institution of two hospitals that has counted nothing yet."""
    return Facts(
        house.riverside, {code: house.units[f"riverside/{code}"] for code in ("all", "east", "west")}
    )


def sums_of(code: str) -> dict[tuple[str, int], int]:
    """Unit and grain → the number, of the first period of each."""
    with acting_as(Persona.OPERATOR):
        found = Rollup.objects.filter(series__metric__code=code).order_by("-start")
        return {(one.series.unit.code, one.grain): one.numerator for one in found}


def test_people_counted_once_in_a_year_are_not_added_up_from_its_quarters(counted: Facts) -> None:
    """The units still are: nobody comes to two."""
    counted.metric("reached", once_over_periods=True)
    for quarter in range(1, 5):
        for unit in ("east", "west"):
            counted.add("reached", unit, f"2024-Q{quarter}", {"": (40, 100)})
    counted.roll_up()
    assert sums_of("reached") == {("east", 3): 40, ("west", 3): 40, ("all", 3): 80}
    counted.add("reached", "east", "2024", {"": (70, 150)})
    counted.add("reached", "west", "2024", {"": (60, 160)})
    counted.change("reached", "west", "2024-Q1", {"": (41, 100)})
    counted.roll_up()
    years = {place: number for place, number in sums_of("reached").items() if place[1] == 12}
    assert years == {("east", 12): 70, ("west", 12): 60, ("all", 12): 130}
    assert sums_of("reached")["all", 3] == 81


def test_correcting_a_month_does_not_take_the_year_away_that_was_given(counted: Facts) -> None:
    counted.metric("reached", frequency=1, once_over_periods=True)
    counted.add("reached", "east", "2024-01", {"": (40, 100)})
    counted.add("reached", "east", "2024", {"": (70, 150)})
    counted.roll_up()
    counted.change("reached", "east", "2024-01", {"": (39, 100)})
    counted.roll_up()
    assert sums_of("reached")["east", 12] == 70


def test_people_counted_once_over_units_are_given_for_the_whole(counted: Facts) -> None:
    """Its quarters still add up to the year: nobody comes in two."""
    counted.metric("reached", once_over_units=True)
    for unit, reached in (("east", 40), ("west", 50), ("all", 75)):
        for quarter in range(1, 5):
            counted.add("reached", unit, f"2024-Q{quarter}", {"": (reached, 100)})
    counted.roll_up()
    found = sums_of("reached")
    assert {place: number for place, number in found.items() if place[1] in (3, 12)} == {
        ("east", 3): 40, ("west", 3): 50, ("all", 3): 75,
        ("east", 12): 160, ("west", 12): 200, ("all", 12): 300,
    }  # fmt: skip
