"""The picture of one question's scores: levels run down, stakeholder groups stand side by side, one dot is one person. Pure.

It is the same on both sides of the wall: drawn of what a round has counted (`accountability.tally`), and of what the ledger
says about it (`equity.public.findings`). Groups are never added up: nothing here is a total over groups.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

LEVELS = (3, 2, 1, 0)
"""From "practiced with shared power and verified" down to "absent"."""

SPLIT_LEVELS = 2
"""Two groups are split when their medians lie at least this many levels apart."""


@dataclass(frozen=True, slots=True)
class Cell:
    """How many people of one group chose one level."""

    count: int

    @property
    def dots(self) -> range:
        """One dot, one person: something to loop over."""
        return range(self.count)


@dataclass(frozen=True, slots=True)
class Median:
    """The middle score. With an even number of scores, both middle ones: "between 1 and 2", never 1.5."""

    lower: int
    upper: int

    @property
    def single(self) -> bool:
        return self.lower == self.upper


@dataclass(frozen=True, slots=True)
class Hidden:
    """A group with fewer replies than the threshold: its name, and nothing that was counted."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class LevelRow:
    """One line of the picture: a level, and a cell for each shown group."""

    level: int
    cells: tuple[Cell, ...]


class Drawn(Protocol):
    """What the picture needs to know of a shown group. `levels` holds a cell for each of LEVELS, in that order."""

    @property
    def levels(self) -> tuple[Cell, ...]: ...
    @property
    def recused(self) -> Cell: ...
    @property
    def median(self) -> Median | None: ...


Group = TypeVar("Group", bound=Drawn)


@dataclass(frozen=True, slots=True)
class Spread(Generic[Group]):
    """One question's scores as they may be shown."""

    shown: tuple[Group, ...]
    hidden: tuple[Hidden, ...]
    threshold: int

    @property
    def rows(self) -> tuple[LevelRow, ...]:
        """The distribution turned on its side: levels run down, groups stand side by side."""
        return tuple(
            LevelRow(level, tuple(group.levels[index] for group in self.shown))
            for index, level in enumerate(LEVELS)
        )

    @property
    def any_recused(self) -> bool:
        return any(group.recused.count for group in self.shown)

    @property
    def distance(self) -> int:
        """How many levels lie between the medians of the two shown groups furthest apart.

        An even group's median is a pair; the nearer ends count, so that "between 1 and 2" is 0 from 2.
        """
        medians = [group.median for group in self.shown if group.median]
        return max((0, *(one.lower - other.upper for one in medians for other in medians)))

    @property
    def apart(self) -> bool:
        """Whether two groups are split, each of one mind or not."""
        return self.distance >= SPLIT_LEVELS
