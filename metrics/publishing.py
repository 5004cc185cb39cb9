"""The indexes that a release brings: worked out from what is public once it is, and from nothing else.

They have no counts, no series and no certificate. What the ledger keeps of them is what was said, as it keeps rates and
ranges: whoever reads the parts there can work it out again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from equity.publication.ledger import Entry
from equity.publication.models import LedgerEntry, Release
from equity.publication.queries import in_force
from equity.tenancy.models import Organisation, Unit
from metrics import queries
from metrics.breaks import segments
from metrics.composition import INDEX
from metrics.documents import MadeOf, entry
from metrics.figures import Vocabulary
from metrics.indexes import composition_at, with_indexes
from metrics.models import Blank, CertifiedCell, Metric
from metrics.reading.periods import Period
from metrics.releasing import OnceReleased
from metrics.standing import aims_of, breaks_of

SAID = frozenset({*CertifiedCell.Status.values, *Blank.values}) - {""}
"""What the ledger says of a figure; of what is not measured it says nothing."""


def indexes_after(release: Release, words: Vocabulary) -> list[Entry]:
    """Every row of an index that is not in the ledger yet, or says something else there.

    A department has none: its parts would be sums over other institutions each.
    """
    if release.organisation.kind == Organisation.Kind.HEALTH_DEPARTMENT:
        return []
    metrics = queries.definitions()
    indexes = [metric for metric in metrics if metric.kind == INDEX and metric.retired_on is None]
    if not indexes:
        return []
    there = {
        found.key: found.document
        for metric in indexes
        for found in in_force(release.organisation_id, LedgerEntry.Kind.OBSERVATION, metric=metric.code)
    }
    return [
        found
        for unit in queries.units()
        for found in _of_unit(release, unit, metrics, indexes, words)
        if there.get(found.key) != found.document
    ]


def _of_unit(
    release: Release, unit: Unit, metrics: Sequence[Metric], indexes: Sequence[Metric], words: Vocabulary
) -> Iterator[Entry]:
    once_released = OnceReleased(release, unit.code, metrics)
    source = with_indexes(once_released, metrics)
    reading = {metric.code: (source.periods(metric.code), source.ways(metric.code)) for metric in indexes}
    tables = source.tables(reading)
    changes = breaks_of(indexes)
    for metric in indexes:
        for period, cells in tables[metric.code].items():
            (version,) = segments([period.start], changes[metric.code])
            aims = aims_of(metric)
            made_of = MadeOf(named(metric, period, metrics), version)
            for stratum, cell in cells.items():
                if cell.status in SAID:
                    yield entry(
                        metric, unit, period, stratum, cell, words, made_of=made_of, aim=aims.get(stratum)
                    )


def named(metric: Metric, period: Period, metrics: Sequence[Metric]) -> dict[str, Any]:
    """What an index was made of in a period, each part with the name that it has now."""
    names = {one.code: one.name for one in metrics}
    told = composition_at(metric, period).stored
    return {
        **told,
        "components": [
            {**one, "name": names.get(one["measure"], one["measure"])} for one in told["components"]
        ],
    }
