"""A sheet is read as a person sees it; a workbook that is none, or too much, is told and costs little."""

from __future__ import annotations

import io
import struct
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.reading import records, spreadsheet, spreadsheet_package
from metrics.reading.errors import Problem, UnreadableFile
from metrics.reading.spreadsheet import read_sheet
from metrics.reading.spreadsheet_text import Look, NumberLook, look_of_format, seen
from tests.metrics.workbooks import (
    MAIN,
    TYPES,
    made,
    packed,
    parts,
    relationships,
    saved,
    shared,
    sheet,
    written,
)

TEXTS = st.text(alphabet=st.sampled_from("aZ09 ,.-<é€😀&'\""), max_size=8)
CELLS = st.one_of(
    st.none(),
    TEXTS,
    st.integers(-(10**14), 10**14),
    st.booleans(),
    st.dates(date(1900, 3, 1), date(2200, 1, 1)),
    st.datetimes(datetime.fromisoformat("1900-03-01"), datetime.fromisoformat("2200-01-01")).map(
        lambda moment: moment.replace(microsecond=0)
    ),
    st.floats(-1e9, 1e9).map(lambda number: round(number, 4)),
)


def _text(value: Any) -> str:
    """What a person sees of a value that openpyxl wrote without a format of ours."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case datetime():
            return value.isoformat(" ") if value.time() != time() else value.date().isoformat()
        case date():
            return value.isoformat()
        case float():
            return str(int(value)) if value.is_integer() else format(value, ".15g")
    return str(value)


def _trimmed(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells.pop()
    return cells


@given(st.lists(st.lists(CELLS, max_size=5), min_size=1, max_size=6))
@settings(max_examples=60)
def test_sheet_is_read_as_another_library_wrote_it(table: list[list[Any]]) -> None:
    expected = [
        (number, _trimmed([_text(value) for value in row]))
        for number, row in enumerate(table, start=1)
        if any(_text(value) for value in row)
    ]
    workbook = openpyxl.Workbook()
    for number, row in enumerate(table, start=1):
        for column, value in enumerate(row, start=1):
            cell = workbook.active.cell(number, column, value)
            if isinstance(value, str):
                cell.data_type = "s"
    assert list(read_sheet(saved(workbook))) == expected


@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=5))
@settings(max_examples=30)
def test_another_library_reads_the_same_texts_and_whole_numbers(table: list[list[Any]]) -> None:
    data = written(table)
    other = openpyxl.load_workbook(io.BytesIO(data), data_only=True).active
    for number, cells in read_sheet(data):
        for column, text in enumerate(cells, start=1):
            value = other.cell(number, column).value
            if isinstance(value, (int, str)) and not isinstance(value, bool):
                assert text == str(value)


@pytest.mark.parametrize(
    ("value", "format_", "expected"),
    [
        (1234, "#,##0", "1234"),
        (1234.0, "General", "1234"),
        (1001, "00000", "01001"),
        (0.784, "0.0%", "78.4%"),
        (0.07, "0%", "7%"),
        (0.1 + 0.2, "General", "0.3"),
        (12.5, "0", "12.5"),
        (date(2024, 1, 31), "m/d/yyyy", "2024-01-31"),
        (date(2024, 1, 1), "mmm\\ yyyy", "2024-01-01"),
        (date(2024, 1, 31), '[$-409]d"th of" mmmm', "2024-01-31"),
        (datetime.fromisoformat("2024-01-31 08:30"), "yyyy-mm-dd hh:mm", "2024-01-31 08:30:00"),
        (datetime.fromisoformat("2024-01-31 08:30"), "yyyy-mm-dd", "2024-01-31"),
        (time(8, 30), "hh:mm", "08:30:00"),
        (timedelta(hours=30, minutes=5), "[h]:mm", "30:05:00"),
        (12, '0 "days"', "12"),
        (12, "_-* #,##0_-;[Red]-#,##0", "12"),
        ("01001", "General", "01001"),
        ("1,234", "@", "1,234"),
        ("#N/A", "General", "#N/A"),
    ],
)
def test_number_is_given_as_its_format_shows_it(value: Any, format_: str, expected: str) -> None:
    workbook = openpyxl.Workbook()
    cell = workbook.active.cell(2, 2, value)
    cell.number_format = format_
    assert list(read_sheet(saved(workbook))) == [(2, ["", expected])]


def test_days_may_be_counted_from_1904() -> None:
    workbook = openpyxl.Workbook()
    workbook.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    workbook.active.append([date(2024, 1, 31)])
    assert list(read_sheet(saved(workbook))) == [(1, ["2024-01-31"])]


@pytest.mark.parametrize(
    ("days", "expected"),
    [("0.5", "1899-12-31"), ("1", "1900-01-01"), ("59", "1900-02-28"), ("61", "1900-03-01"), ("-1", "-1"),
     ("9e9", "9000000000"), ("x", "x"), ("1_0", "1_0")],
)  # fmt: skip
def test_day_at_the_edge_of_the_calendar_is_a_day_or_stays_a_number(days: str, expected: str) -> None:
    assert seen(days, NumberLook(Look.DAY)) == expected


@pytest.mark.parametrize("code", ["General", "@", "0.00E+00", "#,##0.00", '"d"0', "0\\d", "[Red]0", "_d0"])
def test_letters_that_are_no_dates_are_told(code: str) -> None:
    assert look_of_format(code).look is Look.PLAIN


def test_rows_are_numbered_as_on_the_screen() -> None:
    workbook = openpyxl.Workbook()
    workbook.active["C3"] = "State"
    workbook.active["D3"] = "Cases"
    workbook.active["C7"] = "Alabama"
    assert list(read_sheet(saved(workbook))) == [(3, ["", "", "State", "Cases"]), (7, ["", "", "Alabama"])]


def test_sheet_is_the_named_one_or_the_first_that_people_see() -> None:
    workbook = openpyxl.Workbook()
    workbook.active.title = "Hidden"
    workbook.active.sheet_state = "hidden"
    workbook.active.append(["a"])
    for title in ("Seen", "Other"):
        workbook.create_sheet(title).append([title])
    data = saved(workbook)
    assert list(read_sheet(data)) == [(1, ["Seen"])]
    assert list(read_sheet(data, "Other")) == [(1, ["Other"])]
    assert list(read_sheet(data, "Hidden")) == [(1, ["a"])]
    with pytest.raises(UnreadableFile) as refused:
        list(read_sheet(data, "Nothing"))
    assert refused.value.fault.problem is spreadsheet.NO_SUCH_SHEET
    assert '"Hidden", "Seen", "Other"' in refused.value.fault.how_to_mend


def test_merged_cells_hold_their_text_once() -> None:
    workbook = openpyxl.Workbook()
    workbook.active.append(["Alabama", 1])
    workbook.active.append([None, 2])
    workbook.active.merge_cells("A1:A2")
    assert list(read_sheet(saved(workbook))) == [(1, ["Alabama", "1"]), (2, ["", "2"])]


@pytest.mark.parametrize(
    ("rows", "texts", "expected"),
    [
        (
            '<row><c t="s"><v>1</v></c></row>',
            "<si><t>a</t></si><si><r><t>b</t></r><r><t>c</t></r></si>",
            "bc",
        ),
        (
            '<row><c t="s"><v>0</v></c></row>',
            '<si><t>東</t><rPh sb="0" eb="1"><t>ひがし</t></rPh></si>',
            "東",
        ),
        ('<row><c t="s"><v>0</v></c></row>', "<si><t>a_x000D_\nb</t></si>", "a \nb"),
        ('<row><c t="inlineStr"><is><t>a</t></is></c></row>', "", "a"),
        ('<row><c t="inlineStr"><is><r><t>a</t></r><r><t> b</t></r></is></c></row>', "", "a b"),
        ('<row><c t="str"><f>A2</f><v>a</v></c></row>', "", "a"),
        ("<row><c><f>1+1</f><v>2</v></c></row>", "", "2"),
        ('<row><c t="b"><v>1</v></c></row>', "", "TRUE"),
        ('<row><c t="e"><v>#DIV/0!</v></c></row>', "", "#DIV/0!"),
        ('<row><c t="d"><v>2024-01-31T00:00:00.000Z</v></c></row>', "", "2024-01-31"),
        (f'<x:row xmlns:x="{MAIN}"><x:c><x:v>7</x:v></x:c></x:row>', "", "7"),
        ('<row><c s="99"><v>7</v></c></row>', "", "7"),
    ],
)
def test_cell_is_read_however_it_is_stored(rows: str, texts: str, expected: str) -> None:
    assert list(read_sheet(made(rows, xl__sharedStrings=shared(texts)))) == [(1, [expected])]


def test_formula_with_an_empty_result_is_an_empty_cell() -> None:
    rows = '<row><c t="str"><f>""</f><v></v></c><c><v>1</v></c></row>'
    assert list(read_sheet(made(rows))) == [(1, ["", "1"])]


def _problem(data: bytes) -> Problem:
    with pytest.raises(UnreadableFile) as refused:
        list(read_sheet(data))
    return refused.value.fault.problem


def test_formula_without_a_result_is_told_with_its_cell() -> None:
    workbook = openpyxl.Workbook()
    workbook.active["B3"] = "=SUM(A1:A2)"
    with pytest.raises(UnreadableFile) as refused:
        list(read_sheet(saved(workbook)))
    assert refused.value.fault.problem is spreadsheet.NOT_COMPUTED
    assert "The cell B3 holds a formula" in refused.value.fault.reason


DAMAGED = spreadsheet_package.DAMAGED_WORKBOOK
LONG = "x" * (records.LONGEST_RECORD // 5)


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ("<row><c><v>1</v></c>", DAMAGED),
        ('<row r="2"/><row r="1"/>', DAMAGED),
        ('<row r="2"/><row r="2"/>', DAMAGED),
        ('<row r="0"><c><v>1</v></c></row>', DAMAGED),
        ('<row r="1048577"/>', DAMAGED),
        ('<row r="99999999999999999999"/>', DAMAGED),
        ('<row><c r="XFE1"><v>1</v></c></row>', DAMAGED),
        ('<row><c r="?"><v>1</v></c></row>', DAMAGED),
        ('<row><c t="s"><v>0</v></c></row>', DAMAGED),
        ('<row><c t="s"><v>-1</v></c></row>', DAMAGED),
        ("<row>" + "<c/>" * spreadsheet.MOST_TAGS_OF_A_ROW + "</row>", DAMAGED),
        (f'<row><c t="str"><v>{"x" * 32_768}</v></c></row>', DAMAGED),
        ("<row>" + f'<c t="str"><v>{LONG}</v></c>' * 6 + "</row>", records.ROW_TOO_LONG),
    ],
)
def test_sheet_that_no_program_writes_is_told(rows: str, problem: Problem) -> None:
    assert _problem(made(rows)) is problem


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_definitions_are_refused_in_every_part_and_encoding(part: str, encoding: str) -> None:
    content: dict[str, str | bytes] = {**parts(sheet(""))}
    laughs = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE a [<!ENTITY b "ha">]><a>&b;</a>'
    content[part] = laughs.encode(encoding)
    assert _problem(packed(content)) is spreadsheet_package.HOLDS_DEFINITIONS


@pytest.mark.parametrize(
    ("limit", "size"),
    [("LARGEST_SHEET", 100_000), ("LARGEST_SUM", 100_000), ("HARMLESS_SIZE", 100_000)],
)
def test_workbook_that_unpacks_to_too_much_is_not_unpacked(
    limit: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = made("<row/>" * 20_000)
    assert len(data) < 3_000
    assert list(read_sheet(data)) == []
    monkeypatch.setattr(spreadsheet_package, limit, size)
    assert _problem(data) is spreadsheet_package.TOO_MUCH_UNPACKED


def test_part_that_lies_about_its_size_is_damaged() -> None:
    data = bytearray(made("<row><c><v>1</v></c></row>" * 10))
    entry = data.index(b"PK\x01\x02", data.index(b"xl/worksheets/sheet1.xml", data.index(b"PK\x01\x02")) - 60)
    struct.pack_into("<I", data, entry + 24, 20)
    assert _problem(bytes(data)) is DAMAGED


def test_shared_texts_that_are_too_much_to_hold_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet_package, "LARGEST_OTHER_PART", 10_000)
    data = made("", xl__sharedStrings=shared("<si/>" * 3_000))
    assert _problem(data) is spreadsheet_package.TOO_MUCH_UNPACKED


def test_row_that_never_ends_is_not_held() -> None:
    """The tags are told before the row is complete: nothing of what follows them is read."""
    rows = "<row>" + "<c/>" * 4 * spreadsheet.MOST_TAGS_OF_A_ROW
    assert _problem(made(rows)) is DAMAGED


def test_entities_are_refused_by_the_library_itself() -> None:
    assert openpyxl.DEFUSEDXML


def test_two_cells_in_opposite_corners_cost_nothing() -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    (_first, (number, cells)) = read_sheet(made(rows))
    assert (number, len(cells), cells[-1]) == (1_048_576, 16_384, "2")


def test_archive_with_too_many_parts_is_refused() -> None:
    content = parts(sheet("")) | {f"{number}": "" for number in range(spreadsheet_package.MOST_PARTS)}
    assert _problem(packed(content)) is spreadsheet_package.TOO_MANY_PARTS


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ({"counts.csv": "a,b\n"}, spreadsheet_package.NOT_A_WORKBOOK),
        ({"[Content_Types].xml": "<Types/>"}, spreadsheet_package.NOT_A_WORKBOOK),
        (parts("") | {"[Content_Types].xml": TYPES.replace("sheet.main+xml", "binary")}, spreadsheet_package.NOT_A_WORKBOOK),
        (parts("") | {"xl/workbook.xml": "<workbook/>"}, spreadsheet.NO_SHEET),
        (parts("") | {"xl/_rels/workbook.xml.rels": relationships(worksheet="gone.xml")}, spreadsheet.NO_SHEET),
    ],
)  # fmt: skip
def test_zip_that_is_no_workbook_is_told(content: dict[str, str], problem: Problem) -> None:
    assert _problem(packed(content)) is problem


def test_locked_part_is_told() -> None:
    data = bytearray(made("<row><c><v>1</v></c></row>"))
    for mark, flags in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        place = data.find(mark)
        while place >= 0:
            data[place + flags] |= 1
            place = data.find(mark, place + 4)
    assert _problem(bytes(data)) is spreadsheet_package.LOCKED_WORKBOOK


@given(st.integers(0, 4_000), st.binary(min_size=1, max_size=4))
@settings(max_examples=80)
def test_broken_workbook_is_told_and_never_breaks_the_reader(place: int, noise: bytes) -> None:
    data = bytearray(written([["State", "Cases"], ["Alabama", 12], ["Alaska", date(2024, 1, 1)]]))
    place %= len(data)
    data[place : place + len(noise)] = noise
    with suppress(UnreadableFile):
        assert len(list(read_sheet(bytes(data)))) <= 3


@pytest.mark.parametrize("kept", [4, 30, 300, 2_000])
def test_workbook_that_was_cut_short_is_told(kept: int) -> None:
    assert _problem(written([["a", 1]])[:kept]) is DAMAGED
