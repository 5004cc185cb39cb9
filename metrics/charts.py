"""Drawings of figures: the equiplot, the run charts, and what "Explore" hands to Plotly. Geometry and plain dictionaries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date
from string import ascii_uppercase
from typing import Any

from django.utils.translation import gettext as _

from metrics.aiming import brief
from metrics.aims import NO_AIMS, Aim, Aims
from metrics.annotations import Note
from metrics.courses import Course
from metrics.drawing import (
    Entry,
    Equiplot,
    Event,
    Point,
    Reference,
    RunCharts,
    Series,
    Span,
    equiplot,
    run_charts,
)
from metrics.figures import Definition, Figure, Line
from metrics.stats import words
from metrics.telling import direction, verdict
from metrics.wording import decimals, everybody, instead, short_period, unit_words

MOST_ROWS = 40
"""More groups than this are not drawn: the table has them, and the page stays light."""


def groups_chart(figure: Figure, aims: Aims = NO_AIMS) -> Equiplot | None:
    """All groups with their gap and targets, and everybody as the dashed line. None: nothing to draw, or too much."""
    if not 0 < len(figure.lines) <= MOST_ROWS or not any(line.certain for line in figure.lines):
        return None
    overall = figure.overall.estimate
    reference = Reference(everybody(figure.metric), overall.value) if overall else None
    return equiplot(
        [_entry(line, aim=aims.get(line.key)) for line in figure.lines],
        gap=_span(figure),
        reference=reference,
        plain=not figure.judged,
    )


def rows_chart(figure: Figure, lines: Sequence[tuple[str, Line]]) -> Equiplot | None:
    """Some groups of a figure under labels of their own, with everybody as the dashed line. None: nothing to draw."""
    if not any(line.certain for _label, line in lines):
        return None
    overall = figure.overall.estimate
    reference = Reference(everybody(figure.metric), overall.value) if overall else None
    entries = [replace(_entry(line), label=label) for label, line in lines]
    return equiplot(entries, reference=reference, plain=not figure.judged)


def pair_chart(figure: Figure) -> Equiplot | None:
    """The small form: the two groups furthest apart, and the gap between them."""
    if figure.ends is None:
        return None
    return equiplot(
        [_entry(line, short=True) for line in figure.ends],
        gap=_span(figure),
        mini=True,
        plain=not figure.judged,
    )


def _entry(line: Line, *, short: bool = False, aim: Aim | None = None) -> Entry:
    label = line.short if short else line.label
    note = _("Not a group of people: a gap in the records") if line.missing else brief(aim) if aim else ""
    if line.cell.hidden:
        return Entry(label, hidden=True, missing=line.missing, note=note)
    if line.estimate is None:
        told = words.number(line.value) if line.value is not None else instead(line)
        return Entry(label, instead=told or _("No number"), missing=line.missing, note=note)
    return Entry(label, line.estimate, missing=line.missing, note=note, target=aim.value if aim else None)


def _span(figure: Figure) -> Span | None:
    gap, difference = figure.gap, figure.difference
    if gap is None or difference is None:
        return None
    scale = figure.scale
    return Span(gap.first_estimate.value * scale, gap.second_estimate.value * scale, difference)


def over_time(
    courses: Sequence[Course],
    history: Sequence[Figure],
    events: Sequence[Event] = (),
    breaks: Collection[int] = (),
    aims: Aims = NO_AIMS,
) -> RunCharts | None:
    """One small chart a group on one shared scale, everybody in gray behind. None: fewer than two periods.

    Where no groups are compared, everybody has a chart.
    """
    if len(history) < 2:
        return None
    *groups, overall = courses
    metric, ends = history[0].metric, _ends(history)
    if not groups:
        return run_charts(
            [_series(overall, metric, aims)], ends, events=events, breaks=breaks, decimals=decimals(metric)
        )
    behind = _series(overall, metric) if any(value is not None for value in overall.values) else None
    series = [_series(course, metric, aims) for course in groups]
    return run_charts(series, ends, behind=behind, events=events, breaks=breaks, decimals=decimals(metric))


def _ends(history: Sequence[Figure]) -> list[str]:
    return [short_period(figure.period) for figure in history]


def _series(course: Course, metric: Definition, aims: Aims = NO_AIMS) -> Series:
    aim = aims.get(course.key)
    return Series(
        course.short,
        [_point(line) for line in course.lines],
        course.chart.middle,
        direction(course, metric),
        verdict(course),
        note=brief(aim) if aim else "",
        target=aim.value if aim else None,
        since=course.since,
    )


def _point(line: Line | None) -> Point:
    return Point() if line is None else Point(hidden=True) if line.cell.hidden else Point(line.value)


def gap_over_time(history: Sequence[Figure]) -> list[RunCharts]:
    """The gap as a difference and, where there is one, as a ratio: a chart each, for each has its own scale.

    Empty with fewer than two gaps. What a group hides in a period makes the gap of that period one of the others.
    """
    if sum(figure.gap is not None for figure in history) < 2:
        return []
    metric, ends = history[0].metric, _ends(history)
    apart = [figure.difference.value if figure.difference else None for figure in history]
    ratios = [figure.gap.ratio.value if figure.gap and figure.gap.ratio else None for figure in history]
    told = _gap_series(_("As a difference"), apart, unit_words(metric))
    drawn = [run_charts([told], ends)]
    if sum(ratio is not None for ratio in ratios) > 1:
        ratio = _gap_series(_("As a ratio"), ratios, _("times as large; 1 is no gap"))
        drawn.append(run_charts([ratio], ends, decimals=2))
    return drawn


def _gap_series(label: str, values: Sequence[float | None], unit: str) -> Series:
    return Series(label, [Point(value) for value in values], verdict=unit)


def breaks_of(changed: Iterable[date], history: Sequence[Figure]) -> list[int]:
    """Where the lines break: the first period that began on or after each day that the definition changed."""
    starts = [figure.period.start for figure in history]
    found = (next((at for at, start in enumerate(starts) if start >= day), 0) for day in changed)
    return sorted({at for at in found if at})


def events_of(notes: Sequence[Note], history: Sequence[Figure]) -> list[tuple[Event, Note]]:
    """Notes with the period that they fall in, lettered in their order; those outside all periods are left out."""
    placed = [
        (index, note)
        for note in notes
        for index, figure in enumerate(history)
        if figure.period.start <= note.on <= figure.period.end
    ]
    return [
        (Event(index, letter), note) for (index, note), letter in zip(placed, ascii_uppercase, strict=False)
    ]


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
