"""The mapping of a line list: which column says what, and which counts to make from it.

`mapping_file` reads one from TOML. These shapes are always whole and consistent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from metrics.reading.periods import Grain, Period


@dataclass(frozen=True, slots=True)
class Source:
    """The file that the mapping is written for, and who is to be thanked for it."""

    name: str
    encoding: str = "utf-8"
    delimiter: str = ","
    attribution: str = ""
    sheet: str = ""
    """The sheet of a workbook that holds a line list; the first one when it is empty."""


@dataclass(frozen=True, slots=True)
class UnitRule:
    """Every row belongs to one `constant` unit, or `column` says which. `values` maps cells to unit codes;
    without it a cell must be a unit code that the caller knows."""

    constant: str | None = None
    column: str | None = None
    values: Mapping[str, str] | None = None

    @property
    def codes(self) -> frozenset[str] | None:
        """The units that the mapping names; None when only the rows name them."""
        if self.constant is not None:
            return frozenset({self.constant})
        return None if self.values is None else frozenset(self.values.values())


@dataclass(frozen=True, slots=True)
class PeriodRule:
    """Every row belongs to one `constant` period, or to the month, quarter or year of the day in `column`.

    An empty `format` means that its cells hold codes of periods, such as 2024-01, as long as the grain or shorter.
    """

    grain: Grain
    constant: Period | None = None
    column: str | None = None
    format: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class NumeratorRule:
    """A row counts when its cell is one of `equals`. When `others` is stated, a third value is an error."""

    column: str
    equals: frozenset[str]
    others: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class DenominatorRule:
    """A row belongs when its cell is one of `values`, or, if `excludes`, none of them."""

    column: str
    values: frozenset[str]
    excludes: bool


@dataclass(frozen=True, slots=True)
class DimensionRule:
    """Columns become categories of a dimension. Every answer that occurs must be mapped, unless `rest` takes the others.

    A row can hold several answers: in several columns, or in a cell with a `separator` between them. Then it counts in
    the one category `several`, or, without it, under each of its answers. A category of `no_answer` (unknown, declined)
    counts only where the row holds no other.
    """

    columns: tuple[str, ...]
    dimension: str
    values: Mapping[str, str]
    rest: str = ""
    separator: str = ""
    several: str = ""
    no_answer: frozenset[str] = frozenset()

    @property
    def codes(self) -> frozenset[str]:
        """The categories that the rule names."""
        return frozenset({*self.values.values(), self.rest, self.several, *self.no_answer} - {""})

    @property
    def may_overlap(self) -> bool:
        """Whether a row can count in more than one category."""
        return (bool(self.separator) or len(self.columns) > 1) and not self.several


@dataclass(frozen=True, slots=True)
class LineListMapping:
    """A whole mapping, checked. `strata` holds positions in `dimensions`; overall is not listed."""

    source: Source
    metric: str
    unit: UnitRule
    period: PeriodRule
    numerator: NumeratorRule
    denominator: tuple[DenominatorRule, ...]
    dimensions: tuple[DimensionRule, ...]
    strata: tuple[tuple[int, ...], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that must be in the header, each once."""
        columns = [rule.column for rule in self.denominator]
        columns += [
            column for column in (self.numerator.column, self.unit.column, self.period.column) if column
        ]
        columns += [column for rule in self.dimensions for column in rule.columns]
        return tuple(dict.fromkeys(columns))
