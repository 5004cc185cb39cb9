"""Choosing what to measure: taking a metric over, adapting it, writing one, retiring it, and who decides on publication."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from equity import audit
from equity.errors import RuleBroken
from equity.tenancy.acting import current
from equity.tenancy.models import Organisation, Person
from metrics.actions.indexes import refuse_wrong_parts
from metrics.definition_fields import DEFINITION, differences, values_of
from metrics.expecting import LONGEST_DUE_DAYS
from metrics.library.entries import LibraryMetric
from metrics.models import Metric, SetMetric, Side

Origin = Metric.Origin


def adopt_metric(
    *,
    organisation: Organisation,
    entry: LibraryMetric,
    by: Person | None,
    chosen_by: str = Side.INSTITUTION,
    held_by: str = Side.INSTITUTION,
) -> Metric:
    """Take a metric of the library over as it is; its code and version are remembered."""
    return _choose(
        organisation,
        entry.code,
        values_of(entry),
        by,
        origin=Origin.LIBRARY,
        library_code=entry.code,
        library_version=entry.version,
        chosen_by=chosen_by,
        held_by=held_by,
    )


def adapt_metric(
    *,
    organisation: Organisation,
    entry: LibraryMetric,
    code: str,
    values: Mapping[str, Any],
    by: Person | None,
    chosen_by: str = Side.INSTITUTION,
    held_by: str = Side.INSTITUTION,
) -> Metric:
    """Make an own version of a metric of the library. What differs stays visible."""
    if not differences(values_of(entry), values):
        raise RuleBroken(_("Nothing differs from the library. Adopt the measure as it is."))
    return _choose(
        organisation,
        code,
        values,
        by,
        origin=Origin.ADAPTED,
        library_code=entry.code,
        library_version=entry.version,
        chosen_by=chosen_by,
        held_by=held_by,
    )


def write_metric(
    *,
    organisation: Organisation,
    code: str,
    values: Mapping[str, Any],
    by: Person | None,
    chosen_by: str = Side.INSTITUTION,
    held_by: str = Side.INSTITUTION,
) -> Metric:
    """Define a metric in one's own words."""
    return _choose(organisation, code, values, by, origin=Origin.OWN, chosen_by=chosen_by, held_by=held_by)


def adopt_from_set(*, organisation: Organisation, entry: SetMetric, by: Person | None) -> Metric:
    """Take a definition of a health department over, unedited: only so its figures count as comparable."""
    values = {field: getattr(entry, field) for field in DEFINITION}
    return _choose(organisation, entry.code, values, by, origin=Origin.SET, set_metric=entry)


def retire_metric(
    *, metric: Metric, reason: str, by: Person | None, on: datetime.date | None = None
) -> Metric:
    """Ask for no new counts after a day. The metric, its counts and what is published stay."""
    if metric.retired_on is not None:
        raise RuleBroken(_("This measure is retired already."))
    if not reason.strip():
        raise RuleBroken(_("Say why it is retired: people will ask."))
    with transaction.atomic(using=current().alias):
        metric.retired_on = on or timezone.localdate()
        metric.retired_because = reason.strip()
        metric.save(update_fields=["retired_on", "retired_because"])
        audit.record(
            "metric.retire",
            by=by,
            target=metric,
            on=metric.retired_on.isoformat(),
            reason=metric.retired_because,
        )
    return metric


def set_when_due(*, metric: Metric, owner: Person | None, due_days: int, by: Person | None) -> Metric:
    """Say who answers for its counts, and how many days after the end of a period they are due."""
    if metric.retired_on is not None:
        raise RuleBroken(_("This measure is retired: nobody is asked for its counts."))
    if not 0 <= due_days <= LONGEST_DUE_DAYS:
        raise RuleBroken(_("Counts are due within a year after the end of a period."))
    with transaction.atomic(using=current().alias):
        before = [metric.owner.name if metric.owner else "", metric.due_days]
        metric.owner, metric.due_days = owner, due_days
        metric.save(update_fields=["owner", "due_days"])
        after = [owner.name if owner else "", due_days]
        audit.record("metric.when_due", by=by, target=metric, before=before, after=after)
    return metric


def give_to_community(*, metric: Metric, by: Person | None) -> Metric:
    """From now on the community decides whether figures of this metric are published."""
    return _hold(metric, Side.COMMUNITY, by)


def give_back(*, metric: Metric, by: Person | None) -> Metric:
    """The community lets the institution decide again. PostgreSQL refuses it from anybody else."""
    return _hold(metric, Side.INSTITUTION, by)


def _hold(metric: Metric, side: Side, by: Person | None) -> Metric:
    if metric.held_by == side:
        raise RuleBroken(_("That is so already."))
    with transaction.atomic(using=current().alias):
        before, metric.held_by = metric.held_by, side
        metric.save(update_fields=["held_by"])
        audit.record("metric.hold", by=by, target=metric, before=before, after=side.value)
    return metric


def _choose(
    organisation: Organisation, code: str, values: Mapping[str, Any], by: Person | None, **more: Any
) -> Metric:
    if Metric.objects.filter(organisation=organisation, code=code).exists():
        raise RuleBroken(
            _("There is a measure with the code “%(code)s” already. A code is never used twice.")
            % {"code": code}
        )
    refuse_wrong_parts(organisation.pk, values)
    with transaction.atomic(using=current().alias):
        last = Metric.objects.filter(organisation=organisation).aggregate(last=models.Max("position"))["last"]
        metric = Metric.objects.create(
            organisation=organisation,
            code=code,
            owner=by,
            position=0 if last is None else last + 1,
            **{field: values[field] for field in DEFINITION},
            **more,
        )
        audit.record(
            "metric.choose",
            by=by,
            target=metric,
            code=code,
            origin=metric.origin,
            library_version=metric.library_version,
            chosen_by=metric.chosen_by,
            held_by=metric.held_by,
        )
    return metric
