"""A sheet as the lines of a CSV file, so that what reads lines also reads workbooks: a line list is counted either way."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from metrics.reading.records import Row

ENCODING, DELIMITER = "utf-8", ","
"""How the lines are written, whatever a mapping says of its file."""


def csv_lines(rows: Iterable[Row]) -> Iterator[bytes]:
    """The rows of a sheet, each at its own place: where a row holds nothing there is a blank line.

    Rows are as wide as the first one, which is the header. A cell beyond it stays, so that its row is refused.
    """
    place, width = 0, 0
    for number, cells in rows:
        width = width or len(cells)
        yield b"\r\n" * (number - place - 1) + _line(cells + [""] * (width - len(cells)))
        place = number


def _line(cells: list[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line, delimiter=DELIMITER, lineterminator="\r\n").writerow(cells)
    return line.getvalue().encode(ENCODING)
