"""A composite index: bounds, direction, what a bad part does, and its likely range."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.stats.composite import Aggregation, Goalposts, Part, compose, shares
from metrics.stats.estimate import Estimate
from metrics.stats.intervals import wilson

GEOMETRIC, ARITHMETIC = Aggregation.GEOMETRIC, Aggregation.ARITHMETIC
PERCENT = Goalposts(0, 100)

numbers = st.floats(-1e3, 1e3)
kinds = st.sampled_from(Aggregation)


@st.composite
def goalposts(draw: st.DrawFn) -> Goalposts:
    worst = draw(numbers)
    away = draw(st.floats(0.5, 1e3)) * draw(st.sampled_from([1, -1]))
    return Goalposts(worst, worst + away)


@st.composite
def parts(draw: st.DrawFn) -> Part:
    low, value, high = sorted(draw(st.tuples(numbers, numbers, numbers)))
    likely = draw(st.sampled_from([None, Estimate(value, low, high), Estimate(value, low, high)]))
    return Part(value, likely, draw(goalposts()), draw(st.floats(0.01, 100)))


several = st.lists(parts(), min_size=1, max_size=6)


def of(*values: float, weights: tuple[float, ...] = ()) -> list[Part]:
    return [
        Part(value, None, PERCENT, weight)
        for value, weight in zip(values, weights or (1,) * len(values), strict=True)
    ]


@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [(ARITHMETIC, 0.45), (GEOMETRIC, math.sqrt(0.8 * 0.1))],
)
def test_index_is_the_mean_of_its_parts_on_their_scales(aggregation: Aggregation, expected: float) -> None:
    assert compose(of(80, 10), aggregation).value == pytest.approx(expected)


def test_weights_count_by_their_share_of_the_sum() -> None:
    assert compose(of(80, 20, weights=(3, 1)), ARITHMETIC).value == pytest.approx(0.65)
    assert shares([3, 1]) == [0.75, 0.25]


def test_part_at_its_worst_cannot_be_made_up_for_in_a_geometric_index() -> None:
    assert compose(of(100, 0), GEOMETRIC).value == 0
    assert compose(of(100, 0), ARITHMETIC).value == 0.5


def test_where_less_is_better_the_scale_runs_the_other_way() -> None:
    returns = Goalposts(worst=30, best=5)
    assert returns.on_scale(5) == 1
    assert returns.on_scale(30) == 0
    assert returns.on_scale(10) == pytest.approx(0.8)
    assert returns.range_on_scale(Estimate(10, 5, 20)) == Estimate(returns.on_scale(10), 0.4, 1)


@pytest.mark.parametrize("ends", [(1, 1), (0, math.inf), (math.nan, 1)])
def test_goalposts_are_two_numbers(ends: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="two different"):
        Goalposts(*ends)


@pytest.mark.parametrize("weights", [[], [1, 0], [1, -1], [math.inf]])
def test_weight_that_says_nothing_is_refused(weights: list[float]) -> None:
    with pytest.raises(ValueError, match="above 0"):
        shares(weights)


def test_human_development_index_of_a_country_is_worked_out_as_its_publisher_does() -> None:
    """Norway in the 2021/22 report: life expectancy, schooling (mean of two), income on a log scale. Published: 0.961."""
    schooling = compose(
        [Part(18.2, None, Goalposts(0, 18), 1), Part(13.0, None, Goalposts(0, 15), 1)], ARITHMETIC
    )
    told = [
        Part(83.2, None, Goalposts(20, 85), 1),
        Part(schooling.value, None, Goalposts(0, 1), 1),
        Part(math.log(64_660), None, Goalposts(math.log(100), math.log(75_000)), 1),
    ]
    assert round(compose(told, GEOMETRIC).value, 3) == 0.961


@given(several, kinds)
def test_index_and_its_range_lie_between_nothing_and_all(found: list[Part], aggregation: Aggregation) -> None:
    index = compose(found, aggregation)
    assert 0 <= index.value <= 1
    if index.likely is not None:
        assert 0 <= index.likely.low <= index.value <= index.likely.high <= 1


@given(several, kinds)
def test_index_lies_between_its_least_and_its_greatest_part(
    found: list[Part], aggregation: Aggregation
) -> None:
    scaled = [part.on_scale for part in found]
    assert min(scaled) - 1e-9 <= compose(found, aggregation).value <= max(scaled) + 1e-9


@given(several)
def test_geometric_index_is_never_above_the_arithmetic_one(found: list[Part]) -> None:
    assert compose(found, GEOMETRIC).value <= compose(found, ARITHMETIC).value + 1e-9


@given(several, kinds, st.data())
def test_better_part_never_makes_the_index_worse(
    found: list[Part], aggregation: Aggregation, data: st.DataObject
) -> None:
    number = data.draw(st.integers(0, len(found) - 1))
    part = found[number]
    by = data.draw(st.floats(0, 1)) * (part.goalposts.best - part.goalposts.worst)
    better = [*found[:number], Part(part.value + by, None, part.goalposts, part.weight), *found[number + 1 :]]
    assert compose(better, aggregation).value >= compose(found, aggregation).value - 1e-9


@given(several, kinds, st.randoms(use_true_random=False))
def test_order_of_the_parts_does_not_matter(
    found: list[Part], aggregation: Aggregation, shuffle: random.Random
) -> None:
    other = [*found]
    shuffle.shuffle(other)
    one, two = compose(found, aggregation), compose(other, aggregation)
    assert two.value == pytest.approx(one.value, abs=1e-12)
    assert (one.likely is None) is (two.likely is None)
    if one.likely is not None and two.likely is not None:
        assert (two.likely.low, two.likely.high) == pytest.approx((one.likely.low, one.likely.high), abs=1e-9)


@given(several, kinds, st.floats(0.01, 100))
def test_only_the_proportion_of_the_weights_matters(
    found: list[Part], aggregation: Aggregation, factor: float
) -> None:
    heavier = [Part(one.value, one.likely, one.goalposts, float(one.weight) * factor) for one in found]
    assert compose(heavier, aggregation).value == pytest.approx(compose(found, aggregation).value, abs=1e-9)


@given(several, kinds)
def test_part_without_a_range_leaves_the_index_without_one(
    found: list[Part], aggregation: Aggregation
) -> None:
    told = all(part.likely is not None for part in found)
    assert (compose(found, aggregation).likely is not None) is told


def test_range_of_one_part_is_its_own() -> None:
    part = Part(40, Estimate(40, 30, 55), PERCENT, 2)
    for aggregation in Aggregation:
        likely = compose([part], aggregation).likely
        assert likely is not None
        assert (likely.low, likely.high) == pytest.approx((0.3, 0.55))


def test_range_squares_and_adds_what_the_parts_may_be_off_by() -> None:
    parts = [Part(50, Estimate(50, 44, 56), PERCENT, 1), Part(50, Estimate(50, 42, 58), PERCENT, 1)]
    likely = compose(parts, ARITHMETIC).likely
    assert likely is not None
    assert (likely.low, likely.high) == pytest.approx((0.45, 0.55))


@pytest.mark.parametrize("aggregation", Aggregation)
def test_range_holds_the_truth_as_often_as_it_says(aggregation: Aggregation) -> None:
    """Of 2,000 draws of three independent shares about 95 in 100 ranges hold the true index. The seed is fixed."""
    draws, truth = random.Random(20261122), (0.2, 0.5, 0.7)
    true = compose(of(*(100 * one for one in truth)), aggregation).value
    held = 0
    for _round in range(2_000):
        told = []
        for share in truth:
            hits = sum(draws.random() < share for _person in range(80))
            estimate = wilson(hits, 80)
            assert estimate is not None
            told.append(Part(100 * hits / 80, estimate.scaled(100), PERCENT, 1))
        likely = compose(told, aggregation).likely
        held += likely is not None and likely.low <= true <= likely.high
    assert 0.93 <= held / 2_000 <= 0.975


def test_part_that_is_nothing_leaves_no_doubt_below() -> None:
    found = compose(
        [Part(0, Estimate(0, 0, 20), PERCENT, 1), Part(90, Estimate(90, 80, 95), PERCENT, 1)], GEOMETRIC
    )
    assert found.likely is not None
    assert (found.value, found.likely.low) == (0, 0)
    assert found.likely.high == pytest.approx(math.sqrt(0.2 * 0.95))
