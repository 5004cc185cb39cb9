"""The mapping of a table of counts: what its rows and columns say, in whatever way somebody else laid them out.

`table_mapping_file` reads one from TOML. These shapes are always whole and consistent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from metrics.reading.cells import OVERALL, BlankKind, Stratum
from metrics.reading.mapping import Source
from metrics.reading.periods import Grain, Period

Meaning = BlankKind | int
"""What a word in a number's place means: why there is no number, or the number zero."""

ZERO = "zero"
"""How a mapping says that a word means the number zero."""


class NumberRole(StrEnum):
    """What the numbers of a column are. Of numerator, complement and denominator two give the third."""

    NUMERATOR = "numerator"
    COMPLEMENT = "complement"
    """Those in the denominator and not in the numerator."""
    DENOMINATOR = "denominator"
    SUM_OF_SQUARES = "sum_of_squares"


@dataclass(frozen=True, slots=True)
class Layout:
    """Where in the file the table is. Rows are numbered from 1, as a spreadsheet does.

    The names of the columns stand in `header_rows`; in several rows, a name is put together from top to bottom.
    The table ends before a row whose first filled cell begins with one of `stop_at`. In the columns `fill_down`, an
    empty cell says what the cell above says (merged cells).
    """

    sheet: str = ""
    header_rows: range = range(1, 2)
    stop_at: tuple[str, ...] = ()
    fill_down: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CodeRule:
    """One `constant` code, or `column` says which. `values` maps its cells to codes; without it a cell must be a
    code that the caller knows. The empty code of a dimension stands for everybody."""

    constant: str | None = None
    column: str | None = None
    values: Mapping[str, str] | None = None

    @property
    def codes(self) -> frozenset[str]:
        """The codes that the mapping names."""
        if self.constant is not None:
            return frozenset({self.constant})
        return frozenset((self.values or {}).values())


@dataclass(frozen=True, slots=True)
class TablePeriodRule:
    """One `constant` period; or the period of the day or code in `column`; or a first and a last day in two columns.

    `values` maps cells that are written in no regular way. An empty `format` means that cells hold period codes.
    """

    grain: Grain
    constant: Period | None = None
    column: str | None = None
    last_column: str | None = None
    format: str = ""
    values: Mapping[str, Period] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns that hold the numbers of one count. A stated share or percentage is compared, never stored."""

    numbers: Mapping[NumberRole, str]
    share: str | None = None
    percent: str | None = None

    @property
    def stated(self) -> tuple[str, int] | None:
        """The column with a stated share, and what it is out of."""
        if self.percent is not None:
            return self.percent, 100
        return None if self.share is None else (self.share, 1)


@dataclass(frozen=True, slots=True)
class CountRule:
    """One count that every row holds. A long table has one such rule, a wide table one for each group of columns."""

    columns: Columns
    metric: str | None = None
    period: Period | None = None
    categories: Stratum = OVERALL


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How the file writes numbers. Without a mark for thousands or decimals, digits only are a number."""

    thousands: str = ""
    decimal: str = ""


@dataclass(frozen=True, slots=True)
class ReasonRule:
    """Words that do not say why there is no number: the cell in `column` does."""

    words: frozenset[str]
    column: str
    values: Mapping[str, Meaning]


@dataclass(frozen=True, slots=True)
class BlankRule:
    """What stands where a number is missing. Any word that is not listed is an error.

    `partly`: a row with some numbers and some blanks is a blank row; without it, it is an error.
    """

    words: Mapping[str, Meaning] = field(default_factory=dict)
    reasons: ReasonRule | None = None
    partly: bool = False


@dataclass(frozen=True, slots=True)
class LeaveOutRule:
    """Rows that are no counts, and `why`: the result says how many there were."""

    why: str
    column: str
    values: frozenset[str]
    how: str
    """`in`, `not_in` or `starts_with`."""

    def applies(self, cell: str) -> bool:
        """Whether a row with this cell is left out."""
        if self.how == "starts_with":
            return cell.startswith(tuple(self.values))
        return (cell in self.values) == (self.how == "in")


@dataclass(frozen=True, slots=True)
class TableDimension:
    """A dimension that a column (or the whole table) says the category of."""

    dimension: str
    rule: CodeRule


@dataclass(frozen=True, slots=True)
class TableMapping:
    """A whole mapping, checked."""

    source: Source
    layout: Layout
    metric: CodeRule | None
    unit: CodeRule
    period: TablePeriodRule | None
    dimensions: tuple[TableDimension, ...]
    counts: tuple[CountRule, ...]
    numbers: NumberFormat
    blanks: BlankRule
    left_out: tuple[LeaveOutRule, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that must be in the header, each once."""
        return tuple(dict.fromkeys(column for column in self._columns() if column))

    def _columns(self) -> Iterator[str | None]:
        if self.metric is not None:
            yield self.metric.column
        yield self.unit.column
        if self.period is not None:
            yield from (self.period.column, self.period.last_column)
        yield from (dimension.rule.column for dimension in self.dimensions)
        for count in self.counts:
            yield from count.columns.numbers.values()
            yield from (count.columns.share, count.columns.percent)
        if self.blanks.reasons is not None:
            yield self.blanks.reasons.column
        yield from (rule.column for rule in self.left_out)
        yield from sorted(self.layout.fill_down)
