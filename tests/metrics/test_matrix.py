"""A word in each square of measures against ways to compare: what it says, and what it must not."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from metrics.exports import squares_as_csv
from metrics.figures import Cell, Way
from metrics.matrix import Known, Row, Word, needed, rows
from metrics.reading.periods import parse_period
from metrics.squares import brief, told
from tests.metrics.test_charts import RACE, metric
from tests.metrics.test_showing import BEFORE, FEWER

YEARS = [parse_period("2023"), parse_period("2024")]
WAY = Way((RACE,))


def known(*tables: dict[str, Cell], **more: Any) -> Known:
    periods = YEARS[: len(tables)]
    return Known(metric(**more), periods, frozenset({"", "race"}), dict(zip(periods, tables, strict=True)))


def table(one: Known, ways: tuple[Way, ...] = (WAY,)) -> list[Row]:
    return rows([one], ways, ("all", "Riverside"), {"race": RACE})


FEW = {"race=a": Cell("published", 3, 12), "race=b": Cell("published", 1, 12)}
HIDDEN = {"race=a": Cell("hidden", None, 12), "race=b": Cell("hidden", None, 12)}


@pytest.mark.parametrize(
    ("one", "word"),
    [
        (known(BEFORE, FEWER), Word.CLOSING),
        (known(FEWER, BEFORE), Word.GROWING),
        (known(FEWER, FEWER), Word.NO_CLEAR_CHANGE),
        (known(FEW, FEW), Word.TOO_FEW),
        (known(BEFORE, HIDDEN), Word.TOO_FEW),
        (known(BEFORE), Word.ONCE),
        (known({}, BEFORE), Word.ONCE),
        (known(BEFORE, FEWER, kind="count"), Word.NO_GAP),
        (known({"": BEFORE[""]}, {"": BEFORE[""]}), Word.NOT_MEASURED),
        (known(), Word.NOT_MEASURED),
    ],
)
def test_the_word_of_a_square(one: Known, word: Word) -> None:
    assert table(one)[0].squares[0].word is word


def test_a_way_that_a_measure_is_not_counted_by_is_not_measured() -> None:
    one = known(BEFORE, FEWER)
    other = Known(one.metric, one.periods, frozenset({""}), one.tables)
    assert table(other)[0].squares[0].word is Word.NOT_MEASURED


def test_only_the_latest_period_and_the_two_compared_are_read() -> None:
    periods = [parse_period(code) for code in ("2021", "2022", "2023", "2024-01", "2024-02")]
    assert needed(periods) == [parse_period("2024-02"), parse_period("2021"), parse_period("2023")]
    assert needed([]) == []


def test_a_square_says_the_gap_now_and_since_when() -> None:
    (square,) = told(table(known(BEFORE, FEWER)))[0].squares
    assert (square.label, square.gap, square.since) == ("Gap closing", "6.0 in 100", "2023")
    (hidden,) = told(table(known(BEFORE, HIDDEN)))[0].squares
    assert (hidden.label, hidden.gap) == ("Too few", "")


def test_the_brief_counts_the_squares() -> None:
    assert brief([*table(known(BEFORE, FEWER)), *table(known(FEWER, BEFORE))]).startswith(
        "1 closing, 1 growing"
    )
    assert brief(table(known(FEW, FEW))) == ""


def test_the_file_has_the_numbers_of_each_square_and_none_of_hidden_ones() -> None:
    text = squares_as_csv([*table(known(BEFORE, FEWER)), *table(known(BEFORE, HIDDEN))])
    shown, hidden = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert (shown["word"], shown["gap"], shown["earlier_gap"], shown["later_gap"]) == (
        "closing",
        "6.00",
        "10.00",
        "6.00",
    )
    assert (hidden["word"], hidden["gap"], hidden["later_gap"]) == ("too_few", "", "")
