"""The rows of one sheet of an .xlsx workbook, as the person sees them: numbered as on the screen, cells as text.

openpyxl reads the workbook; `spreadsheet_package` has looked at the file first. What is added to openpyxl here: a row
is read without the empty rows before it, a formula without a result is told, and numbers become the text that their
format shows. Filters and hidden rows change nothing: the rows are there. Of merged cells the first holds the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from defusedxml.common import DefusedXmlException
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet._reader import DATA_TAG, FORMULA_TAG, ROW_TAG, VALUE_TAG, WorkSheetParser
from openpyxl.xml.functions import iterparse

from metrics.reading.errors import Problem, UnreadableFile
from metrics.reading.errors import gettext_noop as _
from metrics.reading.records import LONGEST_RECORD, ROW_TOO_LONG, Row
from metrics.reading.spreadsheet_package import (
    DAMAGED_WORKBOOK,
    HOLDS_DEFINITIONS,
    NOT_A_WORKBOOK,
    checked,
)
from metrics.reading.spreadsheet_text import NumberLook, built_in_look, look_of_format, seen

MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384
MOST_TAGS_OF_A_ROW = 8 * MOST_COLUMNS
LONGEST_TEXT = 32_767
"""Characters of one cell: no spreadsheet program writes more."""

NO_SHEET = Problem(
    _("This workbook has no sheet with cells."), _("Send the workbook that holds the table, or a CSV file.")
)
NO_SUCH_SHEET = Problem(
    _('This workbook has no sheet with the name "%(sheet)s".'),
    _("Write one of these names in the mapping: %(choices)s."),
)
NOT_COMPUTED = Problem(
    _("The cell %(cell)s holds a formula whose result is not in the file."),
    _("Open the workbook in a spreadsheet program, save it, and send it again."),
)

_FIRST_FORMAT_OF_ITS_OWN = 164
"""Number formats below this are built into every spreadsheet program; the others stand in the workbook."""

_PACKED_WHITESPACE = re.compile(r"_x00(0[9AD]|20)_")


def read_sheet(data: bytes, sheet: str = "") -> Iterator[Row]:
    """The rows that hold something, of the sheet of this name or of the first that people see.

    Each comes with its number from 1, and its cells up to the last that holds something. Raises `UnreadableFile`.
    """
    archive = checked(data)
    try:
        workbook = load_workbook(archive, read_only=True, data_only=True, keep_links=False)
        yield from _rows(workbook, _chosen(workbook, sheet))
    except UnreadableFile:
        raise
    except Exception as broken:
        # Whatever a library meets in a stranger's file, the person hears one sentence and no traceback.
        raise UnreadableFile(_problem_of(broken)) from broken


def _problem_of(broken: Exception) -> Problem:
    if isinstance(broken, DefusedXmlException) or isinstance(broken.__cause__, DefusedXmlException):
        return HOLDS_DEFINITIONS
    return NOT_A_WORKBOOK if type(broken) is OSError else DAMAGED_WORKBOOK


def _chosen(workbook: Workbook, name: str) -> ReadOnlyWorksheet:
    sheets = [one for one in workbook.worksheets if isinstance(one, ReadOnlyWorksheet)]
    for one in sheets:
        if one.title == name or (not name and one.sheet_state == "visible"):
            return one
    if name:
        choices = ", ".join(f'"{one.title}"' for one in sheets)
        raise UnreadableFile(NO_SUCH_SHEET, sheet=name, choices=choices)
    raise UnreadableFile(NO_SHEET)


def _rows(workbook: Workbook, sheet: ReadOnlyWorksheet) -> Iterator[Row]:
    looks = [_look(workbook, style.numFmtId) for style in workbook._cell_styles]
    from_1904 = workbook.epoch.year == 1904
    before = 0
    with sheet._get_source() as source:
        for number, found in _SheetParser(source, dict(enumerate(sheet._shared_strings))).rows():
            if not before < number <= MOST_ROWS:
                raise UnreadableFile(DAMAGED_WORKBOOK)
            before = number
            texts = {cell["column"]: _text(cell, looks, from_1904=from_1904) for cell in found}
            cells = _in_place({column: text for column, text in texts.items() if text})
            if cells:
                yield number, cells


def _look(workbook: Workbook, number: int) -> NumberLook:
    """A format that the workbook brings itself may stand under a built-in number too."""
    if number < _FIRST_FORMAT_OF_ITS_OWN:
        return built_in_look(number)
    return look_of_format(workbook._number_formats[number - _FIRST_FORMAT_OF_ITS_OWN])


class _SheetParser(WorkSheetParser):
    """openpyxl's reader of a sheet, for rows and cells only. Nothing of a row stays when it has been given."""

    def __init__(self, source: Any, texts: Mapping[int, str]) -> None:
        super().__init__(source, texts, data_only=True)

    def rows(self) -> Iterator[tuple[int, list[dict[str, Any]]]]:
        """The number of each row, and its cells. A row that never ends is not held to its end."""
        tags, table = 0, None
        for event, element in iterparse(self.source, ("start", "end")):
            tags += event == "start"
            if tags > MOST_TAGS_OF_A_ROW:
                raise UnreadableFile(DAMAGED_WORKBOOK)
            if element.tag == DATA_TAG:
                table = element
                if event == "end":
                    return
            elif element.tag == ROW_TAG and event == "end":
                yield self.parse_row(element)
                tags = 0
                if table is not None:
                    table.clear()

    def parse_cell(self, element: Any) -> dict[str, Any]:
        """A result may be the empty text; an empty number is none: whoever wrote the file did not compute it."""
        cell: dict[str, Any] = super().parse_cell(element)
        if not 0 < cell["column"] <= MOST_COLUMNS:
            raise UnreadableFile(DAMAGED_WORKBOOK)
        if cell["value"] is None and element.find(FORMULA_TAG) is not None:
            is_text = element.get("t") == "str" and element.find(VALUE_TAG) is not None
            if not is_text:
                place = f"{get_column_letter(cell['column'])}{self.row_counter}"
                raise UnreadableFile(NOT_COMPUTED, cell=place)
        return cell


def _text(cell: Mapping[str, Any], looks: list[NumberLook], *, from_1904: bool) -> str:
    value = cell["value"]
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float():
            style = cell["style_id"]
            return seen(
                repr(value), looks[style] if style < len(looks) else built_in_look(0), from_1904=from_1904
            )
        case datetime() | date() | time() | timedelta():
            return _moment(value)
    return _readable(str(value))


def _moment(value: datetime | date | time | timedelta) -> str:
    """A day that the workbook holds as text, not as a number of days."""
    if isinstance(value, datetime):
        is_day = value.time() == time()
        return value.date().isoformat() if is_day else value.isoformat(" ", "seconds")
    return str(value)


def _readable(text: str) -> str:
    """The text of a cell; some programs write a line end inside a cell as `_x000D_`."""
    if len(text) > LONGEST_TEXT:
        raise UnreadableFile(DAMAGED_WORKBOOK)
    return _PACKED_WHITESPACE.sub(" ", text) if "_x00" in text else text


def _in_place(texts: Mapping[int, str]) -> list[str]:
    """The cells of a row from the first column to the last that holds something."""
    if sum(map(len, texts.values())) > LONGEST_RECORD:
        raise UnreadableFile(ROW_TOO_LONG, characters=LONGEST_RECORD)
    cells = [""] * max(texts, default=0)
    for column, text in texts.items():
        cells[column - 1] = text
    return cells
