"""Taking part in the sums of a health department, and adding up."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from equity import audit
from equity.errors import RuleBroken
from equity.tenancy import jobs
from equity.tenancy.acting import current
from equity.tenancy.models import Job, Organisation, Person
from metrics import joinings, releasing
from metrics.actions.releases import Drafted, have_checked
from metrics.meaning import adds_up
from metrics.models import Joining, Metric
from metrics.reading.periods import Period


def take_part(
    *, organisation: Organisation, department: Organisation, metrics: Collection[str], by: Person
) -> Joining:
    """Join the sums of a department with these measures (codes). What is published of them is given at once.

    A measure goes to one department only, with those of the same people. Without any it is those that the department's
    own set defines. Joining again names the measures anew.
    """
    own = [one for one in Metric.objects.filter(organisation=organisation) if adds_up(one)]
    wanted = metrics or joinings.locked([department], own).keys()
    chosen = sorted({one.code for one in own}.intersection(wanted))
    if not chosen:
        raise RuleBroken(
            _(
                "Choose at least one measure that can be added up: you count none as %(department)s defines it."
            )
            % {"department": department.name}
        )
    if department.kind != joinings.IS_DEPARTMENT:
        raise RuleBroken(_("Only a health department adds up the counts of institutions."))
    with transaction.atomic(using=current().alias):
        releasing.one_at_a_time(organisation.pk)
        if elsewhere := joinings.with_others(organisation, department).intersection(chosen):
            names = [one.name for one in own if one.code in elsewhere]
            raise RuleBroken(
                _("You give these measures, or others of the same people, to another department: %(names)s.")
                % {"names": "; ".join(names)}
            )
        joining, is_new = Joining.objects.get_or_create(
            organisation=organisation,
            department=department,
            ended_at=None,
            defaults={
                "institution_slug": organisation.slug,
                "institution_name": organisation.name,
                "metrics": chosen,
            },
        )
        before = [] if is_new else joining.metrics
        if not is_new:
            joining.metrics = chosen
            joining.save(update_fields=["metrics"])
        audit.record(
            "joining.take_part", by=by, target=joining, department=department.slug, changes=[before, chosen]
        )
        give(organisation=organisation, by=by)
    return joining


def end(*, joining: Joining, by: Person) -> None:
    """Give nothing from now on. Sums that are published stay."""
    with transaction.atomic(using=current().alias):
        joining.ended_at = timezone.now()
        joining.save(update_fields=["ended_at"])
        audit.record("joining.end", by=by, target=joining)


def give(*, organisation: Organisation, by: Person | None) -> Job:
    """Have what is published of an institution given to the departments whose sums it takes part in."""
    return jobs.enqueue(joinings.GIVE, organisation=organisation, by=by)


def draft_totals(
    *,
    department: Organisation,
    metrics: Collection[str],
    periods: Collection[Period],
    title: str,
    by: Person | None,
) -> Drafted:
    """Begin a release of sums over institutions, and have it checked."""
    if department.kind != joinings.IS_DEPARTMENT:
        raise RuleBroken(_("Only a health department adds up the counts of institutions."))
    return have_checked(
        joinings.CERTIFY_TOTALS,
        organisation=department,
        metrics=metrics,
        periods=periods,
        title=title or _("Sums"),
        by=by,
    )
