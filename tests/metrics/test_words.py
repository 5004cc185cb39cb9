"""Numbers as people read them."""

from __future__ import annotations

import pytest

from metrics.stats import Proportion, words
from metrics.stats.estimate import Estimate
from metrics.stats.gaps import Group, gap
from metrics.stats.intervals import wilson


def test_words_of_the_published_readmission_figures() -> None:
    estimate = wilson(2_155, 19_210)
    assert estimate is not None
    assert words.value_and_range(estimate.scaled(100)) == "11.2 (likely 10.8 to 11.7)"
    assert words.out_of() == "in 100"
    assert words.per(1_000) == "per 1,000"


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (1.25, 1, "1.3"),
        (-1.25, 1, "\N{MINUS SIGN}1.3"),
        (0.285 * 100, 0, "29"),
        (0.29 * 100, 1, "29.0"),
        (-0.04, 1, "0.0"),
        (-0.0, 0, "0"),
        (1_234.56, 1, "1,234.6"),
        (99.96, 1, "100.0"),
    ],
)
def test_number_is_rounded_half_up_and_never_a_negative_zero(value: float, decimals: int, text: str) -> None:
    assert words.number(value, decimals) == text


def test_rounding_note_is_said_only_where_the_shown_gap_does_not_add_up() -> None:
    assert words.rounding_note(11.29, 9.63) == ""
    assert "before rounding" in words.rounding_note(11.24, 9.65)


def test_words_pass_through_the_translation_function() -> None:
    spanish = {"likely %(low)s to %(high)s": "probablemente de %(low)s a %(high)s"}
    assert words.likely(Estimate(2.0, 1.0, 3.0), 0, spanish.__getitem__) == "probablemente de 1 a 3"


@pytest.mark.parametrize(
    ("kind", "per", "text"),
    [("proportion", 100, "in 100"), ("rate", 1000, "per 1,000"), ("mean", 1, ""), ("count", 1, "")],
)
def test_unit_follows_shares_and_rates_only(kind: str, per: int, text: str) -> None:
    assert words.unit(kind, per) == text


@pytest.mark.parametrize(
    ("second", "said"),
    [
        (
            Proportion(100, 1000),
            "We counted 20.0 in 100 for Black and 10.0 for White: <b>a gap of 10.0.</b>",
        ),
        (
            Proportion(195, 1000),
            "We counted 20.0 in 100 for Black and 19.5 for White. <b>The gap of 0.5 may be chance.</b>",
        ),
    ],
)
def test_gap_is_said_with_both_numbers_and_whether_it_is_clear(second: Proportion, said: str) -> None:
    found = gap(
        [Group("black", "Black", Proportion(200, 1000)), Group("white", "White", second)], better="lower"
    )
    assert found
    parts = words.gap_parts(found, 100)
    assert words.gap_sentence(found).format(name="We", unit="in 100", **parts) == said
