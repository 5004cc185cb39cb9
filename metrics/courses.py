"""How figures change: each group's line over time, and the gap between groups. Judged by fixed rules; plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from metrics.figures import EVERYBODY, Figure, Line
from metrics.reading.periods import Period
from metrics.stats.change import GapChange, gap_change
from metrics.stats.runs import RunChart, run_chart
from metrics.stats.xmr import Xmr, xmr_chart


@dataclass(frozen=True)
class Course:
    """One group's (or everybody's) line over time: a place for each period, None where it has no cell."""

    key: str
    label: str
    short: str
    lines: tuple[Line | None, ...]
    highest: float | None
    since: int = 0
    """Index of the first period that counts the same as the last: what lies before is drawn, and not judged."""

    @cached_property
    def values(self) -> list[float | None]:
        """What is shown of each period. A hidden number is None here, as one that was never counted."""
        return [line.value if line else None for line in self.lines]

    @cached_property
    def chart(self) -> RunChart:
        return run_chart(self.values[self.since :])

    @cached_property
    def limits(self) -> Xmr:
        return xmr_chart(self.values[self.since :], lowest=0, highest=self.highest)


def courses(history: Sequence[Figure], everybody: str, since: int = 0) -> list[Course]:
    """One for each group of people that was counted in any of these periods, in their order, then everybody's.

    `everybody`: what all together are called; `since`: the first period that counts the same as the last. Empty without a
    period.
    """
    if not history:
        return []
    labels = {line.key: line for figure in history for line in figure.lines if not line.missing}
    order = {line.key: number for figure in reversed(history) for number, line in enumerate(figure.lines)}
    by_period = [{line.key: line for line in figure.lines} for figure in history]
    highest = history[0].metric.per if history[0].metric.kind in {"proportion", "index"} else None
    groups = [
        Course(
            key,
            labels[key].label,
            labels[key].short,
            tuple(lines.get(key) for lines in by_period),
            highest,
            since,
        )
        for key in sorted(labels, key=lambda key: order[key])
    ]
    overall = tuple(figure.overall for figure in history)
    return [*groups, Course(EVERYBODY, everybody, everybody, overall, highest, since)]


@dataclass(frozen=True)
class Trend:
    """The gap of an earlier period against that of a later one."""

    earlier: Period
    later: Period
    change: GapChange
    scale: int
    """What a difference is multiplied by to be in the unit shown."""


def trend(earlier: Figure, later: Figure) -> Trend:
    """How the gap changed between two figures of one metric and one way to compare."""
    change = gap_change(earlier.groups, later.groups, better=later.better)
    return Trend(earlier.period, later.period, change, later.scale)
