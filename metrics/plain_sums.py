"""The sums of one metric and one group in plain Python: what roll-ups are held against, every night and in tests.

It shares no code with the statements that write the roll-ups, so that one mistake is not made twice. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple

SPAN, MONTH, QUARTER, YEAR, ROLLING = 0, 1, 3, 12, 112
"""Grains as facts store them: months; a stated span; twelve months that begin with any."""

Unit = Hashable


class Fact(NamedTuple):
    """What a unit counted in a period. No numerator: a blank."""

    unit: Unit
    grain: int
    start: date
    end: date
    numerator: int | None
    denominator: int | None = None
    squares: int | None = None


class Place(NamedTuple):
    """Where a sum stands."""

    unit: Unit
    grain: int
    start: date


class Sum(NamedTuple):
    """The last day of a period, and the numbers of all that is in it; None where nobody gave that number."""

    end: date
    numerator: int | None
    denominator: int | None
    squares: int | None


def add_up(
    facts: Iterable[Fact],
    parent_of: Mapping[Unit, Unit | None],
    *,
    grain: int,
    once_over_periods: bool = False,
    once_over_units: bool = False,
) -> dict[Place, Sum]:
    """Every sum of these facts: of units and those above them, of periods and the longer ones that they make.

    `grain`: how long the metric's own periods are; facts of others are left out. Where a person is counted once over
    periods, longer ones are facts too, and none is a sum of shorter ones; over units, none is a sum of others.
    """
    longer = {MONTH: {QUARTER, YEAR}, QUARTER: {YEAR}}.get(grain, set()) if once_over_periods else set()
    parts: dict[Place, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.numerator is not None and fact.grain in {grain, *longer}:
            for unit in [fact.unit] if once_over_units else _lineage(fact.unit, parent_of):
                parts[Place(unit, fact.grain, fact.start)].append(fact)
    sums = {place: _sum(found, found[0].end) for place, found in parts.items()}
    return sums if once_over_periods or grain == SPAN else sums | _longer(sums, parts, grain)


def _longer(sums: Mapping[Place, Sum], parts: Mapping[Place, list[Fact]], grain: int) -> dict[Place, Sum]:
    longer: dict[Place, list[Fact]] = defaultdict(list)
    for place, found in parts.items():
        for months in (QUARTER, YEAR):
            if months > grain:
                first = (place.start.month - 1) // months * months + 1
                longer[Place(place.unit, months, date(place.start.year, first, 1))] += found
    calendar = {
        place: _sum(found, later(place.start, place.grain) - timedelta(days=1))
        for place, found in longer.items()
    }
    return calendar | dict(_rolling(sums, parts, grain))


def _rolling(
    sums: Mapping[Place, Sum], parts: Mapping[Place, list[Fact]], grain: int
) -> Iterator[tuple[Place, Sum]]:
    if grain >= YEAR:
        return
    for place in sums:
        needed = [Place(place.unit, grain, later(place.start, months)) for months in range(0, YEAR, grain)]
        if place.start.month != 1 and all(part in sums for part in needed):
            found = [fact for part in needed for fact in parts[part]]
            yield Place(place.unit, ROLLING, place.start), _sum(found, sums[needed[-1]].end)


def later(day: date, months: int) -> date:
    """The first of a month so many months after that of this day."""
    month = day.year * 12 + day.month - 1 + months
    return date(month // 12, month % 12 + 1, 1)


def _lineage(unit: Unit, parent_of: Mapping[Unit, Unit | None]) -> Iterator[Unit]:
    at: Unit | None = unit
    while at is not None:
        yield at
        at = parent_of[at]


def _sum(facts: Iterable[Fact], end: date) -> Sum:
    given = list(facts)
    return Sum(
        end,
        sum(fact.numerator for fact in given if fact.numerator is not None),
        _added(fact.denominator for fact in given),
        _added(fact.squares for fact in given),
    )


def _added(numbers: Iterable[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None
