"""What the public pages read: releases and the ledger, and nothing else."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from equity.errors import NotFound
from equity.public.figures import (
    Comparison,
    Document,
    Scope,
    compare,
    dimension_names,
    dimensions_of,
    one_of_each_scope,
    scope_of,
    usual_scope,
    width_order,
)
from equity.public.findings import Finding, in_order
from equity.public.places import place
from equity.publication import queries as ledger
from equity.publication.models import LedgerEntry, Release

OBSERVATION = LedgerEntry.Kind.OBSERVATION
FINDING = LedgerEntry.Kind.FINDING
STATEMENT = LedgerEntry.Kind.STATEMENT


@dataclass(frozen=True, slots=True)
class Institution:
    """Who publishes, as the header of its latest release says."""

    organisation_id: int
    slug: str
    name: str
    sample_note: str
    ccn: str
    state: str
    county_fips: str
    published_at: datetime

    @property
    def place(self) -> str:
        return place(self.state)


@dataclass(frozen=True, slots=True)
class Way:
    """A way to compare: the dimensions, and their names as a reader knows them."""

    dimensions: tuple[str, ...]
    name: str

    @property
    def code(self) -> str:
        return "*".join(self.dimensions)


@dataclass(frozen=True, slots=True)
class Card:
    """One measure on the institution's page: its usual scope and the way to compare that shows the widest gap."""

    scope: Scope
    way: Way | None
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Round:
    """A published review round: what it was, its items, and which other rounds are published."""

    about: Document
    findings: list[Finding]
    published_at: datetime
    others: list[int]


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure's page: what is shown, what else could be chosen, and the ledger's numbers of the rows it rests on."""

    scope: Scope
    way: Way
    comparison: Comparison
    ways: list[Way]
    units: list[tuple[str, str]]
    periods: list[tuple[str, str]]
    published_at: datetime
    seqs: list[int]


def institutions() -> list[Institution]:
    """Everybody who publishes here, by name."""
    return [_institution(header) for header in ledger.institutions()]


def institution(slug: str) -> Institution:
    """One institution that publishes here. Raises NotFound for any other."""
    return _institution(ledger.institution_header(slug))


def cards(of: Institution) -> list[Card]:
    """Every measure in force, the widest clear gap first."""
    by_metric: dict[str, list[Scope]] = defaultdict(list)
    for scope in _scopes(of):
        by_metric[str(scope.metric["code"])].append(scope)
    usual = [usual_scope(scopes) for scopes in by_metric.values()]
    rows: dict[str, list[Document]] = defaultdict(list)
    if usual:
        for entry in ledger.in_force(
            of.organisation_id, OBSERVATION, prefixes=[scope.prefix for scope in usual]
        ):
            rows[entry.metric].append(entry.document)
    made = [_card(scope, rows[str(scope.metric["code"])]) for scope in usual]
    return sorted(made, key=lambda card: (*width_order(card.comparison), card.scope.metric["name"]))


def measure(of: Institution, code: str, *, by: str, unit: str, period: str) -> Measure:
    """One measure as asked for; what is left empty is chosen as on the institution's page.

    Raises NotFound when the measure, the unit, the period or the way to compare is not published.
    """
    scopes = _scopes(of, code)
    asked = [scope for scope in scopes if unit in ("", scope.unit_code) and period in ("", scope.period_code)]
    if not asked:
        raise NotFound("")
    scope = usual_scope(asked)
    entries = ledger.in_force(of.organisation_id, OBSERVATION, prefixes=[scope.prefix])
    documents = [entry.document for entry in entries]
    ways = _ways(documents)
    way = _asked_way(ways, by) if by else _card(scope, documents).way or Way((), "")
    return Measure(
        scope=scope,
        way=way,
        comparison=compare(documents, way.dimensions, scope.metric),
        ways=ways,
        units=_units(scopes),
        periods=_periods(scopes),
        published_at=_latest(entries),
        seqs=[entry.seq for entry in entries],
    )


def observations(of: Institution, metric: str = "") -> list[LedgerEntry]:
    """Every row of figures in force, for the download."""
    return ledger.in_force(of.organisation_id, OBSERVATION, metric=metric)


def programme(of: Institution) -> Document | None:
    """The statement of how far the five steps have come, if one is in force."""
    found = ledger.in_force(of.organisation_id, STATEMENT, prefixes=["programme"])
    return found[0].document if found else None


def review_round(of: Institution, number: int | None) -> Round | None:
    """A published round: the one asked for, else the latest. None when no round is published.

    Raises NotFound for a number that is not published.
    """
    numbers = sorted({int(key.split("/")[1]) for key in ledger.keys_in_force(of.organisation_id, FINDING)})
    if not numbers and number is None:
        return None
    chosen = number if number is not None else numbers[-1]
    if chosen not in numbers:
        raise NotFound("")
    entries = ledger.in_force(of.organisation_id, FINDING, prefixes=[f"round/{chosen}/"])
    documents = [entry.document for entry in entries]
    return Round(
        about=documents[0]["round"],
        findings=in_order(documents),
        published_at=_latest(entries),
        others=[other for other in numbers if other != chosen],
    )


def finding(of: Institution, number: int, code: str) -> tuple[Round, Finding]:
    """One item of a published round. Raises NotFound for any other."""
    said = review_round(of, number)
    for one in said.findings if said else ():
        if said and one.code == code:
            return said, one
    raise NotFound("")


def _institution(header: Release) -> Institution:
    return Institution(
        organisation_id=header.organisation_id,
        slug=header.institution_slug,
        name=header.institution_name,
        sample_note=header.sample_note,
        ccn=header.ccn,
        state=header.state_code,
        county_fips=header.county_fips,
        published_at=_published_at(header),
    )


def _scopes(of: Institution, metric: str = "") -> list[Scope]:
    """Every measure, unit and period that is in force, each from one of its rows."""
    chosen = one_of_each_scope(ledger.keys_in_force(of.organisation_id, OBSERVATION, metric=metric))
    return [
        scope_of(entry.document) for entry in ledger.in_force(of.organisation_id, OBSERVATION, keys=chosen)
    ]


def _card(scope: Scope, documents: list[Document]) -> Card:
    """The measure by the single dimension that shows the widest gap; by nothing when it is not compared."""
    compared = [
        (way, compare(documents, way.dimensions, scope.metric))
        for way in _ways(documents)
        if len(way.dimensions) == 1
    ]
    if not compared:
        return Card(scope, None, compare(documents, (), scope.metric))
    way, comparison = min(compared, key=lambda one: width_order(one[1]))
    return Card(scope, way, comparison)


def _ways(documents: list[Document]) -> list[Way]:
    """Every way to compare that these rows allow: single dimensions first, by name."""
    names = {dimensions_of(document): dimension_names(document) for document in documents if document["dims"]}
    ways = [Way(dimensions, " × ".join(parts)) for dimensions, parts in names.items()]
    return sorted(ways, key=lambda way: (len(way.dimensions), way.name))


def _asked_way(ways: list[Way], by: str) -> Way:
    for way in ways:
        if way.code == by:
            return way
    raise NotFound("")


def _units(scopes: list[Scope]) -> list[tuple[str, str]]:
    """Codes and names of the units, the whole institution before its parts."""
    found = {(not one.unit.get("root"), str(one.unit["name"]), one.unit_code) for one in scopes}
    return [(code, name) for _part, name, code in sorted(found)]


def _periods(scopes: list[Scope]) -> list[tuple[str, str]]:
    """Codes and names of the periods, the longest first, then the latest."""
    periods: dict[str, Any] = {scope.period_code: scope for scope in scopes}
    ordered = sorted(periods.values(), key=lambda scope: (scope.days, scope.last_day), reverse=True)
    return [(scope.period_code, str(scope.period["label"])) for scope in ordered]


def _published_at(release: Release) -> datetime:
    return cast(datetime, release.published_at)  # a published release has a date: a constraint of its table


def _latest(entries: list[LedgerEntry]) -> datetime:
    """When the newest of these rows was published."""
    return _published_at(max(entries, key=lambda entry: entry.seq).release)
