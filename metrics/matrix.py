"""Measures against ways to compare, a word in each cell: is the gap closing? Pure: plain values in and out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from metrics.courses import Trend, trend
from metrics.figures import Cell, Definition, Figure, Vocabulary, Way, assemble
from metrics.reading.periods import Period
from metrics.spans import compared, latest, since
from metrics.stats.change import GapTrend


class Word(StrEnum):
    """What a cell says."""

    CLOSING = "closing"
    GROWING = "growing"
    NO_CLEAR_CHANGE = "no_clear_change"
    TOO_FEW = "too_few"
    ONCE = "once"
    """There is a number of one period only: a change shows from the second on."""
    NO_GAP = "no_gap"
    """It is counted by these groups, and its kind has no gap: a plain count, an index, money."""
    NOT_MEASURED = "not_measured"


@dataclass(frozen=True)
class Square:
    """One measure by one way to compare: the word, the latest figure, and its gap in two periods if there are two."""

    way: Way
    word: Word
    figure: Figure | None = None
    trend: Trend | None = None


@dataclass(frozen=True)
class Row:
    """One measure, with a square for each way to compare."""

    metric: Definition
    squares: tuple[Square, ...]


@dataclass(frozen=True)
class Known:
    """What is known of a measure: its periods, the ways it is counted by, and the cells of the periods that are needed."""

    metric: Definition
    periods: Sequence[Period]
    ways: frozenset[str]
    tables: Mapping[Period, Mapping[str, Cell]]


def needed(periods: Sequence[Period], ways: Iterable[Way] = ()) -> list[Period]:
    """The periods whose cells a row needs: the latest, and the two that are held against each other in each way."""
    last = latest(periods)
    pairs = [compared(periods), *(compared(_alike(periods, way)) for way in ways if way.regrouped)]
    return list(dict.fromkeys([*([last] if last else []), *(one for pair in pairs for one in pair or ())]))


def _alike(periods: Sequence[Period], way: Way) -> list[Period]:
    """The periods with the same list of groups as the latest."""
    return since(periods, (one.day for one in way.regrouped))


def rows(known: Iterable[Known], ways: Sequence[Way], unit: tuple[str, str], words: Vocabulary) -> list[Row]:
    """A row for each measure, in their order; `unit`: code and name."""
    return [Row(one.metric, tuple(_square(one, way, unit, words) for way in ways)) for one in known]


def _square(one: Known, way: Way, unit: tuple[str, str], words: Vocabulary) -> Square:
    last = latest(one.periods)
    if way.code not in one.ways or last is None:
        return Square(way, Word.NOT_MEASURED)

    def of(period: Period) -> Figure:
        return assemble(one.metric, unit, period, way, one.tables[period], words)

    figure, pair = of(last), compared(_alike(one.periods, way))
    if not figure.lines:
        return Square(way, Word.NOT_MEASURED)
    if not figure.groups:
        return Square(
            way, Word.NO_GAP if any(line.cell.shown for line in figure.lines) else Word.TOO_FEW, figure
        )
    if pair is None:
        return Square(way, Word.ONCE if figure.gap else Word.TOO_FEW, figure)
    found = trend(of(pair[0]), of(pair[1]))
    return Square(way, _word(found, figure), figure, found)


def _word(found: Trend, figure: Figure) -> Word:
    """Groups that were first counted later have a gap now and none to hold it against."""
    if found.change.trend is GapTrend.NOT_MEASURED:
        return Word.ONCE if figure.gap else Word.TOO_FEW
    return Word(found.change.trend.value)
