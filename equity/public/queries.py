"""What the public pages read: releases and the ledger, and nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import cast

from equity.errors import NotFound
from equity.public import sentences
from equity.public.figures import (
    Document,
    Scope,
    figure_of,
    scope_of,
    shown_to_all,
    usual_scope,
    vocabulary_of,
    way_code_of,
    ways_of,
    width_order,
    words_then,
)
from equity.public.findings import Finding, in_order
from equity.public.places import place
from equity.publication import queries as ledger
from equity.publication.models import LedgerEntry, Release
from metrics import published, spans
from metrics.annotations import Note
from metrics.courses import Trend, trend
from metrics.figures import PUBLISHED, Cell, Definition, Figure, Vocabulary, Way, assemble, way_code
from metrics.matrix import Known, Row, needed, rows
from metrics.reading.periods import Period

OBSERVATION = LedgerEntry.Kind.OBSERVATION
FINDING = LedgerEntry.Kind.FINDING
STATEMENT = LedgerEntry.Kind.STATEMENT

MOST_GROUPS_OVER_TIME = 12
"""More groups than this are not drawn over time: the table and the file have them."""


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


Tables = dict[Period, dict[str, Cell]]
"""Period → group → its published cell."""


@dataclass(frozen=True, slots=True)
class Card:
    """One measure on the institution's page: its usual scope, by the way to compare that shows the widest gap."""

    scope: Scope
    figure: Figure


@dataclass(frozen=True, slots=True)
class Board:
    """Everything that an institution shows of its measures: cards, the widest clear gap first; and a word in each square
    of measures against ways to compare."""

    cards: list[Card]
    ways: list[Way]
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Round:
    """A published review round: what it was, its items, and which other rounds are published."""

    about: Document
    findings: list[Finding]
    published_at: datetime
    others: list[int]


@dataclass(frozen=True, slots=True)
class Shown:
    """One measure's page: what is shown, now and over time, and what else could be chosen."""

    scope: Scope
    figure: Figure
    history: list[Figure]
    gaps: list[Figure]
    trend: Trend | None
    ways: list[Way]
    units: list[tuple[str, str]]
    periods: list[tuple[str, str]]
    published_at: datetime
    institutions: Document | None
    """Of a sum over several institutions: which are counted, and how many took part then."""
    changed: list[date]
    """First days of the periods from which on the definition was another."""
    apart: bool
    """Two ways to compare were asked for that are not published together: it is shown by the first."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One measure's groups as asked for, what else is published of it, and the rows that this rests on."""

    scope: Scope
    scopes: list[Scope]
    figure: Figure
    ways: list[Way]
    words: Vocabulary
    told: list[ledger.Told]
    apart: bool
    """Two ways to compare were asked for that are not published together: it is shown by the first."""


def institutions() -> list[Institution]:
    """Everybody who publishes here, by name."""
    return [_institution(header) for header in ledger.institutions()]


def institution(slug: str) -> Institution:
    """One institution that publishes here. Raises NotFound for any other."""
    return _institution(ledger.institution_header(slug))


def board(of: Institution) -> Board:
    """Every measure in force."""
    by_metric: dict[str, list[Scope]] = defaultdict(list)
    for scope in _scopes(of):
        by_metric[scope.metric].append(scope)
    usual = {code: usual_scope(scopes) for code, scopes in by_metric.items()}
    if not usual:
        return Board([], [], [])
    told: dict[str, list[Document]] = defaultdict(list)
    for row in ledger.told_in_force(
        of.organisation_id, OBSERVATION, prefixes=[scope.prefix for scope in usual.values()]
    ):
        told[str(row.document["metric"]["code"])].append(row.document)
    words = vocabulary_of(document for documents in told.values() for document in documents)
    cards = [_card(scope, told[code], words) for code, scope in usual.items()]
    cards.sort(key=lambda card: (*width_order(card.figure), card.figure.metric.name))
    ways = ways_of({code for card in cards for code in _single(told[card.scope.metric])}, words)
    return Board(cards, ways, _rows(of, cards, by_metric, ways, words))


def _rows(
    of: Institution,
    cards: Iterable[Card],
    by_metric: dict[str, list[Scope]],
    ways: list[Way],
    words: Vocabulary,
) -> list[Row]:
    """A word in each square, from the periods that are held against each other: one query."""
    periods = {
        card.scope.metric: [
            one.period
            for one in by_metric[card.scope.metric]
            if (one.unit_code, one.version) == (card.scope.unit_code, card.scope.version)
        ]
        for card in cards
    }
    days = {(one.start, one.end) for found in periods.values() for one in needed(found, ways)}
    units = {card.scope.metric: card.scope.unit_code for card in cards}
    tables = _tables(of, {card.scope.metric: card.figure.metric for card in cards}, units, days)
    known = [
        Known(
            card.figure.metric,
            periods[card.scope.metric],
            frozenset(way_code(key) for cells in tables[card.scope.metric].values() for key in cells),
            defaultdict(dict, tables[card.scope.metric]),
        )
        for card in cards
    ]
    return rows(known, ways, ("", ""), words)


def compared(of: Institution, code: str, *, by: str, unit: str, period: str, also: str = "") -> Compared:
    """The groups of one measure in one period; what is left empty is chosen as on the institution's page.

    Raises NotFound when the measure, the unit, the period or the way to compare is not published.
    """
    scopes = _scopes(of, code)
    asked = [scope for scope in scopes if unit in ("", scope.unit_code) and period in ("", scope.period_code)]
    if not asked:
        raise NotFound("")
    scope = usual_scope(asked)
    latest = max((one for one in scopes if one.unit_code == scope.unit_code), key=lambda one: one.period.end)
    rows = ledger.told_in_force(of.organisation_id, OBSERVATION, prefixes=[scope.prefix, latest.prefix])
    told = [row for row in rows if row.key.startswith(scope.prefix)]
    documents = [row.document for row in told]
    words = words_then(documents, [row.document for row in rows])
    ways = ways_of(map(way_code_of, documents), words)
    together = "*".join(sorted({by, also} - {""}))
    apart = bool(by and also) and together not in {way.code for way in ways}
    by = by if apart else together
    way = _asked_way(ways, by) if by else _card(scope, documents, words).figure.way
    return Compared(scope, scopes, figure_of(documents, scope, way, words), ways, words, told, apart)


def measure(of: Institution, code: str, *, by: str, unit: str, period: str, also: str = "") -> Shown:
    """One measure as asked for, now and over time. Raises NotFound as `compared` does."""
    found = compared(of, code, by=by, unit=unit, period=period, also=also)
    scope, scopes, figure, way = found.scope, found.scopes, found.figure, found.figure.way
    versions = {one.period: one.version for one in scopes if one.unit_code == scope.unit_code}
    past, last = spans.finest([*versions]), max(versions.values())
    regrouped = [one.day for one in way.regrouped] if way else []
    alike = spans.since((one for one in versions if versions[one] == last), regrouped)
    steady, pair = spans.steadiest(alike), spans.compared(alike) or ()
    redefined = [later.start for one, later in pairwise(past) if versions[one] != versions[later]]
    days = {(one.start, one.end) for one in (*past, *steady, *pair)}
    tables = _tables(of, {code: figure.metric}, {code: scope.unit_code}, days)[code] if days else {}

    def over(periods: Iterable[Period]) -> list[Figure]:
        place = scope.unit_code, scope.unit_name
        wanted = {"", way.code if way else ""}
        return [
            assemble(
                figure.metric,
                place,
                one,
                way,
                {key: cell for key, cell in tables.get(one, {}).items() if way_code(key) in wanted},
                found.words,
            )
            for one in periods
        ]

    drawn = len(figure.lines) <= MOST_GROUPS_OVER_TIME
    return Shown(
        scope=scope,
        figure=figure,
        history=over(past) if drawn else [],
        gaps=over(steady) if way else [],
        trend=trend(*over(pair)) if way and pair else None,
        ways=found.ways,
        units=_units(scopes),
        periods=_periods(scopes),
        published_at=max(row.published_at for row in found.told),
        institutions=found.told[0].document.get("institutions"),
        apart=found.apart,
        changed=sorted({*regrouped, *redefined}),
    )


def _tables(
    of: Institution, metrics: dict[str, Definition], units: dict[str, str], days: set[tuple[date, date]]
) -> dict[str, Tables]:
    """The published cells of some measures, each in one unit, of the periods with these first and last days."""
    found: dict[str, Tables] = {code: defaultdict(dict) for code in metrics}
    for row in ledger.numbers_in_force(
        of.organisation_id, OBSERVATION, metrics=metrics, units={*units.values()}, days=days
    ):
        code, unit, span, group = row.key.split("|", 3)
        if unit == units[code]:
            numbers = row.status, row.numerator, row.denominator, row.likely, row.rate
            steady = row.reliable is not False
            cell = shown_to_all(published.cell_of(metrics[code].kind, *numbers, reliable=steady))
            found[code][spans.period_of_days(span)][group] = cell
    return found


def observations(of: Institution, metric: str = "") -> list[LedgerEntry]:
    """Every row of figures in force, for the download."""
    return ledger.in_force(of.organisation_id, OBSERVATION, metric=metric)


def programme(of: Institution) -> Document | None:
    """The statement of how far the five steps have come, if one is in force."""
    found = ledger.in_force(of.organisation_id, STATEMENT, prefixes=["programme"])
    return found[0].document if found else None


def done(of: Institution, level: str, start: date, end: date) -> list[Note]:
    """What the institution did on a level in these days, of what it shows to everybody: from its last statement."""
    told = programme(of) or {}
    return [
        Note(on, sentences.happened(one["what"], one["title"]))
        for one in told.get("practices", ())
        if one["level"] == level and start <= (on := date.fromisoformat(one["on"])) <= end
    ]


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
    found = ledger.places_in_force(of.organisation_id, OBSERVATION, metric=metric)
    return [
        scope_of(
            one.metric,
            one.unit,
            one.period,
            *_counted(one.status, one.numerator, one.denominator),
            one.version,
        )
        for one in found
    ]


def _counted(status: str, numerator: int | None, denominator: int | None) -> tuple[int | None, int | None]:
    return (numerator, denominator) if status == PUBLISHED else (None, None)


def _single(documents: Iterable[Document]) -> set[str]:
    """The codes of the single dimensions that rows are cut by."""
    return {code for document in documents if len(document["dims"]) == 1 for code in document["dims"]}


def _card(scope: Scope, documents: Sequence[Document], words: Vocabulary) -> Card:
    """The measure by the single dimension that shows the widest gap; by nothing when it is not compared."""
    compared = [figure_of(documents, scope, way, words) for way in ways_of(_single(documents), words)]
    if not compared:
        return Card(scope, figure_of(documents, scope, None, words))
    return Card(scope, min(compared, key=width_order))


def _asked_way(ways: list[Way], by: str) -> Way:
    for way in ways:
        if way.code == by:
            return way
    raise NotFound("")


def _units(scopes: list[Scope]) -> list[tuple[str, str]]:
    """Codes and names of the units, the whole institution before its parts."""
    found = {(not one.root, one.unit_name, one.unit_code) for one in scopes}
    return [(code, name) for _part, name, code in sorted(found)]


def _periods(scopes: list[Scope]) -> list[tuple[str, str]]:
    """Codes and names of the periods, the longest first, then the latest."""
    periods = {scope.period_code: scope for scope in scopes}
    ordered = sorted(periods.values(), key=lambda scope: (scope.days, scope.period.end), reverse=True)
    return [(scope.period_code, scope.label) for scope in ordered]


def _published_at(release: Release) -> datetime:
    return cast(datetime, release.published_at)  # a published release has a date: a constraint of its table


def _latest(entries: list[LedgerEntry]) -> datetime:
    """When the newest of these rows was published."""
    return _published_at(max(entries, key=lambda entry: entry.seq).release)
