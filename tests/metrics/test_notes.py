"""What stands beside the numbers, in words."""

from __future__ import annotations

import pytest

from metrics.stats import Doubt, GapTrend, Group, Proportion, gap_change, notes, run_chart
from metrics.stats.xmr import Rule


def groups(**counts: int) -> list[Group]:
    return [Group(key, key, Proportion(count, 10_000)) for key, count in counts.items()]


def test_words_of_a_cell() -> None:
    assert [notes.gap_trend(trend) for trend in GapTrend] == [
        "Gap closing",
        "Gap growing",
        "No clear change",
        "Too few",
        "Not measured",
    ]


@pytest.mark.parametrize(
    ("earlier", "later", "sentence"),
    [
        (groups(a=2_000, b=1_000), groups(a=900, b=300), "smaller as a difference, but larger as a ratio"),
        (groups(a=900, b=300), groups(a=2_000, b=1_000), "larger as a difference, but smaller as a ratio"),
    ],
)
def test_opposite_directions_are_said(earlier: list[Group], later: list[Group], sentence: str) -> None:
    assert sentence in notes.opposite_directions(gap_change(earlier, later, better="lower"))


def test_nothing_is_said_of_a_gap_that_moves_one_way() -> None:
    change = gap_change(groups(a=2_000, b=1_000), groups(a=1_500, b=1_000), better="lower")
    assert notes.opposite_directions(change) == ""
    assert notes.opposite_directions(gap_change([], [], better="lower")) == ""


def test_every_doubt_and_every_rule_has_words() -> None:
    assert notes.doubt(None) == ""
    assert notes.doubt(Doubt.FEW_EVENTS) == "Fewer than 10 events"
    assert len({notes.doubt(one) for one in Doubt}) == len(Doubt)
    assert len({notes.xmr_found(rule) for rule in Rule}) == len(Rule)


def test_words_of_a_shift() -> None:
    rising = [*[10.0] * 6, *[20.0] * 7]
    assert notes.shift(run_chart([*rising[:6], *rising[6:12]])) == "The last 6 are above the middle"
    assert notes.shift(run_chart([-value for value in rising[:12]])) == "The last 6 are below the middle"
    assert notes.shift(run_chart([10.0, 20.0] * 6)) == "No clear change"
    assert notes.shift(run_chart([10.0, 20.0])) == "Too few numbers to see a change"


def test_too_few_crossings_are_said() -> None:
    assert notes.crossings(run_chart([10.0, 20.0] * 6)) == ""
    assert "less often (1) than chance would make it (3 or more)" in notes.crossings(
        run_chart([*[10.0] * 6, *[20.0] * 6])
    )


def test_rules_print_their_numbers() -> None:
    assert "6 points in a row" in notes.run_chart_rule()
    assert "12 points or more" in notes.run_chart_rule()
    assert "first 20 periods. It takes 10 points or more" in notes.run_chart_rule(20)
    assert "12 points or more" in notes.xmr_rule()
