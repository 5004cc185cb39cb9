"""A report with everything that is in it, as plain values: what the pages show, what the files hold, what is missing."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from equity.mandates.crosswalk import Crosswalk
from equity.mandates.disparities import Disparity, Ranking
from equity.mandates.filling import Table, Value
from equity.mandates.template import Kind, Measure, Statement, Template


@dataclass(frozen=True, slots=True)
class Facts:
    """Who reports: a hospital, or the system. `kind` None: nobody has said yet which kind of hospital it is."""

    id: str
    unit: str
    name: str
    kind: Kind | None
    identifier: str
    head: str
    description: str
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class YesNo:
    """An answer to a structural measure; None: not answered."""

    yes: bool | None
    text: str


@dataclass(frozen=True, slots=True)
class Structural:
    """One structural measure: a yes or no with a text, or a number for everybody."""

    measure: Measure
    answer: YesNo | None
    value: Value | None
    metric: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be done about one disparity."""

    population: str
    objective: str
    by: datetime.date | None
    area: Statement | None
    actions: str
    practices: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether it says for whom, what, by when, in which priority area, and how."""
        return bool(self.population and self.objective and self.by and self.area) and bool(
            self.actions or self.practices
        )


@dataclass(frozen=True, slots=True)
class Filled:
    """The report of one reporter."""

    facts: Facts
    tables: tuple[Table, ...]
    structural: tuple[Structural, ...]
    ranking: Ranking
    plans: Mapping[str, Plan]
    statements: Mapping[str, str]

    def plan_for(self, disparity: Disparity) -> Plan | None:
        return self.plans.get(disparity.key)


@dataclass(frozen=True, slots=True)
class Report:
    """All reporters of one institution in one year. `as_of`: the last release that the numbers are from; 0: none."""

    template: Template
    year: int
    institution: str
    period: tuple[datetime.date, datetime.date]
    as_of: int
    crosswalks: tuple[Crosswalk, ...]
    filled: tuple[Filled, ...]
    unanswered: tuple[Measure, ...]
