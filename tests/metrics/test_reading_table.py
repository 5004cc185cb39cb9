"""Tables that others laid out give the counts that are in them; every row is read, left out by a rule, or an error."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from collections.abc import Sequence
from datetime import date
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.reading import (
    counts,
    counts_numbers,
    linelist,
    records,
    shares,
    table_numbers,
    table_rows,
    table_source,
)
from metrics.reading.cells import LARGEST_NUMBER, BlankKind, CountRow, MetricKind, Stratum, stratum_of
from metrics.reading.counts import KnownCodes
from metrics.reading.errors import MappingError, Problem, RowError
from metrics.reading.periods import Grain, containing, whole
from metrics.reading.table import TableReader
from metrics.reading.table_mapping_file import parse_table_mapping
from tests.metrics.workbooks import written

KNOWN = KnownCodes(
    metrics={kind.value: kind for kind in MetricKind},
    units={"al", "ak"},
    categories={"race": {"black", "white", "asian"}, "age": {"0-9", "10-19"}},
)

HEAD = """
[source]
format = "table"
name = "t"
"""
REST = """
[metric]
code = "proportion"
[unit]
column = "State"
values = { "Alabama" = "al", "Alaska" = "ak" }
[period]
grain = "year"
column = "Year"
[dimensions.race]
column = "Race"
dimension = "race"
values = { "All" = "", "AA" = "black", "W" = "white" }
"""
NUMBERS = """
[numbers]
numerator = "Yes"
denominator = "All"
thousands = ","
decimal = "."
[blanks]
words = { "Suppressed" = "withheld", "NA" = "not_collected", "<11" = "withheld", "-" = "zero" }
"""
MAPPING = HEAD + REST + NUMBERS
HEADER = ["State", "Year", "Race", "Yes", "All"]
YEAR = containing(date(2024, 1, 1), Grain.YEAR)


def _csv(rows: Sequence[Sequence[Any]], delimiter: str = ",") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode()


def _read(
    data: bytes, mapping: str = MAPPING, known: KnownCodes = KNOWN
) -> tuple[list[tuple[int, CountRow]], TableReader]:
    reader = TableReader(parse_table_mapping(mapping), known)
    return list(reader.read([data])), reader


def _good(rows: Sequence[Sequence[Any]], mapping: str = MAPPING) -> list[CountRow]:
    found, reader = _read(_csv(rows), mapping)
    assert reader.errors == ()
    return [row for _number, row in found]


def _errors(rows: Sequence[Sequence[Any]], mapping: str = MAPPING) -> list[RowError]:
    _found, reader = _read(_csv(rows), mapping)
    assert reader.error_total == len(reader.errors) > 0
    return list(reader.errors)


def _row(stratum: Stratum = (), *numbers: int, unit: str = "al", **more: Any) -> CountRow:
    return CountRow("proportion", unit, YEAR, stratum, *numbers, **more)


BLACK = (("race", "black"),)


def test_long_table_is_read() -> None:
    assert _good(
        [HEADER, ["Alabama", "2024", "All", "1,234", "2345.0"], ["Alaska", "2024", "AA", "-", "5"]]
    ) == [_row((), 1234, 2345), _row(BLACK, 0, 5, unit="ak")]


# ---- whatever the layout, the counts are the same

GROUPS: list[Stratum] = [(), BLACK, (("race", "white"),), (("race", "asian"),)]
NAMES = {(): "All", GROUPS[1]: "AA", GROUPS[2]: "W", GROUPS[3]: "Asian people"}


@st.composite
def _tables(draw: st.DrawFn) -> dict[tuple[str, Stratum], tuple[int, int] | BlankKind]:
    table: dict[tuple[str, Stratum], tuple[int, int] | BlankKind] = {}
    for unit in draw(st.sets(st.sampled_from(["al", "ak"]), min_size=1)):
        for group in GROUPS:
            denominator = draw(st.integers(0, 10**7))
            numbers = (draw(st.integers(0, denominator)), denominator)
            table[unit, group] = draw(st.one_of(st.just(numbers), st.sampled_from(BlankKind)))
    return table


def _written_number(number: int, thousands: str) -> str:
    return f"{number:,}".replace(",", thousands) if thousands else str(number)


def _cells(value: tuple[int, int] | BlankKind, way: str, thousands: str) -> list[str]:
    """The two cells of a count, in one of three ways to give it."""
    if isinstance(value, BlankKind):
        return [f"no: {value.value}"] * 2
    numerator, denominator = value
    others = denominator - numerator
    pair = {"ND": (numerator, denominator), "NC": (numerator, others), "CD": (others, denominator)}[way]
    return [_written_number(number, thousands) for number in pair]


ROLES = {"N": "numerator", "C": "complement", "D": "denominator"}
WORDS = "words = { " + ", ".join(f'"no: {kind.value}" = "{kind.value}"' for kind in BlankKind) + " }"
STATES = {"al": "Alabama", "ak": "Alaska"}


def _long(table: Any, way: str, thousands: str) -> tuple[list[list[str]], str]:
    rows = [["State", "Group", "first", "second"]]
    rows += [
        [STATES[unit], NAMES[group], *_cells(value, way, thousands)] for (unit, group), value in table.items()
    ]
    values = ", ".join(f'"{name}" = "{dict(group).get("race", "")}"' for group, name in NAMES.items())
    numbers = f'[numbers]\n{ROLES[way[0]]} = "first"\n{ROLES[way[1]]} = "second"\nthousands = "{thousands}"\n'
    dimension = f'[dimensions.race]\ncolumn = "Group"\ndimension = "race"\nvalues = {{ {values} }}\n'
    return rows, numbers + dimension


def _wide(table: Any, way: str, thousands: str) -> tuple[list[list[str]], str]:
    header = ["State", *(f"{name} {part}" for name in NAMES.values() for part in (1, 2))]
    rows = [header]
    for unit in dict.fromkeys(unit for unit, _group in table):
        cells = [_cells(table[unit, group], way, thousands) for group in NAMES]
        rows.append([STATES[unit], *(cell for pair in cells for cell in pair)])
    text = f'[numbers]\nthousands = "{thousands}"\n'
    for group, name in NAMES.items():
        text += f'[[wide]]\n{ROLES[way[0]]} = "{name} 1"\n{ROLES[way[1]]} = "{name} 2"\n'
        if group:
            text += f'categories = {{ race = "{dict(group)["race"]}" }}\n'
    return rows, text


@given(
    _tables(),
    st.sampled_from([_long, _wide]),
    st.sampled_from(["ND", "NC", "CD"]),
    st.sampled_from([",", ".", " ", "'"]),
    st.sampled_from(["csv", "tsv", "gzip", "workbook"]),
    st.integers(0, 3),
    st.integers(1, 50),
)
@settings(max_examples=60, deadline=None)
def test_counts_are_the_same_in_every_layout(
    table: dict[tuple[str, Stratum], tuple[int, int] | BlankKind],
    layout: Any,
    way: str,
    thousands: str,
    file: str,
    title_rows: int,
    chunk_bytes: int,
) -> None:
    rows, text = layout(table, way, thousands)
    rows = [["A title"]] * title_rows + rows
    delimiter = "\t" if file == "tsv" else ","
    mapping = (
        f"{HEAD}delimiter = '{delimiter}'\n[layout]\nheader_row = {title_rows + 1}\n"
        '[metric]\ncode = "proportion"\n[period]\ngrain = "year"\nstart = "2024-01-01"\n'
        f'[unit]\ncolumn = "State"\nvalues = {{ "Alabama" = "al", "Alaska" = "ak" }}\n[blanks]\n{WORDS}\n{text}'
    ).replace("delimiter = '\t'", 'delimiter = "\\t"')
    data = written(rows) if file == "workbook" else _csv(rows, delimiter)
    data = gzip.compress(data) if file == "gzip" else data
    reader = TableReader(parse_table_mapping(mapping), KNOWN)
    chunks = [data[start : start + chunk_bytes * 100] for start in range(0, len(data), chunk_bytes * 100)]
    found = {(row.unit, row.stratum): row for _number, row in reader.read(chunks)}
    assert reader.errors == ()
    assert reader.sha256 == hashlib.sha256(data).hexdigest()
    assert {key: row.blank or (row.numerator, row.denominator) for key, row in found.items()} == table


# ---- numbers and words


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["Suppressed", "NA "], None),
        (["NA", "NA"], {"blank": BlankKind.NOT_COLLECTED}),
        (["<11", "Suppressed"], {"blank": BlankKind.WITHHELD}),
        (["007", "8"], {"numerator": 7, "denominator": 8}),
        ([" 7 ", "8.000"], {"numerator": 7, "denominator": 8}),
        (["0", "0"], {"numerator": 0, "denominator": 0}),
    ],
)
def test_words_and_marks_mean_what_the_mapping_says(
    cells: list[str], expected: dict[str, Any] | None
) -> None:
    rows = [HEADER, ["Alabama", "2024", "All", *cells]]
    if expected is None:
        (error,) = _errors(rows)
        assert error.problem is table_numbers.REASONS_DISAGREE
    else:
        assert _good(rows) == [CountRow("proportion", "al", YEAR, (), **expected)]


@pytest.mark.parametrize(
    ("cells", "column", "problem"),
    [
        (["", "5"], "Yes", table_numbers.EMPTY_CELL),
        (["suppressed", "5"], "Yes", table_numbers.UNKNOWN_WORD),
        (["N/A", "5"], "Yes", table_numbers.UNKNOWN_WORD),
        (["78.4%", "5"], "Yes", table_numbers.UNKNOWN_WORD),
        (["4.5", "5"], "Yes", table_numbers.OTHER_MARKS),
        (["1,23", "500"], "Yes", table_numbers.OTHER_MARKS),
        (["1.234", "5000"], "Yes", table_numbers.OTHER_MARKS),
        (["12,34,567", "99999999"], "Yes", table_numbers.OTHER_MARKS),
        (["-4", "5"], "Yes", table_numbers.OTHER_MARKS),
        (["1e3", "5000"], "Yes", table_numbers.UNKNOWN_WORD),
        (["٣", "5"], "Yes", table_numbers.UNKNOWN_WORD),
        (["²", "5"], "Yes", table_numbers.UNKNOWN_WORD),
        (["6", "5"], "Yes", counts_numbers.PART_OVER_WHOLE),
        (["Suppressed", "5"], "Yes", table_numbers.PARTLY_BLANK),
        (["5", "Suppressed"], "All", table_numbers.PARTLY_BLANK),
        (["1", str(LARGEST_NUMBER + 1)], "All", counts_numbers.TOO_LARGE),
        (["1", "9" * 5_000], "All", counts_numbers.TOO_LARGE),
        (["1", "9" * 5_000 + ".0"], "All", counts_numbers.TOO_LARGE),
    ],
)
def test_number_that_is_none_is_told_with_its_value(cells: list[str], column: str, problem: Problem) -> None:
    (error,) = _errors([HEADER, ["Alabama", "2024", "All", *cells]])
    assert (error.row, error.column, error.problem) == (2, column, problem)
    assert len(error.reason) < 200
    assert error.how_to_mend


def test_row_with_some_blanks_is_a_blank_when_the_mapping_says_so() -> None:
    mapping = MAPPING + 'partly = "blank"\n'
    rows = [HEADER, ["Alabama", "2024", "All", "Suppressed", "5"], ["Alaska", "2024", "All", "NA", "NA"]]
    found, reader = _read(_csv(rows), mapping)
    assert reader.errors == ()
    assert [row.blank for _number, row in found] == [BlankKind.WITHHELD, BlankKind.NOT_COLLECTED]
    assert [row.denominator for _number, row in found] == [None, None]
    assert reader.partly_blank == 1


def test_suppressed_count_is_not_reckoned_from_the_others() -> None:
    mapping = (
        MAPPING.replace('numerator = "Yes"', 'numerator = "Yes"\ncomplement = "No"') + 'partly = "blank"\n'
    )
    rows = [[*HEADER, "No"], ["Alabama", "2024", "All", "Suppressed", "50", "47"]]
    (row,) = _good(rows, mapping)
    assert row == _row((), blank=BlankKind.WITHHELD)


@pytest.mark.parametrize(
    ("cells", "problem", "column"),
    [
        (["3", "7", "3"], table_numbers.PARTS_DISAGREE, "All"),
        (["x", "7", "3"], table_numbers.UNKNOWN_WORD, "Yes"),
    ],
)
def test_three_parts_must_agree(cells: list[str], problem: Problem, column: str) -> None:
    mapping = MAPPING.replace('numerator = "Yes"', 'numerator = "Yes"\ncomplement = "No"')
    (error,) = _errors([[*HEADER, "No"], ["Alabama", "2024", "All", *cells]], mapping)
    assert (error.problem, error.column) == (problem, column)


def test_more_others_than_everybody_are_told() -> None:
    mapping = MAPPING.replace('numerator = "Yes"', 'complement = "Yes"')
    (error,) = _errors([HEADER, ["Alabama", "2024", "All", "6", "5"]], mapping)
    assert (error.problem, error.column) == (table_numbers.COMPLEMENT_OVER_WHOLE, "Yes")


REASONS = """
[blanks.reasons]
words = ["Not Available"]
column = "Footnote"
values = { "Too few" = "withheld", "None met" = "zero", "Later" = "not_yet_due" }
"""


def test_another_column_may_say_why_there_is_no_number() -> None:
    rows = [
        [*HEADER, "Footnote"],
        ["Alabama", "2024", "All", "Not Available", "Not Available", "Too few"],
        ["Alabama", "2024", "AA", "Not Available", "0", "None met"],
        ["Alabama", "2024", "W", "Not Available", "Not Available", "Later"],
    ]
    found = _good(rows, MAPPING + REASONS)
    assert [row.blank for row in found] == [BlankKind.WITHHELD, None, BlankKind.NOT_YET_DUE]
    assert found[1].numerator == found[1].denominator == 0
    (error, other) = _errors(
        [*rows[:1], ["Alabama", "2024", "All", *["Not Available"] * 2, "Why?"]], MAPPING + REASONS
    )
    assert error.problem is other.problem is table_numbers.UNKNOWN_REASON
    assert error.reason.startswith('"Why?"')


# ---- codes and periods


@pytest.mark.parametrize(
    ("cells", "column", "problem"),
    [
        (["alabama", "2024", "All", "1", "2"], "State", table_rows.NOT_IN_MAPPING),
        (["", "2024", "All", "1", "2"], "State", table_rows.NOT_IN_MAPPING),
        (["Alabama", "2024", "X", "1", "2"], "Race", table_rows.NOT_IN_MAPPING),
        (["Alabama", "24", "All", "1", "2"], "Year", counts.NOT_A_PERIOD),
        (["Alabama", "2024-01", "All", "1", "2"], "Year", table_rows.OTHER_GRAIN),
        (["Alabama", "2024", "All", "1"], None, records.WRONG_WIDTH),
    ],
)
def test_wrong_row_is_told_with_its_column(cells: list[str], column: str | None, problem: Problem) -> None:
    (error,) = _errors([HEADER, cells])
    assert (error.row, error.column, error.problem) == (2, column, problem)


def test_row_of_an_unknown_group_is_not_counted_for_everybody() -> None:
    found, reader = _read(_csv([HEADER, ["Alabama", "2024", "X", "1", "2"]]))
    assert (found, reader.error_total) == ([], 1)


def test_all_that_is_wrong_in_a_row_is_told_at_once() -> None:
    errors = _errors([HEADER, ["x", "y", "z", "a", "b"]])
    assert [error.column for error in errors] == ["State", "Year", "Race", "Yes", "All"]


def test_without_values_cells_are_codes() -> None:
    mapping = HEAD + NUMBERS + '[metric]\ncolumn = "Metric"\n[unit]\ncolumn = "Unit"\n'
    mapping += (
        '[period]\ngrain = "year"\ncolumn = "Year"\n[dimensions.race]\ncolumn = "Race"\ndimension = "race"\n'
    )
    header = ["Metric", "Unit", "Year", "Race", "Yes", "All"]
    rows = [
        header,
        ["proportion", "al", "2024", "black", "1", "2"],
        ["proportion", "al", "2024", "", "3", "4"],
    ]
    assert _good(rows, mapping) == [_row(BLACK, 1, 2), _row((), 3, 4)]
    (error,) = _errors([header, ["proportion", "az", "2024", "black", "1", "2"]], mapping)
    assert (error.column, error.problem) == ("Unit", counts.UNKNOWN_CODE)
    assert "Write one of: ak, al." in error.how_to_mend


def test_whole_table_may_be_about_one_category() -> None:
    mapping = MAPPING + '[dimensions.age]\ndimension = "age"\nconstant = "0-9"\n'
    rows = [HEADER, ["Alabama", "2024", "AA", "1", "2"]]
    assert _good(rows, mapping) == [_row((("age", "0-9"), ("race", "black")), 1, 2)]


@pytest.mark.parametrize(
    ("period", "cell", "expected"),
    [
        ('grain = "month"\ncolumn = "Year"\nformat = "%m/%d/%Y"', "3/9/2024", containing(date(2024, 3, 1), Grain.MONTH)),
        ('grain = "month"\ncolumn = "Year"\nformat = "%m/%d/%Y"', "2024-03-09", containing(date(2024, 3, 1), Grain.MONTH)),
        ('grain = "year"\ncolumn = "Year"\nformat = "%d.%m.%Y"', "9.3.2024", YEAR),
        ('grain = "whole"\ncolumn = "Year"', "2024-01-01/2024-06-30", whole(date(2024, 1, 1), date(2024, 6, 30))),
        ('grain = "year"\ncolumn = "Year"\nvalues = { "last year" = "2024" }', "last year", YEAR),
    ],
)  # fmt: skip
def test_period_is_read_as_the_mapping_says(period: str, cell: str, expected: Any) -> None:
    mapping = MAPPING.replace('grain = "year"\ncolumn = "Year"', period)
    (row,) = _good([HEADER, ["Alabama", cell, "All", "1", "2"]], mapping)
    assert row.period == expected


@pytest.mark.parametrize(
    ("grain", "first", "last", "expected"),
    [
        ("whole", "07/01/2014", "06/30/2017", whole(date(2014, 7, 1), date(2017, 6, 30))),
        ("quarter", "04/01/2024", "06/30/2024", containing(date(2024, 4, 1), Grain.QUARTER)),
        ("quarter", "04/01/2024", "07/30/2024", table_rows.NOT_THE_SPAN),
        ("whole", "04/01/2024", "03/30/2024", table_rows.NOT_THE_SPAN),
        ("whole", "04/01/2024", "soon", table_rows.NOT_A_DAY_HERE),
    ],
)
def test_period_may_stand_in_two_columns(grain: str, first: str, last: str, expected: Any) -> None:
    period = f'grain = "{grain}"\nfirst_column = "From"\nlast_column = "To"\nformat = "%m/%d/%Y"'
    mapping = MAPPING.replace('grain = "year"\ncolumn = "Year"', period)
    rows = [["State", "From", "To", "Race", "Yes", "All"], ["Alabama", first, last, "All", "1", "2"]]
    if isinstance(expected, Problem):
        (error,) = _errors(rows, mapping)
        assert error.problem is expected
    else:
        assert _good(rows, mapping)[0].period == expected


def test_count_that_was_written_before_names_the_first_row() -> None:
    rows = [HEADER, ["Alabama", "2024", "All", "1", "2"], [], ["Alabama", "2024", "All", "1", "2"]]
    (error,) = _errors(rows)
    assert (error.row, error.problem, error.parts["first"]) == (4, counts.WRITTEN_BEFORE, 2)


def test_split_that_the_mapping_does_not_name_is_found_out() -> None:
    mapping = MAPPING.replace(
        '[dimensions.race]\ncolumn = "Race"\ndimension = "race"\nvalues = { "All" = "", "AA" = "black", "W" = "white" }',
        "",
    )
    rows = [HEADER, ["Alabama", "2024", "AA", "1", "2"], ["Alabama", "2024", "W", "1", "2"]]
    (error,) = _errors(rows, mapping)
    assert error.problem is counts.WRITTEN_BEFORE


# ---- layout


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
    found, reader = _read(written(rows) if as_workbook else _csv(rows), mapping)
    assert reader.errors == ()
    assert found == [(4, _row((), 3, 8)), (5, _row(BLACK, 1, 2)), (8, _row((), 2, 4, unit="ak"))]
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
    assert _good(rows, mapping) == [_row((), 3, 4)]


def test_cells_beside_the_table_are_no_secret() -> None:
    rows = [HEADER, ["Alabama", "2024", "All", "3", "8", "a remark"]]
    _found, reader = _read(written(rows))
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
    found, reader = _read(data.getvalue(), mapping, known)
    assert reader.errors == ()
    assert [(row.unit, row.period.code, row.numerator) for _number, row in found] == [
        ("010005", "2024-03", 3),
        ("010012", "2024-03", 1),
    ]


@pytest.mark.parametrize(
    ("data", "row", "problem"),
    [
        (b"", None, records.NO_ROWS),
        (_csv([HEADER]), 1, records.NO_ROWS),
        (_csv([HEADER], ";"), 1, records.WRONG_SEPARATOR),
        (_csv([HEADER[1:]]), 1, linelist.COLUMN_MISSING),
        (_csv([[*HEADER, "State"]]), 1, records.COLUMN_TWICE),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 1, table_source.OLD_WORKBOOK),
        (_csv([HEADER]) + b'"x', 2, records.UNCLOSED_QUOTE),
        (_csv([HEADER]) + b"\xff\n", 2, records.NOT_IN_ENCODING),
    ],
)
def test_file_that_holds_no_such_table_is_told(data: bytes, row: int | None, problem: Problem) -> None:
    _found, reader = _read(data + b"")
    assert (reader.errors[0].row, reader.errors[0].problem) == (row, problem)
    assert reader.sha256 == hashlib.sha256(data).hexdigest()


def test_digest_is_of_the_whole_file_even_when_nothing_of_it_can_be_read() -> None:
    chunks = [_csv([HEADER[1:]]), b"never read", b"neither"]
    reader = TableReader(parse_table_mapping(MAPPING), KNOWN)
    assert list(reader.read(iter(chunks))) == []
    assert reader.sha256 == hashlib.sha256(b"".join(chunks)).hexdigest()


def test_large_workbook_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_source, "LARGEST_WORKBOOK", 1_000)
    data = written([HEADER])
    _found, reader = _read(data)
    assert reader.errors[0].problem is table_source.LARGE_WORKBOOK
    assert reader.sha256 == hashlib.sha256(data).hexdigest()


def test_other_encodings_and_byte_order_marks_are_read() -> None:
    rows = [["State", "Year", "Race", "Yes", "All"], ["Québec", "2024", "All", "1", "2"]]
    for encoding, codec in (("utf-8", "utf-8-sig"), ("windows-1252", "windows-1252")):
        mapping = MAPPING.replace('name = "t"', f'name = "t"\nencoding = "{encoding}"').replace(
            "Alabama", "Québec"
        )
        found, reader = _read(_csv(rows).decode().encode(codec), mapping)
        assert reader.errors == ()
        assert [row.unit for _number, row in found] == ["al"]


def test_mapping_that_names_what_is_not_defined_is_refused() -> None:
    with pytest.raises(MappingError, match="unheard-of"):
        TableReader(parse_table_mapping(MAPPING.replace('"proportion"', '"unheard-of"')), KNOWN)


# ---- shares


@pytest.mark.parametrize(
    ("stated", "flagged", "wrong"),
    [
        ("33.3", 0, 0),
        ("33.33333%", 0, 0),
        ("33.4", 0, 0),
        ("33.5", 1, 0),
        ("33.33000000000001", 1, 0),
        ("33.33333300000001", 0, 0),
        ("0.333", 1, 0),
        ("NA", 0, 0),
        ("", 0, 1),
        ("many", 0, 1),
    ],
)
def test_stated_percentage_is_compared_and_never_stored(stated: str, flagged: int, wrong: int) -> None:
    mapping = MAPPING.replace('denominator = "All"', 'denominator = "All"\npercent = "P"')
    _found, reader = _read(_csv([[*HEADER, "P"], ["Alabama", "2024", "All", "1", "3", stated]]), mapping)
    assert (reader.flag_total, reader.error_total) == (flagged, wrong)
    if flagged:
        (flag,) = reader.flags
        assert (flag.problem, flag.row, flag.column) == (shares.SHARE_DISAGREES, 2, "P")
        assert "1 of 3 is 33.3333" in flag.reason


@given(st.integers(1, 10**9), st.data(), st.integers(0, 12), st.sampled_from([1, 100]))
def test_share_agrees_when_rounded_or_cut(
    denominator: int, data: st.DataObject, digits: int, out_of: int
) -> None:
    numerator = data.draw(st.integers(0, denominator))
    exact = shares.Decimal(numerator * out_of) / denominator
    for rounding in ("ROUND_HALF_UP", "ROUND_DOWN", "ROUND_UP"):
        stated = exact.quantize(shares.Decimal(1).scaleb(-digits), rounding=rounding)
        assert shares.share_agrees(stated, numerator, denominator, out_of=out_of)
    off = exact.quantize(shares.Decimal(1).scaleb(-digits)) + shares.Decimal(2).scaleb(-digits)
    assert not shares.share_agrees(off, numerator, denominator, out_of=out_of)


# ---- kinds


def test_table_may_hold_metrics_of_several_kinds() -> None:
    mapping = (
        HEAD
        + """
[unit]
constant = "al"
[period]
grain = "year"
start = "2024-01-01"
[[wide]]
metric = "count"
numerator = "Deaths"
[[wide]]
metric = "mean"
numerator = "Minutes"
denominator = "Visits"
sum_of_squares = "Minutes squared"
[[wide]]
metric = "rate"
numerator = "Falls"
denominator = "Days"
"""
    )
    rows = [
        ["Deaths", "Minutes", "Visits", "Minutes squared", "Falls", "Days"],
        ["3", "6", "2", "20", "9", "4"],
    ]
    assert [row[4:7] for row in _good(rows, mapping)] == [(3, None, None), (6, 2, 20), (9, 4, None)]
    rows[1][3] = "17"
    (error,) = _errors(rows, mapping)
    assert (error.problem, error.column) == (counts_numbers.IMPOSSIBLE_SQUARES, "Minutes squared")


def test_count_with_a_denominator_is_told() -> None:
    mapping = MAPPING.replace('code = "proportion"', 'column = "Metric"')
    rows = [
        [*HEADER, "Metric"],
        ["Alabama", "2024", "All", "3", "8", "count"],
        ["Alabama", "2024", "AA", "3", "NA", "count"],
    ]
    (error,) = _errors(rows, mapping)
    assert (error.row, error.problem, error.column) == (2, counts_numbers.NOT_FOR_THIS_KIND, "All")


def test_stratum_is_in_its_canonical_order() -> None:
    mapping = MAPPING + '[dimensions.age]\ncolumn = "Age"\ndimension = "age"\n'
    (row,) = _good([[*HEADER, "Age"], ["Alabama", "2024", "AA", "1", "2", "0-9"]], mapping)
    assert row.stratum == stratum_of(("race", "black"), ("age", "0-9"))
