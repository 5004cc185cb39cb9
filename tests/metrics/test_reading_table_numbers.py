"""The numbers of a table: marks, words, amounts with decimals, shares and kinds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.reading import (
    counts_numbers,
    shares,
    table_numbers,
)
from metrics.reading.cells import LARGEST_NUMBER, BlankKind, CountRow, stratum_of
from metrics.reading.errors import Problem
from tests.metrics.tables import (
    HEAD,
    HEADER,
    MAPPING,
    YEAR,
    csv_of,
    errors_of,
    good,
    read,
    row_of,
)


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
        (error,) = errors_of(rows)
        assert error.problem is table_numbers.REASONS_DISAGREE
    else:
        assert good(rows) == [CountRow("proportion", "al", YEAR, (), **expected)]


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
    (error,) = errors_of([HEADER, ["Alabama", "2024", "All", *cells]])
    assert (error.row, error.column, error.problem) == (2, column, problem)
    assert len(error.reason) < 200
    assert error.how_to_mend


def test_row_with_some_blanks_is_a_blank_when_the_mapping_says_so() -> None:
    mapping = MAPPING + 'partly = "blank"\n'
    rows = [HEADER, ["Alabama", "2024", "All", "Suppressed", "5"], ["Alaska", "2024", "All", "NA", "NA"]]
    found, reader = read(csv_of(rows), mapping)
    assert reader.errors == ()
    assert [row.blank for _number, row in found] == [BlankKind.WITHHELD, BlankKind.NOT_COLLECTED]
    assert [row.denominator for _number, row in found] == [None, None]
    assert reader.partly_blank == 1


def test_suppressed_count_is_not_reckoned_from_the_others() -> None:
    mapping = (
        MAPPING.replace('numerator = "Yes"', 'numerator = "Yes"\ncomplement = "No"') + 'partly = "blank"\n'
    )
    rows = [[*HEADER, "No"], ["Alabama", "2024", "All", "Suppressed", "50", "47"]]
    (row,) = good(rows, mapping)
    assert row == row_of((), blank=BlankKind.WITHHELD)


@pytest.mark.parametrize(
    ("cells", "problem", "column"),
    [
        (["3", "7", "3"], table_numbers.PARTS_DISAGREE, "All"),
        (["x", "7", "3"], table_numbers.UNKNOWN_WORD, "Yes"),
    ],
)
def test_three_parts_must_agree(cells: list[str], problem: Problem, column: str) -> None:
    mapping = MAPPING.replace('numerator = "Yes"', 'numerator = "Yes"\ncomplement = "No"')
    (error,) = errors_of([[*HEADER, "No"], ["Alabama", "2024", "All", *cells]], mapping)
    assert (error.problem, error.column) == (problem, column)


def test_more_others_than_everybody_are_told() -> None:
    mapping = MAPPING.replace('numerator = "Yes"', 'complement = "Yes"')
    (error,) = errors_of([HEADER, ["Alabama", "2024", "All", "6", "5"]], mapping)
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
    found = good(rows, MAPPING + REASONS)
    assert [row.blank for row in found] == [BlankKind.WITHHELD, None, BlankKind.NOT_YET_DUE]
    assert found[1].numerator == found[1].denominator == 0
    (error, other) = errors_of(
        [*rows[:1], ["Alabama", "2024", "All", *["Not Available"] * 2, "Why?"]], MAPPING + REASONS
    )
    assert error.problem is other.problem is table_numbers.UNKNOWN_REASON
    assert error.reason.startswith('"Why?"')


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
    _found, reader = read(csv_of([[*HEADER, "P"], ["Alabama", "2024", "All", "1", "3", stated]]), mapping)
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
    assert [row[4:7] for row in good(rows, mapping)] == [(3, None, None), (6, 2, 20), (9, 4, None)]
    rows[1][3] = "17"
    (error,) = errors_of(rows, mapping)
    assert (error.problem, error.column) == (counts_numbers.IMPOSSIBLE_SQUARES, "Minutes squared")


def test_count_with_a_denominator_is_told() -> None:
    mapping = MAPPING.replace('code = "proportion"', 'column = "Metric"')
    rows = [
        [*HEADER, "Metric"],
        ["Alabama", "2024", "All", "3", "8", "count"],
        ["Alabama", "2024", "AA", "3", "NA", "count"],
    ]
    (error,) = errors_of(rows, mapping)
    assert (error.row, error.problem, error.column) == (2, counts_numbers.NOT_FOR_THIS_KIND, "All")


def test_stratum_is_in_its_canonical_order() -> None:
    mapping = MAPPING + '[dimensions.age]\ncolumn = "Age"\ndimension = "age"\n'
    (row,) = good([[*HEADER, "Age"], ["Alabama", "2024", "AA", "1", "2", "0-9"]], mapping)
    assert row.stratum == stratum_of(("race", "black"), ("age", "0-9"))
