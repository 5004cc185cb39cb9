"""What was observed in one group: counts and sums, never a percentage. Each kind knows its own statistics."""

from __future__ import annotations

from dataclasses import dataclass

from metrics.stats import comparisons, intervals, reliability
from metrics.stats.estimate import DEFAULT_LEVEL, Estimate, Number
from metrics.stats.reliability import Doubt


@dataclass(frozen=True, slots=True)
class Proportion:
    """`numerator` of `denominator` people or stays. Estimates run from 0 to 1."""

    numerator: int
    denominator: int

    def __post_init__(self) -> None:
        intervals.wilson(self.numerator, self.denominator)

    @property
    def size(self) -> float:
        return self.denominator

    @property
    def doubt(self) -> Doubt | None:
        return reliability.doubt_of_proportion(self.numerator, self.denominator)

    @property
    def reliable(self) -> bool:
        return self.doubt is None

    @property
    def all_or_none(self) -> bool:
        return reliability.nobody_or_everybody(self.numerator, self.denominator)

    def estimate(self, level: float = DEFAULT_LEVEL) -> Estimate | None:
        return intervals.wilson(self.numerator, self.denominator, level)


@dataclass(frozen=True, slots=True)
class Rate:
    """`events` in `exposure` units of person-time. Estimates are per `per` units: 1,000 bed-days."""

    events: int
    exposure: Number
    per: int = 1

    def __post_init__(self) -> None:
        intervals.garwood(self.events, self.exposure, self.per)

    @property
    def size(self) -> float:
        return float(self.exposure)

    @property
    def doubt(self) -> Doubt | None:
        return reliability.doubt_of_rate(self.events, self.exposure)

    @property
    def reliable(self) -> bool:
        return self.doubt is None

    @property
    def all_or_none(self) -> bool:
        return False

    def estimate(self, level: float = DEFAULT_LEVEL) -> Estimate | None:
        return intervals.garwood(self.events, self.exposure, self.per, level)


@dataclass(frozen=True, slots=True)
class Mean:
    """`count` values, their `total` and the sum of their `squares`. Estimates are in the values' own unit."""

    total: Number
    squares: Number
    count: int

    def __post_init__(self) -> None:
        intervals.sample_variance(self.total, self.squares, self.count)

    @property
    def size(self) -> float:
        return self.count

    @property
    def doubt(self) -> Doubt | None:
        return reliability.doubt_of_mean(self.count)

    @property
    def reliable(self) -> bool:
        return self.doubt is None

    @property
    def all_or_none(self) -> bool:
        return False

    def estimate(self, level: float = DEFAULT_LEVEL) -> Estimate | None:
        return intervals.student(self.total, self.squares, self.count, level)


@dataclass(frozen=True, slots=True)
class Score:
    """An index worked out from several measures, in its own unit. `likely`: with its range, None where a part has none."""

    value: float
    likely: Estimate | None
    reliable: bool = True

    @property
    def size(self) -> float:
        """An index counts nobody."""
        return 0.0

    @property
    def doubt(self) -> Doubt | None:
        return None

    @property
    def all_or_none(self) -> bool:
        return False

    def estimate(self, level: float = DEFAULT_LEVEL) -> Estimate | None:
        """Its range was worked out at one level, and there is no other."""
        return self.likely if level == DEFAULT_LEVEL else None


Observed = Proportion | Rate | Mean | Score


def ratio(first: Observed, second: Observed, level: float = DEFAULT_LEVEL) -> Estimate | None:
    """first / second with its log interval; None where it is undefined (see `comparisons`), and of an index: its 0 is a
    goalpost, not nothing.

    Raises ValueError for two figures that cannot be compared: different kinds, or rates per different units.
    """
    if isinstance(first, Proportion) and isinstance(second, Proportion):
        return comparisons.ratio_of_proportions(
            first.numerator, first.denominator, second.numerator, second.denominator, level
        )
    if isinstance(first, Rate) and isinstance(second, Rate) and first.per == second.per:
        return comparisons.ratio_of_rates(first.events, first.exposure, second.events, second.exposure, level)
    if isinstance(first, Mean) and isinstance(second, Mean):
        return comparisons.ratio_of_means(
            (first.total, first.squares, first.count), (second.total, second.squares, second.count), level
        )
    if isinstance(first, Score) and isinstance(second, Score):
        return None
    raise ValueError("Only figures of one kind, in one unit, can be compared.")
