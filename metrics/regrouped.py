"""A figure by other lists of groups: joined as the community agreed, or as another edition of a standard has them.

Each is made from the cells that the reader is shown, so nothing hidden is in it: a joined group with a hidden part has no
number. What a list cannot tell is said beside it, and never guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from metrics.figures import Cell, Dimension, Figure, line, parts_of
from metrics.library.crosswalking import Brought, bring_over
from metrics.library.entries import Crosswalk
from metrics.library.read import shelf
from metrics.missing import coarsen
from metrics.tables import TableRow, row_of

COUNTED = frozenset({"proportion", "rate"})


@dataclass(frozen=True, slots=True)
class OtherRow:
    """One group of the other list, and what is lost on the way to it."""

    told: TableRow
    lost: str = ""


@dataclass(frozen=True, slots=True)
class OtherList:
    """The figure by one other list of groups; `based_on`: who says how the lists stand to each other, or ""."""

    name: str
    based_on: str
    rows: list[OtherRow]


def regrouped(figure: Figure) -> list[OtherList]:
    """By each other list that is known for the one dimension of the figure; of what was not counted, none."""
    if figure.way is None or len(figure.way.dimensions) > 1 or figure.metric.kind not in COUNTED:
        return []
    (dimension,) = figure.way.dimensions
    cells = {parts_of(one.key)[dimension.code]: one.cell for one in figure.lines if not one.missing}
    found = [*_joined(figure, dimension, cells), *_brought(figure, dimension, cells)]
    return [one for one in found if any(row.told.value for row in one.rows)]


def _joined(figure: Figure, dimension: Dimension, cells: Mapping[str, Cell]) -> Iterator[OtherList]:
    keyed = {f"{dimension.code}={code}": cell for code, cell in cells.items()}
    for joining in dimension.joinings:
        labels = {group.code: group.label for group in joining.groups}
        sums = coarsen(
            keyed,
            dimension.code,
            [(group.code, group.categories) for group in joining.groups],
            partition=dimension.partition,
        )
        rows = [_row(figure, labels[code], cell) for code, cell in sums.items()]
        yield OtherList(joining.name, "", rows)


def _brought(figure: Figure, dimension: Dimension, cells: Mapping[str, Cell]) -> Iterator[OtherList]:
    shown = {code: cell for code, cell in cells.items() if cell.shown}
    for walk in shelf().crosswalks:
        if (walk.source.dimension, walk.source.version) != dimension.library:
            continue
        parts = {code: cell.numerator or 0 for code, cell in shown.items()}
        wholes = {code: cell.denominator or 0 for code, cell in shown.items()}
        above = bring_over(parts, walk, partition=dimension.partition)
        below = bring_over(wholes, walk, partition=dimension.partition)
        labels = _labels(walk)
        rows = [
            _row(figure, labels.get(code, code), _cell(above[code], below[code]), " ".join(above[code].lost))
            for code in labels
            if code in above
        ]
        yield OtherList(_edition(walk), walk.based_on, rows)


def _edition(walk: Crosswalk) -> str:
    entry = shelf().dimension(walk.target.dimension, walk.target.version)
    return _("%(name)s, as %(standard)s has them") % {
        "name": entry.name,
        "standard": entry.standard_name or _("version %(number)s") % {"number": entry.version},
    }


def _labels(walk: Crosswalk) -> dict[str, str]:
    entry = shelf().dimension(walk.target.dimension, walk.target.version)
    return {one.code: one.label for one in entry.answers}


def _cell(above: Brought, below: Brought) -> Cell:
    if above.number is None or below.number is None:
        return Cell("not_counted")
    return Cell("published", above.number, below.number)


def _row(figure: Figure, label: str, cell: Cell, lost: str = "") -> OtherRow:
    return OtherRow(row_of(figure.metric, line(figure.metric, "", cell, {}), label), lost)
