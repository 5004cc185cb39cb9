"""Whether a figure is steady enough to lean on. A label of its own: it never hides, only privacy hides.

For proportions and rates these are the rules of the National Center for Health Statistics; its reports drop
what fails them, we show it and say that it is unsteady, and why.
"""

from __future__ import annotations

from enum import StrEnum

from metrics.stats.estimate import Estimate, Number, checked_count
from metrics.stats.intervals import clopper_pearson, garwood

PROPORTION_MINIMUM = 30
PROPORTION_NARROW = 0.05
PROPORTION_WIDE = 0.30
PROPORTION_RELATIVE_WIDTH = 1.30
RATE_MINIMUM = 10
RATE_RELATIVE_WIDTH = 1.60
MEAN_MINIMUM = 30


class Doubt(StrEnum):
    """Why a figure is unsteady. The first that holds, in this order."""

    FEW_COUNTED = "few_counted"
    """Fewer than 30 people or values, or 10 units of person-time."""
    FEW_EVENTS = "few_events"
    """Fewer than 10 events."""
    WIDE = "wide"
    """The likely range of a proportion spans 30 in 100 or more."""
    WIDE_FOR_ITS_SIZE = "wide_for_its_size"
    """The likely range is wide in relation to the figure."""


def doubt_of_proportion(numerator: int, denominator: int) -> Doubt | None:
    """NCHS data presentation standards for proportions (Vital Health Stat 2(175), 2017).

    At least 30 people (we count everyone, so the effective sample size is the denominator); then the exact
    95% interval: at most 0.05 wide is steady, 0.30 or wider is not, and in between it may be at most 130%
    as wide as the proportion is large.
    """
    estimate = clopper_pearson(numerator, denominator)
    if estimate is None or denominator < PROPORTION_MINIMUM:
        return Doubt.FEW_COUNTED
    if estimate.width <= PROPORTION_NARROW:
        return None
    if estimate.width >= PROPORTION_WIDE:
        return Doubt.WIDE
    return _wide_for_its_size(estimate, PROPORTION_RELATIVE_WIDTH)


def nobody_or_everybody(numerator: int, denominator: int) -> bool:
    """Whether the proportion is 0 or 1: the same standard lets these through only after a person has looked."""
    return denominator > 0 and numerator in (0, denominator)


def doubt_of_rate(events: int, exposure: Number) -> Doubt | None:
    """NCHS data presentation standards for rates and counts (Vital Health Stat 2(200), 2023).

    At least 10 events in at least 10 units of person-time, and an exact 95% interval at most 160% as wide as
    the rate is large.
    """
    estimate = garwood(events, exposure)
    if estimate is None or exposure < RATE_MINIMUM:
        return Doubt.FEW_COUNTED
    if events < RATE_MINIMUM:
        return Doubt.FEW_EVENTS
    return _wide_for_its_size(estimate, RATE_RELATIVE_WIDTH)


def doubt_of_adjusted(estimate: Estimate, events: int) -> Doubt | None:
    """The same standard for an age-adjusted rate: `estimate` at the 95% level, `events` of all ages together."""
    if checked_count(events) < RATE_MINIMUM:
        return Doubt.FEW_EVENTS
    return _wide_for_its_size(estimate, RATE_RELATIVE_WIDTH)


def doubt_of_mean(count: int) -> Doubt | None:
    """At least 30 values. NCHS has no standard for means: this is our rule, after its one for proportions."""
    return Doubt.FEW_COUNTED if count < MEAN_MINIMUM else None


def _wide_for_its_size(estimate: Estimate, most: float) -> Doubt | None:
    return Doubt.WIDE_FOR_ITS_SIZE if estimate.width > most * estimate.value else None
