"""Excess counts: worked out by hand, and by property."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.stats import Excess, Group, Mean, Observed, Proportion, Rate, excess_count
from metrics.stats.comparisons import difference_of_proportions, difference_of_rates

untimed = settings(deadline=None)


def groups(**observed: Observed | None) -> list[Group]:
    return [Group(key, key.title(), one) for key, one in observed.items()]


def found(**observed: Observed | None) -> Excess:
    result = excess_count(groups(**observed), better="lower")
    assert result is not None
    return result


def test_excess_is_what_lies_above_the_best_rate() -> None:
    """20 of 200 came back in the best group. At that rate 60 - 30 and 30 - 20 of the others would not have."""
    result = found(a=Proportion(20, 200), b=Proportion(60, 300), c=Proportion(30, 200))
    assert result.count.value == pytest.approx(40)
    assert [share.group.key for share in result.shares] == ["b", "c"]
    assert [share.count for share in result.shares] == pytest.approx([30, 10])
    assert (result.best.key, result.events, result.compared, result.hidden) == ("a", 90, 3, 0)
    assert result.reliable
    assert result.clear


def test_excess_has_the_range_of_the_difference_times_the_people() -> None:
    result = found(a=Proportion(20, 200), b=Proportion(60, 300), c=Proportion(30, 200))
    apart = difference_of_proportions(90, 500, 20, 200)
    assert apart is not None
    assert (result.count.low, result.count.high) == pytest.approx((500 * apart.low, 500 * apart.high))


def test_excess_of_rates_counts_events_in_their_person_time() -> None:
    """2 falls per 1,000 bed-days on the best ward; 24 in 8,000 is 8 more than at that rate."""
    result = found(a=Rate(20, 10_000, 1_000), b=Rate(24, 8_000, 1_000))
    apart = difference_of_rates(24, 8_000, 20, 10_000)
    assert apart is not None
    assert result.count.value == pytest.approx(8)
    assert result.count.high == pytest.approx(8_000 * apart.high)
    assert result.count.low == 0.0
    assert not result.clear


def test_where_more_is_better_it_counts_what_was_missed() -> None:
    result = excess_count(
        groups(a=Proportion(450, 500), b=Proportion(400, 500), c=Proportion(70, 100)), better="higher"
    )
    assert result is not None
    assert result.count.value == pytest.approx(50 + 20)
    assert result.best.key == "a"


def test_best_group_must_be_steady() -> None:
    """Nobody of 8 came back: chance, not a goal for everybody. Its own count is not an excess below 0 either."""
    result = found(tiny=Proportion(0, 8), a=Proportion(20, 200), b=Proportion(60, 300))
    assert result.best.key == "a"
    assert result.count.value == pytest.approx(30)
    assert result.compared == 3


def test_declared_reference_is_the_measure_even_if_unsteady_and_says_so() -> None:
    people = groups(tiny=Proportion(1, 8), a=Proportion(20, 200), b=Proportion(60, 300))
    result = excess_count(people, better="lower", reference="tiny")
    assert result is not None
    assert result.count.value == pytest.approx(300 * (0.2 - 0.125))
    assert [share.group.key for share in result.shares] == ["b"]
    assert not result.reliable


def test_hidden_and_unrecorded_groups_never_count() -> None:
    people = [
        *groups(a=Proportion(20, 200), b=Proportion(60, 300), secret=None),
        Group("unknown", "Not recorded", Proportion(90, 100), missing=True),
    ]
    result = excess_count(people, better="lower")
    assert result is not None
    assert result.count.value == pytest.approx(30)
    assert (result.compared, result.hidden) == (2, 1)


def test_no_excess_is_nothing_and_its_range_too() -> None:
    result = found(a=Proportion(20, 200), b=Proportion(20, 200))
    assert (result.count.value, result.count.low, result.count.high) == (0.0, 0.0, 0.0)
    assert result.shares == ()
    assert not result.clear


def test_without_two_groups_or_a_steady_one_there_is_none() -> None:
    assert excess_count(groups(a=Proportion(20, 200)), better="lower") is None
    assert excess_count(groups(a=Proportion(20, 200), b=None), better="lower") is None
    assert excess_count(groups(a=Proportion(2, 8), b=Proportion(3, 9)), better="lower") is None
    people = groups(a=None, b=Proportion(20, 200), c=Proportion(30, 200))
    assert excess_count(people, better="lower", reference="a") is None


def test_a_mean_has_no_excess() -> None:
    assert excess_count(groups(a=Mean(300, 3_100, 30), b=Mean(600, 13_000, 30)), better="lower") is None


def test_impossible_groups_are_an_error() -> None:
    with pytest.raises(ValueError, match="reference"):
        excess_count(groups(a=Proportion(20, 200)), better="lower", reference="z")
    with pytest.raises(ValueError, match="same key"):
        excess_count(groups(a=None) * 2, better="lower")
    with pytest.raises(ValueError, match="one kind"):
        excess_count(groups(a=Proportion(20, 200), b=Rate(24, 8_000, 1_000)), better="lower")


@st.composite
def proportions(draw: st.DrawFn) -> list[Group]:
    wholes = draw(st.lists(st.integers(1, 20_000), min_size=2, max_size=8))
    return [
        Group(f"group {number}", "", Proportion(draw(st.integers(0, whole)), whole))
        for number, whole in enumerate(wholes)
    ]


@untimed
@given(proportions(), st.randoms())
def test_excess_does_not_depend_on_the_order_and_adds_up(people: list[Group], chance: object) -> None:
    shuffled = people[:]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # a Random
    result = excess_count(people, better="lower")
    assert result == excess_count(shuffled, better="lower")
    if result is None:
        return
    assert sum(share.count for share in result.shares) == pytest.approx(result.count.value, abs=1e-9)
    assert 0 <= result.count.low <= result.count.value <= result.events + 1e-9


@untimed
@given(proportions())
def test_what_is_missed_mirrors_what_is_too_much(people: list[Group]) -> None:
    """Counting those who came back, or those who did not, is one thing: as long as the best group is the same."""
    mirrored = [
        Group(
            one.key,
            "",
            Proportion(one.observed.denominator - one.observed.numerator, one.observed.denominator),
        )
        for one in people
        if isinstance(one.observed, Proportion)
    ]
    best = "group 0"
    much = excess_count(people, better="lower", reference=best)
    missed = excess_count(mirrored, better="higher", reference=best)
    assert much is not None
    assert missed is not None
    assert (much.count.value, much.count.low, much.count.high) == pytest.approx(
        (missed.count.value, missed.count.low, missed.count.high), abs=1e-6
    )
