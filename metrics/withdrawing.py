"""The door to withdrawals: which tables are published, which were taken back, and who may take back what."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from equity.errors import NotAllowed, NotFound
from equity.publication.models import LedgerEntry
from equity.publication.queries import Gone, keys_in_force, tombstones_in_force
from equity.roles import Permission
from equity.tenancy.models import Organisation
from metrics import queries
from metrics.models import Metric
from metrics.reading.periods import Period
from metrics.spans import period_of_days
from metrics.withdrawal import State, may_withdraw

WITHDRAW = "metrics.withdraw_figures"
OBSERVATION = LedgerEntry.Kind.OBSERVATION

Spot = tuple[str, date, date, str]
"""Unit, first and last day, and group: where a row stands within its measure."""


@dataclass(frozen=True)
class Withdrawn:
    """A table that was taken back and is not published again."""

    metric: str
    name: str
    period: Period
    on: datetime
    reason: str


def spot_of(key: str) -> tuple[str, Spot]:
    """A row's key as the code of its measure and where it stands."""
    code, unit, days, group = key.split("|", 3)
    start, end = days.split("..")
    return code, (unit, date.fromisoformat(start), date.fromisoformat(end), group)


def gone(organisation_id: int, metric: str) -> set[Spot]:
    """Where rows of a measure are withdrawn: known to whoever kept them, and not published now."""
    return {spot for _code, spot in gone_of_all(organisation_id, metric)}


def gone_of_all(organisation_id: int, metric: str = "") -> set[tuple[str, Spot]]:
    """The same of all measures, each spot with the measure's code."""
    return {spot_of(row.key) for row in tombstones_in_force(organisation_id, OBSERVATION, metric=metric)}


def states(organisation_id: int, metric: str) -> dict[Period, State]:
    """How each table of a measure stands that was ever published."""
    found = {}
    for _unit, start, end, _group in gone(organisation_id, metric):
        found[period_of_days(f"{start}..{end}")] = State.WITHDRAWN
    for key in keys_in_force(organisation_id, OBSERVATION, metric=metric):
        found[period_of_days(key.split("|", 3)[2])] = State.PUBLISHED
    return found


def published_periods(metric: Metric) -> list[Period]:
    """The periods of which a measure has something published, the latest first."""
    standing = states(metric.organisation_id, metric.code)
    found = [period for period, state in standing.items() if state is State.PUBLISHED]
    return sorted(found, key=lambda one: (one.end, -one.start.toordinal()), reverse=True)


def tables(rows: Iterable[Gone], standing: Collection[tuple[str, date, date]]) -> list[Withdrawn]:
    """Tombstones as tables, the latest first; without those whose table, by measure and days, is published again."""
    found: dict[tuple[str, date, date], Withdrawn] = {}
    for row in rows:
        code, (_unit, start, end, _group) = spot_of(row.key)
        if (code, start, end) not in standing:
            period = period_of_days(f"{start}..{end}")
            found[code, start, end] = Withdrawn(code, row.title, period, row.on, row.reason)
    return sorted(found.values(), key=lambda one: (one.on, one.period.end), reverse=True)


def withdrawn(organisation: Organisation) -> list[Withdrawn]:
    """Every table that is withdrawn now."""
    standing = set()
    for key in keys_in_force(organisation.pk, OBSERVATION):
        code, (_unit, start, end, _group) = spot_of(key)
        standing.add((code, start, end))
    return tables(tombstones_in_force(organisation.pk, OBSERVATION), standing)


def may_be_withdrawn(permissions: Collection[Permission]) -> list[Metric]:
    """The published measures on which somebody with these permissions decides."""
    own = [one for one in queries.definitions() if may_withdraw(one.held_by, permissions)]
    if not own:
        return []
    codes = {key.split("|", 1)[0] for key in keys_in_force(own[0].organisation_id, OBSERVATION)}
    return [one for one in own if one.code in codes]


def metric_for(code: str, permissions: Collection[Permission]) -> Metric:
    """A measure whose figures somebody with these permissions may withdraw."""
    found = Metric.objects.filter(code=code).first()
    if found is None:
        raise NotFound("")
    if not may_withdraw(found.held_by, permissions):
        raise NotAllowed("")
    return found
