"""XmR charts: a worked example by hand, each rule, and a simulation of what chance does."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.stats import xmr_chart
from metrics.stats.xmr import Found, Rule, Xmr

untimed = settings(deadline=None)

STEADY = [10.0, 12.0] * 6
"""Twelve points: mean 11, every move 2, one standard deviation 2 / 1.128 = 1.773."""


def after(*values: float | None) -> Xmr:
    return xmr_chart([*STEADY, *values], baseline=len(STEADY))


def rules(chart: Xmr) -> set[Rule]:
    return {one.rule for one in chart.found}


def test_limits_are_the_mean_and_2_66_mean_moves() -> None:
    limits = xmr_chart(STEADY).limits
    assert limits is not None
    assert limits.mean == 11
    assert limits.spread == pytest.approx(2 / 1.128)
    assert (limits.low, limits.high) == pytest.approx((11 - 2.66 * 2, 11 + 2.66 * 2), abs=0.002)


def test_limits_of_uneven_moves_by_hand() -> None:
    """Moves 1, 2, 3, 4, 3, 2, 1, 2, 3, 4, 3: 28 in all, 28/11 on average."""
    values = [5.0, 6.0, 8.0, 5.0, 9.0, 6.0, 8.0, 7.0, 9.0, 6.0, 10.0, 7.0]
    limits = xmr_chart(values).limits
    assert limits is not None
    assert limits.mean == pytest.approx(86 / 12)
    assert limits.high - limits.mean == pytest.approx(3 * 28 / 11 / 1.128)


def test_a_point_beyond_a_limit_is_found() -> None:
    assert after(16.3).found == ()
    assert after(16.4).found == (Found(Rule.OUTSIDE, 12, 12, above=True),)
    assert after(5.6).found == (Found(Rule.OUTSIDE, 12, 12, above=False),)


def test_six_in_a_row_on_one_side_are_found() -> None:
    assert rules(after(*[10.5] * 5, 12.0)) == set()
    assert after(11.0, *[10.5] * 6).found[-1] == Found(Rule.SHIFT, 13, 18, above=False)


def test_two_of_three_near_a_limit_are_found() -> None:
    assert after(14.6, 11.0, 14.6).found == (Found(Rule.TWO_OF_THREE, 12, 14, above=True),)
    assert after(14.6, 11.0, 11.0, 14.6).found == ()
    assert after(14.6, 11.0, 7.4).found == ()


def test_a_hidden_point_breaks_what_is_in_a_row_and_has_no_move() -> None:
    assert after(14.6, None, 14.6).found == ()
    assert rules(after(11.0, *[10.5] * 3, None, *[10.5] * 3)) == set()
    broken = xmr_chart([*[10.0, 12.0] * 3, None, *[30.0, 32.0] * 3])
    assert broken.limits is not None
    assert broken.limits.spread == pytest.approx(2 / 1.128)


def test_limits_end_at_what_the_figure_can_be() -> None:
    values = [0.0, 4.0] * 6
    free, cut = xmr_chart(values), xmr_chart(values, lowest=0.0, highest=5.0)
    assert free.limits is not None
    assert cut.limits is not None
    assert free.limits.low < 0 < 5 < free.limits.high
    assert (cut.limits.low, cut.limits.high) == (0.0, 5.0)
    assert free.found == cut.found


def test_eleven_points_have_no_limits() -> None:
    chart = xmr_chart([*STEADY[:11], None])
    assert (chart.points, chart.limits, chart.found) == (11, None, ())
    assert xmr_chart([*STEADY[:11], None, 99.0], baseline=12).limits is None


def test_points_without_a_neighbor_have_no_limits() -> None:
    assert xmr_chart([value for one in STEADY for value in (one, None)]).limits is None


def test_a_line_that_never_moves_shows_no_change() -> None:
    chart = xmr_chart([0.1] * 30)
    assert chart.limits is not None
    assert chart.found == ()


@pytest.mark.parametrize("baseline", [0, 13])
def test_a_baseline_must_be_some_of_the_periods(baseline: int) -> None:
    with pytest.raises(ValueError, match="baseline"):
        xmr_chart(STEADY, baseline=baseline)


def test_chance_alone_seldom_leaves_the_limits() -> None:
    """Of points from one normal distribution about 3 in 1,000 lie beyond the limits; they are estimates, so some more."""
    chance = random.Random(1_122)
    outside = 0
    for _ in range(500):
        chart = xmr_chart([chance.gauss(0, 1) for _ in range(40)])
        outside += sum(one.rule is Rule.OUTSIDE for one in chart.found)
    assert 0.002 < outside / 20_000 < 0.012


@untimed
@given(st.lists(st.one_of(st.none(), st.integers(0, 1_000)), min_size=12, max_size=40), st.integers(-9, 9))
def test_raising_a_line_raises_its_limits(values: list[int | None], raised: int) -> None:
    lower, higher = xmr_chart(values), xmr_chart([None if one is None else one + raised for one in values])
    assert (lower.limits is None) is (higher.limits is None)
    if lower.limits is None or higher.limits is None:
        return
    assert higher.limits.low == pytest.approx(lower.limits.low + raised)
    assert higher.limits.spread == pytest.approx(lower.limits.spread)
