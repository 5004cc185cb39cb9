"""Drawings of figures: the equiplot, the run charts, and what "Explore" hands to Plotly. Geometry and plain dictionaries."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from statistics import median
from typing import Any

from django.utils.translation import gettext as _

from metrics.drawing import Entry, Equiplot, Point, Reference, RunCharts, Series, Span, equiplot, run_charts
from metrics.drawing.runs import Signal
from metrics.figures import Figure, Line
from metrics.stats import words
from metrics.wording import instead, short_period, unit_words

MOST_ROWS = 40
"""More groups than this are not drawn: the table has them, and the page stays light."""

ENOUGH_POINTS = 10
"""A run chart of fewer points shows no signal: chance alone makes one look like it."""

SHIFT = 6
"""So many points in a row on one side of the middle are a change (the usual rule of six)."""


def groups_chart(figure: Figure) -> Equiplot | None:
    """All groups with their gap, and everybody as the dashed line. None: nothing to draw, or too much."""
    if not 0 < len(figure.lines) <= MOST_ROWS or not any(line.certain for line in figure.lines):
        return None
    overall = figure.overall.estimate
    reference = Reference(_("Everybody"), overall.value) if overall else None
    return equiplot([_entry(line) for line in figure.lines], gap=_span(figure), reference=reference)


def pair_chart(figure: Figure) -> Equiplot | None:
    """The small form: the two groups furthest apart, and the gap between them."""
    if figure.ends is None:
        return None
    return equiplot([_entry(line, short=True) for line in figure.ends], gap=_span(figure), mini=True)


def _entry(line: Line, *, short: bool = False) -> Entry:
    label = line.short if short else line.label
    note = _("Not a group of people: a gap in the records") if line.missing else ""
    if line.cell.hidden:
        return Entry(label, hidden=True, missing=line.missing, note=note)
    if line.estimate is None:
        told = words.number(line.value) if line.value is not None else instead(line)
        return Entry(label, instead=told or _("No number"), missing=line.missing, note=note)
    return Entry(label, line.estimate, missing=line.missing, note=note)


def _span(figure: Figure) -> Span | None:
    gap, difference = figure.gap, figure.difference
    if gap is None or difference is None:
        return None
    scale = figure.scale
    return Span(gap.first_estimate.value * scale, gap.second_estimate.value * scale, difference)


def over_time(history: Sequence[Figure]) -> RunCharts | None:
    """One small chart a group, on one shared scale. None: fewer than two periods."""
    if len(history) < 2:
        return None
    labels = {line.key: line.short for figure in history for line in figure.lines if not line.missing}
    order = {line.key: number for figure in reversed(history) for number, line in enumerate(figure.lines)}
    keys = sorted(labels, key=lambda key: order[key])
    if not keys:
        return run_charts(
            [_series(_("Everybody"), [figure.overall for figure in history], history)], _ends(history)
        )
    by_period = [{line.key: line for line in figure.lines} for figure in history]
    series = [_series(labels[key], [lines.get(key) for lines in by_period], history) for key in keys]
    return run_charts(series, _ends(history))


def _ends(history: Sequence[Figure]) -> list[str]:
    return [short_period(figure.period) for figure in history]


def _series(label: str, lines: Sequence[Line | None], history: Sequence[Figure]) -> Series:
    points = [
        Point() if line is None else Point(hidden=True) if line.cell.hidden else Point(line.value)
        for line in lines
    ]
    shown = [point.value for point in points if point.value is not None]
    middle = median(shown) if shown else None
    signal, verdict = _signal(shown, history[0].metric.better)
    return Series(label, points, middle, signal, verdict)


def _signal(values: Sequence[float], better: str) -> tuple[Signal, str]:
    """Whether the latest points lie on one side of the middle for long enough to call it a change."""
    if len(values) < ENOUGH_POINTS:
        return "none", _("Too few numbers to see a change")
    middle = median(values)
    sides = [value > middle for value in reversed(values) if value != middle]
    run = len(list(takewhile(lambda side: side == sides[0], sides))) if sides else 0
    if run < SHIFT or better == "neither":
        return "none", _("No clear change")
    said = (
        _("the last %(run)s are above the middle") if sides[0] else _("the last %(run)s are below the middle")
    )
    good = sides[0] == (better == "higher")
    return ("better" if good else "worse"), said % {"run": run}


def groups_to_explore(figure: Figure) -> dict[str, Any] | None:
    """A dot and its likely range for each group, for Plotly. None: nothing to draw. Hidden groups are not in it."""
    lines = [line for line in figure.lines if line.estimate is not None]
    if not lines:
        return None
    estimates = [line.estimate for line in lines if line.estimate is not None]
    labels = [line.short for line in lines]
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": [round(one.value, 2) for one in estimates],
        "y": labels,
        "marker": {"size": 12},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [round(one.high - one.value, 2) for one in estimates],
            "arrayminus": [round(one.value - one.low, 2) for one in estimates],
        },
        "hovertemplate": "%{y}: %{x}<extra></extra>",
    }
    return {
        "data": [trace],
        "layout": {
            "xaxis": {"title": {"text": unit_words(figure.metric)}},
            "yaxis": {"autorange": "reversed", "automargin": True, "type": "category"},
            "showlegend": False,
        },
    }


def history_to_explore(history: Sequence[Figure]) -> dict[str, Any] | None:
    """A line for each group over time, for Plotly; a hidden or missing point is a break. None: fewer than two periods."""
    if len(history) < 2:
        return None
    labels = {line.key: line.short for figure in history for line in figure.lines if not line.missing}
    by_period = [{line.key: line for line in figure.lines} for figure in history]
    traces = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": label,
            "x": _ends(history),
            "y": [_rounded(lines.get(key)) for lines in by_period],
            "connectgaps": False,
        }
        for key, label in labels.items()
    ]
    layout = {"xaxis": {"type": "category"}, "yaxis": {"title": {"text": unit_words(history[0].metric)}}}
    return {"data": traces, "layout": layout} if traces else None


def _rounded(line: Line | None) -> float | None:
    return None if line is None or line.value is None else round(line.value, 2)
