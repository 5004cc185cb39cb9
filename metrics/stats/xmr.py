"""XmR charts: the limits within which a process varies by itself, from its point-to-point moves. Three rules.

Shewhart's individuals chart as Wheeler DJ, Understanding Variation (1993), has it. The rule of rising or falling points is
not used: it adds false alarms and finds nothing that the others do not (Davis RB, Woodall WH (1988), J Qual Technol 20:260).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from statistics import fmean

from metrics.stats.runs import SHIFT, runs_of

XMR_MINIMUM = 12
"""So many points the limits need: from fewer they are too far off."""

MOVE_OF_NORMAL = 1.128
"""The mean move between two neighbors, in standard deviations, of independent normal values (d2 of two)."""

LIMIT_AT = 3.0
WARNING_AT = 2.0
NEAR_LIMIT = 2
OF_POINTS = 3


class Rule(StrEnum):
    OUTSIDE = "outside"
    """One point beyond a limit: three standard deviations from the mean."""
    SHIFT = "shift"
    """Six points in a row on one side of the mean."""
    TWO_OF_THREE = "two_of_three"
    """Two of three neighboring points near a limit or beyond it: two standard deviations from the mean, same side."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The mean, and the limits three standard deviations from it; `spread` is one of these."""

    mean: float
    low: float
    high: float
    spread: float


@dataclass(frozen=True, slots=True)
class Found:
    """A rule that found something: from index `first` to `last` of the values, above the mean or below it."""

    rule: Rule
    first: int
    last: int
    above: bool


@dataclass(frozen=True, slots=True)
class Xmr:
    """Limits and what lies against them; None and nothing where there are too few points."""

    points: int
    limits: Limits | None = None
    found: tuple[Found, ...] = ()


def xmr_chart(
    values: Sequence[float | None],
    *,
    baseline: int | None = None,
    lowest: float | None = None,
    highest: float | None = None,
) -> Xmr:
    """Limits of one line from its first `baseline` periods, or from all; None stands for no shown number.

    mean ± 3 × mean move / 1.128 (that is ± 2.66 times the mean move); a move is that of two neighboring periods. Twelve shown
    points at least. Limits are cut at `lowest` and `highest`, what the figure can be at all (0, and 100 of a share).
    All points are held against them, those of the baseline too. Raises ValueError for a baseline that is not a number of the periods.
    """
    if baseline is not None and not 1 <= baseline <= len(values):
        raise ValueError("The baseline must be one or more of the periods.")
    points = [(index, value) for index, value in enumerate(values) if value is not None]
    within = [(index, value) for index, value in points if baseline is None or index < baseline]
    moves = [abs(other - one) for (i, one), (j, other) in pairwise(within) if j == i + 1]
    if len(within) < XMR_MINIMUM or not moves:
        return Xmr(len(points))
    mean, spread = fmean(value for _, value in within), fmean(moves) / MOVE_OF_NORMAL
    low, high = mean - LIMIT_AT * spread, mean + LIMIT_AT * spread
    limits = Limits(
        mean=mean,
        low=low if lowest is None else max(low, lowest),
        high=high if highest is None else min(high, highest),
        spread=spread,
    )
    from_mean = [(index, _distance(value, mean)) for index, value in points]
    found = sorted(_found(from_mean, spread), key=lambda one: (one.first, one.last, one.rule))
    return Xmr(len(points), limits, tuple(found))


def _distance(value: float, mean: float) -> float:
    """How far above the mean; nothing where only the rounding of the mean sets them apart."""
    return 0.0 if math.isclose(value, mean, rel_tol=1e-12) else value - mean


def _found(points: Sequence[tuple[int, float]], spread: float) -> Iterator[Found]:
    for index, distance in points:
        if abs(distance) > LIMIT_AT * spread:
            yield Found(Rule.OUTSIDE, index, index, distance > 0)
    for run in runs_of(points, 0.0):
        if run.length >= SHIFT:
            yield Found(Rule.SHIFT, run.first, run.last, run.above)
    yield from _two_of_three(points, spread)


def _two_of_three(points: Sequence[tuple[int, float]], spread: float) -> Iterator[Found]:
    for start in range(len(points) - OF_POINTS + 1):
        three = points[start : start + OF_POINTS]
        if three[-1][0] - three[0][0] != OF_POINTS - 1:
            continue
        for sign in (1, -1):
            far = [index for index, distance in three if sign * distance > WARNING_AT * spread]
            if len(far) >= NEAR_LIMIT:
                yield Found(Rule.TWO_OF_THREE, far[0], far[-1], sign > 0)
