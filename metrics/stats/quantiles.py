"""Where a share of a distribution lies: the exact limits that intervals of counts and means are made of.

Written here and not taken from SciPy, which would add a second and 50 MB to every web process for three functions of one
line. Tests hold them to SciPy's: they agree to eight digits up to counts of ten million.

Each is found by Newton's method on the distribution function, kept between two limits that enclose the answer. The
distribution functions are those of the NIST Digital Library of Mathematical Functions (DLMF), the expansions for large
numbers those of Abramowitz and Stegun, Handbook of Mathematical Functions (26.4.11 ff., 26.7.5).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from statistics import NormalDist

REMEMBERED = 4096
"""Counts come back with every reader of a page; their limits are worked out once."""

LARGE = 100_000
"""From so many events or degrees of freedom on, a few terms beside the normal quantile are right to nine digits."""

SMALL_STEP = 1e-10
"""Each step squares the distance: where one would be so small, in relation to the point, nothing is left to find."""

MOST_STEPS = 200
EXACT = 1e-15
SMALLEST = 1e-300
STIRLING = 100.0

Function = Callable[[float], float]


@lru_cache(REMEMBERED)
def beta_quantile(share: float, a: float, b: float) -> float:
    """The point of 0 to 1 below which `share` of the beta distribution with a, b > 0 lies. 0 < share < 1."""
    if a > b:
        return 1 - beta_quantile(1 - share, b, a)
    middle, spread = a / (a + b), math.sqrt(a * b / (a + b + 1)) / (a + b)
    start = max(middle + NormalDist().inv_cdf(share) * spread, middle * share)

    def density(x: float) -> float:
        return _beta_mass(x, a, b) / (x * (1 - x))

    return _where(share, lambda x: _beta_below(x, a, b), density, start, most=1.0)


@lru_cache(REMEMBERED)
def gamma_quantile(share: float, a: float) -> float:
    """The point above 0 below which `share` of the gamma distribution with shape a > 0 and scale 1 lies. 0 < share < 1."""
    z, root = NormalDist().inv_cdf(share), math.sqrt(a)
    if a >= LARGE:
        return a + z * root + (z * z - 1) / 3 + (z**3 - 7 * z) / (36 * root)

    def density(x: float) -> float:
        return _gamma_mass(x, a) / x

    start = a * (1 - 1 / (9 * a) + z / (3 * root)) ** 3
    return _where(share, lambda x: _gamma_below(x, a), density, start, most=math.inf)


def student_quantile(level: float, freedom: int) -> float:
    """How many standard errors a two-sided interval of Student's t reaches on each side: 2.571 for 95% and 5."""
    if freedom >= LARGE:
        z = NormalDist().inv_cdf((1 + level) / 2)
        return z + (z**3 + z) / (4 * freedom)
    part = beta_quantile(level, 0.5, freedom / 2)
    return math.sqrt(freedom * part / (1 - part))


def _where(share: float, below: Function, density: Function, start: float, *, most: float) -> float:
    """The point of 0 to `most` at which `below` is `share`.

    A step that leaves the limits found so far is replaced by one to the middle between them.
    """
    low, high, x = 0.0, most, start
    for _ in range(MOST_STEPS):
        if not low < x < high:
            x = (low + high) / 2 if high < math.inf else 2 * low + 1
        excess = below(x) - share
        low, high = (low, x) if excess > 0 else (x, high)
        slope = density(x)
        step = excess / slope if slope > 0 else math.inf
        if abs(step) <= SMALL_STEP * x:
            return min(max(x - step, low), high)
        x -= step
    return min(max(x, low), high)


def _beta_below(x: float, a: float, b: float) -> float:
    """The beta distribution function: DLMF 8.17.22, from the side on which the fraction converges fast."""
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta_mass(x, a, b) / (b * _beta_fraction(1 - x, b, a))
    return _beta_mass(x, a, b) / (a * _beta_fraction(x, a, b))


def _beta_fraction(x: float, a: float, b: float) -> float:
    def over(n: int) -> float:
        m = n // 2
        if n % 2:
            return -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        return m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))

    return _fraction(1.0, over, lambda _: 1.0)


def _gamma_below(x: float, a: float) -> float:
    """The gamma distribution function: its series (DLMF 8.7.1) below the middle, its fraction (8.9.2) above."""
    if x > a + 1:
        return 1 - _gamma_mass(x, a) / _fraction(
            x + 1 - a, lambda n: n * (a - n), lambda n: x + 2 * n + 1 - a
        )
    term = total = 1 / a
    n = a
    while term > total * EXACT:
        n += 1
        term *= x / n
        total += term
    return _gamma_mass(x, a) * total


def _beta_mass(x: float, a: float, b: float) -> float:
    """x^a (1 - x)^b / B(a, b), by how far x is from the middle: powers and factorials of large counts would overflow."""
    n = a + b
    off = a - n * x
    distance = a * _log_ratio(a, n * x, off) + b * _log_ratio(b, n * (1 - x), -off)
    rest = _stirling_rest(n) - _stirling_rest(a) - _stirling_rest(b)
    return math.sqrt(a * b / (2 * math.pi * n)) * math.exp(rest - distance)


def _gamma_mass(x: float, a: float) -> float:
    """x^a e^-x / Gamma(a), by how far x is from a."""
    distance = a * math.log(a / x) + x - a
    return math.sqrt(a / (2 * math.pi)) * math.exp(-_stirling_rest(a) - distance)


def _log_ratio(count: float, expected: float, off: float) -> float:
    """log(count / expected), of which `off` is the difference: exact also where the two are almost the same."""
    return math.log1p(off / expected) if abs(off) < expected / 2 else math.log(count / expected)


def _stirling_rest(z: float) -> float:
    """What Stirling's formula lacks of log Gamma(z): DLMF 5.11.1."""
    if z < STIRLING:
        return math.lgamma(z) - (z - 0.5) * math.log(z) + z - 0.5 * math.log(2 * math.pi)
    return (1 / 12 - (1 / 360 - 1 / (1260 * z * z)) / (z * z)) / z


def _fraction(first: float, over: Callable[[int], float], beside: Callable[[int], float]) -> float:
    """first + over(1) / (beside(1) + over(2) / (beside(2) + ...)), by Lentz's method."""
    value = upper = first
    lower = ratio = 0.0
    n = 0
    while abs(ratio - 1) > EXACT:
        n += 1
        lower = 1 / (beside(n) + over(n) * lower or SMALLEST)
        upper = beside(n) + over(n) / upper or SMALLEST
        ratio = lower * upper
        value *= ratio
    return value
