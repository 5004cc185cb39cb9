"""The door to what data is due: for each measure in use and each unit, the periods whose counts are waited for.

For insiders, who alone read the counts. Nobody is reminded of measures that the community holds, of stated spans, which have
no rhythm, of an index, which is worked out from other measures, nor at a health department, which holds no counts of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from urllib.parse import urlencode

from django.utils import timezone

from equity.roles import INSIDERS, Permission
from equity.tenancy.models import Membership, Organisation, Person, Unit
from metrics import queries
from metrics.completeness import Reporter, Reports, Said
from metrics.expecting import due_on, never_given, waited_for
from metrics.models import Grain, Metric, Side
from metrics.reading.cells import MetricKind
from metrics.reading.periods import Period
from metrics.releasing import reported
from metrics.silences import parts_in_words
from metrics.typed import FILE_GRAINS


class When(StrEnum):
    """How pressing it is: the day has passed, or it has not."""

    OVERDUE = "overdue"
    SOON = "soon"


@dataclass(frozen=True)
class Asked:
    """What the address asks for; what does not exist there means: everything."""

    mine: bool = False
    when: When | None = None

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Asked:
        """From the parameters of an address: `whose=mine`, `when=overdue` or `when=soon`."""
        when = given.get("when", "")
        return cls(given.get("whose") == "mine", When(when) if when in set(When) else None)


@dataclass(frozen=True)
class Due:
    """Periods, in order, for which one unit has given no counts of one measure; all of them late, or none.

    `unit` is the one that the links fill in. `nobody_has`: no unit ever gave a count, so that it is a proposal.
    `on`: the last day on which the first of the periods was, or is, in time.
    """

    metric: Metric
    unit: Reporter
    nobody_has: bool
    periods: tuple[Period, ...]
    when: When
    on: date

    @property
    def is_overdue(self) -> bool:
        return self.when is When.OVERDUE

    @property
    def words(self) -> str:
        """The periods in words: "March and May to July 2026"."""
        return parts_in_words(self.periods)

    @property
    def can_be_typed(self) -> bool:
        """An average needs its sum of squares, which the grid has no field for."""
        return self.metric.kind != MetricKind.MEAN

    @cached_property
    def grid(self) -> str:
        """Where the grid is that has the first of the periods, as the part of its address after the "?"."""
        return urlencode(
            {"metric": self.metric.code, "unit": self.unit.code, "year": self.periods[0].start.year}
        )

    @cached_property
    def file(self) -> str:
        """The same for the page that takes a file, and for the file to fill in."""
        return urlencode(
            {
                "metric": self.metric.code,
                "unit": self.unit.code,
                "period": [period.code for period in self.periods],
            },
            doseq=True,
        )


def who_may_answer() -> list[Person]:
    """Who can answer for the counts of a measure: those who read them."""
    held = Membership.objects.filter(ended_on=None, role__in=[role.value for role in INSIDERS])
    people = {one.person for one in held.select_related("person")}
    return sorted(people, key=lambda person: (person.name, str(person.pk)))


def everything_due(organisation: Organisation, today: date | None = None) -> list[Due]:
    """All that is due in the institution one is in: what is late first, the longest waited for first."""
    if organisation.kind == Organisation.Kind.HEALTH_DEPARTMENT:
        return []
    day = today or timezone.localdate()
    metrics, places = [one for one in queries.definitions() if is_reminded_of(one)], queries.units()
    if not metrics or not places:
        return []
    said = reported(organisation.pk, metrics, places)
    found = [one for metric in metrics for one in _of_metric(metric, said[metric.code], places, day)]
    return sorted(found, key=lambda one: (not one.is_overdue, one.on, one.metric.position, one.metric.name))


def measures_late(found: Iterable[Due]) -> int:
    """Of how many measures counts are late."""
    return len({one.metric.pk for one in found if one.is_overdue})


def is_reminded_of(metric: Metric) -> bool:
    """Whether counts of this measure have a day on which they are due."""
    return (
        metric.retired_on is None
        and metric.held_by != Side.COMMUNITY
        and metric.frequency != Grain.SPAN
        and metric.kind != MetricKind.INDEX
    )


def narrowed(found: Iterable[Due], asked: Asked, person: Person) -> list[Due]:
    """What of it is asked for."""
    return [
        one
        for one in found
        if asked.when in (None, one.when) and (not asked.mine or one.metric.owner_id == person.pk)
    ]


def concerning(found: Iterable[Due], person: Person, permissions: Collection[Permission]) -> list[Due]:
    """What of it this person answers for or may enter."""
    if Permission.IMPORT_COUNTS in permissions:
        return list(found)
    return [one for one in found if one.metric.owner_id == person.pk]


def _of_metric(metric: Metric, said: Reports, places: Sequence[Unit], today: date) -> Iterator[Due]:
    if not said.said:
        grain = FILE_GRAINS[Grain(metric.frequency)]
        periods = never_given(grain, asked_from=metric.asked_from, today=today)
        yield from _split(metric, _proposed(places), periods, today, nobody_has=True)
        return
    closed = {unit.code: unit.closed_on for unit in places}
    for unit, words in said.said.items():
        for own in _by_length(words):
            periods = waited_for(own, today=today, closed_on=closed[unit.code])
            yield from _split(metric, unit, periods, today, nobody_has=False)


def _by_length(words: Said) -> list[Said]:
    """What a unit said, by the length of the periods: where people are counted once, a year is given beside its months."""
    grains = sorted({period.grain for period in words})
    return [{period: word for period, word in words.items() if period.grain is grain} for grain in grains]


def _proposed(places: Sequence[Unit]) -> Reporter:
    """Where counts usually begin: the first unit that is open and has no parts."""
    above = {unit.parent_id for unit in places}
    fitting = [unit for unit in places if unit.pk not in above and unit.closed_on is None]
    first = (fitting or list(places))[0]
    return Reporter(first.code, first.name)


def _split(
    metric: Metric, unit: Reporter, periods: Sequence[Period], today: date, *, nobody_has: bool
) -> Iterator[Due]:
    """What is late and what is not, each by itself."""
    for when in When:
        own = tuple(
            one for one in periods if (due_on(one, metric.due_days) < today) == (when is When.OVERDUE)
        )
        if own:
            yield Due(metric, unit, nobody_has, own, when, due_on(own[0], metric.due_days))
