"""What stands beside a metric's figures: where its line breaks, what it should reach, whether others count the same.

For charts and documents: plain values, a constant number of queries however many metrics there are.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import prefetch_related_objects

from metrics.composition import composition_of
from metrics.definition_fields import MEANING, definition_of
from metrics.models import Metric, MetricVersion, Target
from metrics.reading.periods import Period


@dataclass(frozen=True)
class Break:
    """From `first_day` on a metric counts something else: points before and after it are not one line."""

    number: int
    first_day: datetime.date
    reason: str


@dataclass(frozen=True)
class Aim:
    """A target in force: `value` in the unit that the figures show, "" the stratum of everybody."""

    stratum: str
    value: Decimal
    by_date: datetime.date
    set_on: datetime.date
    replaces: str
    """The value and day that it took the place of, as text; "" when it is the first."""


def breaks_of(metrics: Collection[Metric]) -> dict[str, list[Break]]:
    """Metric code → where its line breaks, in order of time. Metrics in their first version have none.

    The line of an index breaks where that of any of its parts does: its breaks are numbered anew.
    """
    codes = {metric.pk: metric.code for metric in metrics if metric.version > 1}
    found: dict[str, list[Break]] = {metric.code: [] for metric in metrics}
    if codes:
        rows = MetricVersion.objects.filter(metric__in=codes, first_day__isnull=False).order_by("number")
        for row in rows:
            if row.first_day is not None:
                found[codes[row.metric_id]].append(Break(row.number, row.first_day, row.reason))
    indexes = [metric for metric in metrics if metric.composition]
    return {**found, **_breaks_of_indexes(indexes, found)} if indexes else found


def _breaks_of_indexes(indexes: Collection[Metric], own: Mapping[str, list[Break]]) -> dict[str, list[Break]]:
    parts = {metric.code: composition_of(metric.composition) for metric in indexes}
    rows = MetricVersion.objects.filter(
        organisation_id__in={metric.organisation_id for metric in indexes},
        metric__code__in={code for one in parts.values() if one for code in one.measures},
        first_day__isnull=False,
    ).values_list("metric__code", "metric__name", "first_day", "reason")
    found = {}
    for index in indexes:
        made_of = parts[index.code]
        every = [(one.first_day, one.reason) for one in own[index.code]]
        every += [
            (day, f"{name}: {reason}")
            for code, name, day, reason in rows
            if made_of and day and code in made_of.measures
        ]
        in_order = enumerate(sorted(every), start=2)
        found[index.code] = [Break(number, day, reason) for number, (day, reason) in in_order]
    return found


def breaks(metric: Metric) -> list[Break]:
    """Where the line of one metric breaks, in order of time."""
    return breaks_of([metric])[metric.code]


def segments(starts: Iterable[datetime.date], at: Iterable[Break]) -> list[int]:
    """For the first days of periods, in order: the number of the version that each belongs to. Pure.

    A period that begins before a break belongs to the version before it, though the break falls into it.
    """
    changes = sorted(at, key=lambda one: one.first_day)
    return [max((one.number for one in changes if one.first_day <= start), default=1) for start in starts]


def meaning_at(metric: Metric, day: datetime.date) -> dict[str, Any]:
    """What the metric counted on a day: the number of its version then, and the fields that say what is counted."""
    if metric.version == 1:
        return {"version": 1}
    prefetch_related_objects([metric], "versions")
    in_order = sorted(metric.versions.all(), key=lambda one: one.number)
    then = [one for one in in_order if one.first_day is None or one.first_day <= day][-1]
    told = {field: then.definition[field] for field in MEANING if field in then.definition}
    return {"version": then.number, **told}


def unbroken(periods: Iterable[Period], at: Iterable[Break]) -> list[Period]:
    """The periods that count the same as the latest: a change is told between such ones only. Pure."""
    found, cuts = list(periods), list(at)
    if not cuts or not found:
        return found
    versions = segments((period.start for period in found), cuts)
    last = max(versions)
    return [period for period, version in zip(found, versions, strict=True) if version == last]


def aims_of(metrics: Collection[Metric]) -> dict[str, dict[str, Aim]]:
    """Metric code → stratum key → the target in force."""
    codes = {metric.pk: metric.code for metric in metrics}
    rows: dict[tuple[UUID, str], list[Target]] = defaultdict(list)
    for row in Target.objects.filter(metric__in=codes).order_by("set_at", "id"):
        rows[row.metric_id, row.stratum].append(row)
    found: dict[str, dict[str, Aim]] = {metric.code: {} for metric in metrics}
    for (metric_id, stratum), history in rows.items():
        if (aim := _aim(history)) is not None:
            found[codes[metric_id]][stratum] = aim
    return found


def _aim(history: list[Target]) -> Aim | None:
    """The latest; none when it was given up."""
    last = history[-1]
    if last.value is None or last.by_date is None:
        return None
    before = history[-2] if len(history) > 1 else None
    told = f"{before.value.normalize():f}, {before.by_date}" if before and before.value is not None else ""
    return Aim(last.stratum, last.value, last.by_date, last.set_at.date(), told)


def comparable(metric: Metric) -> bool:
    """Whether other institutions count the same: the definition is a department's, unedited."""
    if metric.origin != Metric.Origin.SET or metric.set_metric is None:
        return False
    return definition_of(metric) == definition_of(metric.set_metric)


def comparability(metric: Metric) -> Mapping[str, Any]:
    """What a published figure says about it: comparable, and by which set."""
    if not comparable(metric) or metric.set_metric is None:
        return {"comparable": False, "set": None}
    edition = metric.set_metric.definition_set
    return {
        "comparable": True,
        "set": {"code": edition.code, "edition": edition.edition, "department": edition.department},
    }
