"""Whether a gap is closing: by hand, and by property."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.stats import Group, Observed, Proportion, Rate
from metrics.stats.change import GapChange, GapTrend, gap_change

untimed = settings(deadline=None)


def groups(**observed: Observed | None) -> list[Group]:
    return [Group(key, key.title(), one) for key, one in observed.items()]


def of(percent: float, people: int = 10_000) -> Proportion:
    return Proportion(round(percent * people / 100), people)


def changed(earlier: list[Group], later: list[Group], reference: str | None = None) -> GapChange:
    return gap_change(earlier, later, better="lower", reference=reference)


@pytest.mark.parametrize(
    ("before", "after", "trend"),
    [
        ((20, 10), (15, 10), GapTrend.CLOSING),
        ((15, 10), (20, 10), GapTrend.GROWING),
        ((15, 10), (15.2, 10), GapTrend.NO_CLEAR_CHANGE),
        ((15, 10), (10, 15), GapTrend.NO_CLEAR_CHANGE),
    ],
)
def test_trend_goes_by_the_size_of_the_difference(
    before: tuple[float, float], after: tuple[float, float], trend: GapTrend
) -> None:
    change = changed(
        groups(a=of(before[0]), b=of(before[1])),
        groups(a=of(after[0]), b=of(after[1])),
    )
    assert change.trend is trend
    assert change.absolute is not None
    assert change.absolute.value == pytest.approx(
        (abs(after[0] - after[1]) - abs(before[0] - before[1])) / 100
    )


def test_range_of_the_change_follows_from_the_ranges_of_the_two_gaps() -> None:
    change = changed(groups(a=of(20), b=of(10)), groups(a=of(15), b=of(10)))
    assert change.earlier is not None
    assert change.later is not None
    assert change.absolute is not None
    before, after = change.earlier.difference, change.later.difference
    assert change.absolute.low == pytest.approx(
        -0.05 - math.hypot(after.value - after.low, before.high - before.value)
    )
    assert change.absolute.high == pytest.approx(
        -0.05 + math.hypot(after.high - after.value, before.value - before.low)
    )


def test_relative_change_is_a_ratio_of_ratios() -> None:
    change = changed(groups(a=of(20), b=of(10)), groups(a=of(30), b=of(10)))
    assert change.relative is not None
    assert change.relative.value == pytest.approx(3 / 2)
    spread = math.sqrt(sum(1 / p - 1 / 10_000 for p in (2_000, 1_000, 3_000, 1_000)))
    assert change.relative.low == pytest.approx(1.5 / math.exp(1.959963985 * spread))
    assert change.relative.high == pytest.approx(1.5 * math.exp(1.959963985 * spread))


def test_difference_closing_while_the_ratio_grows_is_flagged() -> None:
    change = changed(groups(a=of(20), b=of(10)), groups(a=of(9), b=of(3)))
    assert change.trend is GapTrend.CLOSING
    assert change.relative is not None
    assert change.relative.value == pytest.approx(3 / 2)
    assert change.opposite


def test_difference_growing_while_the_ratio_closes_is_flagged() -> None:
    change = changed(groups(a=of(9), b=of(3)), groups(a=of(20), b=of(10)))
    assert change.trend is GapTrend.GROWING
    assert change.opposite


def test_moving_together_is_not_flagged() -> None:
    assert not changed(groups(a=of(20), b=of(10)), groups(a=of(15), b=of(10))).opposite
    assert not changed(groups(a=of(20), b=of(10)), groups(a=of(20), b=of(10))).opposite


def test_without_a_ratio_nothing_is_flagged() -> None:
    change = changed(groups(a=of(20), b=of(0)), groups(a=of(10), b=of(1)))
    assert change.relative is None
    assert change.trend is GapTrend.CLOSING
    assert not change.opposite


def test_a_gap_does_not_close_because_a_group_is_hidden() -> None:
    """The widest group is hidden later: the two that are shown both times did not change."""
    earlier = groups(a=of(30), b=of(15), c=of(10))
    change = changed(earlier, groups(a=None, b=of(15), c=of(10)))
    assert change.trend is GapTrend.NO_CLEAR_CHANGE
    assert change.left_out == 1
    assert change.absolute is not None
    assert change.absolute.value == pytest.approx(0)


@pytest.mark.parametrize(
    ("earlier", "later", "trend"),
    [
        ([], groups(a=of(10), b=of(20)), GapTrend.NOT_MEASURED),
        (groups(a=of(10), b=of(20)), [], GapTrend.NOT_MEASURED),
        (groups(a=of(10), b=None), groups(a=of(10), b=of(20)), GapTrend.TOO_FEW),
        (groups(a=of(10), b=Proportion(0, 0)), groups(a=of(10), b=of(20)), GapTrend.TOO_FEW),
        (groups(a=of(50, 20), b=of(10)), groups(a=of(10), b=of(10)), GapTrend.TOO_FEW),
        (groups(a=of(50), b=of(10)), groups(a=of(10, 20), b=of(10)), GapTrend.TOO_FEW),
    ],
)
def test_what_cannot_be_told_has_its_own_words(
    earlier: list[Group], later: list[Group], trend: GapTrend
) -> None:
    assert changed(earlier, later).trend is trend


def test_unrecorded_groups_are_not_compared() -> None:
    earlier = [*groups(a=of(20), b=of(10)), Group("unknown", "Not recorded", of(90), missing=True)]
    change = changed(earlier, groups(a=of(15), b=of(10)))
    assert change.trend is GapTrend.CLOSING
    assert change.left_out == 0


def test_reference_that_is_hidden_once_leaves_too_few() -> None:
    earlier, later = groups(a=of(20), b=None, c=of(10)), groups(a=of(20), b=of(9), c=of(10))
    assert changed(earlier, later, reference="b").trend is GapTrend.TOO_FEW


def test_a_gap_from_a_reference_can_turn_round() -> None:
    change = changed(groups(a=of(20), b=of(10)), groups(a=of(5), b=of(10)), reference="b")
    assert change.reversed
    assert change.trend is GapTrend.CLOSING
    assert change.absolute is not None
    assert change.absolute.value == pytest.approx(-0.05)


def test_other_pair_is_known() -> None:
    earlier = groups(a=of(20), b=of(10), c=of(15))
    assert changed(earlier, groups(a=of(20), b=of(16), c=of(10))).other_pair
    assert not changed(earlier, earlier).other_pair


def test_rates_change_in_their_own_unit() -> None:
    earlier = groups(a=Rate(200, 10_000, 1_000), b=Rate(100, 10_000, 1_000))
    change = changed(earlier, groups(a=Rate(120, 10_000, 1_000), b=Rate(100, 10_000, 1_000)))
    assert change.trend is GapTrend.CLOSING
    assert change.absolute is not None
    assert change.absolute.value == pytest.approx(-8)


@st.composite
def periods(draw: st.DrawFn) -> list[Group]:
    found = []
    for key in "abcd":
        whole = draw(st.integers(0, 5_000))
        shown = draw(st.booleans()) or draw(st.booleans())
        found.append(Group(key, "", Proportion(draw(st.integers(0, whole)), whole) if shown else None))
    return found


MIRROR = {GapTrend.CLOSING: GapTrend.GROWING, GapTrend.GROWING: GapTrend.CLOSING}


@untimed
@given(periods(), periods())
def test_backwards_in_time_closing_is_growing(earlier: list[Group], later: list[Group]) -> None:
    forth, back = changed(earlier, later), changed(later, earlier)
    assert back.trend is MIRROR.get(forth.trend, forth.trend)
    assert (back.opposite, back.left_out) == (forth.opposite, forth.left_out)
    if forth.absolute is None or back.absolute is None:
        return
    assert (back.absolute.low, back.absolute.high) == pytest.approx(
        (-forth.absolute.high, -forth.absolute.low), abs=1e-12
    )


@untimed
@given(periods())
def test_nothing_changes_from_a_period_to_itself(period: list[Group]) -> None:
    assert changed(period, period).trend in (GapTrend.NO_CLEAR_CHANGE, GapTrend.TOO_FEW)
