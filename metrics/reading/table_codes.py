"""Whether a mapping names only what the institution has defined; told before a file is read."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from metrics.reading.cells import MetricKind
from metrics.reading.counts import KnownCodes
from metrics.reading.counts_numbers import IS_AN_INDEX
from metrics.reading.errors import KeyFault, Problem
from metrics.reading.errors import gettext_noop as _
from metrics.reading.showing import listed
from metrics.reading.table_mapping import CountRule, TableMapping
from metrics.reading.table_numbers import missing_role

NO_SUCH_METRIC = Problem(
    _('"%(given)s" is not a measure of this institution.'), _("Write one of: %(choices)s.")
)
NO_SUCH_UNIT = Problem(
    _('"%(given)s" is not the code of a unit of this institution.'), _("Write one of: %(choices)s.")
)
NO_SUCH_DIMENSION = Problem(
    _('"%(given)s" is not a dimension of this institution.'), _("Write one of: %(choices)s.")
)
NO_SUCH_CATEGORY = Problem(
    _('"%(given)s" is not a category of the dimension "%(dimension)s".'), _("Write one of: %(choices)s.")
)
COLUMN_NEEDED = Problem(
    _('The measure "%(metric)s" is of the kind "%(kind)s", and no column is named for its %(role)s.'),
    _("Name the column with %(role)s, or choose another measure."),
)


def faults_of_table(mapping: TableMapping, known: KnownCodes) -> list[KeyFault]:
    """Every code of the mapping that is not known here, and every number column that a measure lacks."""
    return [
        *unknown_codes("metric", _metrics(mapping), known.metrics, NO_SUCH_METRIC),
        *unknown_codes("unit", mapping.unit.codes, known.units, NO_SUCH_UNIT),
        *_faults_of_categories(mapping, known),
        *_missing_columns(mapping, known),
        *faults_of_indexes("metric", _metrics(mapping), known),
    ]


def faults_of_indexes(key: str, given: Collection[str], known: KnownCodes) -> Iterator[KeyFault]:
    """A fault for each index that counts are sent for."""
    for code in sorted(given):
        if known.metrics.get(code) == MetricKind.INDEX:
            yield KeyFault(IS_AN_INDEX, key=key, parts={"value": code})


def unknown_codes(
    key: str, given: Collection[str], known: Collection[str], problem: Problem
) -> Iterator[KeyFault]:
    """A fault for each code that is not known."""
    for code in sorted(set(given).difference(known)):
        yield KeyFault(problem, key=key, parts={"given": code, "choices": listed(known)})


def unknown_categories(
    key: str, dimension: str, given: Collection[str], known: KnownCodes
) -> Iterator[KeyFault]:
    """A fault for a dimension that is not known, or for each of its categories that is not."""
    if dimension not in known.categories:
        yield from unknown_codes(key, [dimension], known.categories, NO_SUCH_DIMENSION)
        return
    for code in sorted(set(given).difference({"", *known.categories[dimension]})):
        choices = listed(known.categories[dimension])
        parts = {"given": code, "dimension": dimension, "choices": choices}
        yield KeyFault(NO_SUCH_CATEGORY, key=key, parts=parts)


def _metrics(mapping: TableMapping) -> set[str]:
    of_counts = {count.metric for count in mapping.counts if count.metric is not None}
    return of_counts | (set() if mapping.metric is None else set(mapping.metric.codes))


def _faults_of_categories(mapping: TableMapping, known: KnownCodes) -> Iterator[KeyFault]:
    for one in mapping.dimensions:
        yield from unknown_categories(f"dimensions.{one.dimension}", one.dimension, one.rule.codes, known)
    for count in mapping.counts:
        for dimension, category in count.categories:
            yield from unknown_categories("wide.categories", dimension, [category], known)


def _missing_columns(mapping: TableMapping, known: KnownCodes) -> Iterator[KeyFault]:
    for count in mapping.counts:
        for metric in sorted(_metrics_of(mapping, count)):
            kind = known.metrics.get(metric)
            role = None if kind is None or kind == MetricKind.INDEX else missing_role(count.columns, kind)
            if role is not None:
                parts = {"metric": metric, "kind": str(kind), "role": role.value}
                yield KeyFault(COLUMN_NEEDED, key="numbers", parts=parts)


def _metrics_of(mapping: TableMapping, count: CountRule) -> Collection[str]:
    """The metrics that this count can be of, as far as the mapping says."""
    if count.metric is not None:
        return {count.metric}
    return frozenset() if mapping.metric is None else mapping.metric.codes
