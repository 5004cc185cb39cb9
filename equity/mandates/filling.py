"""Fills the measures of a report from published cells, and from nothing else: what is hidden stays hidden here.

A blank is not a hidden number, and has a kind. A sum is given only where every part of it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from equity.mandates.crosswalk import Crosswalk
from equity.mandates.template import Group, Kind, Measure, Stratification
from metrics.figures import EVERYBODY, Cell
from metrics.stats import Proportion, Rate


class State(StrEnum):
    """How a number of the report stands."""

    SHOWN = "shown"
    SUPPRESSED = "suppressed"
    BLANK = "blank"


class Why(StrEnum):
    """Why there is no number."""

    NO_METRIC = "no_metric"
    NOT_PUBLISHED = "not_published"
    NO_GROUP = "no_group"
    OVERLAP = "overlap"
    SEVERAL_UNITS = "several_units"
    NOBODY = "nobody"
    NOT_COLLECTED = "not_collected"
    NOT_ASKED = "not_asked"
    NOT_YET_DUE = "not_yet_due"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Value:
    """Numerator, denominator and rate, all or none of them. `reliable`: steady enough to be ranked."""

    state: State
    numerator: int | None = None
    denominator: int | None = None
    rate: float | None = None
    reliable: bool = False
    why: Why | None = None

    @property
    def shown(self) -> bool:
        return self.state is State.SHOWN

    @property
    def suppressed(self) -> bool:
        return self.state is State.SUPPRESSED


@dataclass(frozen=True, slots=True)
class Answering:
    """The institution's metric that answers a measure. `kind`: "proportion" or "rate".

    `once_over_units`: a person who goes to several units is counted in each; their counts do not add up.
    """

    metric: str
    kind: str
    once_over_units: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """Whose numbers: the units (codes) whose cells are added up. One hospital, or all of one kind in a system."""

    kind: Kind
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One group of a way to compare."""

    group: Group
    value: Value


@dataclass(frozen=True, slots=True)
class Block:
    """All groups of one way to compare."""

    stratification: Stratification
    rows: tuple[Row, ...]

    @property
    def compared(self) -> bool:
        """Whether at least one group has a number, shown or suppressed."""
        return any(row.value.state is not State.BLANK for row in self.rows)


@dataclass(frozen=True, slots=True)
class Table:
    """One measure of one kind of hospital: everybody, and each way to compare."""

    kind: Kind
    measure: Measure
    metric: str
    overall: Value
    blocks: tuple[Block, ...]


Cells = Mapping[tuple[str, str], Mapping[str, Cell]]
"""(metric, unit) → the key of the stratum → its published cell, in the period of the report."""


def blank(why: Why) -> Value:
    """No number, and why."""
    return Value(State.BLANK, why=why)


def combine(cells: Sequence[Cell | None], measure: Measure, kind: str) -> Value:
    """The value of several published cells together.

    One that is hidden hides the whole; one without a number leaves the whole blank, for its reason.
    """
    if any(cell is not None and cell.hidden for cell in cells):
        return Value(State.SUPPRESSED)
    numerator = denominator = 0
    for cell in cells:
        if cell is None or (cell.shown and (cell.numerator is None or cell.denominator is None)):
            return blank(Why.NOT_PUBLISHED)
        if not cell.shown:
            return blank(_why(cell.status))
        numerator += cell.numerator or 0
        denominator += cell.denominator or 0
    if not cells:
        return blank(Why.NOT_PUBLISHED)
    if denominator == 0:
        return blank(Why.NOBODY)
    observed = (
        Proportion(numerator, denominator)
        if kind == "proportion"
        else Rate(numerator, denominator, measure.per)
    )
    return Value(
        State.SHOWN, numerator, denominator, numerator * measure.per / denominator, observed.reliable
    )


def _why(status: str) -> Why:
    return Why(status) if status in set(Why) else Why.NOT_PUBLISHED


def overall(measure: Measure, answering: Answering | None, units: Sequence[str], cells: Cells) -> Value:
    """The value for everybody."""
    if answering is None:
        return blank(Why.NO_METRIC)
    if answering.once_over_units and len(units) > 1:
        return blank(Why.SEVERAL_UNITS)
    found = [cells.get((answering.metric, unit), {}).get(EVERYBODY) for unit in units]
    return combine(found, measure, answering.kind)


def fill(
    panel: Panel,
    measures: Iterable[Measure],
    answering: Mapping[str, Answering],
    cells: Cells,
    crosswalks: Sequence[Crosswalk],
) -> tuple[Table, ...]:
    """The tables of one kind of hospital, in the order of the template."""
    return tuple(
        Table(
            kind=panel.kind,
            measure=measure,
            metric=answering[measure.code].metric if measure.code in answering else "",
            overall=overall(measure, answering.get(measure.code), panel.units, cells),
            blocks=tuple(
                _block(panel, measure, answering.get(measure.code), cells, crosswalk)
                for crosswalk in crosswalks
            ),
        )
        for measure in measures
    )


def _block(
    panel: Panel, measure: Measure, answering: Answering | None, cells: Cells, crosswalk: Crosswalk
) -> Block:
    rows = (
        Row(group, _group(panel, measure, answering, cells, crosswalk, group))
        for group in crosswalk.stratification.groups
    )
    return Block(crosswalk.stratification, tuple(rows))


def _group(
    panel: Panel,
    measure: Measure,
    answering: Answering | None,
    cells: Cells,
    crosswalk: Crosswalk,
    group: Group,
) -> Value:
    if answering is None:
        return blank(Why.NO_METRIC)
    takes = crosswalk.takes.get(group.code, ())
    if not takes:
        return blank(Why.NO_GROUP)
    if len(takes) > 1 and not crosswalk.partition:
        return blank(Why.OVERLAP)
    if answering.once_over_units and len(panel.units) > 1:
        return blank(Why.SEVERAL_UNITS)
    found = [
        cells.get((answering.metric, unit), {}).get(f"{crosswalk.dimension}={code}")
        for unit in panel.units
        for code in takes
    ]
    return combine(found, measure, answering.kind)
