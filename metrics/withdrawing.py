"""The door to withdrawals: which tables are published, which were taken back, and who may take back what."""

from __future__ import annotations

from collections.abc import Collection

from equity.errors import NotAllowed, NotFound
from equity.publication.models import LedgerEntry, Release
from equity.publication.queries import keys_in_force, tombstones_in_force
from equity.roles import Permission
from metrics import queries
from metrics.composition import INDEX
from metrics.gone import Spot, Table, Withdrawn, spot_of, table_of, tables
from metrics.indexes import composition_at
from metrics.models import CertifiedCell, Metric
from metrics.reading.periods import Period
from metrics.spans import period_of_days
from metrics.withdrawal import State, may_withdraw

WITHDRAW = "metrics.withdraw_figures"
OBSERVATION = LedgerEntry.Kind.OBSERVATION


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


def withdrawn(organisation_id: int) -> list[Withdrawn]:
    """Every table that is withdrawn now."""
    standing = {table_of(key) for key in keys_in_force(organisation_id, OBSERVATION)}
    return tables(tombstones_in_force(organisation_id, OBSERVATION), standing)


def withdrawn_since(release: Release) -> list[Withdrawn]:
    """Of what a release published, the tables that are withdrawn now."""
    if release.seq is None:
        return []
    rows = CertifiedCell.objects.filter(organisation_id=release.organisation_id, release=release)
    held = set(rows.values_list("series__metric__code", "start", "end").distinct())
    return [
        one
        for one in withdrawn(release.organisation_id)
        if (one.metric, one.period.start, one.period.end) in held
    ]


def falling_with(metric: Metric, periods: Collection[Period]) -> set[Table]:
    """The tables that go when a measure goes in these periods: its own, and those of every index it is a part of."""
    found = {(metric.code, one.start, one.end) for one in periods}
    for index in Metric.objects.filter(organisation_id=metric.organisation_id, kind=INDEX):
        for period in periods:
            if metric.code in composition_at(index, period).measures:
                found.add((index.code, period.start, period.end))
    return found


def names_falling_with(metric: Metric, periods: Collection[Period]) -> list[str]:
    """What goes, by name: the measure first."""
    codes = {code for code, _start, _end in falling_with(metric, periods)} - {metric.code}
    indexes = Metric.objects.filter(organisation_id=metric.organisation_id, code__in=codes)
    return [metric.name, *indexes.values_list("name", flat=True)]


def may_be_withdrawn(permissions: Collection[Permission]) -> list[Metric]:
    """The published measures on which somebody with these permissions decides."""
    own = [
        one for one in queries.definitions() if one.kind != INDEX and may_withdraw(one.held_by, permissions)
    ]
    if not own:
        return []
    codes = {key.split("|", 1)[0] for key in keys_in_force(own[0].organisation_id, OBSERVATION)}
    return [one for one in own if one.code in codes]


def metric_for(code: str, permissions: Collection[Permission]) -> Metric:
    """A measure whose figures somebody with these permissions may withdraw. An index goes with its parts, not alone."""
    found = Metric.objects.filter(code=code).exclude(kind=INDEX).first()
    if found is None:
        raise NotFound("")
    if not may_withdraw(found.held_by, permissions):
        raise NotAllowed("")
    return found
