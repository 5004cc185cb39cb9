"""The door to sums over institutions: who takes part, who has given what, what could be added up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from uuid import UUID

from equity.errors import NotFound
from equity.tenancy.models import Organisation
from metrics import withdrawing
from metrics.definition_fields import definition_of
from metrics.figures import period_of
from metrics.meaning import adds_up, meaning_of
from metrics.models import Contribution, DefinitionSet, Joining, Metric, SetMetric, Total
from metrics.questions import LEAST_INSTITUTIONS
from metrics.reading.periods import Period
from metrics.releasing import groups

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


def locked(departments: Iterable[Organisation], metrics: Sequence[Metric]) -> dict[str, str]:
    """The measures that are counted as a department's own set defines them, unedited: only those can be compared.

    Code of the measure → short name of the department. A set belongs to a department by its name and its state or county.
    """
    rows = SetMetric.objects.filter(pk__in=[one.set_metric_id for one in metrics if one.set_metric_id])
    of_set = {row.pk: row for row in rows.select_related("definition_set")}
    found = {}
    for department, metric in product(departments, metrics):
        row = of_set.get(metric.set_metric_id or 0)
        if row and _is_by(row.definition_set, department) and definition_of(metric) == definition_of(row):
            found[metric.code] = department.slug
    return found


def _is_by(edition: DefinitionSet, department: Organisation) -> bool:
    places = {department.state, department.county_fips} - {""}
    return edition.department.casefold() == department.name.casefold() and edition.jurisdiction in places


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


def with_others(organisation: Organisation, department: Organisation) -> set[str]:
    """The measures that an institution gives to another department, or has given to it; and those of the same people.

    The sums of one department are judged with all that is known there. Of two that count the same institution the
    difference could be what one more institution hides, and neither department would see it.
    """
    others = Joining.objects.filter(organisation=organisation).exclude(department=department)
    given = set(Contribution.objects.filter(joining__in=others).values_list("metric", flat=True))
    given.update(code for one in others.filter(ended_at=None) for code in one.metrics)
    found = groups(list(Metric.objects.filter(organisation=organisation)), given)
    return {code for group in found for code in group}


def joined(department: Organisation) -> list[Joining]:
    """The institutions that take part in a department's sums now."""
    return list(Joining.objects.filter(department=department, ended_at=None))


def names(department_id: int) -> dict[str, str]:
    """Short name → name of everybody who takes part in a department's sums, or did; the latest name of each."""
    rows = Joining.objects.filter(department_id=department_id).order_by("joined_at")
    return dict(rows.values_list("institution_slug", "institution_name"))


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
    for one in Contribution.objects.filter(department=department, withdrawn=False):
        found[one.metric, one.meaning][period_of(one.start, one.end, one.grain)].add(one.joining_id)
    return found


def resting_on_withdrawn(department: Organisation) -> list[tuple[str, Period, list[str]]]:
    """Sums that stand and count what an institution has taken back since: code, period, and the institutions' names."""
    counted = published_totals(department)
    gone = {(one.metric, one.period.start, one.period.end) for one in withdrawing.withdrawn(department.pk)}
    rows = Contribution.objects.filter(department=department, withdrawn=True).select_related("joining")
    found: dict[tuple[str, Period], list[str]] = defaultdict(list)
    for one in rows.order_by("joining__institution_name"):
        where = one.metric, period_of(one.start, one.end, one.grain)
        if (one.metric, one.start, one.end) not in gone and one.joining.institution_slug in counted.get(
            where, ()
        ):
            found[where].append(one.joining.institution_name)
    return [(code, period, by) for (code, period), by in found.items()]


def published_totals(department: Organisation) -> dict[tuple[str, Period], tuple[str, ...]]:
    """Metric and period of every sum that is out → the institutions in it."""
    rows = Total.objects.filter(organisation=department, release__seq__isnull=False)
    return {
        (one.metric, period_of(one.start, one.end, one.grain)): tuple(sorted(one.institutions))
        for one in rows
    }
