"""Round axes, and places on them as SVG attributes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from metrics.stats import words

# Significant digits that decide where an axis ends; what floating point adds beyond them does not.
DIGITS = 12


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale with round ends and round ticks."""

    ticks: tuple[float, ...]
    decimals: int

    def share(self, value: float) -> float:
        """Where `value` lies between the ends of the axis: 0 at the first tick, 1 at the last."""
        first, last = self.ticks[0], self.ticks[-1]
        return min(max((value - first) / (last - first), 0.0), 1.0)

    def label(self, tick: float) -> str:
        return words.number(tick, self.decimals)


def nice_axis(values: Iterable[float], *, steps: int) -> Axis | None:
    """The axis with the smallest round step (1, 2 or 5 times a power of ten) that spans `values`.

    It has at most `steps` steps (2 or more). None without values. Where all values are equal, it opens a
    little around them, but not below 0 unless they are.
    """
    exact = [Decimal(f"{value:.{DIGITS}g}") for value in values]
    if not exact:
        return None
    low, high = min(exact), max(exact)
    if low == high:
        room = abs(low) / 10 or Decimal(1)
        low, high = (max(low - room, Decimal(0)) if low >= 0 else low - room), high + room
    for step in _round_steps(high - low):
        first, last = math.floor(low / step), math.ceil(high / step)
        if last - first <= max(steps, 2):
            break
    decimals = max(0, -step.adjusted())
    return Axis(tuple(float(step * count) for count in range(first, last + 1)), decimals)


def percent(share: float) -> str:
    """A share of the width as an SVG attribute: 0.69333 is "69.33%"."""
    return f"{100 * share:.2f}%"


def _round_steps(span: Decimal) -> Iterator[Decimal]:
    exponent = span.adjusted() - 2
    while True:
        for lead in (1, 2, 5):
            yield Decimal(lead).scaleb(exponent)
        exponent += 1
