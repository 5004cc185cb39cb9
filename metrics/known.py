"""What an institution has defined, as the readers of files need it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext_noop as _

from equity.tenancy.models import Organisation, Unit
from metrics.ingest.staging import GRAINS
from metrics.library.read import shelf
from metrics.models import Category, Dimension, Metric
from metrics.reading.cells import MetricKind
from metrics.reading.counts import KnownCodes
from metrics.reading.errors import KeyFault, Problem
from metrics.reading.mapping import LineListMapping
from metrics.reading.periods import Grain
from metrics.reading.table_codes import NO_SUCH_METRIC, unknown_categories, unknown_codes
from metrics.reporting import once_over_periods

NOT_COUNTED_BY_ROWS = Problem(
    _('The measure "%(given)s" is not a share or a rate: rows cannot be counted for it.'),
    _("Send its numbers as a counts file, or choose another measure."),
)
OTHER_FREQUENCY = Problem(
    _('The measure "%(metric)s" is counted for another length of period.'),
    _("Write grain = %(choices)s."),
)
RETIRED_HERE = Problem(
    _('The measure "%(given)s" was retired on %(day)s: no new counts are taken in for it.'),
    _("Choose the measure that is used in its place."),
)
COUNTED_TWICE = Problem(
    _('In "%(given)s" everybody is in exactly one group, and a row with several answers would be in more.'),
    _("Write several: the group that such rows are in."),
)
WORD_OF_GRAIN = {grain.value: word.value for word, grain in GRAINS.items()}
"""From the grain of a metric to the word that files use."""


@dataclass(frozen=True)
class Definitions:
    """Codes of metrics, units and categories, and the grain that each metric is observed at.

    `partitions` are the dimensions in which each person is in exactly one category; `retired` gives the day on which each
    metric that is not in use any more was retired. Its code is known all the same: files may still name it. `missing`:
    the categories of each dimension that are no answer; `several`: the one of people with several answers, where they
    count once.
    """

    codes: KnownCodes
    frequencies: dict[str, int]
    partitions: frozenset[str] = frozenset()
    retired: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, frozenset[str]] = field(default_factory=dict)
    several: Mapping[str, str] = field(default_factory=dict)
    once_over_periods: frozenset[str] = frozenset()
    """Codes of the metrics whose longer periods are given too, because shorter ones do not add up to them."""

    @property
    def in_use(self) -> list[str]:
        """The codes of the metrics that take new counts."""
        return [code for code in self.codes.metrics if code not in self.retired]

    def takes(self, metric: str, grain: Grain) -> bool:
        """Whether numbers of this metric are given for periods of this length."""
        given, own = GRAINS[grain].value, self.frequencies[metric]
        return given == own or (metric in self.once_over_periods and 0 < own < given)


def definitions_of(organisation: Organisation) -> Definitions:
    """Everything that a file of this institution may name."""
    of_institution = {"organisation": organisation}
    metrics = list(Metric.objects.filter(**of_institution))
    categories: dict[str, list[str]] = defaultdict(list)
    dimensions = list(Dimension.objects.filter(**of_institution))
    for dimension in dimensions:
        categories[dimension.code] = []
    missing: dict[str, set[str]] = defaultdict(set)
    pairs = Category.objects.filter(**of_institution).order_by("dimension", "position")
    for dimension_code, code, is_missing in pairs.values_list("dimension__code", "code", "missing"):
        categories[dimension_code].append(code)
        if is_missing:
            missing[dimension_code].add(code)
    return Definitions(
        codes=KnownCodes(
            metrics={metric.code: metric.kind for metric in metrics},
            units=list(Unit.objects.filter(**of_institution).values_list("code", flat=True)),
            categories=dict(categories),
            decimals={metric.code: metric.decimals for metric in metrics if metric.decimals},
        ),
        frequencies={metric.code: metric.frequency for metric in metrics},
        once_over_periods=once_over_periods(metrics),
        partitions=frozenset(dimension.code for dimension in dimensions if dimension.partition),
        retired={metric.code: metric.retired_on.isoformat() for metric in metrics if metric.retired_on},
        missing={code: frozenset(found) for code, found in missing.items()},
        several={dimension.code: code for dimension in dimensions if (code := _several(dimension))},
    )


def _several(dimension: Dimension) -> str:
    """The category of people with several answers, as the way to count that the institution chose says."""
    if not dimension.counting:
        return ""
    try:
        entry = shelf().dimension(dimension.library_code, dimension.library_version)
    except KeyError:
        return ""
    return next((way.several for way in entry.groupings if way.code == dimension.counting), "")


def faults_of_mapping(mapping: LineListMapping, known: Definitions) -> list[KeyFault]:
    """What a mapping names that the institution has not defined; told before anybody sends a file."""
    return [
        *_faults_of_metric(mapping, known),
        *_faults_of_dimensions(mapping, known.codes),
        *_overlaps(mapping, known),
    ]


def _faults_of_metric(mapping: LineListMapping, known: Definitions) -> list[KeyFault]:
    kind = known.codes.metrics.get(mapping.metric)
    if kind is None:
        return list(unknown_codes("metric.code", [mapping.metric], known.codes.metrics, NO_SUCH_METRIC))
    if mapping.metric in known.retired:
        parts = {"given": mapping.metric, "day": known.retired[mapping.metric]}
        return [KeyFault(RETIRED_HERE, key="metric.code", parts=parts)]
    if kind not in (MetricKind.PROPORTION, MetricKind.RATE):
        return [KeyFault(NOT_COUNTED_BY_ROWS, key="metric.code", parts={"given": mapping.metric})]
    frequency = known.frequencies[mapping.metric]
    if not known.takes(mapping.metric, mapping.period.grain):
        parts = {"metric": mapping.metric, "choices": f'"{WORD_OF_GRAIN[frequency]}"'}
        return [KeyFault(OTHER_FREQUENCY, key="period.grain", parts=parts)]
    return []


def _faults_of_dimensions(mapping: LineListMapping, codes: KnownCodes) -> list[KeyFault]:
    return [
        fault
        for rule in mapping.dimensions
        for fault in unknown_categories(f"dimensions.{rule.dimension}", rule.dimension, rule.codes, codes)
    ]


def _overlaps(mapping: LineListMapping, known: Definitions) -> list[KeyFault]:
    return [
        KeyFault(COUNTED_TWICE, key=f"dimensions.{rule.dimension}", parts={"given": rule.dimension})
        for rule in mapping.dimensions
        if rule.may_overlap and rule.dimension in known.partitions
    ]
