"""What the certification of metrics is asked, and what it answers. Plain values, so that asking loads no solver."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from metrics.figures import Cell, Vocabulary
from metrics.reading.periods import Period

LEAST_THRESHOLD = 11
"""A count of people below it is never shown; an institution may be stricter, never laxer."""


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
    """All that the judgement of one metric rests on.

    `counts` hold everything that is to be published or was published before. `parent_of` gives each unit's parent;
    `totals` each sum over several institutions that stands above the tree, with the institutions in it.
    `people` names whom the numerator and the denominator count: metrics that name the same people are judged together.
    `former` is what stood published before each correction, oldest first: somebody may have kept it.
    Of what is published some was withdrawn since: it stays known. `again` is what of it may go out again, changed or not;
    `kept_away` what may not, for nobody asked for its period.
    `once` says that a person who comes in several periods is counted once in the longer one, `once_over_units` that one
    who comes to several units is counted once in the whole.
    """

    kind: str
    counts_people: bool
    counts: Mapping[Address, Count]
    blanks: Mapping[Address, Cell]
    earlier: Mapping[Address, Cell]
    vocabulary: Vocabulary
    parent_of: Mapping[str, str | None]
    totals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    former: Sequence[Mapping[Address, Cell]] = ()
    again: Collection[Address] = frozenset()
    kept_away: Collection[Address] = frozenset()
    once: bool = False
    once_over_units: bool = False
    threshold: int = LEAST_THRESHOLD

    def __post_init__(self) -> None:
        if self.threshold < LEAST_THRESHOLD:
            raise ValueError(f"The threshold may be {LEAST_THRESHOLD} or more, not {self.threshold}.")


@dataclass
class Answer:
    """New cells as they may be shown, with the proofs.

    `dropped` names parts that could not be certified and are left out, each with how many counts it had; `waiting` are
    periods with a correction that must wait; `crossing` are periods that share days with another without one of them
    holding the other whole; `refused` says why nothing of a cluster could be judged; `unlike` are metrics that name the
    same people and give other numbers. `effort` is what the search took, see `metrics.disclosure.Effort`.
    """

    cells: dict[Address, Cell] = field(default_factory=dict)
    certificates: list[dict[str, Any]] = field(default_factory=list)
    dropped: list[tuple[str, int]] = field(default_factory=list)
    waiting: list[Period] = field(default_factory=list)
    crossing: list[Period] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    unlike: set[str] = field(default_factory=set)
    effort: list[tuple[int, ...]] = field(default_factory=list)

    @property
    def hidden(self) -> int:
        return sum(cell.hidden for cell in self.cells.values())


def same_words(words: str) -> str:
    """Two texts that differ only in spaces, case or a full stop name the same people."""
    return " ".join(words.casefold().split()).rstrip(".")


def linked(people: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Metrics, each with the people that it counts, in groups: within a group they hang together by people they share."""
    groups: list[tuple[set[str], set[str]]] = []
    for code, counted in people.items():
        named = {same_words(one) for one in counted if one}
        joined = [group for group in groups if group[1] & named]
        groups = [group for group in groups if group not in joined]
        groups.append(({code}.union(*(one[0] for one in joined)), named.union(*(one[1] for one in joined))))
    return [sorted(codes) for codes, _ in groups]
