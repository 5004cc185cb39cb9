"""An estimate with the range where the true value likely lies, and what an input to one must satisfy."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from operator import index
from statistics import NormalDist

DEFAULT_LEVEL = 0.95

Number = int | float | Decimal


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value and its confidence interval, all three in one unit: low <= value <= high, all finite."""

    value: float
    low: float
    high: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low <= self.value <= self.high):
            raise ValueError("The value must lie within its likely range, and all three must be finite.")

    @property
    def width(self) -> float:
        return self.high - self.low

    def excludes(self, value: float) -> bool:
        """Whether `value` lies strictly outside the interval."""
        return not self.low <= value <= self.high

    def scaled(self, factor: float) -> Estimate:
        """The same estimate in another unit: a proportion times 100 is "in 100"."""
        if factor <= 0:
            raise ValueError("A unit can only be changed by a factor above 0.")
        return Estimate(self.value * factor, self.low * factor, self.high * factor)


def around(value: float, low: float, high: float) -> Estimate:
    """An estimate whose limits are widened to the value where floating point left them a hair inside it."""
    return Estimate(value, min(low, value), max(high, value))


def checked_count(count: int) -> int:
    """`count` as an int. Raises ValueError if negative, TypeError if it is not a whole-number type."""
    whole = index(count)
    if whole < 0:
        raise ValueError("A count cannot be below 0.")
    return whole


def checked_number(number: Number) -> Number:
    """`number` itself. Raises ValueError if it is not finite."""
    if not math.isfinite(number):
        raise ValueError("A sum or an amount of person-time must be a finite number.")
    return number


def tail(level: float) -> float:
    """The probability left out above the interval (and as much again below it): 0.025 for 95%."""
    if not 0 < level < 1:
        raise ValueError("A confidence level must lie between 0 and 1, for example 0.95.")
    return (1 - level) / 2


def normal_quantile(level: float) -> float:
    """How many standard errors a two-sided normal interval reaches on each side: 1.96 for 95%."""
    return NormalDist().inv_cdf(1 - tail(level))
