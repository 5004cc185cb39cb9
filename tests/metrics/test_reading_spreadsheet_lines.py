"""A line list in a workbook is counted as the same list in a CSV file, and errors say the row of the sheet."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.reading import records
from metrics.reading.linelist import NOT_IN_MAPPING, count_line_list
from metrics.reading.mapping_file import parse_mapping
from metrics.reading.records import RecordReader
from metrics.reading.spreadsheet import read_sheet
from metrics.reading.spreadsheet_lines import csv_lines
from tests.metrics.workbooks import written

MAPPING = parse_mapping(
    """
strata = [["race"]]
[source]
name = "Visits"
[metric]
code = "screening"
[unit]
constant = "main"
[period]
grain = "month"
column = "Day"
format = "%Y-%m-%d"
[numerator]
column = "Screened"
equals = ["TRUE"]
others = ["FALSE"]
[dimensions.race]
column = "Race"
dimension = "race"
values = { "Black" = "black", "White" = "white", "" = "not_recorded" }
"""
)
HEADER = ["Day", "Screened", "Note", "Race"]


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(["Black", "White", None]))))
@settings(max_examples=30)
def test_line_list_in_a_workbook_is_counted(visits: list[tuple[bool, str | None]]) -> None:
    rows: list[list[Any]] = [HEADER]
    rows += [["2024-03-09", screened, 'a "note",\nin two lines', race] for screened, race in visits]
    counted = count_line_list(csv_lines(read_sheet(written(rows))), MAPPING)
    assert counted.rows_read == len(visits)
    expected = {(): (sum(screened for screened, _race in visits), len(visits))} if visits else {}
    assert {key.stratum: tuple(count) for key, count in counted.cells.items() if not key.stratum} == expected
    assert counted.is_valid == bool(visits)


def test_error_is_told_with_the_row_of_the_sheet() -> None:
    rows = [[], HEADER, ["2024-03-09", True, None, "Black"], [], [], ["2024-03-09", True, None, "Purple"]]
    counted = count_line_list(csv_lines(read_sheet(written(rows))), MAPPING)
    assert [(error.row, error.column, error.problem) for error in counted.errors] == [
        (6, "Race", NOT_IN_MAPPING)
    ]


def test_cell_beside_the_table_is_told() -> None:
    rows = [HEADER, ["2024-03-09", True, None, "Black", "beside"]]
    counted = count_line_list(csv_lines(read_sheet(written(rows))), MAPPING)
    assert [(error.row, error.problem) for error in counted.errors] == [(2, records.WRONG_WIDTH)]


@given(st.lists(st.lists(st.text("ab ,\"'é\n", max_size=4), min_size=2, max_size=2), min_size=1, max_size=5))
def test_lines_are_read_back_cell_by_cell(table: list[list[str]]) -> None:
    rows = [(2 * number, cells) for number, cells in enumerate(table, start=1)]
    reader = RecordReader()
    found = [record for line in csv_lines(rows) for record in reader.feed(line)]
    found += reader.finish()
    assert [record for record in found if record] == table
    assert [number for number, record in enumerate(found, start=1) if record] == [row[0] for row in rows]
