"""Equiplots of published figures: the groups in the community's order, hidden ones as hidden, records' gaps apart."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from equity.public.figures import Cell, Comparison
from metrics.drawing import Entry, Equiplot, Reference, Span, equiplot
from metrics.stats import words

INSTEAD = {
    "not_collected": gettext_lazy("Not collected"),
    "not_asked": gettext_lazy("Not asked"),
    "not_yet_due": gettext_lazy("Not due yet"),
    "withheld": gettext_lazy("Held back"),
}
"""What stands where there is no number for another reason than privacy. A blank always has a kind."""

MOST_ROWS = 40
"""More groups than this are not drawn: the table has them, and the page stays light."""


def instead(cell: Cell) -> str:
    """Words in place of a likely range: why there is none."""
    if cell.status in INSTEAD:
        return str(INSTEAD[cell.status])
    if cell.denominator == 0:
        return _("Nobody was counted")
    return words.number(cell.numerator, 0) if cell.numerator is not None else _("No number")


def full(comparison: Comparison) -> Equiplot | None:
    """All groups of a comparison with their gap, and everybody as the dashed line. None: too many to draw."""
    if not 0 < len(comparison.cells) <= MOST_ROWS:
        return None
    overall = comparison.overall
    reference = Reference(_("Everybody"), overall.estimate.value) if overall and overall.estimate else None
    return equiplot([_entry(cell) for cell in comparison.cells], gap=_span(comparison), reference=reference)


def pair(comparison: Comparison) -> Equiplot:
    """The small form: the two groups furthest apart, and the gap between them."""
    ends = {comparison.gap.first.key, comparison.gap.second.key} if comparison.gap else set()
    cells = [cell for cell in comparison.cells if cell.key in ends]
    return equiplot([_entry(cell) for cell in cells], gap=_span(comparison), mini=True)


def _entry(cell: Cell) -> Entry:
    note = _("Not a group of people: a gap in the records") if cell.missing else ""
    if cell.hidden:
        return Entry(cell.label, hidden=True, missing=cell.missing, note=note)
    if cell.estimate is None:
        return Entry(cell.label, instead=instead(cell), missing=cell.missing, note=note)
    return Entry(cell.label, cell.estimate, missing=cell.missing, note=note)


def _span(comparison: Comparison) -> Span | None:
    gap, difference = comparison.gap, comparison.difference
    if gap is None or difference is None:
        return None
    scale = comparison.scale
    return Span(gap.first_estimate.value * scale, gap.second_estimate.value * scale, difference)
