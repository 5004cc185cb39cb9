"""What an institution has defined, as the readers of files need it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from equity.tenancy.models import Organisation, Unit
from metrics.ingest.staging import GRAINS
from metrics.models import Category, Dimension, Metric
from metrics.reading.cells import MetricKind
from metrics.reading.counts import KnownCodes
from metrics.reading.errors import KeyFault, Problem
from metrics.reading.mapping import LineListMapping

NO_SUCH_METRIC = Problem(
    _('"%(given)s" is not a measure of this institution.'), _("Write one of: %(choices)s.")
)
NOT_COUNTED_BY_ROWS = Problem(
    _('The measure "%(given)s" is not a share or a rate: rows cannot be counted for it.'),
    _("Send its numbers as a counts file, or choose another measure."),
)
OTHER_FREQUENCY = Problem(
    _('The measure "%(metric)s" is counted for another length of period.'),
    _("Write grain = %(choices)s."),
)
NO_SUCH_DIMENSION = Problem(
    _('"%(given)s" is not a dimension of this institution.'), _("Write one of: %(choices)s.")
)
NO_SUCH_CATEGORY = Problem(
    _('"%(given)s" is not a category of the dimension "%(dimension)s".'), _("Write one of: %(choices)s.")
)

WORD_OF_GRAIN = {grain.value: word.value for word, grain in GRAINS.items()}
"""From the grain of a metric to the word that files use."""


@dataclass(frozen=True)
class Definitions:
    """Codes of metrics, units and categories, and the grain that each metric is observed at."""

    codes: KnownCodes
    frequencies: dict[str, int]


def definitions_of(organisation: Organisation) -> Definitions:
    """Everything that a file of this institution may name."""
    of_institution = {"organisation": organisation}
    metrics = list(Metric.objects.filter(**of_institution))
    categories: dict[str, list[str]] = defaultdict(list)
    for dimension in Dimension.objects.filter(**of_institution):
        categories[dimension.code] = []
    pairs = Category.objects.filter(**of_institution).order_by("dimension", "position")
    for dimension_code, code in pairs.values_list("dimension__code", "code"):
        categories[dimension_code].append(code)
    return Definitions(
        codes=KnownCodes(
            metrics={metric.code: metric.kind for metric in metrics},
            units=list(Unit.objects.filter(**of_institution).values_list("code", flat=True)),
            categories=dict(categories),
        ),
        frequencies={metric.code: metric.frequency for metric in metrics},
    )


def faults_of_mapping(mapping: LineListMapping, known: Definitions) -> list[KeyFault]:
    """What a mapping names that the institution has not defined; told before anybody sends a file."""
    return [*_faults_of_metric(mapping, known), *_faults_of_dimensions(mapping, known.codes)]


def _faults_of_metric(mapping: LineListMapping, known: Definitions) -> list[KeyFault]:
    kind = known.codes.metrics.get(mapping.metric)
    if kind is None:
        parts = {"given": mapping.metric, "choices": _listed(known.codes.metrics)}
        return [KeyFault(NO_SUCH_METRIC, key="metric.code", parts=parts)]
    if kind not in (MetricKind.PROPORTION, MetricKind.RATE):
        return [KeyFault(NOT_COUNTED_BY_ROWS, key="metric.code", parts={"given": mapping.metric})]
    frequency = known.frequencies[mapping.metric]
    if GRAINS[mapping.period.grain] != frequency:
        parts = {"metric": mapping.metric, "choices": f'"{WORD_OF_GRAIN[frequency]}"'}
        return [KeyFault(OTHER_FREQUENCY, key="period.grain", parts=parts)]
    return []


def _faults_of_dimensions(mapping: LineListMapping, codes: KnownCodes) -> list[KeyFault]:
    faults = []
    for rule in mapping.dimensions:
        categories = codes.categories.get(rule.dimension)
        key = f"dimensions.{rule.dimension}"
        if categories is None:
            parts = {"given": rule.dimension, "choices": _listed(codes.categories)}
            faults.append(KeyFault(NO_SUCH_DIMENSION, key=key, parts=parts))
            continue
        for given in sorted(set(rule.values.values()).difference(categories)):
            parts = {"given": given, "dimension": rule.dimension, "choices": _listed(categories)}
            faults.append(KeyFault(NO_SUCH_CATEGORY, key=f"{key}.values", parts=parts))
    return faults


def _listed(choices: Collection[str]) -> str:
    return ", ".join(sorted(choices))
