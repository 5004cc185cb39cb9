"""A composite index: several measures as one number from 0 (every part at its worst) to 1 (every part at its best).

Each part is put on a scale from 0 to 1 between two goalposts that the definition fixes, its worst and its best value;
what lies beyond them stays at the end of the scale. So an index means the same in every period and every group, which
it would not if the ends came from the data. Then the parts are averaged with their weights:

    geometric    exp(sum(w ln x))   a part at its worst makes the index 0: nothing makes up for it
    arithmetic   sum(w x)           a good part makes up for a bad one

Goalposts and the geometric mean are those of the Human Development Index (UNDP, Technical note 1, since 2010); both
means and what speaks for each are in OECD/JRC, Handbook on Constructing Composite Indicators (2008), steps 5 and 6.

The likely range takes each part's own range and squares and adds, as `comparisons.difference` does: Zou GY, Donner A
(2008), Stat Med 27:1693-1702, for a weighted sum of estimates that do not depend on each other (of the geometric mean,
for its logarithm). It stays between 0 and 1. Parts that count the same people may move together; then the true range
is wider than the one given, and the page says so. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from metrics.stats.estimate import Estimate, Number, around


class Aggregation(StrEnum):
    """How the parts become one number."""

    GEOMETRIC = "geometric"
    ARITHMETIC = "arithmetic"


@dataclass(frozen=True, slots=True)
class Goalposts:
    """The ends of a part's scale, in the part's own unit: `worst` is 0, `best` is 1. Less is better where best < worst."""

    worst: float
    best: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.worst) and math.isfinite(self.best)) or self.worst == self.best:
            raise ValueError("The worst and the best value must be two different, finite numbers.")

    def on_scale(self, value: float) -> float:
        """Where a value lies between the goalposts: 0 to 1, clipped."""
        return min(max((value - self.worst) / (self.best - self.worst), 0.0), 1.0)

    def range_on_scale(self, estimate: Estimate) -> Estimate:
        """The same of a value with its likely range; where less is better its ends change places."""
        ends = sorted((self.on_scale(estimate.low), self.on_scale(estimate.high)))
        return around(self.on_scale(estimate.value), ends[0], ends[1])


@dataclass(frozen=True, slots=True)
class Part:
    """What was measured of one part, in its own unit. `likely`: with its range, None where it has none."""

    value: float
    likely: Estimate | None
    goalposts: Goalposts
    weight: Number

    @property
    def on_scale(self) -> float:
        return self.goalposts.on_scale(self.value)


@dataclass(frozen=True, slots=True)
class Composed:
    """An index from 0 to 1. No `likely` range: a part has none, so nothing can be said of all."""

    value: float
    likely: Estimate | None


def shares(weights: Sequence[Number]) -> list[float]:
    """What each weight is of their sum. Raises ValueError unless all are finite and above 0."""
    if not weights or not all(math.isfinite(one) and one > 0 for one in weights):
        raise ValueError("Each part has a weight above 0.")
    total = math.fsum(float(one) for one in weights)
    return [float(one) / total for one in weights]


def compose(parts: Sequence[Part], aggregation: Aggregation) -> Composed:
    """The index of these parts, all of them measured. Raises ValueError for no part and for a weight of 0 or less."""
    by_weight = shares([part.weight for part in parts])
    mean = _geometric if aggregation is Aggregation.GEOMETRIC else _arithmetic
    value = mean([part.on_scale for part in parts], by_weight)
    ranges = [part.goalposts.range_on_scale(part.likely) for part in parts if part.likely is not None]
    if len(ranges) < len(parts):
        return Composed(value, None)
    likely = _geometric_range if aggregation is Aggregation.GEOMETRIC else _arithmetic_range
    return Composed(value, _within(value, *likely(ranges, by_weight)))


def _arithmetic(values: Sequence[float], by_weight: Sequence[float]) -> float:
    return _bounded(math.fsum(weight * value for weight, value in zip(by_weight, values, strict=True)))


def _geometric(values: Sequence[float], by_weight: Sequence[float]) -> float:
    if min(values) <= 0:
        return 0.0
    logarithms = (weight * math.log(value) for weight, value in zip(by_weight, values, strict=True))
    return _bounded(math.exp(math.fsum(logarithms)))


def _arithmetic_range(ranges: Sequence[Estimate], by_weight: Sequence[float]) -> tuple[float, float]:
    value = _arithmetic([one.value for one in ranges], by_weight)
    pairs = list(zip(by_weight, ranges, strict=True))
    down = math.hypot(*(weight * (one.value - one.low) for weight, one in pairs))
    up = math.hypot(*(weight * (one.high - one.value) for weight, one in pairs))
    return value - down, value + up


def _geometric_range(ranges: Sequence[Estimate], by_weight: Sequence[float]) -> tuple[float, float]:
    """On the logarithm. A part that may be 0 makes the lower end 0; of a part that is 0 the upper end is taken as it is."""
    value = _geometric([one.value for one in ranges], by_weight)
    pairs = list(zip(by_weight, ranges, strict=True))
    low = 0.0
    if min(one.low for one in ranges) > 0:
        low = value * math.exp(
            -math.hypot(*(weight * math.log(one.value / one.low) for weight, one in pairs))
        )
    if value == 0:
        return low, _geometric([one.high for one in ranges], by_weight)
    return low, value * math.exp(
        math.hypot(*(weight * math.log(one.high / one.value) for weight, one in pairs))
    )


def _within(value: float, low: float, high: float) -> Estimate:
    return around(value, _bounded(low), _bounded(high))


def _bounded(value: float) -> float:
    """Floating point may leave a hair above 1 or below 0."""
    return min(max(value, 0.0), 1.0)
