"""Where the table is in its file: titles, notes, workbooks, encodings."""

from __future__ import annotations

import hashlib
import io
from datetime import date
from typing import Any

import openpyxl
import pytest

from metrics.reading import (
    linelist,
    records,
    table_source,
)
from metrics.reading.counts import KnownCodes
from metrics.reading.errors import MappingError, Problem
from metrics.reading.table import TableReader
from metrics.reading.table_mapping_file import parse_table_mapping
from tests.metrics.tables import (
    BLACK,
    HEAD,
    HEADER,
    KNOWN,
    MAPPING,
    NUMBERS,
    REST,
    csv_of,
    good,
    read,
    row_of,
)
from tests.metrics.workbooks import written

LAYOUT = '[layout]\nheader_row = 3\nstop_at = ["Note"]\nfill_down = ["State", "Year"]\n'
LEAVE_OUT = """
[[leave_out]]
why = "Totals"
column = "State"
starts_with = ["Total"]
[[leave_out]]
why = "Groups that are not ours"
column = "Race"
not_in = ["All", "AA", "W"]
"""


@pytest.mark.parametrize("as_workbook", [False, True])
def test_title_notes_gaps_and_totals_are_told_apart_from_counts(as_workbook: bool) -> None:
    rows: list[list[Any]] = [
        ["Screening in two states"],
        [],
        HEADER,
        ["Alabama", "2024", "All", "3", "8"],
        ["", "", "AA", "1", "2"],
        ["", "", "Martians", "1", "2"],
        ["", "", "", "", ""],
        ["Alaska", "2024", "All", "2", "4"],
        ["Total of 2", "2024", "All", "5", "12"],
        ["Note: numbers below 11 are suppressed."],
        ["", "More of the note"],
    ]
    mapping = MAPPING + LAYOUT + LEAVE_OUT
    found, reader = read(written(rows) if as_workbook else csv_of(rows), mapping)
    assert reader.errors == ()
    assert found == [(4, row_of((), 3, 8)), (5, row_of(BLACK, 1, 2)), (8, row_of((), 2, 4, unit="ak"))]
    assert reader.rows_left_out == {"Totals": 1, "Groups that are not ours": 1}
    assert (reader.rows_read, reader.rows_below) == (5, 2)


def test_name_of_a_column_may_take_two_rows_and_line_ends() -> None:
    rows = [
        ["State", "Race", "Women", "", "Men", ""],
        ["", "", "Yes", "All\nof them", "Yes", "All  of them"],
        ["Alabama", "All", "1", "2", "3", "4"],
    ]
    mapping = HEAD + REST.replace('grain = "year"\ncolumn = "Year"', 'grain = "year"\nstart = "2024-01-01"')
    mapping += (
        '[layout]\nheader_row = [1, 2]\n[numbers]\nnumerator = "Men Yes"\ndenominator = "Men All of them"\n'
    )
    assert good(rows, mapping) == [row_of((), 3, 4)]


def test_cells_beside_the_table_are_no_secret() -> None:
    rows = [HEADER, ["Alabama", "2024", "All", "3", "8", "a remark"]]
    _found, reader = read(written(rows))
    assert [(error.row, error.problem) for error in reader.errors] == [(2, records.WRONG_WIDTH)]


def test_workbook_keeps_leading_zeros_and_days() -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.append(["Provider", "Day", "Yes", "All"])
    sheet.append(["010005", date(2024, 3, 9), 3, 8.0])
    sheet.append([10012, date(2024, 3, 9), 1, 8])
    sheet["A3"].number_format = "000000"
    data = io.BytesIO()
    workbook.save(data)
    mapping = HEAD + '[metric]\ncode = "proportion"\n[unit]\ncolumn = "Provider"\n' + NUMBERS
    mapping += 'partly = "blank"\n[period]\ngrain = "month"\ncolumn = "Day"\nformat = "%m/%d/%Y"\n'
    known = KnownCodes(KNOWN.metrics, {"010005", "010012"}, {})
    found, reader = read(data.getvalue(), mapping, known)
    assert reader.errors == ()
    assert [(row.unit, row.period.code, row.numerator) for _number, row in found] == [
        ("010005", "2024-03", 3),
        ("010012", "2024-03", 1),
    ]


@pytest.mark.parametrize(
    ("data", "row", "problem"),
    [
        (b"", None, records.NO_ROWS),
        (csv_of([HEADER]), 1, records.NO_ROWS),
        (csv_of([HEADER], ";"), 1, records.WRONG_SEPARATOR),
        (csv_of([HEADER[1:]]), 1, linelist.COLUMN_MISSING),
        (csv_of([[*HEADER, "State"]]), 1, records.COLUMN_TWICE),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 1, table_source.OLD_WORKBOOK),
        (csv_of([HEADER]) + b'"x', 2, records.UNCLOSED_QUOTE),
        (csv_of([HEADER]) + b"\xff\n", 2, records.NOT_IN_ENCODING),
    ],
)
def test_file_that_holds_no_such_table_is_told(data: bytes, row: int | None, problem: Problem) -> None:
    _found, reader = read(data + b"")
    assert (reader.errors[0].row, reader.errors[0].problem) == (row, problem)
    assert reader.sha256 == hashlib.sha256(data).hexdigest()


def test_digest_is_of_the_whole_file_even_when_nothing_of_it_can_be_read() -> None:
    chunks = [csv_of([HEADER[1:]]), b"never read", b"neither"]
    reader = TableReader(parse_table_mapping(MAPPING), KNOWN)
    assert list(reader.read(iter(chunks))) == []
    assert reader.sha256 == hashlib.sha256(b"".join(chunks)).hexdigest()


def test_large_workbook_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_source, "LARGEST_WORKBOOK", 1_000)
    data = written([HEADER])
    _found, reader = read(data)
    assert reader.errors[0].problem is table_source.LARGE_WORKBOOK
    assert reader.sha256 == hashlib.sha256(data).hexdigest()


def test_other_encodings_and_byte_order_marks_are_read() -> None:
    rows = [["State", "Year", "Race", "Yes", "All"], ["Québec", "2024", "All", "1", "2"]]
    for encoding, codec in (("utf-8", "utf-8-sig"), ("windows-1252", "windows-1252")):
        mapping = MAPPING.replace('name = "t"', f'name = "t"\nencoding = "{encoding}"').replace(
            "Alabama", "Québec"
        )
        found, reader = read(csv_of(rows).decode().encode(codec), mapping)
        assert reader.errors == ()
        assert [row.unit for _number, row in found] == ["al"]


def test_mapping_that_names_what_is_not_defined_is_refused() -> None:
    with pytest.raises(MappingError, match="unheard-of"):
        TableReader(parse_table_mapping(MAPPING.replace('"proportion"', '"unheard-of"')), KNOWN)
