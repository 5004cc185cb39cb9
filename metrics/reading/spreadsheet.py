"""The rows of one sheet of an .xlsx workbook, as the person sees them: numbered as on the screen, cells as text.

Rows and columns that hold nothing are left out of a row's end and of the sheet, but not of the numbering. Filters and
hidden rows change nothing: the rows are there. Of merged cells the first holds the text and the others are empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from metrics.reading.errors import Problem, UnreadableFile
from metrics.reading.errors import gettext_noop as _
from metrics.reading.records import LONGEST_RECORD, ROW_TOO_LONG
from metrics.reading.spreadsheet_package import LARGEST_SHEET, Package, readable
from metrics.reading.spreadsheet_text import PLAIN, NumberLook, seen
from metrics.reading.spreadsheet_xml import DAMAGED_WORKBOOK, local_name, read_part

MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384

NOT_COMPUTED = Problem(
    _("The cell %(cell)s holds a formula whose result is not in the file."),
    _("Open the workbook in a spreadsheet program, save it, and send it again."),
)

Row = tuple[int, list[str]]
"""The number of a row, from 1, and its cells up to the last one that holds something."""

_CELL_NAME = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_LONGEST_POSITION = 9


def read_sheet(data: bytes, sheet: str = "", *, limit_bytes: int = LARGEST_SHEET) -> Iterator[Row]:
    """The rows that hold something, of the sheet of this name or of the first one. Raises `UnreadableFile`."""
    package = Package(data)
    chosen = package.sheet(sheet)
    rows = _Rows(package.texts(), package.looks(), from_1904=package.from_1904)
    with package.opened(chosen.part, limit_bytes) as content:
        for _pause in read_part(content, rows.start, rows.end, rows.text):
            yield from rows.taken()


def column_letters(number: int) -> str:
    """The letters above a column: 1 is A, 27 is AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


class _Rows:
    """Takes the tags of a sheet and makes rows of them."""

    def __init__(self, texts: list[str], looks: list[NumberLook], *, from_1904: bool) -> None:
        self._texts = texts
        self._looks = looks
        self._from_1904 = from_1904
        self._columns: dict[str, int] = {}
        self._done: list[Row] = []
        self._number = 0
        self._cells: dict[int, str] = {}
        self._length = 0
        self._column = 0
        self._kind = self._style = ""
        self._has_formula = self._has_value = self._in_text = self._in_phonetic = False
        self._pieces: list[str] = []

    def taken(self) -> list[Row]:
        """The rows that are complete, each given once."""
        done, self._done = self._done, []
        return done

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match local_name(name):
            case "c":
                self._start_cell(attributes)
            case "v":
                self._in_text = self._has_value = True
            case "t":
                self._in_text = self._has_value = not self._in_phonetic
            case "f":
                self._has_formula = True
            case "row":
                self._start_row(attributes.get("r"))
            case "rPh":
                self._in_phonetic = True

    def end(self, name: str) -> None:
        match local_name(name):
            case "c":
                self._end_cell()
            case "v" | "t":
                self._in_text = False
            case "row":
                self._end_row()
            case "rPh":
                self._in_phonetic = False

    def text(self, text: str) -> None:
        if self._in_text:
            self._pieces.append(text)
            self._length += len(text)
            if self._length > LONGEST_RECORD:
                raise UnreadableFile(ROW_TOO_LONG, characters=LONGEST_RECORD)

    def _start_row(self, number: str | None) -> None:
        if number is not None and not (number.isdecimal() and len(number) <= len(str(MOST_ROWS))):
            raise UnreadableFile(DAMAGED_WORKBOOK)
        following = self._number + 1 if number is None else int(number)
        if not self._number < following <= MOST_ROWS:
            raise UnreadableFile(DAMAGED_WORKBOOK)
        self._number = following
        self._cells, self._length, self._column = {}, 0, 0

    def _start_cell(self, attributes: dict[str, str]) -> None:
        name = attributes.get("r")
        self._column = self._column + 1 if name is None else self._column_of(name)
        if self._column > MOST_COLUMNS or self._number == 0:
            raise UnreadableFile(DAMAGED_WORKBOOK)
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
        self._has_formula = self._has_value = self._in_text = self._in_phonetic = False
        self._pieces = []

    def _column_of(self, name: str) -> int:
        letters = name.rstrip("0123456789")
        column = self._columns.get(letters)
        if column is None:
            if _CELL_NAME.fullmatch(name) is None:
                raise UnreadableFile(DAMAGED_WORKBOOK)
            column = 0
            for letter in letters:
                column = column * 26 + ord(letter) - ord("A") + 1
            self._columns[letters] = column
        return column

    def _end_cell(self) -> None:
        """A result may be the empty text; an empty number is none: whoever wrote the file did not compute it."""
        text = "".join(self._pieces)
        if self._has_formula and not text and not (self._has_value and self._kind == "str"):
            raise UnreadableFile(NOT_COMPUTED, cell=f"{column_letters(self._column)}{self._number}")
        shown = self._shown(text) if text else ""
        if shown:
            self._cells[self._column] = shown

    def _shown(self, text: str) -> str:
        match self._kind:
            case "s":
                return self._shared(text)
            case "n":
                return seen(text, self._look(), from_1904=self._from_1904)
            case "b":
                return "TRUE" if text.strip() == "1" else "FALSE"
            case "d":
                return text.removesuffix("Z").removesuffix(".000").removesuffix("T00:00:00").replace("T", " ")
        return readable(text)

    def _shared(self, number: str) -> str:
        position = _position(number)
        if position is None or position >= len(self._texts):
            raise UnreadableFile(DAMAGED_WORKBOOK)
        return self._texts[position]

    def _look(self) -> NumberLook:
        position = _position(self._style)
        return PLAIN if position is None or position >= len(self._looks) else self._looks[position]

    def _end_row(self) -> None:
        if self._cells:
            cells = [""] * max(self._cells)
            for column, text in self._cells.items():
                cells[column - 1] = text
            self._done.append((self._number, cells))
        self._cells = {}


def _position(number: str) -> int | None:
    """A place in a list of the workbook; None for a text that is no such number."""
    return int(number) if number.isdecimal() and len(number) <= _LONGEST_POSITION else None
