"""Figures to take away."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from metrics import squares
from metrics.aims import NO_AIMS, Aims
from metrics.composition import composition_of
from metrics.figures import Figure, Line
from metrics.matrix import Row
from metrics.reading.counts_writer import safe_text
from metrics.stats.words import rounded

COLUMNS = (
    "metric", "name", "unit", "period_start", "period_end", "grain", "compared_by", "group", "label", "status",
    "numerator", "denominator", "value", "per", "low", "high", "parts", "target", "target_by",
)  # fmt: skip

TWO = 2
"""Decimals of a value in a file: one more than on the page."""


def figures_as_csv(figures: Iterable[Figure], aims: Aims = NO_AIMS) -> str:
    """One line a group and one for everybody, under a line of headings. A blank has no number; `status` says why.

    Begins with the mark by which Excel knows UTF-8, and no text in it is taken for a formula.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for figure in figures:
        for line in (figure.overall, *figure.lines):
            aim = aims.get(line.key)
            target = ("", "") if aim is None else (f"{aim.value:g}", aim.by.isoformat())
            writer.writerow((*_cells(figure, line), *target))
    return "\ufeff" + out.getvalue()


def squares_as_csv(rows: Iterable[Row]) -> str:
    """One line for each measure and way to compare, as the table of words has them."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(squares.COLUMNS)
    for line in squares.cells_of_file(rows):
        writer.writerow(
            cell if column in squares.NUMBERS else safe_text(cell)
            for column, cell in zip(squares.COLUMNS, line, strict=True)
        )
    return "\ufeff" + out.getvalue()


def _cells(figure: Figure, line: Line) -> Iterator[str]:
    metric, period, cell, estimate = figure.metric, figure.period, line.cell, line.estimate
    yield from map(safe_text, (metric.code, metric.name, figure.unit_code))
    yield from (period.start.isoformat(), period.end.isoformat(), period.grain.value)
    yield from map(
        safe_text, (figure.way.code if figure.way and line.key else "", line.key, line.label, cell.status)
    )
    numbers = (cell.numerator, cell.denominator)
    yield from ("" if number is None else str(number) for number in numbers)
    yield "" if line.value is None else str(rounded(line.value, TWO))
    yield str(metric.per) if metric.kind in {"proportion", "rate", "index"} else ""
    yield from (
        ("", "") if estimate is None else (str(rounded(estimate.low, TWO)), str(rounded(estimate.high, TWO)))
    )
    made_of = composition_of(metric.composition or {})
    yield " ".join(made_of.measures) if made_of else ""
