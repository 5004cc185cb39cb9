"""Differences and ratios of two groups, against published examples and by property."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as reference

from metrics.stats.comparisons import (
    difference,
    difference_of_means,
    difference_of_proportions,
    difference_of_rates,
    ratio_of_means,
    ratio_of_proportions,
    ratio_of_rates,
)
from metrics.stats.estimate import Estimate
from metrics.stats.observed import Proportion, Rate, ratio

untimed = settings(deadline=None)


@st.composite
def parts(draw: st.DrawFn) -> tuple[int, int]:
    whole = draw(st.integers(1, 200_000))
    return draw(st.integers(0, whole)), whole


def sums(values: list[float]) -> tuple[float, float, int]:
    return math.fsum(values), math.fsum(value * value for value in values), len(values)


def limits(estimate: Estimate | None) -> tuple[float, float]:
    assert estimate is not None
    return estimate.low, estimate.high


@pytest.mark.parametrize(
    ("counts", "value", "low", "high"),
    [
        ((56, 70, 48, 80), 0.2000, 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.6000, 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.5714, 0.0582, 0.8062),
        ((5, 56, 0, 29), 0.0893, -0.0381, 0.1926),
        ((0, 10, 0, 20), 0.0000, -0.1611, 0.2775),
        ((0, 10, 0, 10), 0.0000, -0.2775, 0.2775),
        ((10, 10, 0, 20), 1.0000, 0.6791, 1.0000),
        ((10, 10, 0, 10), 1.0000, 0.6075, 1.0000),
    ],
)
def test_difference_of_proportions_equals_newcombe_1998_method_10(
    counts: tuple[int, int, int, int], value: float, low: float, high: float
) -> None:
    estimate = difference_of_proportions(*counts)
    assert estimate is not None
    assert (estimate.value, estimate.low, estimate.high) == pytest.approx((value, low, high), abs=5e-5)


@untimed
@given(parts(), parts())
def test_difference_of_proportions_is_antisymmetric_and_stays_within_bounds(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    forth, back = difference_of_proportions(*one, *other), difference_of_proportions(*other, *one)
    assert forth is not None
    assert back is not None
    assert (forth.value, forth.low, forth.high) == pytest.approx((-back.value, -back.high, -back.low))
    assert -1 - 1e-12 <= forth.low <= forth.value <= forth.high <= 1 + 1e-12


@untimed
@given(parts(), parts(), st.integers(2, 50))
def test_difference_of_proportions_is_narrower_with_more_data(
    one: tuple[int, int], other: tuple[int, int], times: int
) -> None:
    less = difference_of_proportions(*one, *other)
    more = difference_of_proportions(*(count * times for count in (*one, *other)))
    assert less is not None
    assert more is not None
    assert more.width < less.width


def test_difference_of_rates_equals_the_normal_interval_for_large_counts() -> None:
    estimate = difference_of_rates(40_000, 1_000_000, 30_000, 900_000, per=1_000)
    reach = 1.959964 * 1_000 * math.sqrt(40_000 / 1_000_000**2 + 30_000 / 900_000**2)
    value = 40 - 1_000 / 30
    assert limits(estimate) == pytest.approx((value - reach, value + reach), rel=0.005)


def test_difference_of_rates_has_width_where_no_event_happened() -> None:
    estimate = difference_of_rates(0, 500, 0, 500)
    assert limits(estimate) == pytest.approx((-3.6889 / 500, 3.6889 / 500), rel=1e-4)


def test_difference_of_means_equals_welch_for_large_groups() -> None:
    one = [float(value % 17) for value in range(600)]
    other = [float(value % 13) for value in range(500)]
    expected = reference.ttest_ind(one, other, equal_var=False).confidence_interval(0.95)
    assert limits(difference_of_means(sums(one), sums(other))) == pytest.approx(
        (expected.low, expected.high), rel=0.005
    )


def test_difference_of_means_is_no_narrower_than_welch_for_small_groups() -> None:
    one, other = [4.0, 9.0, 7.0], [2.0, 8.0, 1.0, 3.0]
    expected = reference.ttest_ind(one, other, equal_var=False).confidence_interval(0.95)
    low, high = limits(difference_of_means(sums(one), sums(other)))
    assert low <= expected.low < expected.high <= high


def test_difference_follows_from_the_printed_ranges_alone() -> None:
    estimate = difference(Estimate(11.3, 11.1, 11.5), Estimate(9.6, 8.2, 11.2))
    assert limits(estimate) == pytest.approx((1.7 - math.hypot(0.2, 1.6), 1.7 + math.hypot(0.2, 1.4)))


def test_ratio_of_proportions_equals_the_physicians_health_study() -> None:
    """Agresti A, Categorical Data Analysis, section 3.1: heart attacks on placebo against aspirin."""
    estimate = ratio_of_proportions(189, 11_034, 104, 11_037)
    assert estimate is not None
    assert (estimate.value, *limits(estimate)) == pytest.approx((1.82, 1.43, 2.31), abs=0.005)


def test_ratio_of_rates_equals_the_fluoroscopy_study() -> None:
    """Boice and Monson (1977), breast cancer per woman-year, as worked through in Rothman's textbooks."""
    estimate = ratio_of_rates(41, 28_010, 15, 19_017)
    assert estimate is not None
    assert (estimate.value, *limits(estimate)) == pytest.approx((1.86, 1.03, 3.35), abs=0.005)


def test_ratio_of_means_has_the_delta_interval_on_the_log_scale() -> None:
    one, other = [20.0, 24.0, 22.0, 26.0], [10.0, 12.0, 11.0, 9.0]
    error = math.hypot(reference.sem(one) / 23, reference.sem(other) / 10.5)
    factor = math.exp(1.959964 * error)
    value = 23 / 10.5
    assert limits(ratio_of_means(sums(one), sums(other))) == pytest.approx((value / factor, value * factor))


@untimed
@given(parts(), parts())
def test_ratio_of_proportions_is_the_inverse_of_its_inverse_or_none_both_ways(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    forth, back = ratio_of_proportions(*one, *other), ratio_of_proportions(*other, *one)
    if forth is None or back is None:
        assert forth is None
        assert back is None
        return
    assert (forth.value, forth.low, forth.high) == pytest.approx(
        (1 / back.value, 1 / back.high, 1 / back.low)
    )
    assert math.isfinite(forth.high)


@pytest.mark.parametrize(
    "undefined",
    [
        lambda: ratio_of_proportions(5, 10, 0, 10),
        lambda: ratio_of_proportions(0, 10, 5, 10),
        lambda: ratio_of_proportions(0, 10, 0, 10),
        lambda: ratio_of_proportions(10, 10, 20, 20),
        lambda: ratio_of_proportions(0, 0, 5, 10),
        lambda: ratio_of_rates(5, 10, 0, 10),
        lambda: ratio_of_rates(0, 10, 5, 10),
        lambda: ratio_of_rates(5, 10, 0, 0),
        lambda: ratio_of_means((60, 1_300, 3), (0, 8, 4)),
        lambda: ratio_of_means((60, 1_300, 3), (-60, 1_300, 3)),
        lambda: ratio_of_means((60, 1_300, 3), (5, 25, 1)),
        lambda: difference_of_proportions(1, 2, 0, 0),
        lambda: difference_of_rates(0, 0, 1, 2),
        lambda: difference_of_means((60, 1_300, 3), (5, 25, 1)),
    ],
)
def test_undefined_comparison_is_none(undefined: Callable[[], Estimate | None]) -> None:
    assert undefined() is None


def test_ratio_refuses_figures_of_different_kinds_or_units() -> None:
    with pytest.raises(ValueError, match="one kind"):
        ratio(Proportion(1, 2), Rate(1, 2))
    with pytest.raises(ValueError, match="one unit"):
        ratio(Rate(1, 2, per=100), Rate(1, 2, per=1_000))
