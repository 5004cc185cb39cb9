"""What a choice of metrics covers: the guide advises few metrics, about two for each level, and all three purposes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from metrics.library.entries import Level, Purpose

ABOUT = 2
"""How many metrics the guide advises for each level."""
MANY = 4
"""More than this on one level: nobody will look at all of them."""


class Named(Protocol):
    """A metric: its code, its name, where it looks, what it is for."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def purpose(self) -> str: ...


@dataclass(frozen=True)
class Coverage:
    """Level × purpose → the metrics there, in their order."""

    cells: Mapping[tuple[Level, Purpose], tuple[Named, ...]]

    def on(self, level: Level) -> int:
        """How many metrics a level has."""
        return sum(len(found) for (where, _), found in self.cells.items() if where is level)

    @property
    def total(self) -> int:
        return sum(map(len, self.cells.values()))

    @property
    def thin(self) -> list[Level]:
        """Levels with fewer metrics than advised."""
        return [level for level in Level if self.on(level) < ABOUT]

    @property
    def crowded(self) -> list[Level]:
        """Levels with so many that none stands out."""
        return [level for level in Level if self.on(level) > MANY]

    @property
    def purposes_without(self) -> list[Purpose]:
        """Purposes for which nothing is measured on any level."""
        return [purpose for purpose in Purpose if not any(self.cells[level, purpose] for level in Level)]

    @property
    def uncovered(self) -> list[tuple[Level, Purpose]]:
        """The empty places of the grid."""
        return [place for place, found in self.cells.items() if not found]


def cover(metrics: Iterable[Named]) -> Coverage:
    """Put each metric in its place."""
    chosen = list(metrics)
    return Coverage(
        {
            (level, purpose): tuple(
                one for one in chosen if one.level == level.value and one.purpose == purpose.value
            )
            for level in Level
            for purpose in Purpose
        }
    )
