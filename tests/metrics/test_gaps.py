"""Which two groups make the gap, and what is said about it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.stats import Estimate, Gap, Group, Mean, Proportion, Rate, gap, words
from metrics.stats.gaps import Better

READMISSIONS = [
    Group("black", "Black or African American patients", Proportion(2_155, 19_210)),
    Group("hispanic", "Hispanic or Latino patients", Proportion(212, 2_037)),
    Group("asian", "Asian patients", Proportion(65, 641)),
    Group("another", "Patients of another group", Proportion(145, 1_506)),
    Group("white", "White patients", Proportion(8_592, 76_099)),
    Group("unrecorded", "Race not recorded", Proportion(188, 2_273), missing=True),
]


def group(key: str, numerator: int, denominator: int) -> Group:
    return Group(key, key.title(), Proportion(numerator, denominator))


def found(groups: list[Group], *, better: Better = "lower", reference: str | None = None) -> Gap:
    result = gap(groups, better=better, reference=reference)
    assert result is not None
    return result


def pair(groups: list[Group], *, better: Better = "lower", reference: str | None = None) -> tuple[str, str]:
    result = found(groups, better=better, reference=reference)
    return result.first.key, result.second.key


def in_words(estimate: Estimate | None) -> str:
    assert estimate is not None
    return words.value_and_range(estimate.scaled(100))


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("black", "11.2 (likely 10.8 to 11.7)"),
        ("hispanic", "10.4 (likely 9.2 to 11.8)"),
        ("asian", "10.1 (likely 8.0 to 12.7)"),
        ("another", "9.6 (likely 8.2 to 11.2)"),
        ("white", "11.3 (likely 11.1 to 11.5)"),
        ("unrecorded", "8.3 (likely 7.2 to 9.5)"),
    ],
)
def test_published_readmission_rates(key: str, text: str) -> None:
    (observed,) = (one.observed for one in READMISSIONS if one.key == key)
    assert observed is not None
    assert in_words(observed.estimate()) == text


def test_gap_of_the_published_readmission_rates() -> None:
    result = found(READMISSIONS)
    assert (result.first.key, result.second.key) == ("white", "another")
    assert in_words(result.difference) == "1.7 (likely 0.1 to 3.1)"
    assert in_words(result.first_estimate) == "11.3 (likely 11.1 to 11.5)"
    assert in_words(result.second_estimate) == "9.6 (likely 8.2 to 11.2)"
    assert result.ratio is not None
    assert words.number(result.ratio.value, 2) == "1.17"
    assert result.clear
    assert result.reliable
    assert (result.compared, result.hidden) == (5, 0)


def test_gap_leaves_out_missing_records_even_at_the_extreme() -> None:
    assert "unrecorded" not in pair(READMISSIONS)


def test_gap_covers_shown_groups_and_counts_the_hidden() -> None:
    groups = [*READMISSIONS, Group("pacific", "Pacific Islander patients", None)]
    result = found(groups)
    assert (result.first.key, result.second.key) == ("white", "another")
    assert (result.compared, result.hidden) == (5, 1)


def test_hidden_missing_category_is_not_a_hidden_group() -> None:
    groups = [group("a", 1, 10), group("b", 2, 10), Group("unrecorded", "Not recorded", None, missing=True)]
    assert found(groups).hidden == 0


def test_gap_leaves_out_a_group_in_which_nobody_was_counted() -> None:
    result = found([group("a", 5, 50), group("empty", 0, 0), group("b", 20, 50)])
    assert (result.first.key, result.second.key) == ("b", "a")
    assert result.compared == 2


@pytest.mark.parametrize("better", ["higher", "lower"])
def test_without_a_reference_the_gap_is_highest_less_lowest(better: Better) -> None:
    groups = [group("low", 5, 50), group("middle", 10, 50), group("high", 20, 50)]
    assert pair(groups, better=better) == ("high", "low")


@pytest.mark.parametrize(
    ("better", "reference", "expected", "sign"),
    [
        ("lower", "low", ("high", "low"), 1),
        ("lower", "middle", ("high", "middle"), 1),
        ("lower", "high", ("middle", "high"), -1),
        ("higher", "high", ("high", "low"), 1),
        ("higher", "middle", ("middle", "low"), 1),
        ("higher", "low", ("low", "middle"), -1),
    ],
)
def test_with_a_reference_the_gap_is_signed_as_who_signs_it(
    better: Better, reference: str, expected: tuple[str, str], sign: int
) -> None:
    groups = [group("low", 5, 50), group("middle", 10, 50), group("high", 20, 50)]
    result = found(groups, better=better, reference=reference)
    assert (result.first.key, result.second.key) == expected
    assert result.difference.value * sign > 0


@pytest.mark.parametrize(
    ("better", "reference", "worse", "better_off"),
    [
        ("lower", None, "high", "low"),
        ("higher", None, "low", "high"),
        ("lower", "high", "high", "middle"),
        ("higher", "low", "low", "middle"),
    ],
)
def test_worse_off_is_whom_the_institution_serves_less_well(
    better: Better, reference: str | None, worse: str, better_off: str
) -> None:
    groups = [group("low", 5, 50), group("middle", 10, 50), group("high", 20, 50)]
    result = found(groups, better=better, reference=reference)
    assert (result.worse_off.key, result.better_off.key) == (worse, better_off)


def test_of_equal_values_the_larger_group_is_taken_then_the_first_key() -> None:
    high = [group("h2", 40, 100), group("h1", 20, 50), group("h3", 40, 100)]
    low = [group("l2", 10, 100), group("l1", 5, 50), group("l3", 10, 100)]
    assert pair(high + low) == ("h2", "l2")


def test_groups_that_are_all_equal_still_make_a_pair() -> None:
    result = found([group("b", 1, 10), group("a", 1, 10)])
    assert (result.first.key, result.second.key) == ("a", "b")
    assert result.difference.value == 0
    assert not result.clear


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(3, 6)), min_size=2, max_size=6).flatmap(
        lambda counts: st.permutations([group(f"g{n}", *count) for n, count in enumerate(counts)])
    )
)
def test_pair_does_not_depend_on_the_order_of_the_groups(groups: list[Group]) -> None:
    in_key_order = sorted(groups, key=lambda one: one.key)
    assert pair(groups) == pair(in_key_order)
    assert pair(groups, reference="g0") == pair(in_key_order, reference="g0")


@pytest.mark.parametrize(
    ("groups", "reference"),
    [
        ([], None),
        ([group("a", 1, 10)], None),
        ([group("a", 1, 10), Group("b", "B", None)], None),
        ([group("a", 1, 10), group("b", 0, 0)], None),
        ([group("a", 1, 10), Group("b", "B", Proportion(1, 10), missing=True)], None),
        ([group("a", 1, 10), group("c", 1, 10), Group("b", "B", None)], "b"),
        ([group("a", 1, 10), group("c", 1, 10), group("b", 0, 0)], "b"),
        ([group("a", 1, 10), Group("b", "B", None)], "a"),
    ],
)
def test_without_a_pair_there_is_no_gap(groups: list[Group], reference: str | None) -> None:
    assert gap(groups, better="lower", reference=reference) is None


@pytest.mark.parametrize(
    ("groups", "reference", "sentence"),
    [
        ([group("a", 1, 10), group("b", 2, 10)], "c", "reference"),
        (READMISSIONS, "unrecorded", "reference"),
        ([group("a", 1, 10), group("a", 2, 10)], None, "same key"),
        (
            [group("a", 1, 10), group("b", 9, 10), Group("c", "C", Rate(5, 10))],
            None,
            "one kind",
        ),
        (
            [
                Group(key, key, Rate(events, 10, per))
                for key, events, per in (("a", 1, 1), ("b", 9, 1), ("c", 3, 2))
            ],
            None,
            "one unit",
        ),
    ],
)
def test_groups_that_cannot_be_compared_are_refused(
    groups: list[Group], reference: str | None, sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        gap(groups, better="lower", reference=reference)


def test_gap_is_clear_only_when_its_own_interval_excludes_zero() -> None:
    overlapping = [group("a", 81, 263), group("b", 110, 263)]
    estimates = [one.observed.estimate() for one in overlapping if one.observed]
    assert estimates[0] is not None
    assert estimates[1] is not None
    assert estimates[0].high > estimates[1].low
    assert found(overlapping).clear
    assert not found([group("a", 3, 10), group("b", 4, 10)]).clear


def test_gap_is_clear_when_it_is_clearly_reversed() -> None:
    result = found([group("a", 10, 500), group("b", 200, 500)], reference="b")
    assert result.difference.high < 0
    assert result.clear


def test_gap_is_reliable_only_when_both_of_its_groups_are() -> None:
    assert not found([group("few", 20, 29), group("many", 50, 500)]).reliable
    assert not found([group("few", 2, 29), group("many", 250, 500)]).reliable
    assert found([group("many", 50, 500), group("more", 250, 500), group("few", 10, 29)]).reliable


def test_gap_keeps_its_difference_where_the_ratio_is_undefined() -> None:
    result = found([group("none", 0, 200), group("some", 30, 200)])
    assert result.ratio is None
    assert result.difference.value == pytest.approx(0.15)


def test_gap_of_rates_is_in_their_unit() -> None:
    groups = [Group("a", "A", Rate(30, 10_000, per=1_000)), Group("b", "B", Rate(12, 8_000, per=1_000))]
    result = found(groups)
    assert (result.difference.value, result.ratio and result.ratio.value) == pytest.approx((1.5, 2.0))


def test_gap_of_means_is_in_their_unit() -> None:
    groups = [Group("a", "A", Mean(1_200, 37_000, 40)), Group("b", "B", Mean(800, 17_000, 40))]
    result = found(groups)
    assert (result.difference.value, result.ratio and result.ratio.value) == pytest.approx((10.0, 1.5))


def test_gap_takes_the_level_of_its_intervals() -> None:
    narrow = gap(READMISSIONS, better="lower", level=0.5)
    assert narrow is not None
    assert narrow.difference.width < found(READMISSIONS).difference.width
    assert narrow.ratio is not None
    assert narrow.ratio.low > 1.05


def test_caution_is_said_where_the_pair_was_picked_from_several() -> None:
    assert words.caution(found([group("a", 1, 10), group("b", 2, 10)])) == ""
    assert words.caution(found(READMISSIONS)).startswith("We show the two groups furthest apart out of 5.")
    assert "out of 5 groups" in words.caution(found(READMISSIONS, reference="white"))
