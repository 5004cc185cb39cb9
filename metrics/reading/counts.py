"""Reads a counts file: a CSV table with one row for each metric, unit, period and stratum.

    metric,unit,period,race_ethnicity,language,numerator,denominator
    pain-30-minutes,main,2024-01,,,181,260            everybody (the overall stratum)
    pain-30-minutes,main,2024-01,black,,41,66         one category
    policy-positions,main,2024-Q1,,,2,                a count of things has no denominator
    pain-30-minutes,main,2024-02,,,not collected,     a blank says why it is blank

Any further column is a dimension, and an empty cell there means that the row is not split by it. Periods are
2024-01, 2024-Q1, 2024 or 1999-01-01/2008-12-31; beside a `grain` column they may also be the first day. Means
need a `sum_of_squares` column. Numbers are whole numbers, in a unit small enough for that (minutes, cents).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from metrics.reading.cells import CountRow, Stratum, stratum_of
from metrics.reading.counts_numbers import Numbers, read_numbers
from metrics.reading.decompress import DEFAULT_LIMIT_BYTES
from metrics.reading.errors import ErrorLog, Problem, RowError, UnreadableFile
from metrics.reading.errors import gettext_noop as _
from metrics.reading.periods import Grain, Period, containing, parse_day, parse_period
from metrics.reading.records import COLUMN_TWICE, NO_ROWS, WRONG_SEPARATOR, WRONG_WIDTH, RecordReader

REQUIRED_COLUMNS = ("metric", "unit", "period", "numerator", "denominator")
NUMBER_COLUMNS = ("numerator", "denominator", "sum_of_squares")
FIXED_COLUMNS = frozenset(REQUIRED_COLUMNS + NUMBER_COLUMNS + ("grain",))

COLUMN_MISSING = Problem(
    _("The header has no column of this name."),
    _("A counts file needs the columns metric, unit, period, numerator and denominator."),
)
UNKNOWN_COLUMN = Problem(
    _('"%(value)s" is neither a column of a counts file nor a dimension of this institution.'),
    _("Delete the column, or write one of: %(choices)s."),
)
UNKNOWN_CODE = Problem(
    _('"%(value)s" is not a code that is known here.'),
    _(
        "Write one of: %(choices)s. "
        "A spreadsheet may have turned a code such as 10-19 into a date: format the column as text."
    ),
)
NOT_A_PERIOD = Problem(
    _('"%(value)s" is not a period.'),
    _("Write it as 2024-01 (month), 2024-Q1 (quarter), 2024 (year) or 1999-01-01/2008-12-31 (a stated span)."),
)
GRAIN_DISAGREES = Problem(
    _('The period is not of the grain "%(value)s".'),
    _("Correct one of the two; the grain is month, quarter, year or whole, and a day is the first of its period."),
)
WRITTEN_BEFORE = Problem(
    _("Row %(first)s already holds this metric, unit, period and group."),
    _("Keep one of the two rows."),
)

_LONGEST_VALUE_SHOWN = 60
_MOST_CHOICES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class KnownCodes:
    """What the institution has defined; a file may name nothing else.

    `metrics` gives the kind (`MetricKind`) of each metric, `categories` the category codes of each dimension.
    """

    metrics: Mapping[str, str]
    units: Collection[str]
    categories: Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True)
class _Series:
    """One metric of one unit and stratum, and the row that first held each of its periods."""

    metric: str
    unit: str
    stratum: Stratum
    row_of_period: dict[Period, int] = field(default_factory=dict)


class _Header:
    """Where each column is."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        self.width = len(names)
        self.dimensions = [name for name in names if name not in FIXED_COLUMNS]
        self._positions = {name: position for position, name in enumerate(names)}

    def cell(self, record: list[str], column: str) -> str:
        """The cell without surrounding spaces; empty when the file has no such column."""
        position = self._positions.get(column)
        return "" if position is None else record[position].strip()


class CountsReader:
    """Reads one counts file. Its rows may be used only when the whole file was read without an error."""

    def __init__(
        self,
        known: KnownCodes,
        *,
        encoding: str = "utf-8",
        delimiter: str = ",",
        limit_bytes: int = DEFAULT_LIMIT_BYTES,
    ) -> None:
        self._known = known
        self._records = RecordReader(encoding=encoding, delimiter=delimiter, limit_bytes=limit_bytes)
        self._errors = ErrorLog()
        self._header: _Header | None = None
        self._row = 0
        self._series: dict[tuple[str, ...], _Series] = {}
        self._periods: dict[tuple[str, str], Period] = {}
        self.rows_read = 0

    @property
    def errors(self) -> tuple[RowError, ...]:
        """The first errors met so far, in the order of the file."""
        return self._errors.shown

    @property
    def error_total(self) -> int:
        """How many errors were met so far."""
        return self._errors.total

    @property
    def sha256(self) -> str:
        """Of the bytes of the file as they came."""
        return self._records.sha256

    def read(self, chunks: Iterable[bytes]) -> Iterator[tuple[int, CountRow]]:
        """(row number, row) of every good row, as the chunks come; wrong rows go to `errors`."""
        remaining = iter(chunks)
        try:
            for chunk in remaining:
                yield from self._rows(self._records.feed(chunk))
            yield from self._rows(self._records.finish())
        except UnreadableFile as error:
            self._errors.add(error.fault.problem, row=self._row + 1, **error.fault.parts)
        for chunk in remaining:
            self._records.note(chunk)
        if self.rows_read == 0 and self._errors.total == 0:
            self._errors.add(NO_ROWS, row=None)

    def _rows(self, records: Iterator[list[str]]) -> Iterator[tuple[int, CountRow]]:
        for record in records:
            self._row += 1
            if not record:
                continue
            if self._header is None:
                self._header = self._checked_header(record)
                continue
            self.rows_read += 1
            row = self._count_row(self._header, record)
            if row is not None:
                yield self._row, row

    def _checked_header(self, record: list[str]) -> _Header:
        names = [name.strip() for name in record]
        if len(names) == 1:
            raise UnreadableHeader(WRONG_SEPARATOR)
        return _Header(names)
