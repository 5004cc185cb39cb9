"""Changing a definition: better words, another version from a day on; and what the metric should reach by when."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from equity import audit
from equity.errors import RuleBroken
from equity.tenancy.acting import current
from equity.tenancy.models import Person
from metrics.actions.indexes import refuse_another_scale, refuse_wrong_parts
from metrics.definition_fields import DEFINITION, HOW_COUNTED, MEANING, definition_of
from metrics.models import Metric, MetricVersion, Series, Target

OUT_OF = frozenset({Metric.Kind.PROPORTION, Metric.Kind.INDEX})
"""Kinds that end at what they are shown out of."""


def reword_metric(*, metric: Metric, values: Mapping[str, Any], by: Person | None) -> Metric:
    """Say the same better: nothing about what is counted changes, so no line is broken.

    A metric taken over as it is becomes an adapted one all the same: its words are its own now.
    """
    changes = changes_to(metric, values)
    refuse_wrong_parts(metric.organisation_id, {"kind": metric.kind, **values})
    if not changes:
        raise RuleBroken(_("Nothing differs from what stands there."))
    refuse_another_way_of_counting(metric, changes)
    with transaction.atomic(using=current().alias):
        _write(metric, {**changes, **_no_longer_as_it_was(metric)})
        audit.record("metric.reword", by=by, target=metric, changes=changes)
    return metric


def new_version(
    *,
    metric: Metric,
    values: Mapping[str, Any],
    first_day: datetime.date,
    reason: str,
    by: Person | None,
) -> MetricVersion:
    """Count something else from a day on. Counts and series stay; lines break at that day, and the reason stands there.

    A metric taken over as it is becomes an adapted one; a definition of a set is no longer comparable.
    """
    changes = changes_to(metric, values)
    if not any(field in MEANING for field in changes):
        raise RuleBroken(
            _("A new version counts something else. Change what is counted, or only mend the words.")
        )
    if not reason.strip():
        raise RuleBroken(_("Say why the definition changes: it stands beside the break in the line."))
    refuse_another_way_of_counting(metric, changes)
    refuse_wrong_parts(metric.organisation_id, {"kind": metric.kind, **values})
    refuse_another_scale(metric, changes)
    return begin_version(metric=metric, first_day=first_day, reason=reason, by=by, changes=changes)


def begin_version(
    *,
    metric: Metric,
    first_day: datetime.date,
    reason: str,
    by: Person | None,
    changes: Mapping[str, list[Any]] | None = None,
) -> MetricVersion:
    """Break the line at a day, with what changes there; the first version is written down beside it."""
    with transaction.atomic(using=current().alias):
        last = _last_version(metric, by)
        if last.first_day is not None and first_day <= last.first_day:
            raise RuleBroken(_("The version before it begins on that day or later."))
        following = {"version": [last.number, last.number + 1]}
        _write(metric, {**(changes or {}), **_no_longer_as_it_was(metric), **following})
        version = MetricVersion.objects.create(
            organisation_id=metric.organisation_id,
            metric=metric,
            number=metric.version,
            first_day=first_day,
            definition=definition_of(metric),
            reason=reason.strip(),
            made_by=by,
        )
        audit.record(
            "metric.new_version",
            by=by,
            target=metric,
            version=version.number,
            first_day=first_day.isoformat(),
            reason=version.reason,
            changes=changes or {},
        )
    return version


def changes_to(metric: Metric, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Field → [from, to], for the fields of a definition that would say something else."""
    return {
        field: [getattr(metric, field), values[field]]
        for field in DEFINITION
        if field in values and getattr(metric, field) != values[field]
    }


def refuse_another_way_of_counting(metric: Metric, changes: Mapping[str, Any]) -> None:
    """Raise when counts hang on the metric and would be read wrongly, or small ones be laid open.

    An index has no counts, and stays one all the same: what was published of it would be read wrongly.
    """
    if "kind" in changes and metric.kind == Metric.Kind.INDEX:
        raise RuleBroken(_("An index stays an index. Retire it and write a new measure."))
    fixed = [field for field in HOW_COUNTED if field in changes]
    if fixed and has_counts(metric):
        raise RuleBroken(
            _(
                "“%(metric)s” has counts already, and they would be read wrongly if this changed: %(what)s. Retire the"
                " measure and write a new one."
            )
            % {"metric": metric.name, "what": ", ".join(fixed)}
        )


def has_counts(metric: Metric) -> bool:
    """Whether anything was ever counted for it. Known without seeing a count: a series begins with the first."""
    return Series.objects.filter(organisation_id=metric.organisation_id, metric=metric).exists()


def _last_version(metric: Metric, by: Person | None) -> MetricVersion:
    """The version in force; the first is written down when a second one comes."""
    Metric.objects.select_for_update(of=("self",)).get(pk=metric.pk)
    last = MetricVersion.objects.filter(metric=metric).order_by("-number").first()
    return last or MetricVersion.objects.create(
        organisation_id=metric.organisation_id,
        metric=metric,
        number=1,
        definition=definition_of(metric),
        made_by=by,
    )


def _no_longer_as_it_was(metric: Metric) -> dict[str, list[Any]]:
    taken_over = metric.origin in {Metric.Origin.LIBRARY, Metric.Origin.SET}
    return {"origin": [metric.origin, Metric.Origin.ADAPTED]} if taken_over else {}


def _write(metric: Metric, changes: Mapping[str, list[Any]]) -> None:
    for field, (_before, after) in changes.items():
        setattr(metric, field, after)
    metric.save(update_fields=list(changes))


def set_target(
    *,
    metric: Metric,
    stratum: str,
    value: Decimal | None,
    by_date: datetime.date | None,
    reason: str,
    by: Person | None,
) -> Target:
    """What a group should reach by a day, in the metric's own unit; no value gives an earlier target up."""
    if not reason.strip():
        raise RuleBroken(_("Say where this target comes from."))
    if value is not None and value < 0:
        raise RuleBroken(_("A target is 0 or more."))
    if value is not None and metric.kind in OUT_OF and value > metric.per:
        raise RuleBroken(_("Out of %(per)s there cannot be more than %(per)s.") % {"per": metric.per})
    with transaction.atomic(using=current().alias):
        before = Target.objects.filter(metric=metric, stratum=stratum).order_by("-set_at", "-id").first()
        if value is None and (before is None or before.value is None):
            raise RuleBroken(_("There is no target to give up."))
        target = Target.objects.create(
            organisation_id=metric.organisation_id,
            metric=metric,
            stratum=stratum,
            value=value,
            by_date=by_date if value is not None else None,
            reason=reason.strip(),
            set_by=by,
        )
        audit.record(
            "metric.target",
            by=by,
            target=metric,
            group=stratum,
            before=_told(before),
            after=_told(target),
            reason=target.reason,
        )
    return target


def _told(target: Target | None) -> str:
    return (
        f"{target.value.normalize():f} by {target.by_date}" if target and target.value is not None else "none"
    )
