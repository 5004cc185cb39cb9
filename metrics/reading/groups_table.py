"""A pasted table of groups: one line a group under a line of headings, from a spreadsheet or a CSV file."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from metrics.reading.errors import Problem, RowError
from metrics.reading.errors import gettext_noop as _

MOST_GROUPS = 100
MOST_CHARACTERS = 50_000

COLUMNS = {
    "group": ("group", "subgroup", "name", "category"),
    "estimate": ("estimate", "value", "rate", "percent"),
    "se": ("se", "standard error", "std error"),
    "population": ("population", "people", "denominator", "n"),
    "events": ("events", "numerator", "count"),
    "order": ("order",),
    "reference": ("reference", "ref"),
}
"""Each column with the headings it is known by, whatever their case."""

YES, NO = frozenset({"yes", "y", "true", "1", "x"}), frozenset({"no", "n", "false", "0", ""})
UNKNOWN = frozenset({"", "na", "n/a", "nan", "-", "."})
THOUSANDS = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")

EMPTY = Problem(_("There is no table."), _("Paste one line of headings and a line for each group."))
TOO_LONG = Problem(_("The table is too long."), _("Paste %(most)s groups or fewer, one indicator at a time."))
NO_COLUMN = Problem(
    _('There is no column "%(column)s".'), _("Give one of the columns one of these headings: %(choices)s.")
)
NO_VALUES = Problem(
    _("There are no values."), _('Give a column "estimate", or both "events" and "population".')
)
BOTH = Problem(_('There are both "estimate" and "events".'), _("Leave one of the two columns out."))
TWICE = Problem(_("Two columns hold the same thing."), _("Leave one of them out."))
OTHER_LENGTH = Problem(
    _("This row has %(cells)s cells; there are %(headings)s headings."),
    _("Look for a missing cell, or a comma inside a name."),
)
NO_NAME = Problem(_("The group has no name."), _("Write one."))
SAME_NAME = Problem(_('"%(given)s" is there twice.'), _("Give each group a name of its own."))
NOT_A_NUMBER = Problem(
    _('"%(given)s" is not a number of 0 or more.'), _("Write it as 12.5, or leave it blank.")
)
NOT_AN_ORDER = Problem(
    _('"%(given)s" is not a whole number.'),
    _("Number the groups 1, 2, 3 and so on, from the most disadvantaged."),
)
NOT_YES_OR_NO = Problem(_('"%(given)s" is neither yes nor no.'), _('Write "yes" for one group only.'))
TWO_REFERENCES = Problem(_("There are two references."), _('Write "yes" for one group only.'))
MORE_EVENTS = Problem(_("Events were counted, but no people."), _("Look at both numbers."))


@dataclass(frozen=True, slots=True)
class PastedGroup:
    """One group; numbers that are not known are NaN. `events` instead of `estimate` where counts were pasted."""

    name: str
    estimate: float
    se: float
    population: float
    events: float
    order: float
    reference: bool


class BadTable(ValueError):
    """The table cannot be used; `faults` has every fault, with its row as a spreadsheet numbers it."""

    def __init__(self, faults: Sequence[RowError]) -> None:
        self.faults = list(faults)
        super().__init__("; ".join(fault.reason for fault in faults))


def read_groups(text: str) -> list[PastedGroup]:
    """The groups of a pasted table. Columns are parted by tabs, semicolons or commas. Raises BadTable."""
    lines = _lines(text)
    headings = _headings([cell.strip() for cell in lines[0][1]])
    faults: list[RowError] = []
    groups = [
        group
        for number, cells in lines[1:]
        if (group := _group(_Cells(number, headings, cells, faults))) is not None
    ]
    faults += _across(groups, [number for number, _cells in lines[1:]]) if not faults else []
    if faults:
        raise BadTable(faults)
    return groups


def _lines(text: str) -> list[tuple[int, list[str]]]:
    """Row numbers and cells of the rows that hold anything."""
    if len(text) > MOST_CHARACTERS:
        raise BadTable([RowError(TOO_LONG, parts={"most": MOST_GROUPS})])
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    first = next((line for line in plain.split("\n") if line.strip()), "")
    mark = next((mark for mark in "\t;" if mark in first), ",")
    rows = csv.reader(io.StringIO(plain), delimiter=mark, skipinitialspace=True)
    lines = [(rows.line_num, cells) for cells in rows if any(cell.strip() for cell in cells)]
    if len(lines) < 2:
        raise BadTable([RowError(EMPTY)])
    if len(lines) - 1 > MOST_GROUPS:
        raise BadTable([RowError(TOO_LONG, parts={"most": MOST_GROUPS})])
    return lines


def _headings(given: Sequence[str]) -> list[str]:
    """Which column each heading stands for; "" for headings that are not known, which are passed over."""
    known = {heading: column for column, headings in COLUMNS.items() for heading in headings}
    found = [known.get(heading.lower(), "") for heading in given]
    named = [column for column in found if column]
    if "group" not in named:
        parts = {"column": "group", "choices": ", ".join(COLUMNS["group"])}
        raise BadTable([RowError(NO_COLUMN, parts=parts, row=1)])
    if len(set(named)) < len(named):
        raise BadTable([RowError(TWICE, row=1, column=next(one for one in named if named.count(one) > 1))])
    if "estimate" not in named and not {"events", "population"} <= set(named):
        raise BadTable([RowError(NO_VALUES, row=1)])
    if {"estimate", "events"} <= set(named):
        raise BadTable([RowError(BOTH, row=1)])
    return found


@dataclass(frozen=True, slots=True)
class _Cells:
    """The cells of one row by column; faults go to `faults`."""

    row: int
    headings: Sequence[str]
    cells: Sequence[str]
    faults: list[RowError]

    def text(self, column: str) -> str:
        if column not in self.headings:
            return ""
        return self.cells[self.headings.index(column)].strip()

    def number(self, column: str) -> float:
        given = self.text(column)
        if given.lower() in UNKNOWN:
            return math.nan
        number = _number(given)
        if number is None or number < 0:
            self.fault(NOT_A_NUMBER, column, given)
            return math.nan
        return number

    def order(self) -> float:
        given = self.text("order")
        number = math.nan if given.lower() in UNKNOWN else _number(given)
        if number is None or (not math.isnan(number) and number != round(number)):
            self.fault(NOT_AN_ORDER, "order", given)
            return math.nan
        return number

    def flag(self, column: str) -> bool:
        given = self.text(column)
        if given.lower() not in YES | NO:
            self.fault(NOT_YES_OR_NO, column, given)
        return given.lower() in YES

    def fault(self, problem: Problem, column: str, given: str = "") -> None:
        self.faults.append(RowError(problem, parts={"given": given}, row=self.row, column=column))


def _group(cells: _Cells) -> PastedGroup | None:
    if len(cells.cells) != len(cells.headings):
        parts = {"cells": len(cells.cells), "headings": len(cells.headings)}
        cells.faults.append(RowError(OTHER_LENGTH, parts=parts, row=cells.row))
        return None
    if not cells.text("group"):
        cells.fault(NO_NAME, "group")
    group = PastedGroup(
        name=cells.text("group"),
        estimate=cells.number("estimate"),
        se=cells.number("se"),
        population=cells.number("population"),
        events=cells.number("events"),
        order=cells.order(),
        reference=cells.flag("reference"),
    )
    if group.events > 0 and group.population == 0:
        cells.fault(MORE_EVENTS, "events")
    return group


def _across(groups: Sequence[PastedGroup], rows: Sequence[int]) -> Iterator[RowError]:
    """What is wrong with several groups together."""
    seen: set[str] = set()
    references = 0
    for group, row in zip(groups, rows, strict=True):
        if group.name in seen:
            yield RowError(SAME_NAME, parts={"given": group.name}, row=row, column="group")
        seen.add(group.name)
        references += group.reference
        if group.reference and references > 1:
            yield RowError(TWO_REFERENCES, row=row, column="reference")


def _number(text: str) -> float | None:
    """A number with a decimal point; commas between thousands are passed over, other commas are not a number."""
    plain = text.replace(",", "") if THOUSANDS.fullmatch(text) else text
    try:
        number = float(plain)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
