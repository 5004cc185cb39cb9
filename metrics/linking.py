"""How the counts of a release add up: units of an institution, shorter periods in longer ones, groups of a dimension.

Pure. Periods are equations only where each of them holds the other whole or shares no day with it. Where two cross, as
rolling twelve months do, their difference is a difference of pieces that nobody publishes, so they never go out together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from metrics import disclosure
from metrics.disclosure import Structure, Whole
from metrics.disclosure.cells import RESERVED
from metrics.figures import parts_of
from metrics.questions import Address, Question
from metrics.reading.periods import Period


def dimensions_of(question: Question, counts: Iterable[Address]) -> tuple[disclosure.Dimension, ...]:
    """The dimensions that these counts use."""
    return tuple(
        disclosure.Dimension(
            code,
            tuple(category.code for category in question.vocabulary[code].in_order),
            overlapping=not question.vocabulary[code].partition,
            missing=frozenset(one.code for one in question.vocabulary[code].in_order if one.missing),
        )
        for code in sorted({dimension for where in counts for dimension in parts_of(where.stratum)})
    )


def places_of(question: Question, present: Collection[str], name: Callable[[str], str]) -> Iterator[Whole]:
    """Each unit with the units below it, each sum with its institutions, under the names that the table has for them.

    Units without a count are left out: their parent's rest stands for them.
    """
    for whole in sorted(present):
        within = question.totals.get(whole, ())
        below = {code for code in present if question.parent_of.get(code) == whole}
        parts = tuple(sorted(name(code) for code in below.union(code for code in within if code in present)))
        if parts:
            yield Whole(name(whole), parts, overlapping=question.once_over_units)


def periods_of(
    periods: Sequence[Period], name: Callable[[str], str], *, once: bool = False
) -> Iterator[Whole]:
    """Each period with those it is made of, and the days beside them if there are any, under the table's names for them.

    `once`: who comes in several of them is counted once in the whole.
    """
    for whole in periods:
        parts = parts_of_period(whole, periods)
        if parts:
            names = [name(part.code) for part in parts]
            if sum(map(_days, parts)) < _days(whole):
                names.append(f"{RESERVED}other days of {name(whole.code)}")
            yield Whole(name(whole.code), tuple(names), overlapping=once)


def structure(
    dimensions: Iterable[disclosure.Dimension], places: Iterable[Whole], periods: Iterable[Whole]
) -> Structure:
    """What metrics that are judged together have in common; a dimension that several use is named once."""
    named = {dimension.name: dimension for dimension in dimensions}
    return Structure(tuple(named[name] for name in sorted(named)), tuple(places), tuple(periods))


def parts_of_period(whole: Period, periods: Sequence[Period]) -> list[Period]:
    """The longest periods within a period that do not overlap each other, in order."""
    within = [one for one in periods if _holds(whole, one) and not _same_days(whole, one)]
    chosen: list[Period] = []
    for one in sorted(within, key=lambda one: (one.start - one.end, one.start)):
        if not any(share_a_day(one, other) for other in chosen):
            chosen.append(one)
    return sorted(chosen)


def divisions(question: Question, whole: Address, periods: Sequence[Period]) -> Iterator[list[Address]]:
    """Every way in which the counts of an address are the sum of others."""
    used = parts_of(whole.stratum)
    for code, dimension in question.vocabulary.items():
        if code not in used and dimension.partition:
            yield [
                whole._replace(stratum="&".join(f"{k}={v}" for k, v in sorted({**used, code: one}.items())))
                for one in dimension.categories
            ]
    if not question.once_over_units:
        yield [
            whole._replace(place=code) for code, parent in question.parent_of.items() if parent == whole.place
        ]
    if not question.once:
        yield [whole._replace(period=part) for part in parts_of_period(whole.period, periods)]


def clusters(periods: Iterable[Period]) -> Iterator[list[Period]]:
    """Periods that hang together by the days they share."""
    cluster: list[Period] = []
    for period in sorted(periods, key=lambda one: (one.start, one.end)):
        if cluster and period.start > max(one.end for one in cluster):
            yield cluster
            cluster = []
        cluster.append(period)
    if cluster:
        yield cluster


def crossing(periods: Iterable[Period], published: Collection[Period]) -> list[Period]:
    """New periods that may not go out: they cross one that is published, or another that came first.

    Should two that are published cross, nothing new joins them: what follows from the two nobody can write down.
    """
    kept = [one for one in periods if one in published]
    new = sorted(set(periods) - set(kept), key=lambda one: (one.start, -one.end.toordinal(), one.grain))
    if any(_cross(one, other) for one in kept for other in kept if one != other):
        return new
    refused = []
    for one in new:
        if any(_cross(one, other) for other in kept):
            refused.append(one)
        else:
            kept.append(one)
    return refused


def share_a_day(one: Period, other: Period) -> bool:
    return one.start <= other.end and other.start <= one.end


def _cross(one: Period, other: Period) -> bool:
    """Share days although neither holds the other, or are the same days by two names."""
    if _same_days(one, other):
        return True
    return share_a_day(one, other) and not _holds(one, other) and not _holds(other, one)


def _days(period: Period) -> int:
    return (period.end - period.start).days + 1


def _holds(whole: Period, part: Period) -> bool:
    return whole.start <= part.start and part.end <= whole.end


def _same_days(one: Period, other: Period) -> bool:
    return (one.start, one.end) == (other.start, other.end)
