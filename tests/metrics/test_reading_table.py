"""Tables that others laid out give the counts that are in them; every row is read, left out by a rule, or an error."""

from __future__ import annotations

import gzip
import hashlib
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.reading import (
    counts,
    records,
    table_rows,
)
from metrics.reading.cells import BlankKind, Stratum
from metrics.reading.errors import Problem
from metrics.reading.periods import Grain, containing, whole
from metrics.reading.table import TableReader
from metrics.reading.table_mapping_file import parse_table_mapping
from tests.metrics.tables import (
    BLACK,
    HEAD,
    HEADER,
    KNOWN,
    MAPPING,
    NUMBERS,
    YEAR,
    csv_of,
    errors_of,
    good,
    read,
    row_of,
)
from tests.metrics.workbooks import written


def test_long_table_is_read() -> None:
    assert good(
        [HEADER, ["Alabama", "2024", "All", "1,234", "2345.0"], ["Alaska", "2024", "AA", "-", "5"]]
    ) == [row_of((), 1234, 2345), row_of(BLACK, 0, 5, unit="ak")]


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
    data = written(rows) if file == "workbook" else csv_of(rows, delimiter)
    data = gzip.compress(data) if file == "gzip" else data
    reader = TableReader(parse_table_mapping(mapping), KNOWN)
    chunks = [data[start : start + chunk_bytes * 100] for start in range(0, len(data), chunk_bytes * 100)]
    found = {(row.unit, row.stratum): row for _number, row in reader.read(chunks)}
    assert reader.errors == ()
    assert reader.sha256 == hashlib.sha256(data).hexdigest()
    assert {key: row.blank or (row.numerator, row.denominator) for key, row in found.items()} == table


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
    (error,) = errors_of([HEADER, cells])
    assert (error.row, error.column, error.problem) == (2, column, problem)


def test_row_of_an_unknown_group_is_not_counted_for_everybody() -> None:
    found, reader = read(csv_of([HEADER, ["Alabama", "2024", "X", "1", "2"]]))
    assert (found, reader.error_total) == ([], 1)


def test_all_that_is_wrong_in_a_row_is_told_at_once() -> None:
    errors = errors_of([HEADER, ["x", "y", "z", "a", "b"]])
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
    assert good(rows, mapping) == [row_of(BLACK, 1, 2), row_of((), 3, 4)]
    (error,) = errors_of([header, ["proportion", "az", "2024", "black", "1", "2"]], mapping)
    assert (error.column, error.problem) == ("Unit", counts.UNKNOWN_CODE)
    assert "Write one of: ak, al." in error.how_to_mend


def test_whole_table_may_be_about_one_category() -> None:
    mapping = MAPPING + '[dimensions.age]\ndimension = "age"\nconstant = "0-9"\n'
    rows = [HEADER, ["Alabama", "2024", "AA", "1", "2"]]
    assert good(rows, mapping) == [row_of((("age", "0-9"), ("race", "black")), 1, 2)]


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
    (row,) = good([HEADER, ["Alabama", cell, "All", "1", "2"]], mapping)
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
        (error,) = errors_of(rows, mapping)
        assert error.problem is expected
    else:
        assert good(rows, mapping)[0].period == expected


def test_count_that_was_written_before_names_the_first_row() -> None:
    rows = [HEADER, ["Alabama", "2024", "All", "1", "2"], [], ["Alabama", "2024", "All", "1", "2"]]
    (error,) = errors_of(rows)
    assert (error.row, error.problem, error.parts["first"]) == (4, counts.WRITTEN_BEFORE, 2)


def test_split_that_the_mapping_does_not_name_is_found_out() -> None:
    mapping = MAPPING.replace(
        '[dimensions.race]\ncolumn = "Race"\ndimension = "race"\nvalues = { "All" = "", "AA" = "black", "W" = "white" }',
        "",
    )
    rows = [HEADER, ["Alabama", "2024", "AA", "1", "2"], ["Alabama", "2024", "W", "1", "2"]]
    (error,) = errors_of(rows, mapping)
    assert error.problem is counts.WRITTEN_BEFORE
