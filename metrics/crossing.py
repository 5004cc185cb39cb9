"""Two ways to compare, crossed: a table of numbers in words, and a drawing for each of its rows. No color, no heat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from metrics.charts import rows_chart
from metrics.drawing import Equiplot
from metrics.figures import Category, Dimension, Figure, Line, parts_of
from metrics.tables import TableRow, row_of

MOST_DRAWN = 60
"""With more numbers than this the rows are not drawn: the table has them, and the page stays light."""


@dataclass(frozen=True, slots=True)
class CrossRow:
    """One group of the first dimension: a cell for each group of the second (None: nobody counts it), and its drawing."""

    label: str
    missing: bool
    cells: list[TableRow | None]
    chart: Equiplot | None


@dataclass(frozen=True, slots=True)
class Crossing:
    """The table: its two dimensions, the groups of the second along the top, those of the first down the side."""

    down: str
    across: str
    columns: list[str]
    rows: list[CrossRow]
    hidden: int

    @property
    def drawn(self) -> bool:
        return any(row.chart for row in self.rows)


def crossing(figure: Figure) -> Crossing | None:
    """The figure as a table, where it is compared by two things at once; the longer list of groups runs down.

    Groups stand in the order that the community set. What is hidden has no number here, in the table and in the drawing.
    """
    if figure.way is None or len(figure.way.dimensions) != 2:
        return None
    found = {tuple(sorted(parts_of(line.key).items())): line for line in figure.lines}
    one, other = (_groups(dimension, figure.lines) for dimension in figure.way.dimensions)
    down, across = figure.way.dimensions
    if len(other) > len(one):
        (down, across), (one, other) = (across, down), (other, one)

    def line_of(group: Category, beside: Category) -> Line | None:
        return found.get(tuple(sorted({down.code: group.code, across.code: beside.code}.items())))

    rows = []
    for group in one:
        lines = [line_of(group, beside) for beside in other]
        drawn = [(beside.label, line) for beside, line in zip(other, lines, strict=True) if line]
        cells = [row_of(figure.metric, line, line.label) if line else None for line in lines]
        chart = rows_chart(figure, drawn) if len(figure.lines) <= MOST_DRAWN else None
        rows.append(CrossRow(group.label, group.missing, cells, chart))
    hidden = sum(line.cell.hidden for line in figure.lines)
    return Crossing(down.name, across.name, [group.label for group in other], rows, hidden)


def _groups(dimension: Dimension, lines: Sequence[Line]) -> list[Category]:
    """The groups of a dimension that any line is about, in their order."""
    told = {parts_of(line.key).get(dimension.code) for line in lines}
    return [category for category in dimension.in_order if category.code in told]
