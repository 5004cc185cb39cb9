"""Intervals and reliability of one group's figure, against published examples and by property."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as reference

from metrics.stats.estimate import Estimate
from metrics.stats.intervals import clopper_pearson, garwood, sample_variance, student, wilson
from metrics.stats.observed import Mean, Proportion, Rate
from metrics.stats.reliability import (
    Doubt,
    doubt_of_adjusted,
    doubt_of_mean,
    doubt_of_proportion,
    doubt_of_rate,
    nobody_or_everybody,
)

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
    ("numerator", "denominator", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_equals_newcombe_1998(numerator: int, denominator: int, low: float, high: float) -> None:
    assert limits(wilson(numerator, denominator)) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("numerator", "denominator", "low", "high"),
    [
        (81, 263, 0.2527, 0.3676),
        (15, 148, 0.0578, 0.1617),
        (0, 20, 0.0000, 0.1684),
        (1, 29, 0.0009, 0.1776),
    ],
)
def test_clopper_pearson_equals_newcombe_1998(
    numerator: int, denominator: int, low: float, high: float
) -> None:
    assert limits(clopper_pearson(numerator, denominator)) == pytest.approx((low, high), abs=5e-5)


def test_clopper_pearson_is_certain_at_the_end_it_has_reached() -> None:
    estimate = clopper_pearson(20, 20)
    assert estimate is not None
    assert (estimate.value, estimate.high) == (1.0, 1.0)
    assert estimate.low == pytest.approx(1 - 0.1684, abs=5e-5)


@pytest.mark.parametrize(
    ("events", "low", "high"),
    [(0, 0.0, 3.689), (1, 0.025, 5.572), (5, 1.623, 11.668), (10, 4.795, 18.390)],
)
def test_garwood_equals_the_poisson_table(events: int, low: float, high: float) -> None:
    assert limits(garwood(events, 1)) == pytest.approx((low, high), abs=5e-4)


def test_garwood_is_given_per_units_of_person_time() -> None:
    estimate = garwood(12, Decimal("4800"), per=1_000)
    assert estimate is not None
    assert estimate.value == pytest.approx(2.5)
    assert limits(estimate) == pytest.approx(tuple(limit / 4.8 for limit in limits(garwood(12, 1))))


def test_student_equals_the_t_interval_of_the_values() -> None:
    values = [31.0, 12.5, 47.0, 20.0, 35.5, 28.0]
    estimate = student(*sums(values))
    expected = reference.t.interval(0.95, len(values) - 1, sum(values) / 6, reference.sem(values))
    assert limits(estimate) == pytest.approx(expected)


def test_student_keeps_its_digits_where_values_are_large_and_close() -> None:
    values = [10**9 + 1, 10**9 + 2, 10**9 + 3]
    total, squares = sum(values), sum(value**2 for value in values)
    assert sample_variance(total, squares, 3) == 1.0
    assert sample_variance(Decimal(total), Decimal(squares), 3) == 1.0


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        (lambda level: wilson(30, 100, level), (0.2307, 0.3798)),
        (lambda level: garwood(10, 1, 1, level), (5.425, 16.962)),
        (lambda level: clopper_pearson(0, 20, level), (0.0, 0.1391)),
    ],
)
def test_level_is_configurable(
    interval: Callable[[float], Estimate | None], expected: tuple[float, float]
) -> None:
    assert limits(interval(0.90)) == pytest.approx(expected, abs=5e-4)
    assert limits(interval(0.99))[1] > limits(interval(0.95))[1] > limits(interval(0.90))[1]


@untimed
@given(parts(), st.sampled_from([0.5, 0.9, 0.95, 0.999]))
def test_wilson_contains_its_estimate_and_stays_a_proportion(part: tuple[int, int], level: float) -> None:
    estimate = wilson(*part, level)
    assert estimate is not None
    assert 0 <= estimate.low <= estimate.value <= estimate.high <= 1
    assert estimate.value == part[0] / part[1]
    assert estimate.width > 0


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9, 0.95, 0.975, 0.99, 0.999])
@pytest.mark.parametrize("denominator", [1, 7, 30, 1_001])
def test_wilson_reaches_the_very_end_for_nobody_and_for_everybody(denominator: int, level: float) -> None:
    assert limits(wilson(0, denominator, level))[0] == 0.0
    assert limits(wilson(denominator, denominator, level))[1] == 1.0


@untimed
@given(parts())
def test_wilson_of_the_complement_is_its_mirror_image(part: tuple[int, int]) -> None:
    numerator, denominator = part
    low, high = limits(wilson(numerator, denominator))
    assert limits(wilson(denominator - numerator, denominator)) == pytest.approx((1 - high, 1 - low))


@untimed
@given(parts(), st.integers(2, 50))
def test_wilson_is_narrower_with_more_data(part: tuple[int, int], times: int) -> None:
    numerator, denominator = part
    less, more = wilson(numerator, denominator), wilson(numerator * times, denominator * times)
    assert less is not None
    assert more is not None
    assert more.width < less.width


@untimed
@given(st.integers(0, 10_000), st.integers(1, 10**6), st.integers(2, 50))
def test_garwood_contains_its_estimate_and_narrows_with_more_data(
    events: int, exposure: int, times: int
) -> None:
    less, more = garwood(events, exposure, 1_000), garwood(events * times, exposure * times, 1_000)
    assert less is not None
    assert more is not None
    assert 0 <= less.low <= less.value < less.high
    assert more.width < less.width


@untimed
@given(st.lists(st.integers(-1_000, 1_000), min_size=2, max_size=30))
def test_student_lies_evenly_round_the_mean(values: list[int]) -> None:
    estimate = student(sum(values), sum(value**2 for value in values), len(values))
    assert estimate is not None
    assert estimate.value == pytest.approx(sum(values) / len(values))
    assert estimate.high - estimate.value == pytest.approx(estimate.value - estimate.low)


def test_nothing_to_estimate_is_none() -> None:
    assert wilson(0, 0) is None
    assert clopper_pearson(0, 0) is None
    assert garwood(0, 0) is None
    assert student(0, 0, 0) is None
    assert student(7, 49, 1) is None


@pytest.mark.parametrize(
    ("impossible", "sentence"),
    [
        (lambda: wilson(-1, 10), "below 0"),
        (lambda: wilson(11, 10), "larger than the denominator"),
        (lambda: wilson(1, 0), "larger than the denominator"),
        (lambda: clopper_pearson(11, 10), "larger than the denominator"),
        (lambda: garwood(-1, 10), "below 0"),
        (lambda: garwood(1, -10), "below 0"),
        (lambda: garwood(1, 0), "no person-time"),
        (lambda: garwood(1, math.inf), "finite"),
        (lambda: garwood(1, 10, 0), "per 1 or more"),
        (lambda: student(10, 1, 5), "too small"),
        (lambda: student(10, 20, 0), "no values were counted"),
        (lambda: student(3, -9, 1), "too small"),
        (lambda: student(math.nan, 1, 2), "finite"),
        (lambda: wilson(1, 10, 95), "between 0 and 1"),
        (lambda: Proportion(11, 10), "larger than the denominator"),
        (lambda: Rate(1, 0), "no person-time"),
        (lambda: Mean(10, 1, 5), "too small"),
        (lambda: Estimate(1.0, 2.0, 3.0), "within its likely range"),
        (lambda: Estimate(1.0, 0.0, math.inf), "finite"),
        (lambda: Estimate(1.0, 0.0, 2.0).scaled(-1), "above 0"),
    ],
)
def test_impossible_input_is_refused_in_a_plain_sentence(
    impossible: Callable[[], object], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence) as refusal:
        impossible()
    assert str(refusal.value).endswith(".")


def test_estimate_excludes_only_what_lies_outside_its_limits() -> None:
    estimate = Estimate(1.0, 0.0, 2.0)
    assert not estimate.excludes(0.0)
    assert not estimate.excludes(2.0)
    assert estimate.excludes(-0.001)
    assert estimate.excludes(2.001)


def test_counts_must_be_whole_numbers() -> None:
    with pytest.raises(TypeError):
        wilson(1.5, 10)  # type: ignore[arg-type]  # what a caller without types might do


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [
        (0, 0, False),
        (28, 29, False),
        (15, 30, False),  # 30 people, but 0.37 wide
        (29, 30, True),  # 0.17 wide, a fifth of its value
        (1, 30, False),  # 0.17 wide, five times its value
        (50, 100, True),
        (4, 1_000, True),  # more than 130% of its value, but 0.009 wide
        (0, 1_000, True),
        (9, 100, False),  # 136% as wide as its value
        (10, 100, True),  # 127% as wide as its value
    ],
)
def test_reliable_proportion_follows_the_nchs_standard(
    numerator: int, denominator: int, expected: bool
) -> None:
    assert (doubt_of_proportion(numerator, denominator) is None) is expected


@pytest.mark.parametrize(
    ("events", "exposure", "expected"),
    [(9, 1_000, False), (10, 1_000, True), (10, 9, False), (0, 0, False)],
)
def test_reliable_rate_follows_the_nchs_standard(events: int, exposure: int, expected: bool) -> None:
    assert (doubt_of_rate(events, exposure) is None) is expected


def test_reliable_mean_needs_thirty_values() -> None:
    assert doubt_of_mean(29) is Doubt.FEW_COUNTED
    assert doubt_of_mean(30) is None


def test_reliability_is_known_to_each_kind_of_figure() -> None:
    assert Proportion(50, 100).reliable
    assert not Proportion(15, 29).reliable
    assert not Rate(9, 1_000).reliable
    assert Mean(300, 3_000, 30).reliable


@pytest.mark.parametrize(
    ("why", "doubt"),
    [
        (doubt_of_proportion(28, 29), Doubt.FEW_COUNTED),
        (doubt_of_proportion(15, 30), Doubt.WIDE),
        (doubt_of_proportion(1, 30), Doubt.WIDE_FOR_ITS_SIZE),
        (doubt_of_rate(5, 9), Doubt.FEW_COUNTED),
        (doubt_of_rate(9, 1_000), Doubt.FEW_EVENTS),
        (doubt_of_mean(29), Doubt.FEW_COUNTED),
        (doubt_of_adjusted(Estimate(2.0, 1.0, 4.0), 9), Doubt.FEW_EVENTS),
        (doubt_of_adjusted(Estimate(2.0, 0.8, 4.1), 10), Doubt.WIDE_FOR_ITS_SIZE),
        (doubt_of_adjusted(Estimate(2.0, 0.9, 4.1), 10), None),
        (Rate(9, 1_000).doubt, Doubt.FEW_EVENTS),
        (Mean(300, 3_000, 30).doubt, None),
        (Proportion(28, 29).doubt, Doubt.FEW_COUNTED),
    ],
)
def test_why_a_figure_is_unsteady(why: Doubt | None, doubt: Doubt | None) -> None:
    assert why is doubt


def test_nobody_and_everybody_are_for_a_person_to_look_at() -> None:
    assert nobody_or_everybody(0, 40)
    assert nobody_or_everybody(40, 40)
    assert not nobody_or_everybody(1, 40)
    assert not nobody_or_everybody(0, 0)
