"""The door to sums over institutions: who takes part, who has given what, what could be added up."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from equity.errors import NotFound
from equity.tenancy.models import Organisation
from metrics.figures import period_of
from metrics.meaning import adds_up, meaning_of
from metrics.models import Contribution, Joining, Metric, Total
from metrics.questions import LEAST_INSTITUTIONS
from metrics.reading.periods import Period

GIVE = "metrics.give_counts"
CERTIFY_TOTALS = "metrics.certify_totals"

IS_DEPARTMENT = Organisation.Kind.HEALTH_DEPARTMENT


def departments(organisation: Organisation) -> list[Organisation]:
    """Health departments, those of the institution's own state first."""
    found = Organisation.objects.filter(kind=IS_DEPARTMENT).order_by("name")
    return sorted(found, key=lambda one: one.state != organisation.state)


def department_for(slug: str) -> Organisation:
    """The health department with this address."""
    found = Organisation.objects.filter(kind=IS_DEPARTMENT, slug=slug).first()
    if found is None:
        raise NotFound("")
    return found


def taking_part(organisation: Organisation) -> list[Joining]:
    """The sums that an institution takes part in now."""
    own = Joining.objects.filter(organisation=organisation, ended_at=None)
    return list(own.select_related("department"))


def joining_for(organisation: Organisation, pk: UUID) -> Joining:
    """One of the sums that an institution takes part in."""
    found = Joining.objects.filter(organisation=organisation, ended_at=None, pk=pk).first()
    if found is None:
        raise NotFound("")
    return found


def joined(department: Organisation) -> list[Joining]:
    """The institutions that take part in a department's sums now."""
    return list(Joining.objects.filter(department=department, ended_at=None))


@dataclass(frozen=True)
class Sum:
    """A measure in a period, with those who have given it and those who take part in it and have not."""

    metric: Metric
    period: Period
    given: list[str]
    missing: list[str]

    @property
    def enough(self) -> bool:
        return len(self.given) >= LEAST_INSTITUTIONS


def to_be_added_up(department: Organisation) -> list[Sum]:
    """What has been given, is not published yet, and means what the department means by it; the latest first."""
    parties = joined(department)
    given = _given(department)
    published = published_totals(department)
    found = []
    for metric in Metric.objects.filter(organisation=department):
        names = {one.pk: one.institution_name for one in parties if metric.code in one.metrics}
        for period, by in given.get((metric.code, meaning_of(metric)), {}).items():
            if adds_up(metric) and (metric.code, period) not in published:
                have = sorted(names[pk] for pk in by if pk in names)
                found.append(Sum(metric, period, have, sorted(set(names.values()) - set(have))))
    return sorted(found, key=lambda one: (one.metric.position, one.metric.code, -one.period.end.toordinal()))


def _given(department: Organisation) -> dict[tuple[str, str], dict[Period, set[UUID]]]:
    """Metric and meaning → period → joinings."""
    found: dict[tuple[str, str], dict[Period, set[UUID]]] = defaultdict(lambda: defaultdict(set))
    for one in Contribution.objects.filter(department=department):
        found[one.metric, one.meaning][period_of(one.start, one.end, one.grain)].add(one.joining_id)
    return found


def published_totals(department: Organisation) -> dict[tuple[str, Period], tuple[str, ...]]:
    """Metric and period of every sum that is out → the institutions in it."""
    rows = Total.objects.filter(organisation=department, release__seq__isnull=False)
    return {
        (one.metric, period_of(one.start, one.end, one.grain)): tuple(sorted(one.institutions))
        for one in rows
    }
