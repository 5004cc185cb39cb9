"""Which periods are shown, drawn and held against each other; and a period by its first and last day. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from metrics.reading.periods import Grain, Period


@dataclass(frozen=True, slots=True)
class Regrouped:
    """From a day on a dimension has another list of groups: points before and after it are not one line."""

    day: date
    reason: str


def latest(periods: Iterable[Period]) -> Period | None:
    """The period that ends last; of several the longest. Rolling months are shown only when somebody asks for them."""
    return max(
        (one for one in periods if one.grain is not Grain.ROLLING),
        key=lambda one: (one.end, -one.start.toordinal()),
        default=None,
    )


def since(periods: Iterable[Period], days: Iterable[date]) -> list[Period]:
    """The periods that begin on or after the last of these days that has come; every period where none has."""
    found = list(periods)
    come = [day for day in days if any(one.start >= day for one in found)]
    return [one for one in found if one.start >= max(come)] if come else found


def compared(periods: Iterable[Period]) -> tuple[Period, Period] | None:
    """The two periods whose gaps are held against each other: the first and the last year; where there are not two, the
    first and the last quarter, then month. Years before months: the more people, the less is chance.
    """
    every = sorted(set(periods), key=lambda one: one.start)
    for grain in (Grain.YEAR, Grain.QUARTER, Grain.MONTH):
        found = [one for one in every if one.grain is grain]
        if len(found) > 1:
            return found[0], found[-1]
    return None


ENOUGH_FOR_A_LINE = 6


def steadiest(periods: Sequence[Period]) -> list[Period]:
    """The periods of the longest calendar grain of which there are six or more, in order; else as `finest`.

    What a gap is drawn by: of the same people in many short periods chance makes the widest of many gaps.
    """
    for grain in (Grain.YEAR, Grain.QUARTER, Grain.MONTH):
        found = sorted((one for one in periods if one.grain is grain), key=lambda one: one.start)
        if len(found) >= ENOUGH_FOR_A_LINE:
            return found
    return finest(periods)


def finest(periods: Sequence[Period]) -> list[Period]:
    """The periods of the shortest calendar grain of which there are two or more, in order: what a run chart shows."""
    for grain in (Grain.MONTH, Grain.QUARTER, Grain.YEAR):
        found = sorted((one for one in periods if one.grain is grain), key=lambda one: one.start)
        if len(found) > 1:
            return found
    return []


@lru_cache(maxsize=1024)
def period_of_days(days: str) -> Period:
    """A period by its first and last day, as the ledger's keys have it: its grain follows from the calendar."""
    start, end = (date.fromisoformat(day) for day in days.split(".."))
    return Period(start, end, _grain(start, end))


def _grain(start: date, end: date) -> Grain:
    after = date.fromordinal(end.toordinal() + 1)
    months = (after.year - start.year) * 12 + after.month - start.month
    aligned = start.day == 1 and after.day == 1 and months in {1, 3, 12} and (start.month - 1) % months == 0
    return {1: Grain.MONTH, 3: Grain.QUARTER, 12: Grain.YEAR}[months] if aligned else Grain.WHOLE
