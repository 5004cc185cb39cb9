"""Tombstones of the ledger as tables that were taken back, for pages inside and outside. Reads nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from equity.publication.models import WhyWithdrawn
from equity.publication.queries import Gone
from metrics.reading.periods import Period
from metrics.spans import period_of_days
from metrics.wording import period_label

Spot = tuple[str, date, date, str]
"""Unit, first and last day, and group: where a row stands within its measure."""

Table = tuple[str, date, date]
"""Code of the measure, first and last day."""


@dataclass(frozen=True)
class Withdrawn:
    """A table that was taken back and is not published again. `name`: of all that went with it, as they were called."""

    metric: str
    name: str
    period: Period
    on: datetime
    reason: str

    @property
    def label(self) -> str:
        return period_label(self.period)

    @property
    def why(self) -> str:
        return str(WhyWithdrawn(self.reason).label) if self.reason else ""


def spot_of(key: str) -> tuple[str, Spot]:
    """A row's key as the code of its measure and where it stands."""
    code, unit, days, group = key.split("|", 3)
    start, end = days.split("..")
    return code, (unit, date.fromisoformat(start), date.fromisoformat(end), group)


def table_of(key: str) -> Table:
    """The table that a row belongs to."""
    code, (_unit, start, end, _group) = spot_of(key)
    return code, start, end


def told_once(found: Iterable[Withdrawn]) -> list[Withdrawn]:
    """One of those that went together, for pages that tell of all measures."""
    return list({(one.name, one.period, one.on): one for one in found}.values())


def tables(rows: Iterable[Gone], standing: Collection[Table]) -> list[Withdrawn]:
    """Tombstones as tables, the latest first; without those of which something is published (`standing`)."""
    found: dict[Table, Withdrawn] = {}
    for row in rows:
        table = code, start, end = table_of(row.key)
        if table not in standing:
            period = period_of_days(f"{start}..{end}")
            found[table] = Withdrawn(code, row.title, period, row.on, row.reason)
    return sorted(found.values(), key=lambda one: (one.on, one.period.end), reverse=True)
