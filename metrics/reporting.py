"""Which units have said what of a measure, read from the observations. For insiders and workers: PostgreSQL gives these
rows to nobody else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from django.utils import timezone

from metrics.completeness import NUMBER, Reporter, Reports
from metrics.figures import period_of
from metrics.models import Metric, Observation
from metrics.reading.periods import Period

Speakers = Mapping[int, tuple[str, Reporter]]
"""Series → the metric's code, and the unit that counts it."""


def once_over_periods(metrics: Iterable[Metric]) -> frozenset[str]:
    """The codes of those whose longer periods are given and not added up."""
    return frozenset(metric.code for metric in metrics if metric.once_over_periods)


def reports(organisation_id: int, speakers: Speakers, once: Collection[str] = ()) -> dict[str, Reports]:
    """Metric code → what its units have said in these series. Where a unit has several, one number is enough.

    `once`: codes of the metrics that count a person once over periods.
    """
    said: dict[str, dict[Reporter, dict[Period, str]]] = defaultdict(lambda: defaultdict(dict))
    rows = Observation.objects.filter(
        organisation_id=organisation_id, series_id__in=list(speakers)
    ).values_list("series_id", "start", "end", "grain", "blank")
    for pk, start, end, grain, blank in rows:
        code, unit = speakers[pk]
        part = period_of(start, end, grain)
        if blank == NUMBER or part not in said[code][unit]:
            said[code][unit][part] = blank
    today = timezone.localdate()
    return {code: Reports(of_units, today, once=code in once) for code, of_units in said.items()}
