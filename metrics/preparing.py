"""A file read to its end becomes what a batch keeps: compressed counts, or what is wrong with the file.

Nothing of a line list but its counts comes here, and no error of a line list holds the value of a cell.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain, islice
from typing import Any

from django.utils.translation import gettext_noop as _

from metrics.ingest.checking import SHOWN
from metrics.known import WORD_OF_GRAIN, Definitions
from metrics.models import Batch, Grain
from metrics.reading.cells import CountRow
from metrics.reading.counts import COLUMN_MISSING, REQUIRED_COLUMNS, CountsReader
from metrics.reading.counts_document import CountsDocument, CountsDocumentReader
from metrics.reading.counts_numbers import told
from metrics.reading.counts_writer import write_counts
from metrics.reading.decompress import DEFAULT_LIMIT_BYTES
from metrics.reading.errors import ErrorLog, Problem, RowError, UnreadableFile
from metrics.reading.file_reader import MOST_ERRORS_KEPT, FileReader
from metrics.reading.linelist import Counted
from metrics.reading.measure_mapping import MeasureReportMapping
from metrics.reading.measure_report import MeasureReportReader
from metrics.reading.reconcile import Reconciler
from metrics.reading.records import DELIMITERS, RecordReader
from metrics.reading.showing import listed
from metrics.reading.table import TableReader
from metrics.reading.table_mapping import NumberRole, TableMapping

OTHER_FREQUENCY = Problem(
    _('"%(value)s" is not of the length that "%(metric)s" is counted for (%(frequency)s).'),
    _("Write one row for each such period, added up or split, or correct the measure."),
)
OTHER_END = Problem(
    _('Another row of "%(metric)s" begins a period on the same day and ends it on another.'),
    _("Give one period only for each first day."),
)
RETIRED = Problem(
    _('The measure "%(value)s" was retired on %(day)s. This row was left out.'),
    _("Delete the row, or give its count under the measure that is used instead."),
)
ONLY_RETIRED = Problem(
    _("This file holds counts for retired measures only: %(value)s. There is nothing to take in."),
    _("Send counts for measures that are in use."),
)

MOST_ROWS_COMPARED = 200_000
"""Of a longer file the rows are not held to compare parts with totals here: the worker's check does it in sets."""

_LINES_AT_ONCE = 2_000
_BLOCK = 1024 * 1024


@dataclass(frozen=True)
class Prepared:
    """A file that was read to its end. With errors it has no content."""

    kind: str
    sha256: str
    rows_read: int
    content: bytes = b""
    errors: list[dict[str, Any]] = field(default_factory=list)
    error_total: int = 0
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def is_valid(self) -> bool:
        """Whether there are counts to keep."""
        return self.error_total == 0


def plain(content: bytes) -> Iterator[bytes]:
    """The compressed content of a batch as plain bytes, a block at a time."""
    expander = zlib.decompressobj()
    block = expander.decompress(content, _BLOCK)
    while block:
        yield block
        block = expander.decompress(expander.unconsumed_tail, _BLOCK)


def from_line_list(counted: Counted, **more: Any) -> Prepared:
    """What was counted, without a trace of the rows."""
    rows = list(counted.rows())
    dimensions = sorted({dimension for row in rows for dimension, _category in row.stratum})
    return Prepared(
        kind=Batch.Kind.LINE_LIST,
        sha256=counted.sha256,
        rows_read=counted.rows_read,
        content=_compressed(write_counts(rows, dimensions)) if rows else b"",
        errors=[as_json(error) for error in counted.errors],
        error_total=counted.error_total,
        more={"rows_outside": counted.rows_outside, **more},
    )


def from_counts(
    chunks: Iterable[bytes], known: Definitions, *, limit_bytes: int = DEFAULT_LIMIT_BYTES
) -> Prepared:
    """Read a counts file: text with any separator, or a workbook."""
    delimiter, following = _delimiter(iter(chunks))
    reader = CountsReader(known.codes, delimiter=delimiter, limit_bytes=limit_bytes)
    rows = reader.read(following)
    first = list(islice(rows, 1))
    dimensions = set(reader.columns).intersection(known.codes.categories)
    squares = "sum_of_squares" in reader.columns
    counts = chain(first, rows)
    return _prepared(
        Batch.Kind.COUNTS, reader, counts, dimensions, known, column="metric", with_squares=squares
    )


def from_typed(text: str, known: Definitions) -> Prepared:
    """Read what was typed in, which stands in the layout of a counts file."""
    return replace(from_counts([text.encode()], known), kind=Batch.Kind.TYPED)


def from_document(body: bytes, document: CountsDocument, known: Definitions) -> Prepared:
    """Read the counts that a system sent as `document`, whose bytes are `body`."""
    reader = CountsDocumentReader(known.codes, document)
    rows = reader.read([body])
    squares = reader.with_squares
    return _prepared(
        Batch.Kind.SENT, reader, rows, reader.dimensions, known, column="metric", with_squares=squares
    )


def from_table(
    chunks: Iterable[bytes], mapping: TableMapping, known: Definitions, /, **more: Any
) -> Prepared:
    """Read a table that somebody else laid out. Raises `MappingError` when the mapping names what is not known."""
    reader = TableReader(mapping, known.codes)
    dimensions = {one.dimension for one in mapping.dimensions}
    dimensions |= {dimension for count in mapping.counts for dimension, _code in count.categories}
    squares = any(NumberRole.SUM_OF_SQUARES in count.columns.numbers for count in mapping.counts)
    rows = reader.read(chunks)
    column = mapping.metric.column if mapping.metric is not None else None
    return _prepared(
        Batch.Kind.TABLE,
        reader,
        rows,
        dimensions,
        known,
        column=column or "",
        with_squares=squares,
        more=more,
    )


def from_reports(
    chunks: Iterable[bytes], mapping: MeasureReportMapping, known: Definitions, /, **more: Any
) -> Prepared:
    """Read FHIR measure reports. Raises `MappingError` when the mapping names what is not known."""
    reader = MeasureReportReader(mapping, known.codes)
    dimensions = {rule.dimension for rule in mapping.dimensions}
    rows = reader.read(chunks)
    return _prepared(Batch.Kind.REPORTS, reader, rows, dimensions, known, column="measure", more=more)


def _prepared(
    kind: str,
    reader: FileReader,
    numbered: Iterable[tuple[int, CountRow]],
    dimensions: Iterable[str],
    known: Definitions,
    *,
    column: str,
    with_squares: bool = False,
    more: Mapping[str, Any] | None = None,
) -> Prepared:
    """Read to the end: rows of retired metrics are left out, every other must be of the period length of its metric, and
    parts are compared with totals."""
    in_use = _InUse(known, column)
    periods = _PeriodRules(known)
    compared = Reconciler(known.partitions, at_most=MOST_ROWS_COMPARED)
    rows = compared.passed(periods.passed(in_use.passed(numbered)))
    content = _compressed(write_counts(rows, sorted(dimensions), with_squares=with_squares))
    nothing = in_use.nothing_left() if not reader.error_total else []
    total = reader.error_total + periods.errors.total + len(nothing)
    shown = sorted((*reader.errors, *periods.errors.shown, *nothing), key=lambda error: error.row or 0)
    return Prepared(
        kind=kind,
        sha256=reader.sha256,
        rows_read=reader.rows_read,
        content=b"" if total else content,
        errors=[as_json(error) for error in _without_a_strangers_cells(shown)],
        error_total=total,
        more={**_told(reader), **in_use.told(), **_compared(compared), **(more or {})},
    )


def _told(reader: FileReader) -> dict[str, Any]:
    """What was read and is no count, and where the file disagrees with itself; nothing of it where there is none."""
    told = {
        "left_out": dict(reader.rows_left_out),
        "rows_below": reader.rows_below,
        "partly_blank": reader.partly_blank,
        "flags": [as_json(flag) for flag in reader.flags],
        "flag_total": reader.flag_total,
    }
    return {name: value for name, value in told.items() if value}


def _compared(reconciler: Reconciler) -> dict[str, Any]:
    if reconciler.is_too_much:
        return {}
    found = reconciler.result()
    return {
        "reconciled": {
            "agreed": found.agreed,
            "open": found.open_,
            "disagreed": found.disagreed,
            "first": [
                {
                    "metric": one.metric,
                    "unit": one.unit,
                    "period": one.period.code,
                    "key": "&".join(f"{dimension}={code}" for dimension, code in one.total),
                    "by": "*".join(one.by),
                    "parts": [told(one.parts.numerator), told(one.parts.denominator)],
                    "whole": [told(one.stated.numerator), told(one.stated.denominator)],
                    "blanks": one.blanks,
                }
                for one in found.disagreements[:SHOWN]
            ],
        }
    }


def as_json(error: RowError) -> dict[str, Any]:
    """An error as a batch keeps it: its sentences untranslated, for whoever reads it in whatever language."""
    return {
        "row": error.row,
        "column": error.column,
        "reason": error.problem.reason,
        "mend": error.problem.how_to_mend,
        "parts": dict(error.parts),
    }


class _InUse:
    """Rows of retired metrics are left out and told, each with the `column` that names the metric ("" for none)."""

    def __init__(self, known: Definitions, column: str) -> None:
        self._retired = known.retired
        self._column = column or None
        self._skipped = ErrorLog()
        self._metrics: set[str] = set()
        self._kept = 0

    def passed(self, rows: Iterable[tuple[int, CountRow]]) -> Iterator[tuple[int, CountRow]]:
        for number, row in rows:
            if row.metric in self._retired:
                self._metrics.add(row.metric)
                parts = {"value": row.metric, "day": self._retired[row.metric]}
                self._skipped.add(RowError(RETIRED, row=number, column=self._column, parts=parts))
            else:
                self._kept += 1
                yield number, row

    def nothing_left(self) -> list[RowError]:
        """The error of a file that was read and holds nothing for a metric in use."""
        if self._kept or not self._skipped.total:
            return []
        parts = {"value": listed(self._metrics)}
        return [RowError(ONLY_RETIRED, column=self._column, parts=parts)]

    def told(self) -> dict[str, Any]:
        """The first rows that were left out, and how many there are; nothing where there is none."""
        if not self._skipped.total:
            return {}
        first = [as_json(error) for error in self._skipped.shown]
        return {"retired": first, "retired_total": self._skipped.total}


class _PeriodRules:
    """A fact is observed at the grain of its metric, and on a first day begins one stated span only."""

    def __init__(self, known: Definitions) -> None:
        self._known = known
        self._ends: dict[tuple[str, date], date] = {}
        self.errors = ErrorLog(MOST_ERRORS_KEPT)

    def passed(self, rows: Iterable[tuple[int, CountRow]]) -> Iterator[CountRow]:
        for number, row in rows:
            error = self._error(number, row)
            if error is None:
                yield row
            else:
                self.errors.add(error)

    def _error(self, number: int, row: CountRow) -> RowError | None:
        frequency = self._known.frequencies[row.metric]
        parts: dict[str, str | int] = {"value": row.period.code, "metric": row.metric}
        if not self._known.takes(row.metric, row.period.grain):
            parts["frequency"] = WORD_OF_GRAIN[frequency]
            return RowError(OTHER_FREQUENCY, row=number, column="period", parts=parts)
        if frequency == Grain.SPAN:
            end = self._ends.setdefault((row.metric, row.period.start), row.period.end)
            if end != row.period.end:
                return RowError(OTHER_END, row=number, column="period", parts=parts)
        return None


def _delimiter(chunks: Iterator[bytes]) -> tuple[str, Iterator[bytes]]:
    """The separator with which the header has the columns of a counts file, and all of the bytes again."""
    taken: list[bytes] = []
    for chunk in chunks:
        taken.append(chunk)
        if sum(map(len, taken)) >= _BLOCK:
            break
    fitting = [one for one in sorted(DELIMITERS) if set(REQUIRED_COLUMNS) <= set(_first_record(taken, one))]
    return next(iter(fitting), ","), chain(taken, chunks)


def _first_record(chunks: Sequence[bytes], delimiter: str) -> list[str]:
    reader = RecordReader(delimiter=delimiter)
    try:
        for chunk in chunks:
            for record in reader.feed(chunk):
                if record:
                    return [name.strip() for name in record]
        return [name.strip() for name in next(reader.finish(), [])]
    except UnreadableFile:
        return []


def _without_a_strangers_cells(errors: Sequence[RowError]) -> list[RowError]:
    """A file without the header of a counts file may be a line list: then nothing that it says is repeated."""
    missing = [error for error in errors if error.problem is COLUMN_MISSING]
    return missing or list(errors)


def _compressed(lines: Iterator[str]) -> bytes:
    compressor = zlib.compressobj(level=3)
    blocks = []
    while block := "".join(islice(lines, _LINES_AT_ONCE)):
        blocks.append(compressor.compress(block.encode()))
    return b"".join([*blocks, compressor.flush()])
