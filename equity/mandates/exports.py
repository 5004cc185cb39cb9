"""The files of a report: one CSV a sheet, and a workbook with all of them. No spreadsheet runs anything that is in them."""

from __future__ import annotations

import csv
import datetime
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass

from equity.mandates.report import Report
from equity.mandates.rows import Cell, rows
from equity.mandates.template import Sheet
from metrics.reading.counts_writer import safe_text

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEET_NAMES = {
    Sheet.REPORTERS: "Reporters",
    Sheet.CORE: "Core measures",
    Sheet.STRUCTURAL: "Structural measures",
    Sheet.DISPARITIES: "Disparities and plans",
    Sheet.STATEMENTS: "Priority areas",
    Sheet.ABOUT: "About this file",
}


@dataclass(frozen=True)
class File:
    """A file in whole, ready to be sent or kept."""

    name: str
    content_type: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def files(report: Report, slug: str) -> list[File]:
    """Everything that is submitted: the workbook, and each sheet as CSV."""
    return [workbook(report, slug), *(sheet_file(report, sheet, slug) for sheet, _ in report.template.sheets)]


def sheet_file(report: Report, sheet: Sheet, slug: str) -> File:
    """One sheet as CSV after RFC 4180, in UTF-8 with the mark that spreadsheets look for."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    for line in _lines(report, sheet):
        writer.writerow(map(_text, line))
    return File(f"{_stem(report, slug)}-{sheet.value}.csv", CSV, written.getvalue().encode("utf-8-sig"))


def workbook(report: Report, slug: str) -> File:
    """All sheets in one workbook."""
    # openpyxl loads NumPy, which no process needs that only serves pages.
    from equity.mandates.workbooks import written

    sheets = [(SHEET_NAMES[sheet], list(_lines(report, sheet))) for sheet, _ in report.template.sheets]
    return File(f"{_stem(report, slug)}.xlsx", XLSX, written(sheets))


def _stem(report: Report, slug: str) -> str:
    return f"{slug}-{report.template.code}-{report.year}"


def _lines(report: Report, sheet: Sheet) -> Iterator[list[Cell]]:
    """The headings, then the rows, in the columns of the template."""
    columns = dict(report.template.sheets)[sheet]
    yield [column.name for column in columns]
    for row in rows(report, sheet):
        yield [row[column.value] for column in columns]


def _text(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime.date):
        return value.isoformat()
    return safe_text(value) if isinstance(value, str) else str(value)
