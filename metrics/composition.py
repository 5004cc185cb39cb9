"""What an index is made of, and the index of one group from the cells of its parts. Pure.

An index is never entered and has no counts: it is worked out where it is shown, from what may be seen of its parts there.
A part that is hidden hides it, and one that is not measured leaves it not measured; nothing is weighted again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from metrics.figures import HIDDEN, PUBLISHED, Cell, Definition, estimate_of, observe, value_of
from metrics.stats.composite import Aggregation, Goalposts, Part, compose, shares
from metrics.stats.estimate import Number
from metrics.stats.observed import Score

INDEX = "index"
NOT_MEASURED = Cell("not_counted")
FEWEST = 2
"""Of one part there is nothing to put together."""


@dataclass(frozen=True, slots=True)
class Component:
    """One part: the code of a measure, how much it weighs, and its worst and best value in its own unit."""

    measure: str
    weight: Number
    worst: Number
    best: Number

    @property
    def goalposts(self) -> Goalposts:
        return Goalposts(float(self.worst), float(self.best))


@dataclass(frozen=True, slots=True)
class Composition:
    """The parts in their order, and how they become one number."""

    aggregation: Aggregation
    components: tuple[Component, ...]

    @property
    def measures(self) -> list[str]:
        return [one.measure for one in self.components]

    @property
    def shares(self) -> list[float]:
        """What each weight is of their sum."""
        return shares([one.weight for one in self.components])

    @property
    def stored(self) -> dict[str, Any]:
        """As definitions keep it."""
        return {
            "aggregation": self.aggregation.value,
            "components": [
                {"measure": one.measure, "weight": one.weight, "worst": one.worst, "best": one.best}
                for one in self.components
            ],
        }


def composition_of(stored: Mapping[str, Any]) -> Composition | None:
    """What a definition keeps; None where it is no index."""
    if not stored:
        return None
    return Composition(
        Aggregation(stored["aggregation"]),
        tuple(
            Component(one["measure"], one["weight"], one["worst"], one["best"])
            for one in stored["components"]
        ),
    )


@dataclass(frozen=True, slots=True)
class Fault:
    """Why something cannot be an index: the part (by its number from 0; None: all of it) and what is wrong with it."""

    part: int | None
    wrong: str


FEW, TWICE, UNKNOWN, NESTED, NO_DIRECTION, BACKWARD, WEIGHTLESS = (
    "few", "twice", "unknown", "nested", "no_direction", "backward", "weightless",
)  # fmt: skip


def faults(composition: Composition, known: Mapping[str, Definition]) -> Iterable[Fault]:
    """All that is wrong with an index among these measures (by code)."""
    if len(composition.components) < FEWEST:
        yield Fault(None, FEW)
    for number, one in enumerate(composition.components):
        if one.measure in composition.measures[:number]:
            yield Fault(number, TWICE)
        if not one.weight > 0:
            yield Fault(number, WEIGHTLESS)
        part = known.get(one.measure)
        if part is None:
            yield Fault(number, UNKNOWN)
        elif part.kind == INDEX:
            yield Fault(number, NESTED)
        elif part.better == "neither":
            yield Fault(number, NO_DIRECTION)
        elif one.worst == one.best or (one.best > one.worst) is not (part.better == "higher"):
            yield Fault(number, BACKWARD)


def index_of(
    composition: Composition, known: Mapping[str, Definition], cells: Mapping[str, Cell], per: int
) -> Cell:
    """The index of one group from the cells of its parts (both by code), on a scale from 0 to `per`.

    A part without a number leaves it not measured, for the part's own reason; else a hidden part hides it.
    """
    found = [cells.get(code, NOT_MEASURED) for code in composition.measures]
    lacking = next((cell for cell in found if not cell.shown and not cell.hidden), None)
    if lacking is not None:
        return Cell(lacking.status)
    if any(cell.hidden for cell in found):
        return Cell(HIDDEN)
    parts = [
        _part(one, known[one.measure], cell) for one, cell in zip(composition.components, found, strict=True)
    ]
    measured = [part for part in parts if part is not None]
    if len(measured) < len(parts):
        return NOT_MEASURED
    composed = compose(measured, composition.aggregation)
    likely = None if composed.likely is None else composed.likely.scaled(per)
    return Cell(PUBLISHED, score=Score(composed.value * per, likely, _steady(composition, known, found)))


def _part(component: Component, metric: Definition, cell: Cell) -> Part | None:
    value = value_of(metric, cell)
    if value is None:
        return None
    return Part(value, estimate_of(metric, cell), component.goalposts, component.weight)


def _steady(composition: Composition, known: Mapping[str, Definition], cells: Sequence[Cell]) -> bool:
    observed = [observe(known[code], cell) for code, cell in zip(composition.measures, cells, strict=True)]
    return all(one is None or one.reliable for one in observed)
