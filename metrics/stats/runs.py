"""Run charts: whether a line over time moved by more than chance. Two rules only, shift and crossings.

Perla RJ, Provost LP, Murray SK (2011), BMJ Qual Saf 20:46-51 (a shift is six points); Anhøj J, Olesen AV (2014), PLoS
ONE 9:e113825 (crossings, and why the rule of five rising points finds nothing and is not used here).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from statistics import median
from typing import Literal

SHIFT = 6
"""So many points in a row on one side of the middle are a shift."""

MINIMUM = 12
"""So many points a chart needs that takes its middle from all of them. Of ten points only five can lie on one side of
their own middle, of twelve six."""

BASELINE_MINIMUM = 10
"""So many points a fixed baseline needs before later points are held against its middle."""

CROSSINGS_MINIMUM = 10
"""Of so many points on it crossings say something; below, even none would be too common."""

CHANCE = 0.05
"""Fewer crossings than this share of chance series has are too few."""

Direction = Literal["better", "worse", "none"]


@dataclass(frozen=True, slots=True)
class Run:
    """Neighboring points on one side of the middle: from index `first` to `last` of the values, `length` of them.

    Points on the middle itself neither break a run nor count in its length.
    """

    first: int
    last: int
    length: int
    above: bool


@dataclass(frozen=True, slots=True)
class RunChart:
    """What a run chart shows. `points` were judged: shown, and after the baseline if there is one.

    middle      the median of the baseline, or of all points; None without a point
    enough      whether there are points enough to judge; without, there is neither a shift nor a crossing
    shifts      all runs of six or more, in order
    crossings   how often the line crosses the middle; None where there are too few points to judge by it
    fewest      so many crossings at least are to be expected of chance alone; None as above
    """

    middle: float | None
    points: int
    enough: bool
    shifts: tuple[Run, ...]
    crossings: int | None
    fewest: int | None
    last: int | None

    @property
    def too_few_crossings(self) -> bool:
        return self.crossings is not None and self.fewest is not None and self.crossings < self.fewest

    @property
    def changed(self) -> bool:
        """Whether either rule says that this is more than chance."""
        return bool(self.shifts) or self.too_few_crossings

    @property
    def current(self) -> Run | None:
        """The shift that still goes on at the last shown point."""
        if not self.shifts or self.shifts[-1].last != self.last:
            return None
        return self.shifts[-1]

    def direction(self, better: str) -> Direction:
        """Whether the shift that goes on is for the better; `better` is "higher", "lower", or anything else: neither."""
        if self.current is None or better not in ("higher", "lower"):
            return "none"
        return "better" if self.current.above == (better == "higher") else "worse"


def run_chart(values: Sequence[float | None], *, baseline: int | None = None) -> RunChart:
    """Judge one line; None stands for a period without a shown number. `baseline`: the first so many periods.

    With a baseline its median is the middle, ten shown points at least, and only the points after it are judged. Without one
    the median of all points is, twelve at least. A period without a shown number breaks a run: "in a row" means
    neighbors. Raises ValueError for a baseline that is not a number of the periods.

    A shift somewhere on a long line is not rare: of chance series of 12 points around their own median 1 in 77 has one, of
    24 points about 1 in 6. So a page says "changed" of `current`, the shift that goes on, and not of the past.
    """
    if baseline is not None and not 1 <= baseline <= len(values):
        raise ValueError("The baseline must be one or more of the periods.")
    first = baseline or 0
    judged = [(index, value) for index, value in enumerate(values) if value is not None and index >= first]
    within = [value for value in values[: baseline or len(values)] if value is not None]
    middle = median(within) if within else None
    enough = len(within) >= (BASELINE_MINIMUM if baseline else MINIMUM)
    if middle is None or not enough:
        return RunChart(middle, len(judged), enough, (), None, None, None)
    useful = [value for _, value in judged if value != middle]
    counted = len(useful) >= CROSSINGS_MINIMUM
    return RunChart(
        middle=middle,
        points=len(judged),
        enough=enough,
        shifts=tuple(run for run in runs_of(judged, middle) if run.length >= SHIFT),
        crossings=_crossings(useful, middle) if counted else None,
        fewest=fewest_crossings(len(useful)) if counted else None,
        last=judged[-1][0] if judged else None,
    )


def runs_of(points: Sequence[tuple[int, float]], middle: float) -> list[Run]:
    """All runs of the points (index and value, in order) around `middle`; an index left out breaks a run."""
    found: list[Run] = []
    before: int | None = None
    for index, value in points:
        going = found[-1] if found and before == index - 1 and found[-1].last == before else None
        before = index
        if value == middle:
            if going:
                found[-1] = Run(going.first, index, going.length, going.above)
        elif going and going.above == (value > middle):
            found[-1] = Run(going.first, index, going.length + 1, going.above)
        else:
            found.append(Run(index, index, 1, value > middle))
    return found


@lru_cache
def fewest_crossings(points: int) -> int:
    """Fewer crossings than this have less than 5 in 100 chance series of so many points (none on the middle).

    Each of the `points` - 1 steps crosses as a coin falls. Chen Z (2010), Stat Med 29:1970-1979.
    """
    steps, below = points - 1, 0
    for crossings in range(points):
        below += math.comb(steps, crossings)
        if below >= CHANCE * 2**steps:
            return crossings
    return 0


def _crossings(useful: Sequence[float], middle: float) -> int:
    return sum((one > middle) != (other > middle) for one, other in pairwise(useful))
