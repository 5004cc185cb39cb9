"""Amounts with decimals in tables and measure reports: exact to the last digit, or an error, never rounded."""

from __future__ import annotations

import dataclasses
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.amounts import scales
from metrics.reading import counts_numbers, measure_groups, table_numbers
from metrics.reading.cells import LARGEST_NUMBER, MetricKind
from metrics.reading.counts_numbers import written
from metrics.reading.errors import Problem
from metrics.reading.measure_mapping_file import parse_measure_mapping
from metrics.reading.measure_report import MeasureReportReader
from metrics.reading.table import TableReader
from metrics.reading.table_mapping_file import parse_table_mapping
from tests.metrics import reports, tables
from tests.metrics.reports import counts_of, report_of
from tests.metrics.tables import HEADER, MAPPING, csv_of

DOLLARS = dataclasses.replace(
    tables.KNOWN, decimals={"proportion": 2, "rate": 3, "mean": 1, "count": 4, "index": 2}
)
EUROPEAN = MAPPING.replace('thousands = ","\ndecimal = "."', 'thousands = "."\ndecimal = ","')
Read = tuple[list[tuple[Any, Any]], list[tuple[str | None, Problem, dict[str, Any]]]]


def of_table(*cells: str, mapping: str = MAPPING, kind: str = "proportion") -> Read:
    """(numerator, denominator) of the one row, and what is wrong with it."""
    mapping = mapping.replace('code = "proportion"', f'code = "{kind}"')
    reader = TableReader(parse_table_mapping(mapping), DOLLARS)
    rows = list(reader.read([csv_of([HEADER, ["Alabama", "2024", "All", *cells]])]))
    errors = [(error.column, error.problem, dict(error.parts)) for error in reader.errors]
    return [(row.numerator, row.denominator) for _number, row in rows], errors


@pytest.mark.parametrize(
    ("mapping", "cells", "numbers"),
    [
        (MAPPING, ("1,234.50", "2,000,000.07"), (Decimal("1234.5"), Decimal("2000000.07"))),
        (MAPPING, ("0.10", "7"), (Decimal("0.1"), 7)),
        (MAPPING, ("12.000", "12.00"), (12, 12)),
        (MAPPING, ("00012.30", "12.3"), (Decimal("12.3"), Decimal("12.3"))),
        (EUROPEAN, ("1.234,50", "2.000.000,07"), (Decimal("1234.5"), Decimal("2000000.07"))),
        (MAPPING.replace('thousands = ","', 'thousands = " "'), ("1 234.50", "1\u202f234.51"), (Decimal("1234.5"), Decimal("1234.51"))),
    ],
)  # fmt: skip
def test_amounts_of_a_table_are_kept_to_the_cent(
    mapping: str, cells: tuple[str, str], numbers: tuple[Any, Any]
) -> None:
    assert of_table(*cells, mapping=mapping) == ([numbers], [])


@pytest.mark.parametrize(
    ("cells", "column", "problem"),
    [
        (("1.005", "2"), "Yes", counts_numbers.TOO_FINE),
        (("1.5", "2.001"), "All", counts_numbers.TOO_FINE),
        (("1,5", "2"), "Yes", table_numbers.OTHER_MARKS_OF_AN_AMOUNT),
        (("1.234,50", "2"), "Yes", table_numbers.OTHER_MARKS_OF_AN_AMOUNT),
        (("12,34.5", "9999"), "Yes", table_numbers.OTHER_MARKS_OF_AN_AMOUNT),
        (("$12.50", "20"), "Yes", table_numbers.UNKNOWN_WORD),
        (("1.5e3", "2000"), "Yes", table_numbers.UNKNOWN_WORD),
        ((".50", "2"), "Yes", table_numbers.UNKNOWN_WORD),
        (("-1.50", "2"), "Yes", table_numbers.OTHER_MARKS_OF_AN_AMOUNT),
        (("2.01", "2"), "Yes", counts_numbers.PART_OVER_WHOLE),
        (("1", str(LARGEST_NUMBER)), "All", counts_numbers.TOO_LARGE),
        (("1", "9" * 5_000 + ".5"), "All", counts_numbers.TOO_LARGE),
    ],
)
def test_amount_that_cannot_be_kept_is_told(cells: tuple[str, str], column: str, problem: Problem) -> None:
    rows, errors = of_table(*cells)
    assert (rows, [error[:2] for error in errors]) == ([], [(column, problem)])


def test_without_a_mark_in_the_mapping_no_amount_is_guessed() -> None:
    mapping = MAPPING.replace('thousands = ","\ndecimal = "."', "")
    assert of_table("12", "1234", mapping=mapping) == ([(12, 1234)], [])
    _rows, errors = of_table("12.50", "1234", mapping=mapping)
    assert [error[1] for error in errors] == [table_numbers.OTHER_MARKS_OF_AN_AMOUNT]


def test_events_of_a_rate_are_whole_and_its_time_is_not() -> None:
    assert of_table("3", "12.125", kind="rate") == ([(3, Decimal("12.125"))], [])
    ((column, problem, parts),) = of_table("3.5", "12.125", kind="rate")[1]
    assert (column, problem) == ("Yes", table_numbers.OTHER_MARKS)
    assert parts == {"value": "3.5"}


def test_third_number_is_reckoned_exactly() -> None:
    others = MAPPING.replace('numerator = "Yes"', 'complement = "Yes"')
    assert of_table("0.10", "0.30", mapping=others) == ([(Decimal("0.20"), Decimal("0.3"))], [])
    ((_column, problem, parts),) = of_table("1.005", "2", mapping=others)[1]
    assert (problem, parts["value"]) == (counts_numbers.TOO_FINE, "1.005")
    three = MAPPING.replace('numerator = "Yes"', 'numerator = "Yes"\ncomplement = "Race"')
    reader = TableReader(parse_table_mapping(three.replace('"All" = ""', '"0.20" = ""')), DOLLARS)
    assert list(reader.read([csv_of([HEADER, ["Alabama", "2024", "0.20", "0.11", "0.30"]])])) == []
    (error,) = reader.errors
    assert error.problem is table_numbers.PARTS_DISAGREE
    assert error.parts == {"numerator": "0.11", "complement": "0.2", "sum": "0.31", "value": "0.3"}


@given(st.integers(0, 10**15), st.integers(0, 10**15), st.sampled_from([",", ".", " ", ""]))
def test_any_amount_comes_back_as_it_was_written(part: int, rest: int, thousands: str) -> None:
    """Also where the third number is reckoned, and with 17 digits, which no float has."""
    decimal = "," if thousands == "." else "."
    mapping = MAPPING.replace(
        'thousands = ","\ndecimal = "."', f'thousands = "{thousands}"\ndecimal = "{decimal}"'
    )
    numbers = [Decimal(number).scaleb(-2) for number in (part, part + rest, rest)]
    texts = [f"{number:,.2f}".translate({44: thousands, 46: decimal}) for number in numbers]
    assert of_table(*texts[:2], mapping=mapping) == ([tuple(numbers[:2])], [])
    others = mapping.replace('denominator = "All"', 'complement = "All"')
    assert of_table(texts[0], texts[2], mapping=others) == ([tuple(numbers[:2])], [])


@given(st.integers(0, LARGEST_NUMBER), st.integers(0, 4))
def test_what_is_kept_of_an_amount_is_a_whole_number(stored: int, decimals: int) -> None:
    """Amount × scale is whole and fits the database, up to the largest number that does."""
    cells = {
        "numerator": written(Decimal(stored).scaleb(-decimals)),
        "denominator": "",
        "sum_of_squares": "",
    }
    read = counts_numbers.read_numbers(cells, MetricKind.COUNT, decimals)
    assert isinstance(read, counts_numbers.Numbers)
    assert Decimal(read.numerator or 0) * scales(MetricKind.COUNT, decimals)[0] == stored


# ---- measure reports

AMOUNTS = dataclasses.replace(reports.KNOWN, decimals={"screening": 2})


def of_report(numerator: str, denominator: str, known: Any = AMOUNTS, **more: Any) -> Read:
    text = json.dumps(report_of(counts_of("NUM", "DEN", **more)))
    for name, count in (("NUM", numerator), ("DEN", denominator)):
        absent = json.dumps(reports.population_of("", name)["_count"])
        text = text.replace(f'"_count": {absent}', f'"count": {count}')
    reader = MeasureReportReader(parse_measure_mapping(reports.MAPPING), known)
    rows = list(reader.read([text.encode()]))
    errors = [(error.column, error.problem, dict(error.parts)) for error in reader.errors]
    return [(row.numerator, row.denominator) for _number, row in rows], errors


def test_amounts_of_a_report_are_kept_to_the_cent() -> None:
    assert of_report("0.10", "1000000000000.30") == ([(Decimal("0.1"), Decimal("1000000000000.3"))], [])
    assert of_report("1.25e1", "100.00") == ([(Decimal("12.5"), 100)], [])
    assert of_report("7", "10.5", denominator_exclusion=3) == ([(7, Decimal("7.5"))], [])


@pytest.mark.parametrize(
    ("count", "problem"),
    [
        ("0.105", counts_numbers.TOO_FINE),
        ("-0.5", measure_groups.NOT_AN_AMOUNT),
        ("1e-999999", measure_groups.NOT_AN_AMOUNT),
        ("1e999999", measure_groups.NOT_AN_AMOUNT),
        ("1." + "0" * 50 + "1", measure_groups.NOT_AN_AMOUNT),
        ("true", measure_groups.NOT_AN_AMOUNT),
        ('"0.10"', measure_groups.NOT_AN_AMOUNT),
    ],
)
def test_amount_of_a_report_that_cannot_be_kept_is_told(count: str, problem: Problem) -> None:
    rows, errors = of_report(count, "10")
    assert (rows, [error[1] for error in errors]) == ([], [problem])


def test_people_of_a_report_stay_whole() -> None:
    _rows, errors = of_report("7", "10.0", reports.KNOWN)
    assert [error[1] for error in errors] == [measure_groups.NOT_A_NUMBER_OF_PEOPLE]
