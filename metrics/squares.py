"""The table of measures against ways to compare, in words: for the page and for its file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.figures import Definition, Way
from metrics.matrix import Row, Square, Word
from metrics.stats import notes, words
from metrics.stats.change import GapTrend
from metrics.wording import period_label, unit_words

NOT_OF_CHANGE = {Word.ONCE: gettext_lazy("Measured once"), Word.NO_GAP: gettext_lazy("Counted, not judged")}
"""What a square says where there is nothing to hold against anything."""


@dataclass(frozen=True, slots=True)
class Told:
    """One square: its word, the gap now with its unit ("" where there is none), and since when the word holds."""

    way: Way
    word: Word
    label: str
    gap: str
    since: str

    @property
    def leads(self) -> bool:
        """Whether there is something behind the word."""
        return self.word is not Word.NOT_MEASURED


@dataclass(frozen=True, slots=True)
class ToldRow:
    metric: Definition
    squares: list[Told]


def label(word: Word) -> str:
    """A word of a square, as people read it."""
    return str(NOT_OF_CHANGE.get(word) or notes.gap_trend(GapTrend(word.value), _))


def told(rows: Iterable[Row]) -> list[ToldRow]:
    """Every square in words."""
    return [ToldRow(row.metric, [_square(row.metric, square) for square in row.squares]) for row in rows]


def _square(metric: Definition, square: Square) -> Told:
    difference = square.figure.difference if square.figure else None
    gap = f"{words.number(difference.value)} {unit_words(metric)}".strip() if difference else ""
    since = period_label(square.trend.earlier) if square.trend and square.word in CHANGES else ""
    return Told(square.way, square.word, label(square.word), gap, since)


CHANGES = frozenset({Word.CLOSING, Word.GROWING, Word.NO_CLEAR_CHANGE})


def brief(rows: Sequence[Row]) -> str:
    """How many squares say that a gap closes, that it grows, and that it does not clearly change; "" where none does."""
    found = Counter(square.word for row in rows for square in row.squares)
    if not any(found[word] for word in CHANGES):
        return ""
    return _("%(closing)s closing, %(growing)s growing, %(unclear)s without a clear change.") % {
        "closing": found[Word.CLOSING],
        "growing": found[Word.GROWING],
        "unclear": found[Word.NO_CLEAR_CHANGE],
    }


COLUMNS = (
    "metric", "name", "level", "compared_by", "word", "gap", "low", "high", "ratio", "first_group", "second_group",
    "period", "earlier_period", "earlier_gap", "later_period", "later_gap",
)  # fmt: skip


NUMBERS = frozenset({"gap", "low", "high", "ratio", "earlier_gap", "later_gap"})
"""Columns that hold numbers, which may begin with a minus; all others are text."""


def cells_of_file(rows: Iterable[Row]) -> Iterator[list[str]]:
    """One line a square, for a file: numbers with two decimals, nothing where there is none."""
    for row in rows:
        for square in row.squares:
            yield [
                row.metric.code,
                row.metric.name,
                row.metric.level,
                square.way.code,
                square.word.value,
                *_gap_now(square),
                *_gaps_compared(square),
            ]


def _gap_now(square: Square) -> list[str]:
    figure = square.figure
    if figure is None:
        return [""] * 7
    period = period_label(figure.period)
    gap, difference = figure.gap, figure.difference
    if gap is None or difference is None:
        return [*[""] * 6, period]
    numbers = (difference.value, difference.low, difference.high)
    ratio = "" if gap.ratio is None else _number(gap.ratio.value)
    return [*map(_number, numbers), ratio, gap.first.label, gap.second.label, period]


def _gaps_compared(square: Square) -> list[str]:
    found = square.trend
    if found is None:
        return [""] * 4
    gaps = (found.change.earlier, found.change.later)
    before, after = (_number(gap.difference.scaled(found.scale).value) if gap else "" for gap in gaps)
    return [period_label(found.earlier), before, period_label(found.later), after]


def _number(value: float) -> str:
    return str(words.rounded(value, 2))
