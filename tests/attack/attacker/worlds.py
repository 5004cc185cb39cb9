"""Which releases speak of the same counts.

As long as no shown number differs from an earlier one, the counts are taken to be the same, and all that was ever said of them
is put together: what was shown once is known for good, also when it is hidden or withdrawn later. Where a number differs, the
counts were corrected: a new world begins, with what stands from then on. A sum over institutions is not made again: it
belongs to the world in which it was made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations

from tests.attack.attacker.material import Material, Span
from tests.attack.attacker.told import Figure, Outcome, Place, Statement

MARKED = {"published", "hidden", "seen"}


@dataclass
class World:
    """Counts at one time, and what is told of them."""

    since: int
    figures: dict[Place, Figure] = field(default_factory=dict)
    statements: list[Statement] = field(default_factory=list)

    def differs(self, figure: Figure) -> bool:
        """Whether a figure tells another number than the one that is known."""
        known = self.figures.get(figure.place)
        return known is not None and any(
            None not in (one, other) and one != other
            for one, other in (
                (known.numerator, figure.numerator),
                (known.denominator, figure.denominator),
            )
        )

    def add(self, figure: Figure) -> None:
        """Put a figure to what is known. Numbers that were told stay known."""
        known = self.figures.get(figure.place, figure)
        self.figures[figure.place] = Figure(
            figure.place,
            figure.status if figure.status != "seen" else known.status,
            known.numerator if figure.numerator is None else figure.numerator,
            known.denominator if figure.denominator is None else figure.denominator,
        )


def worlds(material: Material, places: Collection[Place]) -> list[World]:
    """The worlds of these places, in order. Statements of pages belong to the world in which they were read."""
    wanted = set(places)
    seqs = {version.seq for place in places for version in material.versions[place]}
    told: dict[int, list[Statement]] = defaultdict(list)
    for seq, statement in material.said:
        if wanted.intersection(_places_of(statement)):
            told[seq].append(statement)
    found: list[World] = []
    for seq in sorted(seqs | told.keys()):
        came = [
            version.figure
            for place in places
            for version in material.versions[place]
            if version.seq == seq and version.figure
        ]
        came += [one for one in told[seq] if isinstance(one, Figure)]
        if not found or any(map(found[-1].differs, came)):
            found.append(World(seq))
            for place in places:
                figure = material.in_force(place, seq)
                if figure and not (len(found) > 1 and material.within(place)):
                    found[-1].add(figure)
        for figure in came:
            found[-1].add(figure)
        found[-1].statements += [one for one in told[seq] if not isinstance(one, Figure)]
    return found


def _places_of(statement: Statement) -> Iterator[Place]:
    for name in ("place", "whole", "best", "first", "second"):
        if hasattr(statement, name):
            yield getattr(statement, name)


def clusters(material: Material, places: Iterable[Place]) -> Iterator[list[Place]]:
    """Places whose counts can have to do with each other: measures that count the same, periods that share days."""
    by_metric: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        by_metric[place.metric].append(place)
    for metrics in linked(material, by_metric):
        together = [place for metric in metrics for place in by_metric[metric]]
        spans = sorted({Span.of(place.period) for place in together}, key=lambda one: (one.start, one.end))
        cluster: list[Span] = []
        for span in spans:
            if cluster and span.start > max(one.end for one in cluster):
                yield _during(together, cluster)
                cluster = []
            cluster.append(span)
        yield _during(together, cluster)


def _during(places: Iterable[Place], spans: Iterable[Span]) -> list[Place]:
    codes = {span.code for span in spans}
    return [place for place in places if place.period in codes]


def same_words(
    material: Material, metrics: Iterable[str]
) -> Iterator[tuple[tuple[str, Outcome], tuple[str, Outcome]]]:
    """Pairs of (metric, outcome) that count the same: they are told in the same words."""
    outcomes: tuple[Outcome, ...] = ("numerator", "denominator")
    named: list[tuple[tuple[str, Outcome], str]] = [
        ((code, outcome), getattr(material.metrics[code], outcome).strip().casefold())
        for code in sorted(metrics)
        for outcome in outcomes
        if material.metrics[code].people
    ]
    for (one, words), (other, others) in combinations(named, 2):
        same_house = one[0].partition("/")[0] == other[0].partition("/")[0]
        if words and words == others and one[0] != other[0] and same_house:
            yield one, other


def linked(material: Material, metrics: Iterable[str]) -> list[list[str]]:
    """Metrics in sets that share a count."""
    group = {metric: {metric} for metric in metrics if material.metrics[metric].people}
    pairs = [(one, other) for (one, _), (other, _) in same_words(material, group)]
    for (metric, _period), counted in material.counted.items():
        pairs += [(metric, f"{one}/{metric.partition('/')[2]}") for one in counted]
    for one, other in pairs:
        if one not in group or other not in group:
            continue
        merged = group[one] | group[other]
        for metric in merged:
            group[metric] = merged
    return [list(one) for one in sorted({tuple(sorted(found)) for found in group.values()})]
