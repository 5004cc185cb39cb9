"""What a law asks for, as data: who reports, when, which measures by which groups, which words, which columns.

A template is a TOML file (`reading.py`). Whatever could not be held against the department's own documents says so: it
carries `checked = false` and a note, and the pages and files show that mark.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """What a kind of reporter is: one unit of the institution, or all its reporting units together."""

    UNIT = "unit"
    WHOLE = "whole"


class Direction(StrEnum):
    """Which rates are good ones."""

    HIGHER = "higher"
    LOWER = "lower"


class Part(StrEnum):
    """Core measures are broken down by groups; structural ones are not."""

    CORE = "core"
    STRUCTURAL = "structural"


class Form(StrEnum):
    """How a measure is answered: by counts that are published, or by yes or no with a text."""

    COUNTS = "counts"
    YES_NO = "yes_no"


class Sheet(StrEnum):
    """The tables that a file is made of."""

    REPORTERS = "reporters"
    CORE = "core"
    STRUCTURAL = "structural"
    DISPARITIES = "disparities"
    STATEMENTS = "statements"
    ABOUT = "about"


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether something was held against its source, which one, and what is not certain."""

    checked: bool
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class Source:
    """A document, with the place in it. `read`: whether its text was read, or only what others say of it."""

    code: str
    title: str
    place: str
    url: str
    read: bool
    note: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """Reports are about whole calendar years, and are due on one day of a later year."""

    years_before: int
    month: int
    day: int
    extension_days: int
    extensions: int
    checked: Checked
    extension_checked: Checked

    def period(self, year: int) -> tuple[datetime.date, datetime.date]:
        """First and last day that the report of `year` is about."""
        counted = year - self.years_before
        return datetime.date(counted, 1, 1), datetime.date(counted, 12, 31)

    def due(self, year: int, *, extended: bool = False) -> datetime.date:
        """The last day for the report of `year`."""
        day = datetime.date(year, self.month, self.day)
        return day + datetime.timedelta(days=self.extension_days) if extended else day

    def next_year(self, today: datetime.date) -> int:
        """The year of the report that is due next, without an extension."""
        return today.year if today <= self.due(today.year) else today.year + 1


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of reporter: a general acute care hospital, a hospital system.

    `core_measures` is how many the source names; when the template lists fewer, the report says that they are not known.
    """

    code: str
    name: str
    scope: Scope
    core_measures: int
    identifier: str
    checked: Checked


@dataclass(frozen=True, slots=True)
class Group:
    """A group of a way to compare. `takes`: lists of the institution's groups, each of which makes it up in whole.

    `apart`: those whose answer is not known are counted, and are neither a reference nor a disparity.
    """

    code: str
    name: str
    takes: tuple[tuple[str, ...], ...]
    standard: str
    apart: bool


@dataclass(frozen=True, slots=True)
class Stratification:
    """A way to compare, as the report asks for it. `reference`: the code of a named reference group, else the best one."""

    code: str
    name: str
    dimensions: tuple[str, ...]
    groups: tuple[Group, ...]
    reference: str
    checked: Checked


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure. `metrics`: codes of metrics that are meant when an institution has them; proposed, never taken."""

    code: str
    name: str
    part: Part
    form: Form
    kinds: tuple[str, ...]
    numerator: str
    denominator: str
    question: str
    better: Direction
    per: int
    metrics: tuple[str, ...]
    standards: tuple[str, ...]
    checked: Checked


@dataclass(frozen=True, slots=True)
class Statement:
    """A text that the institution writes: what it does in one priority area, or how it counted."""

    code: str
    name: str
    question: str
    priority_area: bool
    checked: Checked


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet: its heading, and the code of what stands in it (`rows.py` says which there are)."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Template:
    """One mandate, in the edition that holds from the reports of `edition` on."""

    code: str
    edition: int
    name: str
    authority: str
    duty: str
    states: tuple[str, ...]
    most: int
    ranking: Checked
    checked: Checked
    deadline: Deadline
    sources: tuple[Source, ...]
    kinds: tuple[Kind, ...]
    stratifications: tuple[Stratification, ...]
    measures: tuple[Measure, ...]
    statements: tuple[Statement, ...]
    sheets: tuple[tuple[Sheet, tuple[Column, ...]], ...]
    columns_checked: Checked
    suppressed: str

    def kind(self, code: str) -> Kind | None:
        """The kind of reporter with this code."""
        return next((kind for kind in self.kinds if kind.code == code), None)

    @property
    def whole(self) -> Kind | None:
        """The kind that stands for all reporting units together, if the law knows one."""
        return next((kind for kind in self.kinds if kind.scope is Scope.WHOLE), None)

    @property
    def unit_kinds(self) -> tuple[Kind, ...]:
        return tuple(kind for kind in self.kinds if kind.scope is Scope.UNIT)

    def core_of(self, kind: str) -> tuple[Measure, ...]:
        """Core measures of a kind of unit, in the order of the template."""
        return tuple(one for one in self.measures if one.part is Part.CORE and kind in one.kinds)

    def structural_of(self, kind: str) -> tuple[Measure, ...]:
        """Structural measures of a kind of reporter."""
        return tuple(one for one in self.measures if one.part is Part.STRUCTURAL and kind in one.kinds)

    @property
    def counted(self) -> tuple[Measure, ...]:
        """Measures that a metric of the institution can answer."""
        return tuple(one for one in self.measures if one.form is Form.COUNTS)

    @property
    def areas(self) -> tuple[Statement, ...]:
        """The priority areas."""
        return tuple(one for one in self.statements if one.priority_area)

    def measure(self, code: str) -> Measure | None:
        return next((one for one in self.measures if one.code == code), None)

    def short_lists(self) -> tuple[Kind, ...]:
        """Kinds of which the source names more core measures than are listed here."""
        return tuple(kind for kind in self.unit_kinds if len(self.core_of(kind.code)) < kind.core_measures)

    def unchecked(self) -> list[tuple[str, Checked]]:
        """Everything that could not be held against the department's own documents, by name."""
        every = [
            (self.name, self.checked),
            ("Due date", self.deadline.checked),
            ("Extension", self.deadline.extension_checked),
            ("Ranking of disparities", self.ranking),
            ("Columns of the files", self.columns_checked),
            *((kind.name, kind.checked) for kind in self.kinds),
            *((one.name, one.checked) for one in self.measures),
            *((one.name, one.checked) for one in self.stratifications),
            *((one.name, one.checked) for one in self.statements),
        ]
        return [(name, checked) for name, checked in every if not checked.checked]
