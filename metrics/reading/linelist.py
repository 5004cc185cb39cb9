"""Counts a line list while it is read. Patient rows are never stored: a row is counted, and gone.

What stays in memory is the count of each cell of the mapping's strata, so memory does not grow with the file.
All or nothing: one row that cannot be placed, and there are no counts, only errors. Errors say the row and
the column, never the value.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import getitem
from types import MappingProxyType

from metrics.reading.cells import CellKey, Count, CountRow
from metrics.reading.decompress import DEFAULT_LIMIT_BYTES
from metrics.reading.errors import ErrorLog, KeyFault, MappingError, Problem, RowError, UnreadableFile
from metrics.reading.errors import gettext_noop as _
from metrics.reading.mapping import LineListMapping
from metrics.reading.records import COLUMN_TWICE, NO_ROWS, WRONG_SEPARATOR, WRONG_WIDTH, RecordReader
from metrics.reading.row_plan import Place, RowPlan

COLUMN_MISSING = Problem(
    _("The header has no column of this name."),
    _("Add the column, or write in the mapping the name that the column has in the file."),
)
NOT_IN_MAPPING = Problem(
    _("A value in this column is not in the mapping."),
    _("Add the value to the mapping (an empty cell is written as two quotation marks), or correct the row."),
)
NOT_A_UNIT = Problem(
    _("A value in this column is not the code of a unit."),
    _("Add values to [unit] in the mapping, from what the file says to the code of the unit."),
)
NOT_A_DAY = Problem(
    _("A value in this column is not a day written as the mapping says."),
    _("Correct the row, or the format in the mapping."),
)
UNKNOWN_UNIT = Problem(
    _('"%(unit)s" is not the code of a unit of this institution.'), _("Write one of: %(choices)s.")
)
UNITS_NOT_STATED = Problem(
    _("Only the rows say which units there are, so a wrong cell could not be told from a unit."),
    _("Add values to [unit], from what the file says to the code of the unit."),
)
_WRONG_VALUE = MappingProxyType({"unit": NOT_A_UNIT, "period": NOT_A_DAY})

_PLACES_HELD = 20_000
"""Distinct combinations counted before they are added to the strata: enough for speed, too few to grow."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What became of a line list. With errors there are no cells."""

    metric: str
    cells: Mapping[CellKey, Count]
    rows_read: int
    rows_outside: int
    sha256: str
    errors: tuple[RowError, ...]
    error_total: int

    @property
    def is_valid(self) -> bool:
        """Whether every row found its place."""
        return self.error_total == 0

    def rows(self) -> Iterator[CountRow]:
        """The counts as rows of a counts file: by unit, by period, the overall stratum first."""
        for key in sorted(self.cells, key=lambda key: (key.unit, key.period, len(key.stratum), key.stratum)):
            numerator, denominator = self.cells[key]
            yield CountRow(self.metric, key.unit, key.period, key.stratum, numerator, denominator)


class LineListCounter:
    """Takes the bytes of a line list in chunks of any size, plain or compressed, and counts.

    `known_units` are the codes of the institution's units; without them the mapping must name every unit.
    Raises `MappingError` when the mapping does not fit those units.
    `on_progress` is called with the number of rows read, every `progress_every` rows.
    """

    def __init__(
        self,
        mapping: LineListMapping,
        *,
        known_units: Collection[str] | None = None,
        on_progress: Callable[[int], None] | None = None,
        progress_every: int = 10_000,
        limit_bytes: int = DEFAULT_LIMIT_BYTES,
    ) -> None:
        _check_units(mapping, known_units)
        self._mapping = mapping
        self._known_units = known_units
        self._on_progress = on_progress
        self._progress_every = progress_every
        self._records = RecordReader(
            encoding=mapping.source.encoding, delimiter=mapping.source.delimiter, limit_bytes=limit_bytes
        )
        self._plan: RowPlan | None = None
        self._errors = ErrorLog()
        self._broken = False
        self._row = 0
        self._rows_read = 0
        self._rows_outside = 0
        self._places: dict[Place, int] = {}
        self._cells: dict[CellKey, list[int]] = {}

    def feed(self, chunk: bytes) -> None:
        """Count the rows that this chunk completes."""
        if self._broken:
            self._records.note(chunk)
        else:
            self._count_all(self._records.feed(chunk))

    def finish(self) -> Counted:
        """Count the last rows and say what became of the file."""
        if not self._broken:
            self._count_all(self._records.finish())
        if self._rows_read == 0 and self._errors.total == 0:
            self._errors.add(RowError(NO_ROWS))
        self._add_places_to_cells()
        valid = self._errors.total == 0
        return Counted(
            metric=self._mapping.metric,
            cells={key: Count(*pair) for key, pair in self._cells.items()} if valid else {},
            rows_read=self._rows_read,
            rows_outside=self._rows_outside,
            sha256=self._records.sha256,
            errors=self._errors.shown,
            error_total=self._errors.total,
        )

    def _count_all(self, records: Iterator[list[str]]) -> None:
        try:
            if self._plan is None:
                self._plan = self._read_header(records)
            if self._plan is not None:
                self._count_rows(self._plan, records)
        except UnreadableFile as error:
            self._broken = True
            fault = error.fault
            self._errors.add(RowError(fault.problem, row=self._row + 1, parts=fault.parts))

    def _read_header(self, records: Iterator[list[str]]) -> RowPlan | None:
        for header in records:
            self._row += 1
            if header:
                self._check_header(header)
                return None if self._broken else RowPlan(self._mapping, header, self._known_units)
        return None

    def _check_header(self, header: list[str]) -> None:
        """Names from the mapping only are repeated: where a header is missing, its cells are a patient's."""
        names = [name.strip() for name in header]
        needed = self._mapping.columns
        if len(names) == 1 and len(needed) > 1:
            self._errors.add(RowError(WRONG_SEPARATOR, row=self._row))
        else:
            for column in needed:
                if names.count(column) != 1:
                    problem = COLUMN_TWICE if column in names else COLUMN_MISSING
                    self._errors.add(RowError(problem, row=self._row, column=column))
        self._broken = self._errors.total > 0

    def _count_rows(self, plan: RowPlan, records: Iterator[list[str]]) -> None:
        pick, tables, width = plan.pick, plan.tables, plan.width
        places = self._places
        for record in records:
            self._row += 1
            if not record:
                continue
            self._rows_read += 1
            if len(record) != width:
                parts = {"cells": len(record), "columns": width}
                self._errors.add(RowError(WRONG_WIDTH, row=self._row, parts=parts))
            else:
                try:
                    place = tuple(map(getitem, tables, pick(record)))
                except KeyError:
                    self._explain(plan, record)
                else:
                    places[place] = places.get(place, 0) + 1
            if len(places) > _PLACES_HELD:
                self._add_places_to_cells()
            if self._on_progress is not None and self._rows_read % self._progress_every == 0:
                self._on_progress(self._rows_read)

    def _explain(self, plan: RowPlan, record: list[str]) -> None:
        """Say why a row has no place. Outside the denominator it needs none."""
        if plan.is_outside(record):
            self._rows_outside += 1
            return
        for role, column in plan.wrong_columns(record):
            problem = _WRONG_VALUE.get(role, NOT_IN_MAPPING)
            self._errors.add(RowError(problem, row=self._row, column=column))

    def _add_places_to_cells(self) -> None:
        if self._plan is None:
            return
        for place, rows in self._places.items():
            counts, keys = self._plan.cells_of(place)
            if not keys:
                self._rows_outside += rows
            for key in keys:
                cell = self._cells.setdefault(key, [0, 0])
                cell[0] += rows if counts else 0
                cell[1] += rows
        self._places.clear()


def count_line_list(
    chunks: Iterable[bytes], mapping: LineListMapping, *, known_units: Collection[str] | None = None
) -> Counted:
    """Count a line list that is already somewhere to be read from."""
    counter = LineListCounter(mapping, known_units=known_units)
    for chunk in chunks:
        counter.feed(chunk)
    return counter.finish()


def _check_units(mapping: LineListMapping, known_units: Collection[str] | None) -> None:
    codes = mapping.unit.codes
    if codes is None and known_units is None:
        raise MappingError([KeyFault(UNITS_NOT_STATED, key="unit")])
    if codes is not None and known_units is not None:
        choices = ", ".join(sorted(known_units))
        unknown = sorted(codes.difference(known_units))
        if unknown:
            raise MappingError(
                [
                    KeyFault(UNKNOWN_UNIT, key="unit", parts={"unit": unit, "choices": choices})
                    for unit in unknown
                ]
            )
