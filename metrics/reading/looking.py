"""A first look at a table of counts, so that a person can say what its columns mean: names, first rows, values.

For tables of counts only. Of a line list nobody looks at a row (`linelist_looking`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from metrics.reading.errors import Problem, UnreadableFile
from metrics.reading.errors import gettext_noop as _
from metrics.reading.mapping import Source
from metrics.reading.records import DELIMITERS, NO_ROWS
from metrics.reading.table import tidy
from metrics.reading.table_source import TableSource

MOST_COLUMNS = 60
MOST_VALUES = 60
ROWS_SHOWN = 5

TOO_MANY_COLUMNS = Problem(
    _("The table has %(columns)s columns; more than %(most)s cannot be asked about on a page."),
    _("Delete the columns that hold no counts, or write a mapping and paste it."),
)

_NUMBER = re.compile(r"[-+]?[0-9][0-9.,'\u2019\u00a0\u202f ]*%?")


@dataclass(frozen=True)
class LookedColumn:
    """A column: its name, its first different values, and its first different words, which are no numbers."""

    name: str
    values: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    @property
    def has_more(self) -> bool:
        """Whether there are more values than a person can be asked about."""
        return len(self.values) > MOST_VALUES

    @property
    def is_prose(self) -> bool:
        """Whether there are more words than a person can be asked about."""
        return len(self.words) > MOST_VALUES

    @property
    def is_number(self) -> bool:
        """Whether most of its values are numbers."""
        return 2 * len(self.words) < len(self.values)


@dataclass(frozen=True)
class Looked:
    """What a person needs to see of a table to map it, and how it was read."""

    columns: list[LookedColumn]
    rows: list[list[str]]
    encoding: str
    delimiter: str
    sheet: str
    header_row: int

    @property
    def header(self) -> str:
        """The same for every table with the same names in the same order, whatever else it holds."""
        return header_of([column.name for column in self.columns])


def header_of(names: Iterable[str]) -> str:
    """A fingerprint of the names of columns."""
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def look(
    chunks: Iterable[bytes],
    *,
    encoding: str = "utf-8",
    delimiter: str = "",
    sheet: str = "",
    header_row: int = 1,
) -> Looked:
    """Read a table to its end and keep its first rows and values. Raises `UnreadableFile`.

    Without a `delimiter` it is the one that makes the most columns of the header; the result says which.
    """
    held = list(chunks)
    best = max(
        [delimiter] if delimiter else [",", *sorted(DELIMITERS - {","})],
        key=lambda one: len(_header(held, encoding, one, sheet, header_row)),
    )
    source = TableSource(Source(name="", encoding=encoding, delimiter=best), sheet=sheet)
    names: list[str] = []
    rows: list[list[str]] = []
    columns: list[LookedColumn] = []
    for number, cells in source.rows(held):
        if number < header_row:
            continue
        if not names:
            names = _names(cells)
            columns = [LookedColumn(name) for name in names]
            continue
        if len(rows) < ROWS_SHOWN:
            rows.append([*cells, *[""] * (len(names) - len(cells))][: len(names)])
        for column, cell in zip(columns, cells, strict=False):
            _note(column, cell.strip())
    if not names or not rows:
        raise UnreadableFile(NO_ROWS)
    return Looked(columns, rows, encoding, best, sheet, header_row)


def _note(column: LookedColumn, cell: str) -> None:
    """One more value, if it is a new one and few are held."""
    if len(column.values) <= MOST_VALUES and cell not in column.values:
        column.values.append(cell)
    if len(column.words) <= MOST_VALUES and not _NUMBER.fullmatch(cell) and cell not in column.words:
        column.words.append(cell)


def _header(held: Sequence[bytes], encoding: str, delimiter: str, sheet: str, header_row: int) -> list[str]:
    source = TableSource(Source(name="", encoding=encoding, delimiter=delimiter), sheet=sheet)
    try:
        for number, cells in islice(source.rows(held), header_row):
            if number >= header_row:
                return cells
    except UnreadableFile:
        return []
    return []


def _names(cells: Sequence[str]) -> list[str]:
    if len(cells) > MOST_COLUMNS:
        raise UnreadableFile(TOO_MANY_COLUMNS, columns=len(cells), most=MOST_COLUMNS)
    return [tidy(cell) for cell in cells]
