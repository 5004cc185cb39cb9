"""The table beside a drawing: every number of a figure in words, one row a group."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from metrics.aiming import aim_words
from metrics.aims import NO_AIMS, Aims
from metrics.figures import Definition, Figure, Line
from metrics.stats import words
from metrics.stats.reliability import Doubt
from metrics.wording import decimals, everybody, instead


@dataclass(frozen=True, slots=True)
class TableRow:
    """One line of the table, in words. `instead` says why there is no number, `unsteady` why it is no steady one."""

    label: str
    missing: bool
    hidden: bool
    value: str
    low: str
    high: str
    numerator: str
    denominator: str
    instead: str
    unsteady: str
    target: str = ""


def table(figure: Figure, aims: Aims = NO_AIMS) -> list[TableRow]:
    """Every group in its order, then everybody, if all were counted together at all."""
    rows = [row_of(figure.metric, line, line.label, aims) for line in figure.lines]
    if rows and figure.overall.cell.status == "not_counted":
        return rows
    return [*rows, row_of(figure.metric, figure.overall, everybody(figure.metric), aims)]


def row_of(metric: Definition, line: Line, label: str, aims: Aims = NO_AIMS) -> TableRow:
    """One group's line of a table, under this label."""
    cell, estimate, places, aim = line.cell, line.estimate, decimals(metric), aims.get(line.key)
    return TableRow(
        label=label,
        missing=line.missing,
        hidden=cell.hidden,
        value="" if line.value is None else words.number(line.value, places),
        low="" if estimate is None else words.number(estimate.low, places),
        high="" if estimate is None else words.number(estimate.high, places),
        numerator=_whole(cell.numerator),
        denominator=_whole(cell.denominator),
        instead="" if line.value is not None else instead(line),
        unsteady=unsteady(line),
        target=aim_words(metric, aim) if aim else "",
    )


def _whole(count: int | None) -> str:
    return "" if count is None else words.number(count, 0)


def unsteady(line: Line) -> str:
    """Why a number is not steady enough to lean on, by the rules of the National Center for Health Statistics; or "".

    A label of its own, which hides nothing. That all or none were counted is not unsteady, and still asks for a look.
    """
    if not line.cell.shown or line.observed is None:
        return ""
    if (doubt := line.observed.doubt) is not None:
        return {
            Doubt.FEW_COUNTED: _("unsteady: few were counted"),
            Doubt.FEW_EVENTS: _("unsteady: it happened to few"),
            Doubt.WIDE: _("unsteady: the likely range is wide"),
            Doubt.WIDE_FOR_ITS_SIZE: _("unsteady: the likely range is wide for so small a number"),
        }[doubt]
    return _("none or all: worth a second look") if line.observed.all_or_none else ""
