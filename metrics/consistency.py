"""Whether the stored sums are those of the observations: some of them, worked out from nothing in plain Python.

What is drawn are metrics in one group each; of those every unit and period is compared. So a check of few of them still sees
whether adding up goes wrong at all, and over the nights everything has its turn.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from random import SystemRandom
from typing import NamedTuple
from uuid import UUID

from django.db import connections

from equity.tenancy.acting import current
from equity.tenancy.models import Unit
from metrics.models import Metric, Observation, Rollup, Series
from metrics.plain_sums import Fact, Place, Sum, add_up
from metrics.rollups import LOCK

SAMPLE = 10
"""Pairs of a metric and a group that one night looks at in each institution."""


class Difference(NamedTuple):
    """A sum that is not what the observations say; None: not there, or not to be there."""

    metric: str
    place: Place
    stored: Sum | None
    right: Sum | None


@dataclass(frozen=True)
class Consistency:
    """How many sums were compared, and those that differ."""

    cells: int
    differences: list[Difference]


def check(organisation_id: int, sample: int | None = SAMPLE) -> Consistency:
    """Compare the sums of a random sample of metrics and groups, or of all. Reads only; for workers and the operator.

    Holds the lock of the roll-up, so that no import commits between the two looks.
    """
    with connections[current().alias].cursor() as cursor:
        cursor.execute(LOCK, {"organisation": organisation_id})
    parent_of: dict[Hashable, Hashable | None] = dict(
        Unit.objects.filter(organisation_id=organisation_id).values_list("pk", "parent_id")
    )
    cells, differences = 0, list[Difference]()
    for metric_id, stratum_id in _drawn(organisation_id, sample):
        metric = Metric.objects.get(organisation_id=organisation_id, pk=metric_id)
        unit_of = dict(
            Series.objects.filter(
                organisation_id=organisation_id, metric_id=metric_id, stratum_id=stratum_id
            ).values_list("pk", "unit_id")
        )
        right = add_up(
            _facts(organisation_id, unit_of),
            parent_of,
            grain=metric.frequency,
            once_over_periods=metric.once_over_periods,
            once_over_units=metric.once_over_units,
        )
        stored = _stored(organisation_id, unit_of)
        cells += len(right.keys() | stored.keys())
        differences += _differences(metric.code, stored, right)
    return Consistency(cells, differences)


def _drawn(organisation_id: int, sample: int | None) -> list[tuple[UUID, UUID]]:
    """Pairs of a metric and a group that has counts or sums of it."""
    series = Series.objects.filter(organisation_id=organisation_id)
    pairs = sorted(set(series.values_list("metric_id", "stratum_id")))
    return pairs if sample is None or sample >= len(pairs) else SystemRandom().sample(pairs, sample)


def _facts(organisation_id: int, unit_of: Mapping[int, UUID]) -> Iterator[Fact]:
    rows = Observation.objects.filter(organisation_id=organisation_id, series_id__in=list(unit_of))
    for series_id, grain, start, end, numerator, denominator, squares in rows.values_list(
        "series_id", "grain", "start", "end", "numerator", "denominator", "squares"
    ):
        exact = None if squares is None else int(squares)
        yield Fact(unit_of[series_id], grain, start, end, numerator, denominator, exact)


def _stored(organisation_id: int, unit_of: Mapping[int, UUID]) -> dict[Place, Sum]:
    rows = Rollup.objects.filter(organisation_id=organisation_id, series_id__in=list(unit_of))
    return {
        Place(unit_of[series_id], grain, start): Sum(
            end, numerator, denominator, None if squares is None else int(squares)
        )
        for series_id, grain, start, end, numerator, denominator, squares in rows.values_list(
            "series_id", "grain", "start", "end", "numerator", "denominator", "squares"
        )
    }


def _differences(code: str, stored: Mapping[Place, Sum], right: Mapping[Place, Sum]) -> Iterator[Difference]:
    for place in stored.keys() | right.keys():
        if stored.get(place) != right.get(place):
            yield Difference(code, place, stored.get(place), right.get(place))
