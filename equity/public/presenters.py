"""Figures as text for the pages: each number rounded once, at the very end, with its likely range beside it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from equity.public import charts
from equity.public.figures import Cell, Comparison, Document
from equity.public.queries import Card
from equity.public.sentences import unit_words
from metrics.drawing import Equiplot
from metrics.stats import Estimate, words


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and its likely range."""

    value: str
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: a number, its likely range if it has one, its counts; or hidden; or words instead."""

    label: str
    hidden: bool
    value: str
    low: str
    high: str
    instead: str
    numerator: int | None
    denominator: int | None
    unsteady: bool


@dataclass(frozen=True, slots=True)
class GapWords:
    """The two groups furthest apart, how far, and the sentences that belong beside it."""

    first: str
    second: str
    first_value: str
    second_value: str
    difference: Figure
    ratio: Figure | None
    clear: bool
    unsteady: bool
    caution: str
    rounding: str


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """One measure on the institution's page."""

    metric: Document
    unit: Document
    period: Document
    compared_by: str
    unit_words: str
    everybody: Line | None
    gap: GapWords | None
    chart: Equiplot | None
    hidden: int


def figure(estimate: Estimate, decimals: int = 1) -> Figure:
    return Figure(*(words.number(value, decimals) for value in (estimate.value, estimate.low, estimate.high)))


def line(cell: Cell, label: str = "") -> Line:
    """One group; or, with a `label`, all together."""
    likely = figure(cell.estimate) if cell.estimate else None
    value = charts.number(cell)
    return Line(
        label=label or cell.label,
        hidden=cell.hidden,
        value=value,
        low=likely.low if likely else "",
        high=likely.high if likely else "",
        instead="" if value or cell.hidden else charts.instead(cell),
        numerator=cell.numerator,
        denominator=cell.denominator,
        unsteady=cell.shown and not cell.reliable,
    )


def together(comparison: Comparison) -> Line | None:
    """Everybody, where that row is published."""
    return line(comparison.overall, charts.everybody(comparison)) if comparison.overall else None


def gap_words(comparison: Comparison) -> GapWords | None:
    """The gap of a comparison; None when there is none."""
    gap, difference = comparison.gap, comparison.difference
    if gap is None or difference is None:
        return None
    first = gap.first_estimate.value * comparison.scale
    second = gap.second_estimate.value * comparison.scale
    return GapWords(
        first=gap.first.label,
        second=gap.second.label,
        first_value=words.number(first),
        second_value=words.number(second),
        difference=figure(difference),
        ratio=figure(gap.ratio, 2) if gap.ratio else None,
        clear=gap.clear,
        unsteady=not gap.reliable,
        caution=words.caution(gap, _),
        rounding=words.rounding_note(first, second, gettext=_),
    )


def measure_row(card: Card, *, draw: bool) -> MeasureRow:
    comparison = card.comparison
    return MeasureRow(
        metric=card.scope.metric,
        unit=card.scope.unit,
        period=card.scope.period,
        compared_by=card.way.name if card.way else "",
        unit_words=unit_words(comparison.metric),
        everybody=together(comparison),
        gap=gap_words(comparison),
        chart=charts.pair(comparison) if draw and comparison.gap else None,
        hidden=comparison.hidden,
    )


def caption(metric: Document) -> str:
    """What a drawing counts, in which unit: one sentence."""
    unit = unit_words(metric)
    counted = str(metric["numerator"]).rstrip(".")
    return f"{counted}, {unit}." if unit else f"{counted}."
