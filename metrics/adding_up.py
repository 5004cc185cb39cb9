"""From what institutions have given to the question what of their sums may be shown. Runs as a worker of the department.

A sum has as its place the list of those it counts. So two sums of different institutions never pass for parts of one
another, and the difference between them is judged like everything else that can be worked out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from uuid import UUID

from equity.tenancy.models import Organisation
from metrics import joinings
from metrics.figures import (
    HIDDEN,
    PUBLISHED,
    Category,
    Cell,
    Dimension,
    Vocabulary,
    parts_of,
    period_of,
    way_code,
)
from metrics.meaning import meaning_of
from metrics.models import CertifiedCell, ContributedCell, Contribution, Metric
from metrics.questions import LEAST_INSTITUTIONS, Address, Count, Question
from metrics.reading.periods import Period

WITHIN = "/"
"""Between the institution and its unit, in the name of a place; neither has one in its code."""


class Counted(NamedTuple):
    """A sum: its period and those it counts, by their short names."""

    period: Period
    institutions: tuple[str, ...]

    @property
    def place(self) -> str:
        return "sum of " + ", ".join(self.institutions)


@dataclass(frozen=True)
class Given:
    """What all institutions have given of one measure, as the judgement needs it.

    `tables`: institution and period → the counts of the whole institution by stratum. `withdrawn`: of which of these the
    institution has taken its figures back: they stay known, and no new sum counts them.
    """

    counts: dict[Address, Count] = field(default_factory=dict)
    earlier: dict[Address, Cell] = field(default_factory=dict)
    parent_of: dict[str, str | None] = field(default_factory=dict)
    institution_of: dict[str, str] = field(default_factory=dict)
    roots: dict[str, str] = field(default_factory=dict)
    tables: dict[tuple[str, Period], dict[str, Count]] = field(default_factory=lambda: defaultdict(dict))
    overlapping: dict[str, frozenset[str]] = field(default_factory=dict)
    withdrawn: set[tuple[str, Period]] = field(default_factory=set)


@dataclass(frozen=True)
class ToJudge:
    """A measure's sums: those to be made, those passed over for want of institutions, and the question about them.

    `contrary`: a dimension that some institutions count with each person once and some not. Then nothing can be judged.
    """

    new: list[Counted]
    too_few: list[Period]
    question: Question
    institution_of: Mapping[str, str]
    contrary: tuple[str, ...] = ()


def to_judge(
    department: Organisation, asked: Mapping[Metric, Collection[Period]], words: Vocabulary
) -> dict[str, ToJudge]:
    """Everything that the judgement of the sums of metrics in these periods rests on, by the metrics' codes.

    The metrics count the same people, so that they are judged together: also one of which nothing new is asked for.
    """
    found = [_begun(department, metric, periods) for metric, periods in asked.items()]
    new = {one.period for begun in found for one in begun.new}
    near = _linked(new, {where.period for begun in found for where in begun.given.counts})
    return {begun.metric.code: _asked(department, begun, near, words) for begun in found}


@dataclass(frozen=True)
class _Begun:
    """A measure, what was given of it, the sums of it that are out, and those that are to be made."""

    metric: Metric
    given: Given
    published: set[Counted]
    new: list[Counted]
    too_few: list[Period]


def _begun(department: Organisation, metric: Metric, periods: Collection[Period]) -> _Begun:
    given = _given(department, metric)
    parties = {one.institution_slug for one in joinings.joined(department) if metric.code in one.metrics}
    published = {
        Counted(period, institutions)
        for (code, period), institutions in joinings.published_totals(department).items()
        if code == metric.code
    }
    wanted = set(periods) - {one.period for one in published}
    candidates = [Counted(period, _those_who_gave(given, period, parties)) for period in sorted(wanted)]
    new = [one for one in candidates if len(one.institutions) >= LEAST_INSTITUTIONS]
    return _Begun(metric, given, published, new, [one.period for one in candidates if one not in new])


def _asked(department: Organisation, begun: _Begun, near: set[Period], words: Vocabulary) -> ToJudge:
    metric, given = begun.metric, begun.given
    sums = [*begun.new, *(one for one in begun.published if one.period in near)]
    counts = {where: count for where, count in given.counts.items() if where.period in near}
    earlier = {where: cell for where, cell in given.earlier.items() if where.period in near}
    summed = {where: count for one in sums for where, count in _sums(one, given.tables, words).items()}
    earlier |= _published_sums(department, metric, begun.published & set(sums), summed)
    question = Question(
        kind=metric.kind,
        counts_people=metric.counts_people,
        counts=counts | summed,
        blanks={},
        earlier=earlier,
        vocabulary=_vocabulary(words, given),
        parent_of=given.parent_of,
        once=metric.once_over_periods,
        totals={one.place: tuple(given.roots[slug] for slug in one.institutions) for one in sums},
        people={"numerator": metric.numerator, "denominator": metric.denominator},
    )
    return ToJudge(begun.new, begun.too_few, question, given.institution_of, _contrary(given))


def _those_who_gave(given: Given, period: Period, parties: Collection[str]) -> tuple[str, ...]:
    have = {slug for slug in parties if (slug, period) in given.tables}
    return tuple(sorted(slug for slug in have if (slug, period) not in given.withdrawn))


def _given(department: Organisation, metric: Metric) -> Given:
    """Everything given of a measure that means what the department means by it, also by those who have left."""
    contributions = {
        one.pk: one
        for one in Contribution.objects.filter(
            department=department, metric=metric.code, meaning=meaning_of(metric)
        ).select_related("joining")
    }
    given = Given()
    for contribution in contributions.values():
        slug = contribution.joining.institution_slug
        given.overlapping[slug] = frozenset(contribution.overlapping)
        if contribution.withdrawn:
            given.withdrawn.add((slug, _period_of(contribution)))
    cells = ContributedCell.objects.filter(department=department, contribution__in=list(contributions))
    for cell in cells.iterator():
        _take(given, contributions, cell)
    return given


def _take(given: Given, contributions: Mapping[UUID, Contribution], cell: ContributedCell) -> None:
    contribution = contributions[cell.contribution_id]
    slug = contribution.joining.institution_slug
    place = f"{slug}{WITHIN}{cell.unit}"
    period = _period_of(contribution)
    where = Address(place, period, cell.stratum)
    shown = cell.shows_numerator
    given.counts[where] = Count(cell.numerator, cell.denominator)
    given.earlier[where] = Cell(
        PUBLISHED if shown else HIDDEN,
        cell.numerator if shown else None,
        cell.denominator if cell.shows_denominator else None,
    )
    given.parent_of[place] = f"{slug}{WITHIN}{cell.parent}" if cell.parent else None
    given.institution_of[place] = slug
    if not cell.parent:
        given.roots[slug] = place
        given.tables[slug, period][cell.stratum] = given.counts[where]


def _period_of(contribution: Contribution) -> Period:
    return period_of(contribution.start, contribution.end, contribution.grain)


def _linked(new: set[Period], known: set[Period]) -> set[Period]:
    """The periods, and all that hang together with them by the days they share."""
    near, left = set(new), known - new
    while more := {
        one for one in left if any(one.start <= other.end and other.start <= one.end for other in near)
    }:
        near |= more
        left -= more
    return near


def _sums(
    counted: Counted, given: Mapping[tuple[str, Period], Mapping[str, Count]], words: Vocabulary
) -> dict[Address, Count]:
    """The sums of all groups that every institution in it counts, in the department's own words."""
    tables = [given[slug, counted.period] for slug in counted.institutions]
    common = set.intersection(*(set(table) for table in tables)) if tables else set()
    return {
        Address(counted.place, counted.period, stratum): _sum(table[stratum] for table in tables)
        for stratum in common
        if all(
            dimension in words and category in words[dimension].categories
            for dimension, category in parts_of(stratum).items()
        )
    }


def _sum(counts: Iterable[Count]) -> Count:
    numbers = list(counts)
    denominators = [one.denominator for one in numbers if one.denominator is not None]
    return Count(
        sum(one.numerator for one in numbers),
        sum(denominators) if len(denominators) == len(numbers) else None,
    )


def _published_sums(
    department: Organisation, metric: Metric, published: Collection[Counted], summed: Mapping[Address, Count]
) -> dict[Address, Cell]:
    """What is out of the sums made before: a group that is not out of one of them stays hidden."""
    place_of = {one.period: one.place for one in published}
    rows = CertifiedCell.objects.filter(
        organisation=department, series__metric=metric, release__seq__isnull=False
    ).values_list("start", "end", "grain", "series__stratum__key", "status", "numerator", "denominator")
    cells = {
        Address(place, period, where.stratum): Cell(HIDDEN)
        for period, place in place_of.items()
        for where in summed
        if where.place == place
    }
    for start, end, grain, stratum, status, numerator, denominator in rows:
        period = period_of(start, end, grain)
        if period in place_of:
            cells[Address(place_of[period], period, stratum)] = Cell(status, numerator, denominator)
    return cells


def _vocabulary(words: Vocabulary, given: Given) -> dict[str, Dimension]:
    """The department's dimensions, and whatever else the institutions count by: that is known outside too."""
    found = dict(words)
    overlapping = frozenset[str]().union(*given.overlapping.values())
    for dimension, categories in _used(given).items():
        known = found.get(dimension) or Dimension(dimension, dimension, 0, True, {})
        more = {
            code: Category(code, code, code, missing=False, position=0)
            for code in categories
            if code not in known.categories
        }
        found[dimension] = replace(
            known, categories={**known.categories, **more}, partition=dimension not in overlapping
        )
    return found


def _used(given: Given) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for where in given.counts:
        for dimension, category in parts_of(where.stratum).items():
            found[dimension].add(category)
    return found


def _contrary(given: Given) -> tuple[str, ...]:
    used: dict[str, set[bool]] = defaultdict(set)
    for where in given.counts:
        for dimension in way_code(where.stratum).split("*"):
            if dimension:
                used[dimension].add(dimension in given.overlapping[given.institution_of[where.place]])
    return tuple(sorted(dimension for dimension, kinds in used.items() if len(kinds) > 1))
