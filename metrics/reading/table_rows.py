"""What one row of a table says: its counts, or everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from metrics.reading.cells import CountRow, Stratum, stratum_of
from metrics.reading.counts import NOT_A_PERIOD, UNKNOWN_CODE, WRITTEN_BEFORE, KnownCodes
from metrics.reading.counts_numbers import Numbers, told
from metrics.reading.errors import Problem, RowError
from metrics.reading.errors import gettext_noop as _
from metrics.reading.periods import Grain, Period, containing, parse_day, parse_period, spanning, whole
from metrics.reading.shares import NOT_A_SHARE, SHARE_DISAGREES, parse_share, share_agrees, share_in_words
from metrics.reading.showing import listed, shown
from metrics.reading.table_mapping import CodeRule, CountRule, NumberRole, TableMapping, TablePeriodRule
from metrics.reading.table_numbers import NumberReader, RoleFault, TableNumbers

NOT_IN_MAPPING = Problem(
    _('"%(value)s" is not in the mapping.'),
    _(
        "Add it to the values of this column in the mapping, or correct the row. Where merged cells leave it empty, "
        "add the column to fill_down under [layout]; where the row is no count, add a [[leave_out]]."
    ),
)
NOT_A_DAY_HERE = Problem(
    _('"%(value)s" is not a day written as %(format)s.'),
    _(
        "Correct the row, or the format under [period] in the mapping. A day may also be written as 2024-01-31."
    ),
)
OTHER_GRAIN = Problem(
    _('"%(value)s" is not of the grain %(grain)s.'), _("Correct the row, or the grain under [period].")
)
NOT_THE_SPAN = Problem(
    _('From "%(value)s" to "%(last)s" is not one %(grain)s.'),
    _("Correct the days, or choose the grain whole in the mapping."),
)


@dataclass(frozen=True, slots=True)
class RowRead:
    """What was read from one row. `partly`: how many of its counts are blank although some cells had numbers."""

    counts: list[CountRow]
    errors: list[RowError]
    flags: list[RowError]
    partly: int


class RowReader:
    """Made once, from the mapping, the codes of the institution and the header; used for every row."""

    def __init__(self, mapping: TableMapping, known: KnownCodes, position: Mapping[str, int]) -> None:
        self._position = position
        self._known = known
        self._numbers = NumberReader(mapping.numbers, mapping.blanks)
        self._decimal = mapping.numbers.decimal
        reasons = mapping.blanks.reasons
        self._reason = None if reasons is None else position[reasons.column]
        self._metric = None if mapping.metric is None else _Codes(mapping.metric, known.metrics, position)
        self._unit = _Codes(mapping.unit, known.units, position)
        self._period = None if mapping.period is None else _Periods(mapping.period, position)
        self._dimensions = [
            (one.dimension, _Codes(one.rule, {"", *known.categories[one.dimension]}, position))
            for one in mapping.dimensions
        ]
        self._counts = mapping.counts
        self._strata: dict[tuple[str | None, ...], list[Stratum]] = {}
        self._rows_of: dict[tuple[str, str, Stratum], dict[Period, int]] = {}

    def read(self, number: int, cells: Sequence[str]) -> RowRead:
        """All parts are looked at even when one is wrong, so that a person mends the row once."""
        row = _OneRow(number, cells)
        metric = None if self._metric is None else self._metric.read(row)
        unit = self._unit.read(row)
        period = None if self._period is None else self._period.read(row)
        codes = [codes.read(row) for _dimension, codes in self._dimensions]
        strata = self._strata_of(tuple(codes))
        place_is_known = not row.errors
        for rule, stratum in zip(self._counts, strata, strict=True):
            metric_of_count = rule.metric or metric
            period_of_count = rule.period or period
            if metric_of_count is None:
                continue
            read = self._read_numbers(row, rule, metric_of_count)
            if read is not None and place_is_known and unit is not None and period_of_count is not None:
                count = CountRow(metric_of_count, unit, period_of_count, stratum, *read)
                self._keep(row, count)
        return RowRead(row.counts, row.errors, row.flags, row.partly)

    def _strata_of(self, codes: tuple[str | None, ...]) -> list[Stratum]:
        """The stratum of each count, for these codes of the row's dimensions."""
        strata = self._strata.get(codes)
        if strata is None:
            names = (dimension for dimension, _codes in self._dimensions)
            of_row = [(name, code) for name, code in zip(names, codes, strict=True) if code]
            strata = [stratum_of(*of_row, *rule.categories) for rule in self._counts]
            self._strata[codes] = strata
        return strata

    def _read_numbers(self, row: _OneRow, rule: CountRule, metric: str) -> Numbers | None:
        columns = rule.columns.numbers
        texts = {role: row.cell(self._position[column]) for role, column in columns.items()}
        reason = "" if self._reason is None else row.cell(self._reason)
        kind, decimals = self._known.metrics[metric], self._known.decimals.get(metric, 0)
        read = self._numbers.read(texts, reason, kind, decimals)
        if isinstance(read, TableNumbers):
            row.partly += read.partly
            self._compare_share(row, rule, read.numbers)
            return read.numbers
        for fault in read:
            row.wrong(fault.problem, _column_of(fault, columns), **fault.parts)
        return None

    def _compare_share(self, row: _OneRow, rule: CountRule, numbers: Numbers) -> None:
        stated = rule.columns.stated
        if stated is None or numbers.numerator is None or not numbers.denominator:
            return
        column, out_of = stated
        text = row.cell(self._position[column])
        if self._numbers.is_explained(text):
            return
        share = parse_share(text, decimal=self._decimal)
        if share is None:
            row.wrong(NOT_A_SHARE, column, value=text)
        elif not share_agrees(share, numbers.numerator, numbers.denominator, out_of=out_of):
            counted = share_in_words(numbers.numerator, numbers.denominator, out_of=out_of)
            row.flag(
                SHARE_DISAGREES,
                column,
                value=text,
                numerator=told(numbers.numerator),
                denominator=told(numbers.denominator),
                counted=counted,
            )

    def _keep(self, row: _OneRow, count: CountRow) -> None:
        rows = self._rows_of.setdefault((count.metric, count.unit, count.stratum), {})
        if count.period in rows:
            row.wrong(WRITTEN_BEFORE, None, first=rows[count.period])
            return
        rows[count.period] = row.number
        row.counts.append(count)


def _column_of(fault: RoleFault, columns: Mapping[NumberRole, str]) -> str:
    """A number that was reckoned stands in no column of its own: then the first of the count's."""
    return columns.get(fault.role) or next(iter(columns.values()))


class _OneRow:
    """A row while it is read."""

    def __init__(self, number: int, cells: Sequence[str]) -> None:
        self.number = number
        self._cells = cells
        self.counts: list[CountRow] = []
        self.errors: list[RowError] = []
        self.flags: list[RowError] = []
        self.partly = 0

    def cell(self, position: int) -> str:
        return self._cells[position].strip()

    def wrong(self, problem: Problem, column: str | None, **parts: str | int) -> None:
        self.errors.append(self._error(problem, column, parts))

    def flag(self, problem: Problem, column: str, **parts: str | int) -> None:
        self.flags.append(self._error(problem, column, parts))

    def _error(self, problem: Problem, column: str | None, parts: Mapping[str, str | int]) -> RowError:
        shortened = {name: shown(part) if isinstance(part, str) else part for name, part in parts.items()}
        return RowError(problem, row=self.number, column=column, parts=shortened)


class _Codes:
    """The code that a rule gives to a row."""

    def __init__(self, rule: CodeRule, known: Collection[str], position: Mapping[str, int]) -> None:
        self._constant = rule.constant
        self._column = rule.column or ""
        self._position = position.get(self._column, 0)
        self._in_mapping = rule.values is not None
        self._meanings = rule.values if rule.values is not None else {code: code for code in known}

    def read(self, row: _OneRow) -> str | None:
        if self._constant is not None:
            return self._constant
        cell = row.cell(self._position)
        code = self._meanings.get(cell)
        if code is None and self._in_mapping:
            row.wrong(NOT_IN_MAPPING, self._column, value=cell)
        elif code is None:
            row.wrong(UNKNOWN_CODE, self._column, value=cell, choices=listed(self._meanings))
        return code


class _Periods:
    """The period that the rule gives to a row; the same cells are always the same period."""

    def __init__(self, rule: TablePeriodRule, position: Mapping[str, int]) -> None:
        self._rule = rule
        self._columns = [column for column in (rule.column, rule.last_column) if column]
        self._positions = [position[column] for column in self._columns]
        self._known: dict[tuple[str, ...], Period] = {(text,): period for text, period in rule.values.items()}

    def read(self, row: _OneRow) -> Period | None:
        if self._rule.constant is not None:
            return self._rule.constant
        cells = tuple(map(row.cell, self._positions))
        if cells not in self._known:
            period = self._span(row, *cells) if self._rule.last_column else self._single(row, cells[0])
            if period is None:
                return None
            self._known[cells] = period
        return self._known[cells]

    def _single(self, row: _OneRow, cell: str) -> Period | None:
        column, grain = self._columns[0], self._rule.grain
        if self._rule.format:
            day = self._day(row, column, cell)
            if day is None:
                return None
            return whole(day, day) if grain is Grain.WHOLE else containing(day, grain)
        try:
            period = parse_period(cell)
        except ValueError:
            row.wrong(NOT_A_PERIOD, column, value=cell)
            return None
        if period.grain is not grain:
            row.wrong(OTHER_GRAIN, column, value=cell, grain=grain.value)
            return None
        return period

    def _span(self, row: _OneRow, first_cell: str, last_cell: str) -> Period | None:
        first = self._day(row, self._columns[0], first_cell)
        last = self._day(row, self._columns[1], last_cell)
        if first is None or last is None:
            return None
        try:
            return spanning(first, last, self._rule.grain)
        except ValueError:
            parts = {"value": first_cell, "last": last_cell, "grain": self._rule.grain.value}
            row.wrong(NOT_THE_SPAN, self._columns[0], **parts)
            return None

    def _day(self, row: _OneRow, column: str, cell: str) -> date | None:
        """A workbook gives days as 2024-01-31, however its cells are formatted: that is never mistaken."""
        for read in (self._in_format, _in_iso_format):
            try:
                return read(cell)
            except ValueError:
                continue
        row.wrong(NOT_A_DAY_HERE, column, value=cell, format=self._rule.format)
        return None

    def _in_format(self, cell: str) -> date:
        return datetime.strptime(cell, self._rule.format).date()


def _in_iso_format(cell: str) -> date:
    return parse_day(cell.partition(" ")[0])
