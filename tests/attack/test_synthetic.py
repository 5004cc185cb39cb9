"""Small made-up institutions, full of small counts, pass the product's check, are printed, and are attacked."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.attack.attacker import Attack
from tests.attack.attacker.attack import report
from tests.attack.institutions import Institution, Shape
from tests.attack.press import Press

COUNTS = st.tuples(*[st.sampled_from((0, 0, 1, 2, 3, 5, 8, 11, 14, 30, 60))] * 2)
CHANGES = st.tuples(st.sampled_from((0, 11, 15, 30, -11, -15, 3)), st.sampled_from((0, 11, 20, 40, -11, -20)))
SHAPES = {
    "two units": Shape(),
    "three units": Shape(units=("east", "west", "north")),
    "crossed": Shape(races=("a", "b", "c", "d"), languages=("x", "y", "z"), crossed=True),
    "crossed in two units": Shape(crossed=True),
    "departments": Shape(units=("first", "second", "west"), parents={"first": "east", "second": "east"}),
}
SEVERAL = {
    "several answers": Shape(races=("a", "b", "c", "a+b", "b+c")),
    "several answers, crossed": Shape(units=("east",), races=("a", "b", "c", "a+c"), crossed=True),
}
YEAR = Shape(quarters=("Q1", "Q2", "Q3", "Q4"))
few = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def drawn(data: st.DataObject, shape: Shape) -> Institution:
    counts = data.draw(st.lists(COUNTS, min_size=len(shape.groups), max_size=len(shape.groups)))
    return Institution(shape, dict(zip(shape.groups, counts, strict=True)))


def assert_nothing_is_found(institution: Institution) -> Attack:
    material = institution.press.material()
    material.parents = institution.shape.parents
    material.overlapping = set() if institution.shape.answers == institution.shape.races else {"race"}
    attack = Attack(material)
    found = [*attack.findings(), *attack.narrow(institution.truth())]
    assert not found, report(found)
    return attack


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@few
@given(data=st.data())
def test_nothing_is_found_in_one_release(shape: Shape, data: st.DataObject) -> None:
    institution = drawn(data, shape)
    institution.publish()
    assert_nothing_is_found(institution)


@pytest.mark.parametrize("shape", SEVERAL.values(), ids=SEVERAL)
@few
@given(data=st.data())
def test_nothing_is_found_where_a_person_is_in_several_groups(shape: Shape, data: st.DataObject) -> None:
    """No group is larger than everybody, and everybody is in one at least; nothing else follows."""
    institution = drawn(data, shape)
    institution.publish()
    assert_nothing_is_found(institution)


@few
@given(data=st.data())
def test_nothing_is_found_when_each_quarter_comes_alone_and_the_year_last(data: st.DataObject) -> None:
    institution = drawn(data, YEAR)
    for period in YEAR.periods:
        institution.publish([period])
    assert_nothing_is_found(institution)


@few
@given(data=st.data())
def test_nothing_is_found_after_a_correction(data: st.DataObject) -> None:
    institution = drawn(data, SHAPES["two units"])
    institution.publish()
    for group in data.draw(st.lists(st.sampled_from(institution.shape.groups), min_size=1, max_size=3)):
        (k, rest), (more, others) = institution.people[group], data.draw(CHANGES)
        institution.people[group] = max(0, k + more), max(0, rest + others)
    institution.publish()
    assert_nothing_is_found(institution)


def test_small_counts_taken_out_and_nothing_else_would_be_found() -> None:
    """The same printing, without the check."""
    shape = SHAPES["two units"]
    people = dict.fromkeys(shape.groups, (14, 30))
    people |= {group: (3, 30) for group in shape.groups if group[0] == "east" and group[2] == "a"}
    table = Institution(shape, people).table()
    press = Press()
    press.release(table, hide={key for key, (k, _) in table.items() if 1 <= k <= 10})
    assert {(one.outcome, one.low) for one in Attack(press.material()).findings()} == {("numerator", 6)}
