"""A counts file is read as it was written; what is wrong is told with row, column, value and remedy."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.reading import counts, counts_numbers, records
from metrics.reading.cells import (
    LARGEST_NUMBER,
    OVERALL,
    BlankKind,
    CountRow,
    MetricKind,
    Stratum,
    is_code,
    stratum_of,
)
from metrics.reading.counts import CountsReader, KnownCodes
from metrics.reading.counts_writer import safe_text, write_counts
from metrics.reading.errors import Problem, RowError
from metrics.reading.periods import OBSERVED, Grain, Period, containing, whole

KNOWN = KnownCodes(
    metrics={kind.value: kind for kind in MetricKind if kind is not MetricKind.INDEX},
    units={"main", "clinic"},
    categories={"race": {"black", "white", "not_recorded"}, "age": {"0-9", "10-19"}},
)
HEADER = "metric,unit,period,race,age,numerator,denominator,sum_of_squares"
GOOD = "proportion,main,2024-01,,,1,2,"

WHOLE_NUMBERS = st.integers(0, LARGEST_NUMBER)
SMALL_NUMBERS = st.integers(0, 10_000)


@st.composite
def _numbers(draw: st.DrawFn, kind: MetricKind) -> dict[str, int | BlankKind]:
    """Numbers that a metric of this kind can have, or a blank."""
    if draw(st.integers(0, 5)) == 0:
        return {"blank": draw(st.sampled_from(BlankKind))}
    match kind:
        case MetricKind.COUNT:
            return {"numerator": draw(WHOLE_NUMBERS)}
        case MetricKind.MEAN:
            values = draw(st.lists(SMALL_NUMBERS, max_size=5))
            squares = sum(value * value for value in values)
            return {"numerator": sum(values), "denominator": len(values), "sum_of_squares": squares}
        case MetricKind.PROPORTION:
            denominator = draw(WHOLE_NUMBERS)
            return {"numerator": draw(st.integers(0, denominator)), "denominator": denominator}
        case MetricKind.RATE:
            return {"numerator": draw(WHOLE_NUMBERS), "denominator": draw(st.integers(1, LARGEST_NUMBER))}
    raise AssertionError("An index has no counts.")


@st.composite
def _rows(draw: st.DrawFn) -> CountRow:
    kind = draw(st.sampled_from([one for one in MetricKind if one is not MetricKind.INDEX]))
    day = draw(st.dates(date(1990, 1, 1), date(2090, 12, 31)))
    grain = draw(st.sampled_from(OBSERVED))
    period = whole(day, draw(st.dates(day))) if grain is Grain.WHOLE else containing(day, grain)
    pairs = [
        (dimension, draw(st.sampled_from(sorted(codes)))) for dimension, codes in KNOWN.categories.items()
    ]
    stratum = stratum_of(*(pair for pair in pairs if draw(st.booleans())))
    unit = draw(st.sampled_from(sorted(KNOWN.units)))
    return CountRow(kind.value, unit, period, stratum, **draw(_numbers(kind)))  # type: ignore[arg-type]  # by name


def _key(row: CountRow) -> tuple[str, str, Period, Stratum]:
    return row.metric, row.unit, row.period, row.stratum


def _read(text: str, known: KnownCodes = KNOWN) -> tuple[list[CountRow], tuple[RowError, ...]]:
    reader = CountsReader(known)
    rows = [row for _number, row in reader.read([text.encode()])]
    assert len(reader.errors) == reader.error_total
    return rows, reader.errors


def _only_error(text: str) -> RowError:
    rows, errors = _read(text)
    assert rows == []
    (error,) = errors
    return error


@given(st.lists(_rows(), min_size=1, max_size=12, unique_by=_key), st.integers(1, 60))
def test_rows_are_read_back_as_they_were_written(rows: list[CountRow], chunk_bytes: int) -> None:
    data = "".join(write_counts(rows, ["race", "age"], with_squares=True)).encode()
    reader = CountsReader(KNOWN)
    chunks = [data[start : start + chunk_bytes] for start in range(0, len(data), chunk_bytes)]
    assert list(reader.read(chunks)) == list(enumerate(rows, start=2))
    assert reader.errors == ()
    assert reader.rows_read == len(rows)
    assert reader.sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    ("period", "grain", "expected"),
    [
        ("2024-01", "", containing(date(2024, 1, 1), Grain.MONTH)),
        ("2024-01", "month", containing(date(2024, 1, 1), Grain.MONTH)),
        ("2024-01-01", "month", containing(date(2024, 1, 1), Grain.MONTH)),
        ("2024-04-01", "quarter", containing(date(2024, 4, 1), Grain.QUARTER)),
        ("2024-Q2", "quarter", containing(date(2024, 4, 1), Grain.QUARTER)),
        ("2024-01-01", "year", containing(date(2024, 1, 1), Grain.YEAR)),
        ("1999-01-01/2008-12-31", "whole", whole(date(1999, 1, 1), date(2008, 12, 31))),
    ],
)
def test_period_may_be_a_code_or_a_first_day_with_its_grain(
    period: str, grain: str, expected: Period
) -> None:
    rows, errors = _read(
        f"metric,unit,period,grain,numerator,denominator\nproportion,main,{period},{grain},1,2\n"
    )
    assert errors == ()
    assert [row.period for row in rows] == [expected]


@pytest.mark.parametrize(
    ("period", "grain", "column", "problem"),
    [
        ("2024-13", "", "period", counts.NOT_A_PERIOD),
        ("Jan-24", "", "period", counts.NOT_A_PERIOD),
        ("2024-01-01", "", "period", counts.NOT_A_PERIOD),
        ("2024-01-02", "month", "period", counts.NOT_A_PERIOD),
        ("2024-01-01", "whole", "period", counts.NOT_A_PERIOD),
        ("", "month", "period", counts.NOT_A_PERIOD),
        ("2024-01", "quarter", "grain", counts.GRAIN_DISAGREES),
        ("2024-01", "week", "grain", counts.GRAIN_DISAGREES),
    ],
)
def test_period_that_is_none_is_told(period: str, grain: str, column: str, problem: Problem) -> None:
    text = f"metric,unit,period,grain,numerator,denominator\nproportion,main,{period},{grain},1,2\n"
    error = _only_error(text)
    assert (error.row, error.column, error.problem) == (2, column, problem)


@pytest.mark.parametrize("words", ["not collected", "Not Collected", "not_collected", " not collected "])
@pytest.mark.parametrize("rest", [",", ",{0},", ",{0},{0}"])
def test_blank_says_why_in_words(words: str, rest: str) -> None:
    cells = words + rest.format(words) + ("," if rest == "," else "")
    for metric in KNOWN.metrics:
        rows, errors = _read(f"{HEADER}\n{metric},main,2024-01,,,{cells}\n")
        assert errors == ()
        assert [(row.blank, row.numerator, row.denominator) for row in rows] == [
            (BlankKind.NOT_COLLECTED, None, None)
        ]


@pytest.mark.parametrize("kind", list(BlankKind))
def test_every_kind_of_blank_is_read(kind: BlankKind) -> None:
    rows, _errors = _read(f"{HEADER}\nproportion,main,2024-01,,,{kind.words},,\n")
    assert rows[0].blank is kind


def test_zero_is_a_number_and_not_a_blank() -> None:
    rows, _errors = _read(f"{HEADER}\nproportion,main,2024-01,black,,0,0,\n")
    assert (rows[0].numerator, rows[0].denominator, rows[0].blank) == (0, 0, None)


@pytest.mark.parametrize(
    ("row", "column", "problem"),
    [
        ("proportion,main,2024-01,,,,2,", "numerator", counts_numbers.EMPTY),
        ("proportion,main,2024-01,,,1,,", "denominator", counts_numbers.EMPTY),
        ("mean,main,2024-01,,,1,1,", "sum_of_squares", counts_numbers.EMPTY),
        ("proportion,main,2024-01,,,1.5,2,", "numerator", counts_numbers.NOT_WHOLE),
        ("proportion,main,2024-01,,,50%,100,", "numerator", counts_numbers.NOT_WHOLE),
        ("proportion,main,2024-01,,,²,100,", "numerator", counts_numbers.NOT_WHOLE),
        ("proportion,main,2024-01,,,٣,100,", "numerator", counts_numbers.NOT_WHOLE),
        ("proportion,main,2024-01,,,1e3,2000,", "numerator", counts_numbers.NOT_WHOLE),
        ("proportion,main,2024-01,,,<11,2000,", "numerator", counts_numbers.NOT_WHOLE),
        ("proportion,main,2024-01,,,hidden,2000,", "numerator", counts_numbers.NOT_WHOLE),
        ("proportion,main,2024-01,,,-3,2000,", "numerator", counts_numbers.NEGATIVE),
        ("proportion,main,2024-01,,,\u22123,2000,", "numerator", counts_numbers.NEGATIVE),
        ('proportion,main,2024-01,,,"1,234",2000,', "numerator", counts_numbers.SEPARATED_THOUSANDS),
        ("proportion,main,2024-01,,,1.234,2000,", "numerator", counts_numbers.SEPARATED_THOUSANDS),
        ("proportion,main,2024-01,,,1 234,2000,", "numerator", counts_numbers.SEPARATED_THOUSANDS),
        ("proportion,main,2024-01,,,1\u202f234,2000,", "numerator", counts_numbers.SEPARATED_THOUSANDS),
        (f"count,main,2024-01,,,{LARGEST_NUMBER + 1},,", "numerator", counts_numbers.TOO_LARGE),
        (f"count,main,2024-01,,,{'9' * 6_000},,", "numerator", counts_numbers.TOO_LARGE),
        ("proportion,main,2024-01,,,3,2,", "numerator", counts_numbers.PART_OVER_WHOLE),
        ("rate,main,2024-01,,,3,0,", "numerator", counts_numbers.OUT_OF_NOTHING),
        ("mean,main,2024-01,,,3,0,9", "numerator", counts_numbers.OUT_OF_NOTHING),
        ("mean,main,2024-01,,,6,2,17", "sum_of_squares", counts_numbers.IMPOSSIBLE_SQUARES),
        ("mean,main,2024-01,,,0,0,1", "sum_of_squares", counts_numbers.IMPOSSIBLE_SQUARES),
        ("proportion,main,2024-01,,,1,2,1", "sum_of_squares", counts_numbers.NOT_FOR_THIS_KIND),
        ("count,main,2024-01,,,1,2,", "denominator", counts_numbers.NOT_FOR_THIS_KIND),
        ("proportion,main,2024-01,,,not asked,2,", "denominator", counts_numbers.NUMBER_AND_REASON),
        ("proportion,main,2024-01,,,not asked,withheld,", "denominator", counts_numbers.NUMBER_AND_REASON),
        ("proportion,main,2024-01,,,1,withheld,", "denominator", counts_numbers.NUMBER_AND_REASON),
        ("proportions,main,2024-01,,,1,2,", "metric", counts.UNKNOWN_CODE),
        ("proportion,Main,2024-01,,,1,2,", "unit", counts.UNKNOWN_CODE),
        ("proportion,main,2024-01,purple,,1,2,", "race", counts.UNKNOWN_CODE),
        ("proportion,main,2024-01,,19-Oct,1,2,", "age", counts.UNKNOWN_CODE),
        ("proportion,main,2024-01,,,1,2", None, records.WRONG_WIDTH),
    ],
)
def test_wrong_row_is_told_with_its_column(row: str, column: str | None, problem: Problem) -> None:
    error = _only_error(f"{HEADER}\n{row}\n")
    assert (error.row, error.column, error.problem) == (2, column, problem)


def test_numbers_at_the_edge_of_what_is_possible_are_read() -> None:
    rows, errors = _read(
        f"{HEADER}\n"
        f"proportion,main,2024-01,,,{LARGEST_NUMBER},{LARGEST_NUMBER},\n"
        "rate,main,2024-01,,,3,1,\n"
        "mean,main,2024-01,,,6,2,18\n"
        "mean,main,2024-02,,,0,0,0\n"
        "count,main,2024-01,,,007,,\n"
    )
    assert errors == ()
    assert [row.numerator for row in rows] == [LARGEST_NUMBER, 3, 6, 0, 7]


def test_sentences_name_the_value_and_the_remedy() -> None:
    error = _only_error(f'{HEADER}\nproportion,main,2024-01,,,"1,234",2000,\n')
    assert error.reason == '"1,234" may be a number with separated thousands, or a decimal.'
    assert error.how_to_mend.startswith("Write it with digits only, such as 1234")
    empty = _only_error(f"{HEADER}\nproportion,main,2024-01,,,,2000,\n")
    assert all(f'"{kind.words}"' in empty.how_to_mend for kind in BlankKind)
    unknown = _only_error(f"{HEADER}\nproportion,main,2024-01,,19-Oct,1,2,\n")
    assert unknown.reason == '"19-Oct" is not a code that is known here.'
    assert unknown.how_to_mend.startswith("Write one of: 0-9, 10-19. A spreadsheet may have turned a code")


def test_long_value_is_shortened_in_the_error() -> None:
    error = _only_error(f"{HEADER}\nproportion,main,2024-01,{'x' * 5_000},,1,2,\n")
    assert len(error.reason) < 200


def test_all_that_is_wrong_in_a_row_is_told_at_once() -> None:
    _rows_read, errors = _read(f"{HEADER}\nproportion,ward,2024-13,purple,,x,y,\n")
    assert [error.column for error in errors] == ["unit", "race", "period", "numerator", "denominator"]


def test_row_that_was_written_before_names_the_first_one() -> None:
    other = "proportion,main,2024-01,black,,1,2,"
    rows, errors = _read(f"{HEADER}\n{GOOD}\n{other}\n\nproportion, main ,2024-01,,,5,9,\n")
    assert len(rows) == 2
    assert [(error.row, error.problem) for error in errors] == [(5, counts.WRITTEN_BEFORE)]
    assert errors[0].reason.startswith("Row 2 already holds")


def test_same_stratum_in_another_period_or_unit_is_another_row() -> None:
    rows, errors = _read(
        f"{HEADER}\n{GOOD}\nproportion,main,2024,,,1,2,\nproportion,clinic,2024-01,,,1,2,\nrate,main,2024-01,,,1,2,\n"
    )
    assert errors == ()
    assert len(rows) == 4


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", [(None, None, records.NO_ROWS)]),
        (HEADER, [(1, None, records.NO_ROWS)]),
        (HEADER.replace(",", ";") + "\n", [(1, None, records.WRONG_SEPARATOR)]),
        (HEADER.replace("period,", "") + "\n", [(1, "period", counts.COLUMN_MISSING)]),
        (HEADER + ",race\n", [(1, "race", records.COLUMN_TWICE)]),
        (HEADER + ",percent\n", [(1, "percent", counts.UNKNOWN_COLUMN)]),
        (f'{HEADER}\n{GOOD}\n"x', [(3, None, records.UNCLOSED_QUOTE)]),
    ],
)
def test_file_that_is_no_counts_file_is_told(
    text: str, found: list[tuple[int | None, str | None, Problem]]
) -> None:
    _rows_read, errors = _read(text)
    assert [(error.row, error.column, error.problem) for error in errors] == found


def test_digest_is_of_the_whole_file_even_when_it_breaks_off() -> None:
    chunks = [HEADER.encode() + b",percent\n", b"never read"]
    reader = CountsReader(KNOWN)
    assert list(reader.read(chunks)) == []
    assert reader.sha256 == hashlib.sha256(b"".join(chunks)).hexdigest()


def test_rows_come_while_the_file_is_still_coming() -> None:
    def chunks() -> Iterator[bytes]:
        yield f"{HEADER}\n{GOOD}\n".encode()
        raise AssertionError("the second chunk was asked for before the first row was given")

    assert next(CountsReader(KNOWN).read(chunks()))[1].numerator == 1


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(start: str) -> None:
    row = CountRow(f"{start}cmd", f"{start}u", containing(date(2024, 1, 1), Grain.MONTH), OVERALL, 3, 4)
    lines = "".join(write_counts([row], [f"{start}d"]))
    header, written = list(csv.reader(io.StringIO(lines, newline="")))
    assert header[3] == f"'{start}d"
    assert written == [f"'{start}cmd", f"'{start}u", "2024-01", "", "3", "4"]


@given(st.text(max_size=20))
def test_only_text_that_could_be_run_is_changed(text: str) -> None:
    written = safe_text(text)
    assert written.removeprefix("'") == text or written == text
    assert written[:1] not in {"=", "+", "-", "@", "\t", "\r", "\n"}
    if is_code(text):
        assert written == text


def test_lines_end_as_the_standard_says() -> None:
    row = CountRow("m", "u", containing(date(2024, 1, 1), Grain.YEAR), (("race", "black"),), 3, 4)
    assert list(write_counts([row], ["race"])) == [
        "metric,unit,period,race,numerator,denominator\r\n",
        "m,u,2024,black,3,4\r\n",
    ]


@pytest.mark.parametrize(
    "row",
    [
        CountRow("m", "u", containing(date(2024, 1, 1), Grain.YEAR), (("age", "0-9"),), 3, 4),
        CountRow("m", "u", containing(date(2024, 1, 1), Grain.YEAR), OVERALL, 3, 4, 9),
    ],
)
def test_row_that_the_file_has_no_column_for_is_not_written(row: CountRow) -> None:
    with pytest.raises(ValueError, match="no column"):
        list(write_counts([row], ["race"]))


def test_index_has_no_counts_of_its_own() -> None:
    known = replace(KNOWN, metrics={"index": MetricKind.INDEX})
    rows, (error,) = _read("metric,unit,period,numerator,denominator\nindex,main,2024,61,\n", known)
    assert rows == []
    assert (error.column, error.parts["value"]) == ("metric", "index")
    assert "worked out from its parts" in error.problem.reason
