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
    """Words where there is no number: why there is none."""
    if cell.status in INSTEAD:
        return str(INSTEAD[cell.status])
    return _("Nothing was counted")


def number(cell: Cell) -> str:
    """The number as text; a plain count has no decimals. Empty where there is none."""
    if cell.value is None:
        return ""
    return words.number(cell.value, 0 if cell.denominator is None else 1)


def everybody(comparison: Comparison) -> str:
    """What all groups together are called: people, or everything that was counted."""
    return _("Everybody") if comparison.metric["counts_people"] else _("All together")


def full(comparison: Comparison) -> Equiplot | None:
    """All groups of a comparison with their gap, and everybody as the dashed line. None: too many to draw."""
    if not 0 < len(comparison.cells) <= MOST_ROWS:
        return None
    estimate = comparison.overall.estimate if comparison.overall else None
    reference = Reference(everybody(comparison), estimate.value) if estimate else None
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
        return Entry(cell.label, instead=number(cell) or instead(cell), missing=cell.missing, note=note)
    return Entry(cell.label, cell.estimate, missing=cell.missing, note=note)


def _span(comparison: Comparison) -> Span | None:
    gap, difference = comparison.gap, comparison.difference
    if gap is None or difference is None:
        return None
    scale = comparison.scale
    return Span(gap.first_estimate.value * scale, gap.second_estimate.value * scale, difference)
