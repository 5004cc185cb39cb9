"""Confidence intervals for one group's figure: a proportion, a rate, a mean.

Every function takes plain counts and sums, never a percentage. It returns None when there is nothing to
estimate (nobody was counted) and raises ValueError, with a plain sentence, when the counts are impossible.
"""

from __future__ import annotations

import math
from fractions import Fraction

from metrics.stats.estimate import (
    DEFAULT_LEVEL,
    Estimate,
    Number,
    around,
    checked_count,
    checked_number,
    normal_quantile,
    tail,
)
from metrics.stats.quantiles import beta_quantile, gamma_quantile, student_quantile

# Sums arrive as floats when they were added up as floats; what they lose there is far below this share.
ROUNDING_SHARE = Fraction(1, 10**9)


def wilson(numerator: int, denominator: int, level: float = DEFAULT_LEVEL) -> Estimate | None:
    """A proportion (0 to 1) with the Wilson score interval, without continuity correction.

    Wilson EB (1927), J Am Stat Assoc 22:209-212; method 3 of Newcombe RG (1998), Stat Med 17:857-872.
    It stays inside 0 to 1 and has width even when nobody, or everybody, is in the numerator.
    """
    counts = _checked_part(numerator, denominator)
    if counts is None:
        return None
    part, whole = counts
    z = normal_quantile(level)
    centre = part + z * z / 2
    reach = z * math.sqrt(part * (whole - part) / whole + z * z / 4)
    spread = whole + z * z
    low = 0.0 if part == 0 else (centre - reach) / spread
    high = 1.0 if part == whole else (centre + reach) / spread
    return around(part / whole, low, high)


def clopper_pearson(numerator: int, denominator: int, level: float = DEFAULT_LEVEL) -> Estimate | None:
    """A proportion (0 to 1) with the exact binomial interval, as the NCHS reliability rules ask for.

    Clopper CJ, Pearson ES (1934), Biometrika 26:404-413. Wider than Wilson's; used for reliability only.
    """
    counts = _checked_part(numerator, denominator)
    if counts is None:
        return None
    part, whole = counts
    alpha = tail(level)
    low = 0.0 if part == 0 else beta_quantile(alpha, part, whole - part + 1)
    high = 1.0 if part == whole else beta_quantile(1 - alpha, part + 1, whole - part)
    return around(part / whole, low, high)


def garwood(events: int, exposure: Number, per: int = 1, level: float = DEFAULT_LEVEL) -> Estimate | None:
    """Events per `per` units of person-time, with the exact Poisson interval.

    `exposure` is person-time (days, years, visits): 12 falls in 4,800 bed-days, per 1,000, is 2.5.
    Garwood F (1936), Biometrika 28:437-442. The same person may have several events, so events may exceed
    person-time. No person-time: None.
    """
    count = checked_count(events)
    time = checked_number(exposure)
    if time < 0:
        raise ValueError("Person-time cannot be below 0.")
    if per < 1:
        raise ValueError("A rate is given per 1 or more units of person-time.")
    if time == 0:
        if count:
            raise ValueError("Events were counted but no person-time was.")
        return None
    alpha = tail(level)
    unit = per / float(time)
    low = 0.0 if count == 0 else gamma_quantile(alpha, count)
    high = gamma_quantile(1 - alpha, count + 1)
    return around(count * unit, low * unit, high * unit)


def student(total: Number, squares: Number, count: int, level: float = DEFAULT_LEVEL) -> Estimate | None:
    """A mean, from the sum, the sum of squares and the count of the values, with Student's t interval.

    "Student" (1908), Biometrika 6:1-25; the normal interval once the count is large. Fewer than two values
    say nothing about spread, so there is no interval to show: None.
    """
    variance = sample_variance(total, squares, count)
    if variance is None:
        return None
    mean = float(Fraction(total) / count)
    reach = student_quantile(level, count - 1) * math.sqrt(variance / count)
    return around(mean, mean - reach, mean + reach)


def sample_variance(total: Number, squares: Number, count: int) -> float | None:
    """The sample variance (n - 1) from sum, sum of squares and count; None for fewer than two values.

    Worked out in exact fractions: subtracting two large floats would lose the digits that matter.
    """
    number = checked_count(count)
    total_exact = Fraction(checked_number(total))
    squares_exact = Fraction(checked_number(squares))
    if number == 0:
        if total_exact or squares_exact:
            raise ValueError("A sum was given but no values were counted.")
        return None
    deviations = squares_exact - total_exact**2 / number
    if deviations < -ROUNDING_SHARE * squares_exact or squares_exact < 0:
        raise ValueError("The sum of squares is too small for this sum and count.")
    if number == 1:
        return None
    return float(max(deviations, Fraction(0)) / (number - 1))


def _checked_part(numerator: int, denominator: int) -> tuple[int, int] | None:
    part, whole = checked_count(numerator), checked_count(denominator)
    if part > whole:
        raise ValueError("The numerator cannot be larger than the denominator.")
    return (part, whole) if whole else None
