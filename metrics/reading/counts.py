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

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from metrics.reading.cells import CountRow, MetricKind, Stratum, stratum_of
from metrics.reading.counts_numbers import IS_AN_INDEX, Numbers, read_numbers
from metrics.reading.decompress import DEFAULT_LIMIT_BYTES
from metrics.reading.errors import Problem, RowError, UnreadableFile
from metrics.reading.errors import gettext_noop as _
from metrics.reading.file_reader import FileReader
from metrics.reading.mapping import Source
from metrics.reading.periods import Grain, Period, containing, parse_day, parse_period
from metrics.reading.records import COLUMN_TWICE, NO_ROWS, WRONG_SEPARATOR, WRONG_WIDTH
from metrics.reading.showing import listed, shown
from metrics.reading.table_source import TableSource

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
    _(
        "Write 2024-01 (month), 2024-Q1 (quarter), 2024 (year) or 1999-01-01/2008-12-31 (a span of days). "
        "A spreadsheet may have turned it into a date: format the column as text."
    ),
)
GRAIN_DISAGREES = Problem(
    _('The period is not of the grain "%(value)s".'),
    _("Correct one of the two. The grain is month, quarter, year or whole; a day is a period's first day."),
)
WRITTEN_BEFORE = Problem(
    _("Row %(first)s already holds this metric, unit, period and group."),
    _("Keep one of the two rows."),
)


@dataclass(frozen=True, slots=True)
class KnownCodes:
    """What the institution has defined; a file may name nothing else.

    `metrics` gives the kind (`MetricKind`) of each metric, `categories` the category codes of each dimension,
    `decimals` how many the amounts of a metric may have, where it is any.
    """

    metrics: Mapping[str, str]
    units: Collection[str]
    categories: Mapping[str, Collection[str]]
    decimals: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Series:
    """One metric of one unit and stratum, and the row that first held each of its periods."""

    metric: str
    unit: str
    stratum: Stratum
    row_of_period: dict[Period, int] = field(default_factory=dict)


class Header:
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


class CountsReader(FileReader):
    """Reads one counts file, of text or a workbook."""

    def __init__(
        self,
        known: KnownCodes,
        *,
        encoding: str = "utf-8",
        delimiter: str = ",",
        limit_bytes: int = DEFAULT_LIMIT_BYTES,
    ) -> None:
        super().__init__()
        self._known = known
        source = Source(name="", encoding=encoding, delimiter=delimiter)
        self._source = TableSource(source, limit_bytes=limit_bytes)
        self._series: dict[tuple[str, ...], _Series] = {}
        self._periods: dict[tuple[str, str], Period] = {}
        self.columns: tuple[str, ...] = ()
        """The names in the header, known when the first row is."""

    def _read(self, chunks: Iterator[bytes]) -> Iterator[tuple[int, CountRow]]:
        try:
            records = self._records(chunks)
            header = self._read_header(records)
            if header is not None:
                yield from self._read_rows(header, records)
        except UnreadableFile as error:
            self._errors.add(RowError(error.fault.problem, row=self._row + 1, parts=error.fault.parts))

    def _records(self, chunks: Iterator[bytes]) -> Iterator[list[str]]:
        """The records that hold something; `_row` is the row of the last one."""
        for number, record in self._source.rows(chunks):
            self._row = number
            yield record

    def _read_header(self, records: Iterator[list[str]]) -> Header | None:
        names = [name.strip() for name in next(records, [])]
        if not names:
            self._wrong(NO_ROWS)
        elif len(names) == 1:
            self._wrong(WRONG_SEPARATOR)
        else:
            self._check_names(names)
        self.columns = () if self._errors.total else tuple(names)
        return Header(names) if self.columns else None

    def _check_names(self, names: list[str]) -> None:
        for column in REQUIRED_COLUMNS:
            if column not in names:
                self._wrong(COLUMN_MISSING, column=column)
        choices = listed(FIXED_COLUMNS.union(self._known.categories))
        for name in dict.fromkeys(names):
            column = shown(name)
            if names.count(name) > 1:
                self._wrong(COLUMN_TWICE, column=column)
            if name not in FIXED_COLUMNS and name not in self._known.categories:
                self._wrong(UNKNOWN_COLUMN, column=column, value=column, choices=choices)

    def _read_rows(self, header: Header, records: Iterator[list[str]]) -> Iterator[tuple[int, CountRow]]:
        for record in records:
            self.rows_read += 1
            if self._source.is_workbook:
                record = record + [""] * (header.width - len(record))
            if len(record) != header.width:
                self._wrong(WRONG_WIDTH, cells=len(record), columns=header.width)
                continue
            row = self._count_row(header, record)
            if row is not None:
                yield self._row, row
        if self.rows_read == 0:
            self._wrong(NO_ROWS)

    def _count_row(self, header: Header, record: list[str]) -> CountRow | None:
        """All parts are looked at even when one is wrong, so that a person mends the row once."""
        series = self._series_of(header, record)
        period = self._period_of(header, record)
        numbers = self._numbers_of(header, record)
        if series is None or period is None or numbers is None:
            return None
        first = series.row_of_period.setdefault(period, self._row)
        if first != self._row:
            self._wrong(WRITTEN_BEFORE, first=first)
            return None
        return CountRow(series.metric, series.unit, period, series.stratum, *numbers)

    def _series_of(self, header: Header, record: list[str]) -> _Series | None:
        cells = tuple(header.cell(record, column) for column in ("metric", "unit", *header.dimensions))
        series = self._series.get(cells)
        if series is None and self._codes_are_known(header, cells):
            metric, unit, *categories = cells
            pairs = zip(header.dimensions, categories, strict=True)
            stratum = stratum_of(*((dimension, category) for dimension, category in pairs if category))
            series = self._series[cells] = _Series(metric, unit, stratum)
        return series

    def _codes_are_known(self, header: Header, cells: tuple[str, ...]) -> bool:
        metric, unit, *categories = cells
        known = [
            self._is_known("metric", metric, self._known.metrics),
            self._is_known("unit", unit, self._known.units),
        ]
        for dimension, category in zip(header.dimensions, categories, strict=True):
            known.append(
                not category or self._is_known(dimension, category, self._known.categories[dimension])
            )
        return all(known)

    def _is_known(self, column: str, code: str, choices: Collection[str]) -> bool:
        if code in choices:
            return True
        self._wrong(UNKNOWN_CODE, column=column, value=code, choices=listed(choices))
        return False

    def _period_of(self, header: Header, record: list[str]) -> Period | None:
        text, grain = header.cell(record, "period"), header.cell(record, "grain")
        period = self._periods.get((text, grain))
        if period is None:
            try:
                period = self._periods[text, grain] = _first_day_period(text, grain) or parse_period(text)
            except ValueError:
                self._wrong(NOT_A_PERIOD, column="period", value=shown(text))
                return None
        if grain and period.grain != grain:
            self._wrong(GRAIN_DISAGREES, column="grain", value=shown(grain))
            return None
        return period

    def _numbers_of(self, header: Header, record: list[str]) -> Numbers | None:
        metric = header.cell(record, "metric")
        kind = self._known.metrics.get(metric)
        if kind is None:
            return None
        if kind == MetricKind.INDEX:
            self._wrong(IS_AN_INDEX, column="metric", value=metric)
            return None
        texts = {column: header.cell(record, column) for column in NUMBER_COLUMNS}
        numbers = read_numbers(texts, kind, self._known.decimals.get(metric, 0))
        if isinstance(numbers, Numbers):
            return numbers
        for fault in numbers:
            self._wrong(fault.problem, fault.column, **fault.parts)
        return None


def _first_day_period(text: str, grain: str) -> Period | None:
    """The period of this grain that starts on this day; None when the text or the grain says otherwise."""
    if grain not in (Grain.MONTH, Grain.QUARTER, Grain.YEAR):
        return None
    try:
        day = parse_day(text)
    except ValueError:
        return None
    period = containing(day, Grain(grain))
    return period if period.start == day else None
