"""What the certification of a metric is asked, and what it answers. Plain values, so that asking loads no solver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from metrics.figures import Cell, Vocabulary
from metrics.reading.periods import Period

LEAST_INSTITUTIONS = 3
"""A sum over fewer is not made: of two, each would learn the other's count by subtracting its own."""


class Address(NamedTuple):
    """Where a count stands in the table of one metric: unit, period, stratum key ("": everybody)."""

    place: str
    period: Period
    stratum: str


@dataclass(frozen=True, slots=True)
class Count:
    """The true counts of an address."""

    numerator: int
    denominator: int | None


@dataclass(frozen=True)
class Question:
    """All that the judgement rests on.

    `counts` hold everything that is to be published or was published before. `parent_of` gives each unit's parent;
    `totals` each sum over several institutions that stands above the tree, with the institutions in it.
    """

    kind: str
    counts_people: bool
    counts: Mapping[Address, Count]
    blanks: Mapping[Address, Cell]
    earlier: Mapping[Address, Cell]
    vocabulary: Vocabulary
    parent_of: Mapping[str, str | None]
    totals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass
class Answer:
    """New cells as they may be shown, with the proofs.

    `dropped` names parts that could not be certified and are left out, each with how many counts it had; `waiting` are
    periods with a correction that must wait; `refused` says why nothing of a cluster could be judged.
    """

    cells: dict[Address, Cell] = field(default_factory=dict)
    certificates: list[dict[str, Any]] = field(default_factory=list)
    dropped: list[tuple[str, int]] = field(default_factory=list)
    waiting: list[Period] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def hidden(self) -> int:
        return sum(cell.hidden for cell in self.cells.values())
