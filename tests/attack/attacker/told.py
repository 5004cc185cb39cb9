"""What a publication says, as plain statements about counts of people. Nothing here knows how it was said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Group = frozenset[tuple[str, str]]
"""Pairs of dimension and category; empty: everybody."""

Outcome = Literal["numerator", "complement", "denominator"]
OUTCOMES: tuple[Outcome, ...] = ("numerator", "complement", "denominator")


class Place(NamedTuple):
    """Where a count stands. `metric` begins with its institution; `period` is "first day..last day"."""

    metric: str
    unit: str
    period: str
    group: Group = frozenset()

    def in_words(self) -> str:
        group = ", ".join(f"{name}={category}" for name, category in sorted(self.group))
        return " | ".join((self.metric, self.unit, self.period, group or "everybody"))


class Interval(NamedTuple):
    """From and to, both possible."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of a publication: how it stands, and its counts where they are shown."""

    place: Place
    status: str
    numerator: int | None = None
    denominator: int | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """Numerator by denominator lies in an interval: a rounded rate, or a dot that was measured."""

    place: Place
    value: Interval


@dataclass(frozen=True, slots=True)
class LikelyRange:
    """The ends of a 95% range of a share (Wilson) or of a rate (exact Poisson), each within its rounding."""

    place: Place
    low: Interval
    high: Interval


@dataclass(frozen=True, slots=True)
class Contrast:
    """Two shares and their difference or ratio, within its rounding. The order of a difference is not told."""

    kind: Literal["difference", "ratio"]
    first: Place
    second: Place
    value: Interval


@dataclass(frozen=True, slots=True)
class Excess:
    """How many of a whole would not be in the numerator if every group had the share of one of them."""

    whole: Place
    dimension: str
    best: Place
    value: Interval


@dataclass(frozen=True, slots=True)
class Spread:
    """An inequality measure over all groups of a dimension, with the digits that were printed."""

    kind: Literal["variance", "theil"]
    whole: Place
    dimension: str
    value: Interval


Statement = Figure | Share | LikelyRange | Contrast | Excess | Spread


def printed(text: str) -> Interval:
    """What a printed number can stand for: half a unit of its last digit to both sides."""
    plain = text.replace(",", "").replace("\N{MINUS SIGN}", "-")
    decimals = len(plain.partition(".")[2])
    half = 0.5 * 10.0**-decimals
    return Interval(float(plain) - half, float(plain) + half)
