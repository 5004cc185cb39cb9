"""From worlds to a system: the unknowns, what is told of them, the sums, and what follows from rates, ranges and measures."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from tests.attack.attacker import measures
from tests.attack.attacker.material import Material
from tests.attack.attacker.structure import PERIODS, Structure, Sum
from tests.attack.attacker.system import Contradiction, System
from tests.attack.attacker.told import (
    OUTCOMES,
    Contrast,
    Excess,
    Interval,
    LikelyRange,
    Outcome,
    Place,
    Share,
    Spread,
)
from tests.attack.attacker.worlds import MARKED, World, same_words

EXACT = 1e-12
CHANGE = -1
"""In place of a world: how many people a correction added, or took away."""


class Unknown(NamedTuple):
    """A count in one world, or its change."""

    world: int
    place: Place
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Beliefs:
    """What the attacker takes for true without being told; given up one after the other when the numbers contradict it."""

    blank_is_nobody: bool = True
    same_words_same_count: bool = True
    pages_are_right: bool = True
    parts_are_all: bool = True

    def fewer(self) -> Iterator[Beliefs]:
        """Weaker and weaker ones, beginning with these."""
        yield self
        yield Beliefs(same_words_same_count=False)
        yield Beliefs(blank_is_nobody=False, same_words_same_count=False)
        yield Beliefs(False, False, False)
        yield Beliefs(False, False, False, parts_are_all=False)


class Reasoning:
    """All that follows about the counts of one world. Several share a system, so that they can be put beside each other.

    Raises Contradiction when the beliefs cannot all be true.
    """

    def __init__(
        self, material: Material, world: World, number: int, beliefs: Beliefs, system: System | None = None
    ) -> None:
        self.material, self.world, self.number, self.beliefs = material, world, number, beliefs
        self.system = system or System()
        self.structure = Structure(
            material, world.figures, (one for one in material.versions if self._is_ours(one))
        )
        self.joint = {metric: self._is_joint(metric) for metric in {one.metric for one in world.figures}}
        self.overlapping = {
            one.axis
            for one in self.structure.sums
            if one.axis[1] in material.overlapping or self._overlaps(one)
        }
        self._counts()
        self._sums()
        if beliefs.same_words_same_count:
            self._same_counts()
        self.system.propagate()
        if beliefs.pages_are_right:
            self._statements()

    def _is_ours(self, place: Place) -> bool:
        return any(place.metric == one.metric for one in self.world.figures)

    def _is_joint(self, metric: str) -> bool:
        """Whether those with the outcome are some of all; of a rate when no shown number says otherwise."""
        kind = self.material.metrics[metric].kind
        shown = [
            one
            for place, one in self.world.figures.items()
            if place.metric == metric and None not in (one.numerator, one.denominator)
        ]
        return kind == "proportion" or (
            kind == "rate" and all((one.numerator or 0) <= (one.denominator or 0) for one in shown)
        )

    # ------------------------------------------------------------- the counts

    def outcomes(self, metric: str) -> tuple[Outcome, ...]:
        """Which of its numbers count people."""
        if self.joint[metric]:
            return OUTCOMES
        kind = self.material.metrics[metric].kind
        if kind == "mean":
            return ("denominator",)
        return ("numerator",) if kind in {"count", "index"} else ("numerator", "denominator")

    def unknown(self, place: Place, outcome: Outcome) -> Unknown:
        return Unknown(self.number, place, outcome)

    def _counts(self) -> None:
        for place in self.structure.places:
            for outcome in self.outcomes(place.metric):
                self.system.unknown(self.unknown(place, outcome))
            if self.joint[place.metric]:
                terms = [
                    (self.unknown(place, outcome), -1.0 if outcome == "denominator" else 1.0)
                    for outcome in OUTCOMES
                ]
                self.system.state(terms, 0, 0)
        for place, figure in self.world.figures.items():
            for outcome in self.outcomes(place.metric):
                told = None if outcome == "complement" else getattr(figure, outcome)
                if told is not None:
                    self.system.within(self.unknown(place, outcome), told, told)
                elif self.beliefs.blank_is_nobody and figure.status not in MARKED:
                    self.system.within(self.unknown(place, outcome), 0, 0)

    def _told(self, place: Place, outcome: Outcome) -> float | None:
        figure = self.world.figures.get(place)
        if figure is None or None in (figure.numerator, figure.denominator):
            return None
        if figure.status not in MARKED:
            return 0
        return figure.numerator if outcome == "numerator" else figure.denominator

    def _overlaps(self, one: Sum) -> bool:
        """Whether shown parts disagree with their shown whole: then people are counted in several parts."""
        for outcome in ("numerator", "denominator"):
            if outcome not in self.outcomes(one.whole.metric):
                continue
            whole, parts = self._told(one.whole, outcome), [self._told(part, outcome) for part in one.parts]
            if whole is None or not one.complete:
                continue
            shown = [part for part in parts if part is not None]
            if sum(shown) > whole or (len(shown) == len(parts) and sum(shown) != whole):
                return True
        return False

    def _sums(self) -> None:
        for one in self.structure.sums:
            for outcome in self.outcomes(one.whole.metric):
                whole = (self.unknown(one.whole, outcome), -1.0)
                parts = [(self.unknown(part, outcome), 1.0) for part in one.parts]
                if one.axis in self.overlapping or not self.beliefs.parts_are_all:
                    for part in parts:
                        self.system.state([part, whole], -math.inf, 0)
                    if one.complete and self.beliefs.parts_are_all and outcome == "denominator":
                        self.system.state([*parts, whole], 0, math.inf)
                elif one.complete:
                    self.system.state([*parts, whole], 0, 0)
                else:
                    self.system.state([*parts, (self.unknown(one.rest, outcome), 1.0), whole], 0, 0)

    def adds_up(self, one: Sum) -> bool:
        """Whether the parts of a sum, and a rest, are exactly its whole."""
        return one.axis not in self.overlapping and self.beliefs.parts_are_all

    def _same_counts(self) -> None:
        """Counts that two measures tell in the same words, and nowhere differently."""
        scopes = {place[1:] for place in self.structure.places}
        for (one, of_one), (other, of_other) in same_words(self.material, self.joint):
            pairs = [
                (self.unknown(Place(one, *at), of_one), self.unknown(Place(other, *at), of_other))
                for at in scopes
            ]
            pairs = [pair for pair in pairs if all(name in self.system.place for name in pair)]
            if not any(self._differ(*pair) for pair in pairs):
                for first, second in pairs:
                    self.system.state([(first, 1.0), (second, -1.0)], 0, 0)

    def _differ(self, first: Unknown, second: Unknown) -> bool:
        """Whether two counts cannot be the same."""
        (low, high), (other_low, other_high) = self.system.range(first), self.system.range(second)
        return low > other_high or other_low > high

    # ------------------------------------------------- rates, ranges, measures

    def _statements(self) -> None:
        for said in self.world.statements:
            if isinstance(said, Share):
                self._share(said.place, said.value)
        self.system.propagate()
        for _ in range(2):
            for said in self.world.statements:
                if isinstance(said, LikelyRange):
                    self._likely(said)
                elif isinstance(said, Contrast):
                    self._contrast(said)
                elif isinstance(said, Excess):
                    self._excess(said)
                elif isinstance(said, Spread):
                    self._spread(said)
            self.system.propagate()

    def _range(self, place: Place, outcome: Outcome) -> tuple[float, float]:
        name = self.unknown(place, outcome)
        return self.system.range(name) if name in self.system.place else (0, math.inf)

    def _exact(self, place: Place) -> tuple[float, float] | None:
        """Numerator and denominator, where both are known."""
        (k, k_most), (n, n_most) = self._range(place, "numerator"), self._range(place, "denominator")
        return (k, n) if k == k_most and n == n_most and n > 0 else None

    def _share(self, place: Place, value: Interval) -> None:
        if place not in self.structure.places or self.joint.get(place.metric) is None:
            return
        numerator, denominator = self.unknown(place, "numerator"), self.unknown(place, "denominator")
        if not {numerator, denominator} <= self.system.place.keys() or self._exact(place):
            return
        self.system.within(denominator, 1, math.inf)
        self.system.state([(numerator, 1.0), (denominator, -value.low + EXACT)], 0, math.inf)
        self.system.state([(numerator, 1.0), (denominator, -value.high - EXACT)], -math.inf, 0)

    def _likely(self, said: LikelyRange) -> None:
        kind = self.material.metrics[said.place.metric].kind
        if kind not in {"proportion", "rate"} or self._exact(said.place):
            return
        shares = [
            one.value for one in self.world.statements if isinstance(one, Share) and one.place == said.place
        ]
        share = Interval(max(one.low for one in shares), min(one.high for one in shares)) if shares else None
        found = measures.fitting(
            said.low,
            said.high,
            share,
            self._range(said.place, "numerator"),
            self._range(said.place, "denominator"),
            poisson=kind == "rate",
        )
        if found:
            for outcome, ends in zip(("numerator", "denominator"), found, strict=True):
                self.system.within(self.unknown(said.place, outcome), *ends)  # type: ignore[arg-type]

    def _contrast(self, said: Contrast) -> None:
        first, second = self._exact(said.first), self._exact(said.second)
        low, high = said.value
        if second and not first:
            share = second[0] / second[1]
            ends = (share + low, share + high) if said.kind == "difference" else (share * low, share * high)
            self._share(said.first, Interval(*ends))
        elif first and not second:
            share = first[0] / first[1]
            if said.kind == "difference":
                self._share(said.second, Interval(share - high, share - low))
            elif low > 0:
                self._share(said.second, Interval(share / high, share / low))

    def _excess(self, said: Excess) -> None:
        """Whole numerator less the whole denominator at the best group's share."""
        best, whole = self._exact(said.best), self._exact(said.whole)
        if best and self._is_of_shown_groups(said, best[0] / best[1]):
            return
        if best:
            terms = [
                (self.unknown(said.whole, "numerator"), 1.0),
                (self.unknown(said.whole, "denominator"), -best[0] / best[1]),
            ]
            self.system.state(terms, *said.value)
        elif whole:
            low, high = ((whole[0] - end) / whole[1] for end in reversed(said.value))
            self._share(said.best, Interval(low, high))

    def _is_of_shown_groups(self, said: Excess, share: float) -> bool:
        """Whether the number is what the shown groups come to, with or without one of them: then it tells nothing more."""
        parts = [
            one.parts
            for one in self.structure.sums
            if one.whole == said.whole and one.axis[1] == said.dimension
        ]
        shown = [found for places in parts for place in places if (found := self._exact(place))]
        each = [k - n * share for k, n in shown]
        return any(said.value.low <= sum(each) - left <= said.value.high for left in (0.0, *each))

    def _spread(self, said: Spread) -> None:
        sums = [one for one in self.structure.sums if one.whole == said.whole]
        for one in sums:
            if one.axis[1] != said.dimension or not self.adds_up(one):
                continue
            people = [self._range(part, "denominator") for part in one.parts]
            if any(low != high or high <= 0 for low, high in people):
                continue
            whole = self._range(one.whole, "numerator")
            found = measures.tables_with_spread(
                said.kind,
                said.value,
                [self._range(part, "numerator") for part in one.parts],
                [int(low) for low, _ in people],
                int(whole[0]) if whole[0] == whole[1] else None,
            )
            for part, ends in zip(one.parts, found or (), strict=False):
                self.system.within(self.unknown(part, "numerator"), *ends)


def reason(material: Material, world: World, number: int = 0) -> Reasoning:
    """What follows of one world, with the strongest beliefs that its numbers allow."""
    for beliefs in Beliefs().fewer():
        try:
            return Reasoning(material, world, number, beliefs)
        except Contradiction:
            continue
    raise Contradiction


def differences(material: Material, worlds: Mapping[int, World], beliefs: Beliefs, *, sign: int) -> System:
    """Two worlds in one system with what the correction between them changed, taking it that it only added people
    (`sign` 1) or only took some away (-1).
    """
    system = System()
    (before, one), (after, other) = sorted(worlds.items())
    first = Reasoning(material, one, before, beliefs, system)
    second = Reasoning(material, other, after, beliefs, system)
    for place in first.structure.places & second.structure.places:
        for outcome in second.outcomes(place.metric):
            if outcome not in first.outcomes(place.metric):
                continue
            change = Unknown(CHANGE, place, outcome)
            terms: Iterable[tuple[Unknown, float]] = [
                (Unknown(after, place, outcome), float(sign)),
                (Unknown(before, place, outcome), float(-sign)),
                (change, -1.0),
            ]
            system.state(terms, 0, 0)
    for sum_ in second.structure.sums:
        if second.adds_up(sum_) and sum_.complete and sum_.axis[1] != PERIODS:
            for outcome in second.outcomes(sum_.whole.metric):
                names = [Unknown(CHANGE, place, outcome) for place in (*sum_.parts, sum_.whole)]
                if all(name in system.place for name in names):
                    system.state([*((name, 1.0) for name in names[:-1]), (names[-1], -1.0)], 0, 0)
    system.propagate()
    return system
