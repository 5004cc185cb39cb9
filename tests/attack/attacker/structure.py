"""Which sums everybody can write down, from nothing but the names of what is published: groups of a dimension make up
everybody, groups crossed with others make up their margins, units the institution, quarters the year.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from tests.attack.attacker.material import Material, Span
from tests.attack.attacker.told import Place

UNITS, PERIODS, INSTITUTIONS = "units", "periods", "institutions"


@dataclass(frozen=True, slots=True)
class Sum:
    """A whole and its parts. `axis`: what divides it: a dimension, the units, the periods. `complete`: no part is missing."""

    axis: tuple[str, str]
    whole: Place
    parts: tuple[Place, ...]
    complete: bool = True

    @property
    def rest(self) -> Place:
        """Those of the whole who are in no part that has a name."""
        return self.whole._replace(period=f"{self.whole.period} ~ rest")


class Structure:
    """The sums among the places of some publications. Categories and units are all that were ever seen of a metric."""

    def __init__(self, material: Material, places: Iterable[Place], ever_seen: Iterable[Place]) -> None:
        self.material = material
        self.listed = set(places)
        self.categories: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.units: dict[str, set[str]] = defaultdict(set)
        for place in ever_seen:
            self.units[place.metric].add(place.unit)
            for dimension, category in place.group:
                self.categories[place.metric, dimension].add(category)
        self.places = set(self._with_margins(self.listed))
        self.sums = list(self._sums())

    def _with_margins(self, places: Collection[Place]) -> Iterator[Place]:
        """Wholes that nobody published are counts, too."""
        within = [part for whole in places for part in self.material.within(whole)]
        for place in (*places, *within):
            root = self.material.root(place.metric)
            for unit in {place.unit, root or place.unit}:
                yield from _smaller_groups(place._replace(unit=unit))

    def _sums(self) -> Iterator[Sum]:
        spans: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        of_scope: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        for place in self.places:
            of_scope[place[:3]] |= {dimension for dimension, _ in place.group}
            spans[place.metric, place.unit][place.period].add("")
        for place in sorted(self.places, key=_order):
            yield from self._by_group(place, of_scope[place[:3]])
            yield from self._by_unit(place)
            yield from self._by_institution(place)
            yield from self._by_period(place, spans[place.metric, place.unit])

    def _by_group(self, whole: Place, dimensions: Collection[str]) -> Iterator[Sum]:
        for dimension in sorted(set(dimensions) - {name for name, _ in whole.group}):
            categories = sorted(self.categories[whole.metric, dimension])
            parts = tuple(whole._replace(group=whole.group | {(dimension, one)}) for one in categories)
            if any(part in self.places for part in parts):
                yield Sum((whole.metric, dimension), whole, parts)

    def _by_unit(self, whole: Place) -> Iterator[Sum]:
        root = self.material.root(whole.metric)
        if root is None:
            return
        parents = self.material.parents
        units = sorted(self.units[whole.metric] - {root})
        below = [one for one in units if parents.get(one, root) == whole.unit and one != whole.unit]
        parts = tuple(whole._replace(unit=one) for one in below)
        if any(part in self.places for part in parts):
            yield Sum((whole.metric, UNITS), whole, parts)

    def _by_institution(self, whole: Place) -> Iterator[Sum]:
        parts = self.material.within(whole)
        if any(part in self.places for part in parts):
            yield Sum((whole.metric, INSTITUTIONS), whole, parts)

    def _by_period(self, whole: Place, periods: Mapping[str, object]) -> Iterator[Sum]:
        span = Span.of(whole.period)
        within = [one for one in map(Span.of, periods) if span.holds(one)]
        for chosen in _chains(within):
            parts = tuple(whole._replace(period=one.code) for one in chosen)
            if any(part in self.places for part in parts):
                yield Sum((whole.metric, PERIODS), whole, parts, _tiles(span, chosen))


def _smaller_groups(place: Place) -> Iterator[Place]:
    yield place
    for pair in place.group:
        yield from _smaller_groups(place._replace(group=place.group - {pair}))


def _order(place: Place) -> tuple[object, ...]:
    return place.metric, place.unit, place.period, len(place.group), sorted(place.group)


def _chains(spans: Iterable[Span]) -> Iterator[list[Span]]:
    """Periods of about the same length that follow each other: the months, the quarters."""
    by_length: dict[int, list[Span]] = defaultdict(list)
    for span in sorted(spans, key=lambda one: one.start):
        by_length[round((span.end - span.start).days / 30.4)].append(span)
    for chain in by_length.values():
        if not any(one.shares_a_day(other) for one, other in pairwise(chain)):
            yield chain


def _tiles(whole: Span, parts: list[Span]) -> bool:
    """Whether the parts are the whole, day by day."""
    ends = [whole.start - timedelta(days=1), *(part.end for part in parts)]
    starts = [*(part.start for part in parts), whole.end + timedelta(days=1)]
    return all(start - end == timedelta(days=1) for end, start in zip(ends, starts, strict=True))
