"""Whether a figure is steady enough to lean on. A flag of its own: it never hides, only privacy hides.

For proportions and rates these are the rules of the National Center for Health Statistics; its reports drop
what fails them, we show it and say that it is unsteady.
"""

from __future__ import annotations

from metrics.stats.estimate import Number
from metrics.stats.intervals import clopper_pearson, garwood

PROPORTION_MINIMUM = 30
PROPORTION_NARROW = 0.05
PROPORTION_WIDE = 0.30
PROPORTION_RELATIVE_WIDTH = 1.30
RATE_MINIMUM = 10
RATE_RELATIVE_WIDTH = 1.60
MEAN_MINIMUM = 30


def reliable_proportion(numerator: int, denominator: int) -> bool:
    """NCHS data presentation standards for proportions (Vital Health Stat 2(175), 2017).

    At least 30 people (we count everyone, so the effective sample size is the denominator); then the exact
    95% interval: at most 0.05 wide is steady, 0.30 or wider is not, and in between it may be at most 130%
    as wide as the proportion is large.
    """
    estimate = clopper_pearson(numerator, denominator)
    if estimate is None or denominator < PROPORTION_MINIMUM:
        return False
    if estimate.width <= PROPORTION_NARROW:
        return True
    if estimate.width >= PROPORTION_WIDE:
        return False
    return estimate.width <= PROPORTION_RELATIVE_WIDTH * estimate.value


def reliable_rate(events: int, exposure: Number) -> bool:
    """NCHS data presentation standards for rates and counts (Vital Health Stat 2(200), 2023).

    At least 10 events in at least 10 units of person-time, and an exact 95% interval at most 160% as wide as
    the rate is large.
    """
    estimate = garwood(events, exposure)
    if estimate is None or events < RATE_MINIMUM or exposure < RATE_MINIMUM:
        return False
    return estimate.width <= RATE_RELATIVE_WIDTH * estimate.value


def reliable_mean(count: int) -> bool:
    """At least 30 values. NCHS has no standard for means: this is our rule, after its one for proportions."""
    return count >= MEAN_MINIMUM
