"""Numbers of before read by the newer groups of a dimension, where the crosswalk lets everybody in a group be found."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from equity.roles import Permission
from equity.tenancy.models import Organisation
from metrics import group_versions, queries
from metrics.choice import in_use
from metrics.figures import PUBLISHED, Cell, Line, Vocabulary, line
from metrics.groups import Dossier
from metrics.library.crosswalking import Brought, bring_over
from metrics.library.entries import Crosswalk
from metrics.models import Dimension, Metric
from metrics.reading.periods import Period
from metrics.spans import latest
from metrics.vocabulary import vocabulary


@dataclass(frozen=True)
class Found:
    """A newer group: its number of before, or None where it cannot be told; and what is lost on the way."""

    label: str
    line: Line | None
    lost: str


@dataclass(frozen=True)
class Before:
    """A metric in the last period before the list changed, by the newer groups."""

    metric: Metric
    period: Period
    groups: list[Found]


def brought(
    organisation: Organisation, permissions: Collection[Permission], dossier: Dossier
) -> list[Before]:
    """Every metric by the newer groups, as it was before. Insiders see every count, others what is published.

    None where the list never changed, or nobody wanted older numbers to be read so.
    """
    if not dossier.bridged:
        return []
    dimension, last = dossier.dimension, dossier.versions[-1]
    earlier = dossier.versions[-2].library_version
    crosswalk = group_versions.crosswalk(dimension, earlier, last.library_version)
    if crosswalk is None or last.first_day is None:
        return []
    metrics, places, words = in_use(queries.definitions()), queries.units(), vocabulary()
    source = queries.source_for(organisation, permissions, places, places[0], metrics)
    wanted = {
        metric.code: (period, dimension.code)
        for metric in metrics
        if dimension.code in source.ways(metric.code)
        and (period := latest(one for one in source.periods(metric.code) if one.end < last.first_day))
    }
    cells = source.cells(wanted)
    return [
        Before(metric, wanted[metric.code][0], _groups(metric, dossier, crosswalk, cells[metric.code], words))
        for metric in metrics
        if metric.code in wanted
    ]


def _groups(
    metric: Metric, dossier: Dossier, crosswalk: Crosswalk, cells: Mapping[str, Cell], words: Vocabulary
) -> list[Found]:
    dimension = dossier.dimension
    shown = {
        key.partition("=")[2]: cell
        for key, cell in cells.items()
        if cell.shown and cell.numerator is not None and key.startswith(f"{dimension.code}=")
    }
    above = {code: cell.numerator for code, cell in shown.items() if cell.numerator is not None}
    below = {code: cell.denominator for code, cell in shown.items() if cell.denominator is not None}
    numerators = bring_over(above, crosswalk, partition=dimension.partition)
    denominators = bring_over(below, crosswalk, partition=dimension.partition)
    return [
        Found(
            one.label,
            _line(metric, dimension, one.code, numerators, denominators, words),
            " ".join(numerators[one.code].lost) if one.code in numerators else "",
        )
        for one in dossier.groups
    ]


def _line(
    metric: Metric,
    dimension: Dimension,
    code: str,
    numerators: Mapping[str, Brought],
    denominators: Mapping[str, Brought],
    words: Vocabulary,
) -> Line | None:
    if code not in numerators or numerators[code].number is None:
        return None
    below = denominators[code].number
    if metric.denominator and below is None:
        return None
    cell = Cell(PUBLISHED, numerators[code].number, below)
    return line(metric, f"{dimension.code}={code}", cell, words)
