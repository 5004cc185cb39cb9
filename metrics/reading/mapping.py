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
    """Every row belongs to one `constant` period, or to the month, quarter or year of the day in `column`."""

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
    """A column becomes categories of a dimension. Every value that occurs must be mapped."""

    column: str
    dimension: str
    values: Mapping[str, str]


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
        columns += [rule.column for rule in self.dimensions]
        return tuple(dict.fromkeys(columns))
