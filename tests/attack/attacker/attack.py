"""The attack: everything that was read, put together world by world, and what counts as a finding.

A finding is a count of people that was not published and is proven to be 1 to 10: the least it can be is 1 or more, the most is
10 or less. Also: a count of 1 to 10 that was published as it is; what the known parts leave of a known whole; and a correction
that is proven to have changed 1 to 10 people. A count that is known exactly and is 0, or 11 or more, is no finding: nobody is
in it, or it is no small group. A range that begins at 0, or that reaches 11, is none either.

Who knows the true counts can ask more, by `narrow`: whatever the certificate promises, that every small count could be none or
one, and could be 11 or more.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from tests.attack.attacker.material import Material
from tests.attack.attacker.reasoning import CHANGE, Beliefs, Reasoning, Unknown, differences, reason
from tests.attack.attacker.structure import Sum
from tests.attack.attacker.system import Contradiction, Part, System
from tests.attack.attacker.told import Outcome, Place
from tests.attack.attacker.worlds import World, clusters, worlds

FEWEST, MOST = 1, 10
LARGE = MOST + 1
BEYOND = 14.0
"""A table in which a count reaches this leaves no doubt that it may be large."""

SUPPOSED = {
    1: "a correction that only added people",
    -1: "a correction that only took people away",
}

Truth = Mapping[tuple[Place, Outcome], int]


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A small count of people, how it lies, and how it was found."""

    place: Place
    outcome: str
    low: int
    high: int
    how: str
    change: bool = False
    """It is not the count itself, but how many a correction added or took away."""

    @property
    def supposed(self) -> bool:
        """Whether it rests on a guess about a correction: that it only added people, or only took some away."""
        return self.how in SUPPOSED.values()

    def in_words(self) -> str:
        subject = f"the change of the {self.outcome}" if self.change else self.outcome
        return f"{subject} of {self.place.in_words()} lies in {self.low} to {self.high} ({self.how})"


class Attack:
    """Tries everything on all that was read."""

    def __init__(self, material: Material) -> None:
        self.material = material
        self.clusters = [worlds(material, places) for places in clusters(material, list(material.versions))]
        self.tried = 0

    def findings(self) -> list[Finding]:
        """Every small count that is proven."""
        found: dict[tuple[Place, str, int, int, bool], Finding] = {}
        for one in self._all():
            found.setdefault((one.place, one.outcome, one.low, one.high, one.change), one)
        return sorted(found.values(), key=lambda one: one.in_words())

    def _all(self) -> Iterator[Finding]:
        """The simplest way to a count comes first."""
        for history in self.clusters:
            for number, world in enumerate(history):
                yield from filter(self._is_of_others, self._in_world(world, number))
            for one, other in combinations(enumerate(history), 2):
                yield from filter(self._is_of_others, self._between(dict([one, other])))

    def _is_of_others(self, found: Finding) -> bool:
        return found.place.metric.partition("/")[0] != self.material.insider

    def narrow(self, truth: Truth) -> list[Finding]:
        """Counts that are truly 1 to 10 and whose range is too narrow, as things stand after the last release.

        Too narrow: it cannot be 1 or less, or it cannot be 11 or more.
        """
        found = (one for history in self.clusters for one in self._narrow(history[-1], truth))
        return list(filter(self._is_of_others, found))

    # -------------------------------------------------------------- one world

    def _in_world(self, world: World, number: int) -> Iterator[Finding]:
        known = reason(self.material, world, number)
        yield from self._shown(known)
        yield from self._rests(known)
        people = _people(known.system)
        yield from self._proven(known.system, people, "one state of the publications")
        yield from self._rests(known)

    def _shown(self, known: Reasoning) -> Iterator[Finding]:
        for place, figure in known.world.figures.items():
            for outcome in known.outcomes(place.metric):
                told = None if outcome == "complement" else getattr(figure, outcome)
                if told is not None and FEWEST <= told <= MOST:
                    yield Finding(place, outcome, told, told, "published")

    def _rests(self, known: Reasoning) -> Iterator[Finding]:
        """What the known parts leave of a known whole: people of several hidden groups together."""
        for one in known.structure.sums:
            if not known.adds_up(one):
                continue
            for outcome in known.outcomes(one.whole.metric):
                low, high = _rest(known, one, outcome)
                if low >= FEWEST and high <= MOST:
                    yield Finding(one.whole, outcome, int(low), int(high), f"the rest by {one.axis[1]}")

    def _proven(self, system: System, people: Mapping[int, Unknown], how: str) -> Iterator[Finding]:
        """Counts that are 1 to 10 whatever the others are."""
        self.tried += sum(system.low[cell] < system.high[cell] for cell in people)
        for part in system.parts():
            cells = [cell for cell in part.cells if cell in people and system.low[cell] <= MOST]
            large = part.that_can_be_large(cells, BEYOND)
            for cell in (cell for cell in cells if cell not in large):
                if system.high[cell] > MOST:
                    part.extreme(cell, -1)
                if system.high[cell] <= MOST and system.low[cell] < FEWEST:
                    part.extreme(cell, 1)
        for cell, name in people.items():
            low, high = system.low[cell], system.high[cell]
            if low >= FEWEST and high <= MOST:
                change = name.world == CHANGE
                yield Finding(name.place, name.outcome, int(low), int(high), how, change)

    # ------------------------------------------------------------- two worlds

    def _between(self, both: Mapping[int, World]) -> Iterator[Finding]:
        """What a correction gives away by subtraction; then what it gives away if it only added people, or only took away."""
        known = [reason(self.material, world, number) for number, world in sorted(both.items())]
        yield from self._subtracted(*known)
        beliefs = max((one.beliefs for one in known), key=list(Beliefs().fewer()).index)
        for sign in SUPPOSED:
            try:
                system = differences(self.material, both, beliefs, sign=sign)
                people = _people(system)
                how = SUPPOSED[sign]
                yield from self._proven(system, people, how)
            except Contradiction:
                continue

    def _subtracted(self, before: Reasoning, after: Reasoning) -> Iterator[Finding]:
        """New less old, of each count and of what its parts leave of a whole, when both are known."""
        for place in before.structure.places & after.structure.places:
            for outcome in after.outcomes(place.metric):
                old, new = (_known(one, place, outcome) for one in (before, after))
                if old is not None and new is not None and FEWEST <= abs(new - old) <= MOST:
                    change = abs(int(new - old))
                    yield Finding(place, outcome, change, change, "old less new", change=True)
        for one in after.structure.sums:
            if not (before.adds_up(one) and after.adds_up(one)):
                continue
            for outcome in after.outcomes(one.whole.metric):
                changes = {place: _change(before, after, place, outcome) for place in (one.whole, *one.parts)}
                told = [change for place, change in changes.items() if change is not None]
                whole = changes[one.whole]
                if whole is None or len(told) in (1, len(changes)):
                    continue
                change = abs(int(2 * whole - sum(told)))
                if FEWEST <= change <= MOST:
                    yield Finding(
                        one.whole,
                        outcome,
                        change,
                        change,
                        f"old less new, the rest by {one.axis[1]}",
                        change=True,
                    )

    # ---------------------------------------------------- with the true counts

    def _narrow(self, world: World, truth: Truth) -> Iterator[Finding]:
        known = reason(self.material, world)
        system = known.system
        small = {
            system.place[name]: name
            for (place, outcome), count in truth.items()
            if FEWEST <= count <= MOST and (name := known.unknown(place, outcome)) in system.place
        }
        self.tried += len(small)
        for part in system.parts():
            _look_closer(part, [cell for cell in part.cells if cell in small])
        for cell, name in small.items():
            low, high = system.low[cell], system.high[cell]
            count = truth[name.place, name.outcome]
            if low <= count <= high and (low > 1 or high < LARGE):
                most = -1 if math.isinf(high) else int(high)
                yield Finding(name.place, name.outcome, int(low), most, f"it is {count}")


def _people(system: System) -> dict[int, Unknown]:
    """All counts of people of a system, those among them that no row has a place for."""
    return {number: name for name, number in system.place.items() if isinstance(name, Unknown)}


def _look_closer(part: Part, cells: list[int]) -> None:
    """Work out the ranges of these cells, as far as the rule asks."""
    large, none = part.that_can_be_large(cells, BEYOND), part.that_can_be_none(cells)
    for cell in cells:
        if cell not in large:
            part.extreme(cell, -1)
        if cell not in none:
            part.extreme(cell, 1)


def _rest(known: Reasoning, one: Sum, outcome: Outcome) -> tuple[float, float]:
    """From and to of what the known parts leave of a known whole; endless where nothing follows."""
    whole = _known(known, one.whole, outcome)
    parts = [_known(known, part, outcome) for part in one.parts]
    if whole is None or (one.complete and None not in parts):
        return 0, math.inf
    rest = whole - sum(part for part in parts if part is not None)
    return rest, rest


def _known(known: Reasoning, place: Place, outcome: Outcome) -> float | None:
    name = known.unknown(place, outcome)
    if name not in known.system.place:
        return None
    low, high = known.system.range(name)
    return low if low == high else None


def _change(before: Reasoning, after: Reasoning, place: Place, outcome: Outcome) -> float | None:
    old, new = _known(before, place, outcome), _known(after, place, outcome)
    return None if old is None or new is None else new - old


def report(findings: Iterable[Finding]) -> str:
    """The findings, one a line."""
    return "\n".join(one.in_words() for one in findings)
