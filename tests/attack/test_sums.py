"""Sums over institutions are attacked: by the public, and by each institution as one that knows its own counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.attack.attacker import Attack, Material
from tests.attack.attacker.feeds import place_of
from tests.attack.institutions import Institution, Shape
from tests.attack.press import METRIC, Press, added, at
from tests.attack.regions import Region

HOSPITALS = ("north", "south", "west")
NORTH = at("all", "2025", a=(64, 120), b=(31, 60), c=(4, 23))
SOUTH = at("all", "2025", a=(41, 90), b=(52, 110), c=(17, 44))
WEST = at("all", "2025", a=(55, 95), b=(30, 70), c=(20, 50))
HELPED = {**METRIC, "code": "helped", "numerator": "Those helped"}

COUNTS = st.tuples(*[st.sampled_from((0, 0, 1, 2, 3, 5, 8, 11, 14, 30, 60))] * 2)
few = settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def race(*names: str, period: str = "2025") -> set[str]:
    return {f"all|{period}|race={name}" for name in names}


def material(
    tables: Mapping[str, Mapping[str, tuple[int, int]]], hidden: Mapping[str, set[str]], *sums: Press
) -> Material:
    """What hospitals publish without any check, and the sums that others make of it."""
    found = Material()
    for slug, table in tables.items():
        press = Press(institution=slug)
        press.release(table, hide=hidden.get(slug, set()))
        found.json(press.walk())
    for press in sums:
        found.json(press.walk())
    return found


def summed(department: str, *tables: str, hide: set[str] = frozenset()) -> Press:  # type: ignore[assignment]  # an empty set
    """A department's sum of all counts of these hospitals."""
    press = Press(institution=department, counted=tables)
    press.release(added(*(TABLES[one] for one in tables)), hide=hide)
    return press


TABLES = {"north": NORTH, "south": SOUTH, "west": WEST}
SMALL = ("north", "numerator", 4, 4)


def found(material: Material) -> set[tuple[str, str, int, int]]:
    return {
        (one.place.metric.partition("/")[0], one.outcome, one.low, one.high)
        for one in Attack(material).findings()
    }


# ------------------------------------------------------------------- planted


def test_a_sum_less_what_the_others_publish_is_found() -> None:
    """North hides two groups; the other two show them, and the sum shows them too."""
    hidden = {"north": race("b", "c")}
    assert found(material(TABLES, hidden)) == set()
    assert SMALL in found(material(TABLES, hidden, summed("region", *HOSPITALS)))
    assert found(material(TABLES, hidden, summed("region", *HOSPITALS, hide=race("b", "c")))) == set()


def test_an_institution_finds_the_others_count_with_its_own() -> None:
    """The public cannot: two hospitals hide the same groups. Each of them can."""
    hidden = {"north": race("b", "c"), "south": race("b", "c")}
    told = material(TABLES, hidden, summed("region", *HOSPITALS))
    assert found(told) == set()
    own = {
        place_of(f"south|seen|{unit}|2025-01-01..2025-12-31|{stratum}"): count
        for (unit, _period, stratum), count in ((key.split("|"), count) for key, count in SOUTH.items())
    }
    told.knows("south", own)
    assert SMALL in found(told)


def test_the_difference_of_two_departments_sums_is_found() -> None:
    """A county adds up three hospitals, a state the same three and one more: the difference is the fourth's."""
    tables = {**TABLES, "east": NORTH}
    hidden = dict.fromkeys(tables, race("b", "c"))
    county = summed("county", *HOSPITALS)
    assert found(material(tables, hidden, county)) == set()
    state = Press(institution="state", counted=tuple(tables))
    state.release(added(*tables.values()))
    assert ("east", "numerator", 4, 4) in found(material(tables, hidden, county, state))


def test_the_sum_of_two_measures_that_hide_other_groups_is_found() -> None:
    """Both are out of the same people: 10 of group c in all hospitals. One sum hides b beside it, the other a."""
    tables = {
        slug: at("all", "2025", a=(20, 40), b=(20, 50), c=(0, n))
        for slug, n in zip(HOSPITALS, (3, 3, 4), strict=True)
    }
    everything = {slug: race("a", "b", "c") for slug in tables}
    told = material(tables, everything)
    press = Press(institution="region", counted=HOSPITALS)
    press.release(added(*tables.values()), hide=race("b", "c"))
    press.release(added(*tables.values()), hide=race("a", "c"), metric=HELPED)
    told.json(press.walk())
    assert ("region", "denominator", 10, 10) in found(told)


# ------------------------------------------------- through the product's check


def drawn(data: st.DataObject, shape: Shape, hospitals: tuple[str, ...] = HOSPITALS) -> Region:
    made = {}
    for slug in hospitals:
        counts = data.draw(st.lists(COUNTS, min_size=len(shape.groups), max_size=len(shape.groups)))
        people = dict(zip(shape.groups, counts, strict=True))
        made[slug] = Institution(shape, people, Press(institution=slug))
    return Region(made)


def assert_nothing_is_found(region: Region, metrics: tuple[Mapping[str, Any], ...] = (METRIC,)) -> None:
    told = [f"{insider or 'the public'}: {one.in_words()}" for insider, one in region.attacked(metrics)]
    assert not told, "\n".join(told)


SMALL_HOSPITAL = Shape(units=("first", "second"))
ONE_HOUSE = Shape(units=("first",), languages=("x",), races=("a", "b", "c", "d"))


@pytest.mark.parametrize("shape", [ONE_HOUSE, SMALL_HOSPITAL], ids=["one unit", "two units"])
@few
@given(data=st.data())
def test_nothing_is_found_in_a_sum(shape: Shape, data: st.DataObject) -> None:
    region = drawn(data, shape)
    region.publish()
    region.add_up("2025-Q1")
    assert_nothing_is_found(region)


@settings(few, max_examples=12)
@given(data=st.data())
def test_nothing_is_found_in_the_sums_of_two_measures_of_the_same_people(data: st.DataObject) -> None:
    """The hospitals hide everything. What is hidden of the people in one sum must be hidden in the other too."""
    shape = Shape(units=("all",), languages=("x",), races=("a", "b", "c"))
    region = Region({slug: Institution(shape, {}, Press(institution=slug)) for slug in HOSPITALS})
    for hospital in region.hospitals.values():
        people = [data.draw(st.sampled_from(sizes)) for sizes in ((40, 41), (40, 41), (1, 2, 3))]
        for metric in (METRIC, HELPED):
            counts = [(data.draw(st.sampled_from((n // 10, n // 2, n - n // 10))), n) for n in people]
            hospital.hide_all(metric, at("all", "2025-Q1", **dict(zip("abc", counts, strict=True))))
    region.add_up("2025-Q1", metrics=(METRIC, HELPED))
    assert_nothing_is_found(region, (METRIC, HELPED))


@few
@given(data=st.data())
def test_nothing_is_found_when_a_quarter_counts_one_hospital_less_than_the_year(data: st.DataObject) -> None:
    """Four hospitals; one gives the quarters too late for their sums and is in the year's."""
    shape = Shape(units=("first",), languages=("x",), quarters=("Q1", "Q2", "Q3", "Q4"))
    region = drawn(data, shape, (*HOSPITALS, "east"))
    region.publish()
    region.add_up("2025-Q1", by=HOSPITALS)
    region.add_up("2025")
    assert_nothing_is_found(region)


@few
@given(data=st.data())
def test_nothing_is_found_when_a_hospital_withdraws_and_comes_back(data: st.DataObject) -> None:
    """What it published stays known; its correction waits or goes out; the sum is not made again."""
    region = drawn(data, ONE_HOUSE)
    region.publish()
    region.add_up("2025-Q1")
    north = region.hospitals["north"]
    north.withdraw("2025-Q1")
    group = data.draw(st.sampled_from(north.shape.groups))
    k, rest = north.people[group]
    north.people[group] = (
        k + data.draw(st.sampled_from((0, 3, 11, 30))),
        rest + data.draw(st.sampled_from((0, 4, 20))),
    )
    north.publish()
    assert_nothing_is_found(region)
