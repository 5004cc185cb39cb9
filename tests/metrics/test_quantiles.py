"""Quantiles of our own, held to SciPy's: for every size of count that people can have, and beyond."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from metrics.stats.intervals import clopper_pearson, garwood
from metrics.stats.quantiles import LARGE, beta_quantile, gamma_quantile, student_quantile

thorough = settings(deadline=None, max_examples=300)
SHARES = st.one_of(st.sampled_from([0.0005, 0.025, 0.05, 0.95, 0.975, 0.9995]), st.floats(0.0005, 0.9995))
TEN_MILLION = 10**7
LARGEST = 2**63 - 1


def sizes(most: int) -> st.SearchStrategy[int]:
    """Small and large ones equally often."""
    return st.one_of(st.integers(1, 40), st.integers(1, 3_000), st.integers(1, most))


@thorough
@given(SHARES, sizes(TEN_MILLION), sizes(TEN_MILLION))
def test_beta_quantile_equals_scipy(share: float, a: int, b: int) -> None:
    assert beta_quantile(share, a, b) == pytest.approx(float(special.betaincinv(a, b, share)), rel=1e-8)


@thorough
@given(SHARES, sizes(TEN_MILLION))
def test_gamma_quantile_equals_scipy(share: float, a: int) -> None:
    assert gamma_quantile(share, a) == pytest.approx(float(special.gammaincinv(a, share)), rel=1e-8)


@thorough
@given(st.floats(0.1, 0.999), sizes(TEN_MILLION))
def test_student_quantile_equals_scipy(level: float, freedom: int) -> None:
    expected = float(special.stdtrit(freedom, (1 + level) / 2))
    assert student_quantile(level, freedom) == pytest.approx(expected, rel=1e-8)


def test_student_quantile_equals_the_printed_table() -> None:
    printed = {1: 12.706, 5: 2.571, 30: 2.042, 120: 1.980}
    assert {freedom: round(student_quantile(0.95, freedom), 3) for freedom in printed} == printed


@pytest.mark.parametrize("share", [0.025, 0.975])
def test_nothing_jumps_where_large_numbers_begin(share: float) -> None:
    steps = [
        gamma_quantile(share, number + 1) - gamma_quantile(share, number) for number in (LARGE - 2, LARGE - 1)
    ]
    assert steps[0] == pytest.approx(steps[1], abs=1e-5)


@pytest.mark.parametrize("denominator", [10**9, 10**12, LARGEST])
@pytest.mark.parametrize("part", [0, 1, 10**6, -1])
def test_absurdly_large_counts_have_limits_too(denominator: int, part: int) -> None:
    """What a file may hold must not break or stop a page."""
    numerator = part if part >= 0 else denominator + part
    share, events = clopper_pearson(numerator, denominator), garwood(numerator, denominator)
    assert share is not None
    assert events is not None
    assert 0 <= share.low <= share.value <= share.high <= 1
    assert 0 <= events.low <= events.value <= events.high
