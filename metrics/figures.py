"""Figures: counts of groups put beside each other, with what follows from them. Plain values in, frozen dataclasses out.

One shape has two sources. Insiders see every count; everybody else sees what was published. Pages, charts and files are
made from a `Figure` and cannot tell which it was: a hidden cell has no number here, whoever looks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Protocol

from metrics.aims import Goal
from metrics.amounts import amount, scales
from metrics.library.entries import MergedGroup
from metrics.reading.periods import Grain, Period
from metrics.stats import Estimate, Gap, Group, Mean, Observed, Proportion, Rate, Score, gap
from metrics.stats.excess import Excess, excess_count
from metrics.stats.gaps import Better

PUBLISHED = "published"
HIDDEN = "hidden"

EVERYBODY = ""
"""The stratum without a part."""

GRAIN_OF = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12, Grain.WHOLE: 0, Grain.ROLLING: 112}
"""Each grain as facts store it: how many months it lasts; a stated span has none, and rolling months their own number."""
GRAINS = {months: grain for grain, months in GRAIN_OF.items()}


class Definition(Protocol):
    """What a metric is: the institution's own row, or what the ledger says of it."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def better(self) -> str: ...
    @property
    def counts_people(self) -> bool: ...
    @property
    def per(self) -> int: ...
    @property
    def numerator(self) -> str: ...
    @property
    def denominator(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def why(self) -> str: ...
    @property
    def once_over_periods(self) -> bool: ...
    @property
    def once_over_units(self) -> bool: ...
    @property
    def composition(self) -> Mapping[str, Any] | None: ...


class Measured(Protocol):
    """How the counts of a metric are stored."""

    @property
    def kind(self) -> str: ...
    @property
    def decimals(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Cell:
    """One count of the table: how it stands and, only when it is shown, its numbers.

    `denominator` may stand beside a hidden numerator, when it is itself shown. `squares` (for averages) never leaves the
    institution. An index has a `score` and no counts.
    """

    status: str
    numerator: int | None = None
    denominator: int | None = None
    squares: float | None = None
    score: Score | None = None

    @property
    def shown(self) -> bool:
        return self.status == PUBLISHED

    @property
    def hidden(self) -> bool:
        return self.status == HIDDEN


@dataclass(frozen=True, slots=True)
class Category:
    """A group in its own words; `missing`: a gap in records, not a group."""

    code: str
    label: str
    short: str
    missing: bool
    position: int


@dataclass(frozen=True, slots=True)
class Joining:
    """Fewer groups, as the community agreed to join them."""

    name: str
    groups: tuple[MergedGroup, ...]


@dataclass(frozen=True, slots=True)
class Dimension:
    """A way to compare, with its groups by code. `library`: the entry and edition of the library that it was taken from."""

    code: str
    name: str
    position: int
    partition: bool
    categories: Mapping[str, Category]
    goal: Goal | None = None
    joinings: tuple[Joining, ...] = ()
    library: tuple[str, int] | None = None

    @property
    def in_order(self) -> list[Category]:
        """The groups in the order that the community set; what nobody wrote down comes last."""
        return sorted(self.categories.values(), key=lambda one: (one.missing, one.position, one.label))


@dataclass(frozen=True, slots=True)
class Way:
    """One dimension, or several crossed with each other: `race_ethnicity*payer`."""

    dimensions: tuple[Dimension, ...]

    @property
    def code(self) -> str:
        return "*".join(dimension.code for dimension in self.dimensions)

    @property
    def name(self) -> str:
        return " × ".join(dimension.name for dimension in self.dimensions)

    @property
    def order(self) -> tuple[Any, ...]:
        return len(self.dimensions), *((one.position, one.code) for one in self.dimensions)


Vocabulary = Mapping[str, Dimension]
"""Dimensions by code."""


def parts_of(stratum: str) -> dict[str, str]:
    """`payer=medicaid&race_ethnicity=black` → the category of each dimension; everybody has none."""
    return dict(part.split("=", 1) for part in stratum.split("&")) if stratum else {}


def way_code(stratum: str) -> str:
    """The dimensions of a stratum, sorted and joined by `*`, as `Stratum.by` has them."""
    return "*".join(sorted(parts_of(stratum)))


def way_of(code: str, vocabulary: Vocabulary) -> Way | None:
    """The way with this code, or None when one of its dimensions is not known."""
    codes = code.split("*") if code else []
    if not codes or not all(one in vocabulary for one in codes):
        return None
    return Way(tuple(vocabulary[one] for one in codes))


@dataclass(frozen=True)
class Line:
    """One group of a figure. `estimate` is in the unit shown to the reader: in 100, per 1,000, minutes."""

    key: str
    label: str
    short: str
    missing: bool
    cell: Cell
    observed: Observed | None
    estimate: Estimate | None
    value: float | None

    @property
    def certain(self) -> bool:
        """Whether there is a likely range to show beside the value."""
        return self.estimate is not None


@dataclass(frozen=True)
class Figure:
    """One metric in one unit and one period, by the groups of one way to compare (or for everybody only)."""

    metric: Definition
    unit_code: str
    unit_name: str
    period: Period
    way: Way | None
    lines: tuple[Line, ...]
    overall: Line

    @property
    def scale(self) -> int:
        """What a share is multiplied by to be in the unit shown."""
        return self.metric.per if self.metric.kind == "proportion" else 1

    @cached_property
    def groups(self) -> list[Group]:
        """What the statistics compare: groups that are shown, and those that are hidden as such."""
        return [
            Group(line.key, line.label, line.observed, line.missing)
            for line in self.lines
            if line.cell.hidden or line.observed is not None
        ]

    @property
    def better(self) -> Better:
        """Which way the statistics take to be better; of a metric of which neither is, only sizes are told."""
        return "lower" if self.metric.better == "lower" else "higher"

    @property
    def judged(self) -> bool:
        """Whether a difference between groups is good or bad at all."""
        return self.metric.better != "neither"

    @cached_property
    def gap(self) -> Gap | None:
        """The two shown groups that stand furthest apart; None when there are no two."""
        return gap(self.groups, better=self.better)

    @cached_property
    def excess(self) -> Excess | None:
        """How many events there would not have been at the best group's rate (or would have been, where more is better).

        None where nothing is better, where counts do not settle it, or where one person may be in several groups.
        """
        apart = self.way is not None and all(dimension.partition for dimension in self.way.dimensions)
        if not apart or not self.judged or self.metric.kind not in {"proportion", "rate"}:
            return None
        return excess_count(self.groups, better=self.better)

    @property
    def difference(self) -> Estimate | None:
        return self.gap.difference.scaled(self.scale) if self.gap else None

    @property
    def ends(self) -> tuple[Line, Line] | None:
        """The lines of the two groups of the gap, in its order."""
        if self.gap is None:
            return None
        by_key = {line.key: line for line in self.lines}
        return by_key[self.gap.first.key], by_key[self.gap.second.key]

    @property
    def hidden(self) -> int:
        """How many groups of people are hidden to protect privacy."""
        return sum(line.cell.hidden for line in self.lines if not line.missing)

    @property
    def measured(self) -> bool:
        return self.overall.cell.shown or any(line.cell.shown or line.cell.hidden for line in self.lines)

    @property
    def not_recorded(self) -> tuple[int, int] | None:
        """How many of all were counted without their group being written down; None when that is not shown."""
        counts = [line.cell.denominator for line in self.lines if line.missing and line.cell.shown]
        known = [count for count in counts if count is not None]
        if not known or len(known) < len(counts) or not self.overall.cell.denominator:
            return None
        return sum(known), self.overall.cell.denominator


def assemble(
    metric: Definition,
    unit: tuple[str, str],
    period: Period,
    way: Way | None,
    cells: Mapping[str, Cell],
    vocabulary: Vocabulary,
) -> Figure:
    """Put the cells of one metric, unit and period in order. `cells` by the key of their stratum; `unit`: code and name.

    Cells of other ways to compare are left out; a group without a cell is not shown.
    """
    code = way.code if way else None
    lines = [
        line(metric, key, cell, vocabulary) for key, cell in cells.items() if key and way_code(key) == code
    ]
    order = {key: _order(key, vocabulary) for key in cells}
    return Figure(
        metric=metric,
        unit_code=unit[0],
        unit_name=unit[1],
        period=period,
        way=way,
        lines=tuple(sorted(lines, key=lambda one: order[one.key])),
        overall=line(metric, EVERYBODY, cells.get(EVERYBODY, Cell("not_counted")), vocabulary),
    )


def line(metric: Definition, key: str, cell: Cell, vocabulary: Vocabulary) -> Line:
    """A cell with its words and what follows from its counts."""
    categories = list(_categories(key, vocabulary))
    return Line(
        key=key,
        label=", ".join(category.label for category in categories),
        short=", ".join(category.short for category in categories),
        missing=any(category.missing for category in categories),
        cell=cell,
        observed=observe(metric, cell),
        estimate=estimate_of(metric, cell),
        value=value_of(metric, cell),
    )


def observe(metric: Definition, cell: Cell) -> Observed | None:
    """What the counts say of people, in the statistic's own kind; None where there is no likely range to work out.

    A measure that does not count people (money, meetings, laws) is a full count: nothing was left to chance.
    """
    if cell.score is not None:
        return cell.score if cell.score.likely else None
    numerator, denominator = cell.numerator, cell.denominator
    if not metric.counts_people or not cell.shown or numerator is None or denominator is None:
        return None
    if metric.kind == "proportion":
        return Proportion(numerator, denominator)
    if metric.kind == "rate":
        return Rate(numerator, denominator, metric.per)
    if metric.kind == "mean" and cell.squares is not None:
        return Mean(numerator, cell.squares, denominator)
    return None


def estimate_of(metric: Definition, cell: Cell) -> Estimate | None:
    """The value with its likely range, in the unit shown to the reader."""
    observed = observe(metric, cell)
    estimate = observed.estimate() if observed else None
    return estimate.scaled(metric.per) if estimate and isinstance(observed, Proportion) else estimate


def in_amounts(metric: Measured, stored: Cell) -> Cell:
    """A cell as counts store it, in the amounts that people read: 1234.5 dollars, not 123450 cents."""
    if not metric.decimals:
        return stored
    of_numerator, of_denominator = scales(metric.kind, metric.decimals)
    squares = None if stored.squares is None else stored.squares / of_numerator**2
    numerator, denominator = (
        amount(stored.numerator, of_numerator),
        amount(stored.denominator, of_denominator),
    )
    return Cell(stored.status, numerator, denominator, squares)


def value_of(metric: Definition, cell: Cell) -> float | None:
    """The number to show, in the reader's unit; None when it is hidden, or nobody was counted."""
    if cell.score is not None:
        return cell.score.value
    if not cell.shown or cell.numerator is None:
        return None
    if metric.kind == "count" or cell.denominator is None:
        return float(cell.numerator)
    if cell.denominator == 0:
        return None
    per = 1 if metric.kind == "mean" else metric.per
    return cell.numerator * per / cell.denominator


def _categories(key: str, vocabulary: Vocabulary) -> Iterator[Category]:
    for dimension, code in parts_of(key).items():
        known = vocabulary[dimension].categories if dimension in vocabulary else {}
        yield known.get(code) or Category(code, code, code, missing=False, position=0)


def _order(key: str, vocabulary: Vocabulary) -> tuple[Any, ...]:
    categories = list(_categories(key, vocabulary))
    return any(one.missing for one in categories), *(
        (one.missing, one.position, one.label) for one in categories
    )


def period_of(start: date, end: date, months: int) -> Period:
    """A period as facts store it."""
    return Period(start, end, GRAINS[months])
