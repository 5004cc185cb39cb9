"""Writes a counts file that `CountsReader` reads back, and that a spreadsheet opens without running it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from metrics.reading.cells import CountRow

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe_text(text: str) -> str:
    """A text cell as it may stand in a CSV file: a spreadsheet takes a leading apostrophe for "this is text".

    For texts only; a number keeps its minus sign.
    """
    return "'" + text if text.startswith(_FORMULA_STARTS) else text


def write_counts(
    rows: Iterable[CountRow], dimensions: Sequence[str], *, with_squares: bool = False
) -> Iterator[str]:
    """The lines of a counts file (RFC 4180: CRLF line ends), header first, then each row as it comes.

    `dimensions` are the dimension columns. A row split by any other dimension is a `ValueError`, and so is a
    sum of squares in a file without that column.
    """
    squares = ["sum_of_squares"] if with_squares else []
    yield _line(
        ["metric", "unit", "period", *map(safe_text, dimensions), "numerator", "denominator", *squares]
    )
    for row in rows:
        yield _line([*_text_cells(row, dimensions), *_number_cells(row, with_squares=with_squares)])


def _text_cells(row: CountRow, dimensions: Sequence[str]) -> Iterator[str]:
    categories = dict(row.stratum)
    if not categories.keys() <= set(dimensions):
        raise ValueError(f"The file has no column for a dimension of {row.stratum}.")
    yield safe_text(row.metric)
    yield safe_text(row.unit)
    yield row.period.code
    for dimension in dimensions:
        yield safe_text(categories.get(dimension, ""))


def _number_cells(row: CountRow, *, with_squares: bool) -> Iterator[str]:
    if row.sum_of_squares is not None and not with_squares:
        raise ValueError("The file has no column for sums of squares.")
    numbers = [row.numerator, row.denominator] + [row.sum_of_squares] * with_squares
    if row.blank is not None:
        yield row.blank.words
        numbers = numbers[1:]
    for number in numbers:
        yield "" if number is None else str(number)


def _line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue()
