"""Tables as a workbook: numbers as numbers, days as days, and texts that can never be formulas."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from equity.mandates.rows import Cell

WIDTH = 24


def written(sheets: Iterable[tuple[str, Sequence[Sequence[Cell]]]]) -> bytes:
    """A workbook of these sheets: each its name and its lines, the headings first."""
    book = Workbook(write_only=True)
    for name, lines in sheets:
        page = book.create_sheet(name)
        page.freeze_panes = "A2"
        for number in range(1, len(lines[0]) + 1):
            page.column_dimensions[get_column_letter(number)].width = WIDTH
        for number, line in enumerate(lines):
            page.append([_cell(page, value, heading=number == 0) for value in line])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _cell(page: object, value: Cell, *, heading: bool) -> WriteOnlyCell:
    if not isinstance(value, str):
        return WriteOnlyCell(page, value=value)
    cell = WriteOnlyCell(page, value=ILLEGAL_CHARACTERS_RE.sub("", value))
    # openpyxl takes a text that begins with "=" for a formula; this says that it is none.
    cell.data_type = "s"
    if heading:
        cell.font = Font(bold=True)
    return cell
