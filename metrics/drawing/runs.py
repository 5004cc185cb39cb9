"""Run charts as small multiples: one panel a group, one point a period, all on one shared scale."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from metrics.drawing.axis import Axis, nice_axis, percent
from metrics.stats import words

STEPS = 3

# Pixels of the run chart, from its top edge; a label's baseline hangs below the line it names.
PLOT_TOP = 16.0
PLOT_BOTTOM = 100.0
LABEL_DROP = 5.0

# Percentages of the run chart's width: tick labels end, the plot begins, the first and last points stand.
LABELS_END = 4.5
PLOT_BEGINS = 7.0
FIRST_POINT = 9.0
LAST_POINT = 96.3
USUAL_LABEL_LENGTH = 2
ROOM_PER_EXTRA_CHARACTER = 4.0

Signal = Literal["better", "worse", "none"]


@dataclass(frozen=True, slots=True)
class Point:
    """One period of one group: a value, or hidden to protect privacy, or nothing (not collected, not due)."""

    value: float | None = None
    hidden: bool = False

    def __post_init__(self) -> None:
        if self.hidden and self.value is not None:
            raise ValueError("A hidden point carries no value.")


@dataclass(frozen=True, slots=True)
class Series:
    """One group's points, one for each period.

    `middle` is the median or baseline, worked out from shown points only. `verdict` is what the signal says
    in words; `note` is said below a chart that could not be drawn ("Ten years together: 10.1"). `target` is what is to be
    reached; the middle is that of the periods from index `since` on.
    """

    label: str
    points: Sequence[Point]
    middle: float | None = None
    signal: Signal = "none"
    verdict: str = ""
    note: str = ""
    target: float | None = None
    since: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """Something the institution did in the period with index `period`, marked with a letter."""

    period: int
    letter: str


@dataclass(frozen=True, slots=True)
class Place:
    x: str
    y: str


@dataclass(frozen=True, slots=True)
class GridLine:
    y: str
    label: str
    label_y: str


@dataclass(frozen=True, slots=True)
class PeriodMark:
    """A period's name, or an event's letter, and where it stands."""

    x: str
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One shown point in words: its period and its value."""

    period: str
    value: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One small multiple. Without a shown point (`drawn` is false) it has neither lines nor a signal.

    `middle_begins`: where the middle is not that of all periods, the place from which on it is. `path` is the line, for a drawing 100 wide and as many pixels high as the chart: it is stretched to the chart's width.
    """

    label: str
    signal: Signal
    verdict: str
    note: str
    periods: int
    hidden: int
    middle: str
    middle_y: str
    middle_begins: str
    target: str
    target_y: str
    path: str
    points: tuple[Place, ...]
    first: Reading | None
    last: Reading | None

    @property
    def drawn(self) -> bool:
        return bool(self.points)


@dataclass(frozen=True, slots=True)
class RunCharts:
    """Small multiples on one shared scale; grid, periods, events and the line behind (`behind`) are the same in each.

    `breaks`: where the lines break, each with the first period that counts something else.
    """

    panels: tuple[Panel, ...]
    grid: tuple[GridLine, ...]
    labels_end: str
    plot_begins: str
    first_period: PeriodMark | None
    last_period: PeriodMark | None
    events: tuple[PeriodMark, ...]
    breaks: tuple[PeriodMark, ...]
    behind: str
    behind_label: str


def run_charts(
    series: Sequence[Series],
    periods: Sequence[str],
    *,
    behind: Series | None = None,
    events: Sequence[Event] = (),
    breaks: Collection[int] = (),
    decimals: int = 1,
) -> RunCharts:
    """Lay out one small chart for each group, all with the same axes; `behind` is drawn in each, without points.

    `breaks` are indexes of periods from which on something else is counted: no line leads to them from the period before.

    A line joins neighboring periods only: a hidden or missing point leaves a visible break, and a point
    between two breaks stands alone. Raises ValueError when a series does not have one point a period.
    """
    every = [*series, behind] if behind else list(series)
    if any(len(one.points) != len(periods) for one in every):
        raise ValueError("Every group needs one point for each period.")
    axis = nice_axis(_heights(every), steps=STEPS)
    labels = [axis.label(tick) for tick in axis.ticks] if axis else []
    extra = max((len(label) - USUAL_LABEL_LENGTH for label in labels), default=0)
    room = ROOM_PER_EXTRA_CHARACTER * max(extra, 0)
    xs = _columns(len(periods), FIRST_POINT + room)
    return RunCharts(
        panels=tuple(_panel(one, periods, xs, axis, decimals, breaks) for one in series),
        grid=tuple(_grid_line(tick, axis) for tick in axis.ticks) if axis else (),
        labels_end=percent((LABELS_END + room) / 100),
        plot_begins=percent((PLOT_BEGINS + room) / 100),
        first_period=PeriodMark(xs[0], periods[0]) if periods else None,
        last_period=PeriodMark(xs[-1], periods[-1]) if len(periods) > 1 else None,
        events=tuple(_marks(events, xs)),
        breaks=tuple(PeriodMark(_between(xs, at), periods[at]) for at in sorted(breaks) if 0 < at < len(xs)),
        behind=_path(_places(behind, xs, axis), breaks) if behind and axis else "",
        behind_label=behind.label if behind else "",
    )


def _between(xs: Sequence[str], at: int) -> str:
    """Halfway from the period before to the one with index `at`."""
    before, after = (float(x.rstrip("%")) for x in (xs[at - 1], xs[at]))
    return percent((before + after) / 200)


def _marks(events: Sequence[Event], xs: Sequence[str]) -> Iterator[PeriodMark]:
    """One mark a period, with the letters of all that was done in it."""
    letters: dict[int, list[str]] = defaultdict(list)
    for event in events:
        letters[event.period].append(event.letter)
    for period in sorted(letters):
        yield PeriodMark(xs[period], " ".join(letters[period]))


def _places(one: Series, xs: Sequence[str], axis: Axis) -> dict[int, Place]:
    """Where the shown points stand, by the index of their period."""
    return {
        index: Place(xs[index], _pixels(_y(point.value, axis)))
        for index, point in enumerate(one.points)
        if point.value is not None
    }


def _path(places: Mapping[int, Place], breaks: Collection[int]) -> str:
    """Neighbors joined; a period left out is a break, and so is the beginning of another definition."""
    return "".join(
        f"{'L' if index - 1 in places and index not in breaks else 'M'}{place.x.rstrip('%')} {place.y}"
        for index, place in places.items()
    )


def _heights(series: Sequence[Series]) -> Iterator[float]:
    for one in series:
        shown = [point.value for point in one.points if point.value is not None]
        yield from shown
        if shown:
            yield from (level for level in (one.middle, one.target) if level is not None)


def _columns(count: int, first: float) -> list[str]:
    if count == 1:
        return [percent((first + LAST_POINT) / 200)]
    return [percent((first + (LAST_POINT - first) * index / (count - 1)) / 100) for index in range(count)]


def _y(value: float, axis: Axis) -> float:
    return PLOT_BOTTOM - (PLOT_BOTTOM - PLOT_TOP) * axis.share(value)


def _pixels(y: float) -> str:
    return f"{y:.1f}"


def _grid_line(tick: float, axis: Axis) -> GridLine:
    y = _y(tick, axis)
    return GridLine(_pixels(y), axis.label(tick), _pixels(y + LABEL_DROP))


def _panel(
    one: Series,
    periods: Sequence[str],
    xs: Sequence[str],
    axis: Axis | None,
    decimals: int,
    breaks: Collection[int],
) -> Panel:
    shown = [(index, point.value) for index, point in enumerate(one.points) if point.value is not None]
    drawn = axis is not None and bool(shown)
    places = _places(one, xs, axis) if axis else {}
    readings = [Reading(periods[index], words.number(value, decimals)) for index, value in shown]
    middle, target = (one.middle, one.target) if drawn else (None, None)
    return Panel(
        label=one.label,
        signal=one.signal if drawn else "none",
        verdict=one.verdict,
        note=one.note,
        periods=len(periods),
        hidden=sum(point.hidden for point in one.points),
        middle="" if middle is None else words.number(middle, decimals),
        middle_y="" if middle is None or axis is None else _pixels(_y(middle, axis)),
        middle_begins=_between(xs, one.since) if 0 < one.since < len(xs) else "",
        target="" if target is None else words.number(target, decimals),
        target_y="" if target is None or axis is None else _pixels(_y(target, axis)),
        path=_path(places, breaks),
        points=tuple(places.values()),
        first=readings[0] if readings else None,
        last=readings[-1] if len(readings) > 1 else None,
    )
