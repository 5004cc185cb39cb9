"""How far two groups are apart: as a difference (absolute) and as a ratio (relative), each with its interval.

All of them take the two groups to be separate people. Where one person may be in both (several answers to
race), the groups move together and the true range is somewhat narrower or wider than the one given.
"""

from __future__ import annotations

import math

from metrics.stats.estimate import DEFAULT_LEVEL, Estimate, Number, around, normal_quantile
from metrics.stats.intervals import garwood, sample_variance, student, wilson


def difference(first: Estimate, second: Estimate) -> Estimate:
    """first - second, with the interval that follows from the two groups' own intervals ("square and add").

    With Wilson intervals it is Newcombe's hybrid score interval: method 10 of Newcombe RG (1998), Stat Med
    17:873-890. Zou GY, Donner A (2008), Stat Med 27:1693-1702, show that the same step holds for any two
    sound intervals; we use it for rates (Garwood) and means (Student) too. So one rule serves every kind of
    measure, zero counts need no special case, and the range of a gap can be checked by hand from the ranges
    printed beside the two groups. For large counts it equals the familiar normal interval.
    """
    value = first.value - second.value
    down = math.hypot(first.value - first.low, second.high - second.value)
    up = math.hypot(first.high - first.value, second.value - second.low)
    return around(value, value - down, value + up)


def difference_of_proportions(
    numerator: int,
    denominator: int,
    other_numerator: int,
    other_denominator: int,
    level: float = DEFAULT_LEVEL,
) -> Estimate | None:
    """Difference of two proportions (-1 to 1), Newcombe's method 10. None if either group is empty."""
    return _difference(
        wilson(numerator, denominator, level), wilson(other_numerator, other_denominator, level)
    )


def difference_of_rates(
    events: int,
    exposure: Number,
    other_events: int,
    other_exposure: Number,
    per: int = 1,
    level: float = DEFAULT_LEVEL,
) -> Estimate | None:
    """Difference of two rates, per `per` units of person-time. None if either group has no person-time."""
    return _difference(
        garwood(events, exposure, per, level), garwood(other_events, other_exposure, per, level)
    )


def difference_of_means(
    first: tuple[Number, Number, int],
    second: tuple[Number, Number, int],
    level: float = DEFAULT_LEVEL,
) -> Estimate | None:
    """Difference of two means, each given as (sum, sum of squares, count). None if either has no interval."""
    return _difference(student(*first, level=level), student(*second, level=level))


def ratio_of_proportions(
    numerator: int,
    denominator: int,
    other_numerator: int,
    other_denominator: int,
    level: float = DEFAULT_LEVEL,
) -> Estimate | None:
    """Ratio of two proportions with the log interval. Katz D et al. (1978), Biometrics 34:469-474.

    None when it is undefined: a group is empty, or has nobody in the numerator (its logarithm does not
    exist; nothing is added to make it exist), or both groups are full (the method would claim certainty).
    The difference still stands in each of these cases but the first.
    """
    first = wilson(numerator, denominator, level)
    second = wilson(other_numerator, other_denominator, level)
    if first is None or second is None or not numerator or not other_numerator:
        return None
    if numerator == denominator and other_numerator == other_denominator:
        return None
    variance = 1 / numerator - 1 / denominator + 1 / other_numerator - 1 / other_denominator
    return _log_interval(first.value / second.value, variance, level)


def ratio_of_rates(
    events: int,
    exposure: Number,
    other_events: int,
    other_exposure: Number,
    level: float = DEFAULT_LEVEL,
) -> Estimate | None:
    """Ratio of two rates with the log interval (variance 1/events + 1/other events).

    Rothman KJ, Greenland S, Lash TL, Modern Epidemiology, 3rd ed., ch. 14. None when a group has no
    person-time or no events.
    """
    first, second = garwood(events, exposure, level=level), garwood(other_events, other_exposure, level=level)
    if first is None or second is None or not events or not other_events:
        return None
    return _log_interval(first.value / second.value, 1 / events + 1 / other_events, level)


def ratio_of_means(
    first: tuple[Number, Number, int],
    second: tuple[Number, Number, int],
    level: float = DEFAULT_LEVEL,
) -> Estimate | None:
    """Ratio of two means, each given as (sum, sum of squares, count), with the log (delta) interval.

    The variance of the log ratio is (se/mean)^2 of one plus that of the other, as WHO's Health Equity
    Assessment Toolkit has it. None when either mean has no interval, or one that reaches down to 0: dividing
    by what may be nothing means nothing.
    """
    means = student(*first, level=level), student(*second, level=level)
    if means[0] is None or means[1] is None or means[0].low <= 0 or means[1].low <= 0:
        return None
    relative = _standard_error(*first) / means[0].value, _standard_error(*second) / means[1].value
    return _log_interval(means[0].value / means[1].value, relative[0] ** 2 + relative[1] ** 2, level)


def _difference(first: Estimate | None, second: Estimate | None) -> Estimate | None:
    return None if first is None or second is None else difference(first, second)


def _standard_error(total: Number, squares: Number, count: int) -> float:
    return math.sqrt((sample_variance(total, squares, count) or 0.0) / count)


def _log_interval(value: float, variance: float, level: float) -> Estimate:
    factor = math.exp(normal_quantile(level) * math.sqrt(variance))
    return around(value, value / factor, value * factor)
