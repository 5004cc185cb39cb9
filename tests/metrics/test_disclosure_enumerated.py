"""What is published of small tables, against every table there is: each small count can be large, and can be none or one.

Three kinds of people make each table, so that all tables of up to 30 people of a kind can be written down. What is shown
rules some of them out. Those that are left must give each small count both values.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.certification import judge_together
from metrics.figures import Category, Cell, Dimension
from metrics.questions import Address, Count, Question
from metrics.reading.periods import parse_period

MOST = 30
TABLES = np.array(list(itertools.product(range(MOST + 1), repeat=3)))
FEW = 12
FEW_TABLES = np.array(list(itertools.product(range(2 * FEW + 1), repeat=3)))

Kinds = tuple[int, int, int]
Rows = Mapping[Address, Kinds]
"""Which of the three kinds of people each row counts: 1 or 0."""


def dimension(*categories: str, partition: bool = True) -> Dimension:
    groups = {one: Category(one, one, one, False, number) for number, one in enumerate(categories)}
    return Dimension("race", "race", 0, partition, groups)


def at(period: str = "2024-Q1", stratum: str = "", place: str = "all") -> Address:
    return Address(place, parse_period(period), stratum)


GROUPS: Rows = {
    at(): (1, 1, 1),
    at(stratum="race=a"): (1, 0, 0),
    at(stratum="race=b"): (0, 1, 0),
    at(stratum="race=c"): (0, 0, 1),
}
UNITS: Rows = {at(): (1, 1, 1), at(place="east"): (1, 0, 0), at(place="west"): (0, 1, 1)}
QUARTERS: Rows = {
    at("2024"): (1, 1, 1),
    at("2024-Q1"): (1, 0, 0),
    at("2024-Q2"): (0, 1, 0),
    at("2024-Q3"): (0, 0, 1),
}
ANSWERS: Rows = {at(): (1, 1, 1), at(stratum="race=a"): (1, 0, 1), at(stratum="race=b"): (0, 1, 1)}
"""The third kind gave both answers."""
HALF_YEAR = "2024-01-01/2024-06-30"
ONCE: Rows = {at(HALF_YEAR): (1, 1, 1), at("2024-Q1"): (1, 0, 1), at("2024-Q2"): (0, 1, 1)}
"""The third kind came in both quarters; nobody came on any other day."""
TABLES_OF: dict[str, tuple[Rows, dict[str, Any]]] = {
    "groups": (GROUPS, {"vocabulary": {"race": dimension("a", "b", "c")}}),
    "units": (UNITS, {}),
    "quarters": (QUARTERS, {}),
    "several answers": (ANSWERS, {"vocabulary": {"race": dimension("a", "b", partition=False)}}),
    "people counted once": (ONCE, {"once": True}),
}


def question(rows: Rows, people: tuple[Kinds, Kinds], **more: Any) -> Question:
    """`people` of each kind with the outcome, and without it."""
    counts = {}
    for where, kinds in rows.items():
        numerator, complement = (int(np.dot(kinds, outcome)) for outcome in people)
        counts[where] = Count(numerator, numerator + complement)
    given: dict[str, Any] = {
        "vocabulary": {},
        "parent_of": {"all": None, "east": "all", "west": "all"},
        **more,
    }
    return Question(kind="proportion", counts_people=True, counts=counts, blanks={}, earlier={}, **given)


def fits(rows: Rows, told: Mapping[Address, int], tables: np.ndarray) -> np.ndarray:
    """The tables in which every row comes to what is told of it."""
    fitting = np.ones(len(tables), dtype=bool)
    for where, count in told.items():
        fitting &= tables @ rows[where] == count
    return tables[fitting]


def leaks(rows: Rows, cells: Mapping[Address, Cell], people: tuple[Kinds, Kinds]) -> Iterator[str]:
    """Small counts that cannot be large, or cannot be none or one, in any table that fits what is shown."""
    shown = {where: cell for where, cell in cells.items() if cell.shown}
    with_it = fits(rows, {where: cell.numerator for where, cell in shown.items()}, TABLES)
    without = fits(rows, {where: cell.denominator - cell.numerator for where, cell in shown.items()}, TABLES)
    totals = [w for w, cell in cells.items() if cell.denominator is not None and w not in shown]
    ours, theirs = key(rows, totals, with_it), key(rows, totals, without)
    all_of = sum(cells[where].denominator * (10**3) ** n for n, where in enumerate(totals))
    possible = {
        "numerator": (with_it[np.isin(all_of - ours, theirs)], 0),
        "complement": (without[np.isin(all_of - theirs, ours)], 1),
    }
    for where, kinds in rows.items():
        counts = [int(np.dot(kinds, outcome)) for outcome in people]
        for name, (tables, outcome) in possible.items():
            found = tables @ kinds
            assert len(found), "what was published contradicts itself"
            if 1 <= counts[outcome] <= 10 and (found.min() > 1 or found.max() < 11):
                yield f"{name} of {where} is {found.min()} to {found.max()}"
        if 1 <= sum(counts) <= 10:
            least, most = ends(with_it @ kinds, without @ kinds, all_of - ours, theirs)
            if least > 1 or most < 11:
                yield f"all of {where} are {least} to {most}"


def key(rows: Rows, totals: list[Address], tables: np.ndarray) -> np.ndarray:
    """The sums of the rows of which only the total is told, as one number."""
    return sum(
        ((tables @ rows[where]) * (10**3) ** n for n, where in enumerate(totals)),
        np.zeros(len(tables), dtype=int),
    )


def ends(with_it: np.ndarray, without: np.ndarray, wanted: np.ndarray, keys: np.ndarray) -> tuple[int, int]:
    """The least and the most that two counts come to, of tables that fit each other."""
    least, most = 10**6, -1
    for one in np.unique(np.intersect1d(wanted, keys)):
        ours, theirs = with_it[wanted == one], without[keys == one]
        least, most = min(least, ours.min() + theirs.min()), max(most, ours.max() + theirs.max())
    return least, most


count = st.sampled_from((0, 1, 2, 4, 7, 10, 11, 12, 15, 19))
three = st.tuples(count, count, count)


@pytest.mark.parametrize("name", TABLES_OF)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_every_small_count_can_be_large_and_can_be_none(name: str, data: st.DataObject) -> None:
    rows, more = TABLES_OF[name]
    people = data.draw(three), data.draw(three)
    answer = judge_together({"one": question(rows, people, **more)})["one"]
    assert list(leaks(rows, answer.cells, people)) == []


def test_a_single_mark_is_found() -> None:
    """The enumeration itself works."""
    people = (12, 15, 4), (19, 19, 19)
    cells = {where: Cell("published", *counts) for where, counts in counts_of(GROUPS, people).items()}
    cells[at(stratum="race=c")] = Cell("hidden", None, 23)
    assert list(leaks(GROUPS, cells, people)) == [f"numerator of {at(stratum='race=c')} is 4 to 4"]


def counts_of(rows: Rows, people: tuple[Kinds, Kinds]) -> dict[Address, tuple[int, int]]:
    asked = question(rows, people)
    return {where: (count.numerator, count.denominator or 0) for where, count in asked.counts.items()}


# ------------------------------------------------------------------------------ two measures of the same people


def of_everybody(part: Kinds, rest: Kinds, groups: Dimension) -> Question:
    asked = question(GROUPS, (part, rest), vocabulary={"race": groups})
    return replace(asked, people={"denominator": "Everybody"})


def with_room_for(numerators: np.ndarray) -> np.ndarray:
    """Whether a table of people has room for any of these tables of people with the outcome."""
    room = np.zeros([2 * FEW + 1] * 3, dtype=bool)
    room[tuple(numerators.T)] = True
    for axis in range(3):
        room = np.logical_or.accumulate(room, axis=axis)
    return room


@settings(max_examples=25, deadline=None)
@given(people=three, data=st.data())
def test_two_measures_of_the_same_people_give_none_of_them_away(people: Kinds, data: st.DataObject) -> None:
    """Denominators are hidden in both or in none, and every small count of people has both values in tables that fit both."""
    people = tuple(min(one, FEW) for one in people)  # type: ignore[assignment]
    parts = [tuple(data.draw(st.integers(0, one)) for one in people) for _ in range(2)]
    groups = dimension("a", "b", "c")
    answers = judge_together(
        {
            code: of_everybody(part, tuple(np.subtract(people, part)), groups)  # type: ignore[arg-type]
            for code, part in zip("xy", parts, strict=True)
        }
    )
    cells = [answers[code].cells for code in "xy"]
    told = [{where: cell.denominator for where, cell in some.items()} for some in cells]
    both = {where: n for some in told for where, n in some.items() if n is not None}
    every = fits(GROUPS, both, FEW_TABLES)
    for some in cells:
        numerators = fits(GROUPS, {w: cell.numerator for w, cell in some.items() if cell.shown}, FEW_TABLES)
        every = every[with_room_for(numerators)[tuple(every.T)]]
    for kinds in GROUPS.values():
        found = every @ kinds
        if 1 <= np.dot(people, kinds) <= 10:
            assert found.min() <= 1
            assert found.max() >= 11
