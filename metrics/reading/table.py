"""Reads a table of counts that somebody else laid out, as a mapping says: long or wide, CSV, TSV or workbook.

    State,Race,Yes,No,Total          one count in a row: numerator Yes, denominator Total
    Alabama,Black,"1,234",566,"1,800"
    Alabama,Asian,Suppressed,.,.     a word that the mapping explains
    Total,,98,12,110                 a row that the mapping leaves out, by a rule with a name

What comes out are the rows of a counts file (`counts.CountsReader`). No row is dropped in silence: every row is read,
or is left out by a rule of the mapping and counted there, or is an error with row, column, value and remedy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from metrics.reading.cells import CountRow
from metrics.reading.counts import KnownCodes
from metrics.reading.decompress import DEFAULT_LIMIT_BYTES
from metrics.reading.errors import MappingError, RowError, UnreadableFile
from metrics.reading.file_reader import FileReader
from metrics.reading.linelist import COLUMN_MISSING
from metrics.reading.records import COLUMN_TWICE, NO_ROWS, WRONG_SEPARATOR, WRONG_WIDTH, Row
from metrics.reading.table_codes import faults_of_table
from metrics.reading.table_mapping import TableMapping
from metrics.reading.table_rows import RowReader
from metrics.reading.table_source import TableSource


class TableReader(FileReader):
    """Reads one table. No row is dropped in silence.

    Raises `MappingError` when the mapping names what is not `known`.
    """

    def __init__(
        self, mapping: TableMapping, known: KnownCodes, *, limit_bytes: int = DEFAULT_LIMIT_BYTES
    ) -> None:
        faults = faults_of_table(mapping, known)
        if faults:
            raise MappingError(faults)
        super().__init__()
        self._mapping = mapping
        self._known = known
        self._source = TableSource(mapping.source, sheet=mapping.layout.sheet, limit_bytes=limit_bytes)

    def _read(self, chunks: Iterator[bytes]) -> Iterator[tuple[int, CountRow]]:
        rows = self._rows(chunks)
        try:
            header = self._read_header(rows)
            if header:
                yield from self._read_rows(header, rows)
        except UnreadableFile as error:
            self._errors.add(RowError(error.fault.problem, row=self._row + 1, parts=error.fault.parts))

    def _rows(self, chunks: Iterator[bytes]) -> Iterator[Row]:
        for number, cells in self._source.rows(chunks):
            self._row = number
            yield number, cells

    def _read_header(self, rows: Iterator[Row]) -> list[str]:
        """The names of the columns; none when something is wrong with them."""
        wanted = self._mapping.layout.header_rows
        tiers: list[list[str]] = []
        for number, cells in rows:
            if number in wanted:
                tiers.append([tidy(cell) for cell in cells])
            if number >= wanted[-1]:
                break
        names = _joined(tiers)
        self._check_header(names)
        return [] if self._errors.total else names

    def _check_header(self, names: Sequence[str]) -> None:
        if not any(names):
            self._wrong(NO_ROWS)
        elif len(names) == 1 and len(self._mapping.columns) > 1:
            self._wrong(WRONG_SEPARATOR)
        else:
            for column in map(tidy, self._mapping.columns):
                if names.count(column) != 1:
                    self._wrong(COLUMN_TWICE if column in names else COLUMN_MISSING, column)

    def _read_rows(self, names: list[str], rows: Iterator[Row]) -> Iterator[tuple[int, CountRow]]:
        position = {column: names.index(tidy(column)) for column in self._mapping.columns}
        reader = RowReader(self._mapping, self._known, position)
        for number, cells in self._table_rows(len(names), position, rows):
            self.rows_read += 1
            if self._is_left_out(position, cells):
                continue
            found = reader.read(number, cells)
            self.partly_blank += found.partly
            for error in found.errors:
                self._errors.add(error)
            for flag in found.flags:
                self._flags.add(flag)
            for count in found.counts:
                yield number, count
        if self.rows_read == 0 and not self._errors.total:
            self._wrong(NO_ROWS)

    def _table_rows(self, width: int, position: Mapping[str, int], rows: Iterator[Row]) -> Iterator[Row]:
        """The rows of the table that hold something, in full width and filled down. What follows it is counted."""
        fills = [position[column] for column in self._mapping.layout.fill_down]
        above = dict.fromkeys(fills, "")
        for number, cells in rows:
            if self._ends_table(cells):
                self.rows_below = 1 + sum(1 for _row in rows)
                return
            if not any(cell.strip() for cell in cells):
                continue
            if self._source.is_workbook:
                cells = cells + [""] * (width - len(cells))
            if len(cells) != width:
                self.rows_read += 1
                self._wrong(WRONG_WIDTH, cells=len(cells), columns=width)
                continue
            for fill in fills:
                above[fill] = cells[fill] = cells[fill].strip() or above[fill]
            yield number, cells

    def _ends_table(self, cells: Sequence[str]) -> bool:
        marks = self._mapping.layout.stop_at
        return bool(marks) and next(filter(None, map(str.strip, cells)), "").startswith(marks)

    def _is_left_out(self, position: Mapping[str, int], cells: Sequence[str]) -> bool:
        for rule in self._mapping.left_out:
            if rule.applies(cells[position[rule.column]].strip()):
                self._left_out[rule.why] += 1
                return True
        return False


def tidy(name: str) -> str:
    """The name of a column with single spaces: headers are broken into lines to save width."""
    return " ".join(name.split())


def _joined(tiers: Sequence[Sequence[str]]) -> list[str]:
    """The names from several header rows. A cell that spans columns stands over all of them."""
    names = [""] * max(map(len, tiers), default=0)
    for depth, tier in enumerate(tiers, start=1):
        over = ""
        for place in range(len(names)):
            own = tier[place] if place < len(tier) else ""
            over = own or (over if depth < len(tiers) else "")
            names[place] = tidy(f"{names[place]} {over}")
    return names
