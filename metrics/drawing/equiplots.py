"""The equiplot: one row a group, a dot for what was counted, a line for where the true value likely lies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from metrics.drawing.axis import Axis, nice_axis, percent
from metrics.stats import words
from metrics.stats.estimate import Estimate

STEPS = 6

# A label nearer than this to an edge is set from that edge inward.
NEAR_EDGE = 0.15

RowKind = Literal["group", "gap", "apart"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: an estimate, or hidden to protect privacy, or words in place of a number ("Not asked").

    `missing` marks a gap in records; it stands apart from the groups, below the gap, with a hollow dot. `target`: what is to
    be reached, marked on the row of a drawn estimate.
    """

    label: str
    estimate: Estimate | None = None
    hidden: bool = False
    instead: str = ""
    missing: bool = False
    note: str = ""
    target: float | None = None

    def __post_init__(self) -> None:
        if sum((self.estimate is not None, self.hidden, bool(self.instead))) != 1:
            raise ValueError("A row has an estimate, or is hidden, or has words instead of a number.")


@dataclass(frozen=True, slots=True)
class Span:
    """The gap: from one group's value to the other's, in either order, and the estimate of the difference."""

    start: float
    end: float
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Reference:
    """The dashed line behind every row: "All stays", or the goal."""

    label: str
    value: float


@dataclass(frozen=True, slots=True)
class Row:
    """One row of an equiplot. `start` to `end` is the likely range, or the gap itself; `at` is the dot, `target` the
    mark of what is to be reached.

    Where nothing is drawn (`drawn` is false) all places and figures are empty.
    """

    kind: RowKind
    label: str = ""
    note: str = ""
    hidden: bool = False
    instead: str = ""
    value: str = ""
    low: str = ""
    high: str = ""
    at: str = ""
    start: str = ""
    end: str = ""
    target: str = ""

    @property
    def drawn(self) -> bool:
        return bool(self.start)


@dataclass(frozen=True, slots=True)
class Tick:
    at: str
    label: str


@dataclass(frozen=True, slots=True)
class ReferenceLine:
    at: str
    label: str
    value: str
    anchor: Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Equiplot:
    """Rows in drawing order: groups as given, the gap, then what stands apart. `mini` is the small form; `plain`: the
    difference is neither good nor bad, and is not marked as what needs us."""

    rows: tuple[Row, ...]
    ticks: tuple[Tick, ...]
    reference: ReferenceLine | None
    mini: bool
    plain: bool = False

    @property
    def aims(self) -> bool:
        """Whether any row has the mark of a target."""
        return any(row.target for row in self.rows)


def equiplot(
    entries: Sequence[Entry],
    *,
    gap: Span | None = None,
    reference: Reference | None = None,
    decimals: int = 1,
    mini: bool = False,
    plain: bool = False,
) -> Equiplot:
    """Lay out one row for each group on one shared axis.

    The order of the groups is the caller's (the board votes it). With nothing to draw there are rows and no
    ticks. Give no `reference` where taking the shown groups away from it would give a hidden one.
    """
    axis = nice_axis(_reach(entries, gap, reference), steps=STEPS)
    if axis is None:
        return Equiplot(_in_order([_undrawn(entry) for entry in entries], None), (), None, mini, plain)
    rows = [_row(entry, axis, decimals) for entry in entries]
    gap_row = _gap_row(gap, axis, decimals) if gap else None
    return Equiplot(
        rows=_in_order(rows, gap_row),
        ticks=tuple(Tick(percent(axis.share(tick)), axis.label(tick)) for tick in axis.ticks),
        reference=_reference_line(reference, axis, decimals) if reference else None,
        mini=mini,
        plain=plain,
    )


def _reach(entries: Sequence[Entry], gap: Span | None, reference: Reference | None) -> Iterator[float]:
    for entry in entries:
        if entry.estimate:
            yield from (entry.estimate.low, entry.estimate.high)
            if entry.target is not None:
                yield entry.target
    if gap:
        yield from (gap.start, gap.end)
    if reference:
        yield reference.value


def _in_order(rows: Sequence[Row], gap: Row | None) -> tuple[Row, ...]:
    groups = [row for row in rows if row.kind == "group"]
    apart = [row for row in rows if row.kind == "apart"]
    return (*groups, *([gap] if gap else []), *apart)


def _undrawn(entry: Entry) -> Row:
    kind: RowKind = "apart" if entry.missing else "group"
    return Row(kind, label=entry.label, note=entry.note, hidden=entry.hidden, instead=entry.instead)


def _row(entry: Entry, axis: Axis, decimals: int) -> Row:
    estimate = entry.estimate
    if estimate is None:
        return _undrawn(entry)
    return Row(
        kind="apart" if entry.missing else "group",
        label=entry.label,
        note=entry.note,
        value=words.number(estimate.value, decimals),
        low=words.number(estimate.low, decimals),
        high=words.number(estimate.high, decimals),
        at=percent(axis.share(estimate.value)),
        start=percent(axis.share(estimate.low)),
        end=percent(axis.share(estimate.high)),
        target="" if entry.target is None else percent(axis.share(entry.target)),
    )


def _gap_row(gap: Span, axis: Axis, decimals: int) -> Row:
    start, end = sorted((axis.share(gap.start), axis.share(gap.end)))
    return Row(
        kind="gap",
        value=words.number(gap.estimate.value, decimals),
        low=words.number(gap.estimate.low, decimals),
        high=words.number(gap.estimate.high, decimals),
        start=percent(start),
        end=percent(end),
    )


def _reference_line(reference: Reference, axis: Axis, decimals: int) -> ReferenceLine:
    share = axis.share(reference.value)
    anchor: Literal["start", "middle", "end"] = "middle"
    if share < NEAR_EDGE:
        anchor = "start"
    elif share > 1 - NEAR_EDGE:
        anchor = "end"
    return ReferenceLine(percent(share), reference.label, words.number(reference.value, decimals), anchor)
