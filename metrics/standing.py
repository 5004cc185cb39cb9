"""What stands beside a metric's figures: where its line breaks, what it should reach, whether others count the same.

For charts and documents: plain values, a constant number of queries however many metrics there are.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, prefetch_related_objects
from django.db.models.functions import JSONObject

from metrics.aims import Aim, Aims
from metrics.breaks import Break
from metrics.composition import composition_of
from metrics.definition_fields import MEANING, definition_of
from metrics.models import Metric, MetricVersion, Target


@dataclass(frozen=True)
class Standing:
    """What stands beside one metric: where its line breaks, in order of time, and its targets by stratum."""

    breaks: list[Break]
    aims: Aims


def with_standing(metrics: QuerySet[Metric]) -> QuerySet[Metric]:
    """Metrics that bring along what `standing_of` tells, in the same statement."""
    versions = MetricVersion.objects.filter(metric=OuterRef("pk"), first_day__isnull=False)
    targets = Target.objects.filter(metric=OuterRef("pk")).order_by("stratum", "-set_at", "-id")
    return metrics.annotate(
        told_versions=ArraySubquery(
            versions.order_by("number").values(
                told=JSONObject(number="number", first_day="first_day", reason="reason")
            )
        ),
        told_targets=ArraySubquery(
            targets.distinct("stratum").values(
                told=JSONObject(stratum="stratum", value="value", by_date="by_date")
            )
        ),
    )


def standing_of(metric: Metric) -> Standing:
    """Of a metric that was read by `with_standing`."""
    return Standing(breaks_of([metric])[metric.code], aims_of(metric))


def aims_of(metric: Metric) -> Aims:
    """The targets of a metric that was read by `with_standing`. Of each stratum the latest counts; none when it was given up."""
    told: Any = metric
    return {
        one["stratum"]: Aim(float(one["value"]), datetime.date.fromisoformat(one["by_date"]))
        for one in told.told_targets
        if one["value"] is not None and one["by_date"] is not None
    }


def breaks_of(metrics: Collection[Metric]) -> dict[str, list[Break]]:
    """Where the lines of metrics that were read by `with_standing` break, in order of time, by their code.

    The line of an index breaks where that of any of its parts does: its breaks are numbered anew.
    """
    found = {metric.code: _own_breaks(metric) for metric in metrics}
    indexes = [metric for metric in metrics if metric.composition]
    return {**found, **_breaks_of_indexes(indexes, found)} if indexes else found


def _own_breaks(metric: Any) -> list[Break]:
    return [
        Break(one["number"], datetime.date.fromisoformat(one["first_day"]), one["reason"])
        for one in metric.told_versions
    ]


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


def meaning_at(metric: Metric, day: datetime.date) -> dict[str, Any]:
    """What the metric counted on a day: the number of its version then, and the fields that say what is counted."""
    if metric.version == 1:
        return {"version": 1}
    prefetch_related_objects([metric], "versions")
    in_order = sorted(metric.versions.all(), key=lambda one: one.number)
    then = [one for one in in_order if one.first_day is None or one.first_day <= day][-1]
    told = {field: then.definition[field] for field in MEANING if field in then.definition}
    return {"version": then.number, **told}


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
