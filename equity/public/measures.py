"""What the public pages show of measures: worked out from published counts, and from nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from django.utils.translation import gettext as _

from equity.errors import NotFound
from equity.public.figures import (
    Document,
    Scope,
    aims_of,
    counted_in,
    figure_of,
    scope_of,
    shown_to_all,
    usual_scope,
    vocabulary_of,
    way_code_of,
    ways_of,
    width_order,
)
from equity.public.queries import OBSERVATION, Institution
from equity.public.withdrawn import code_of, withdrawn
from equity.publication import queries as ledger
from metrics import gone, published, spans
from metrics.aims import Aims
from metrics.breaks import Break
from metrics.courses import Trend, trend
from metrics.figures import PUBLISHED, Cell, Definition, Figure, Vocabulary, Way, assemble, way_code
from metrics.matrix import Known, Row, needed, rows
from metrics.reading.periods import Grain, Period
from metrics.wording import GRAIN_NAMES

MOST_GROUPS_OVER_TIME = 12
"""More groups than this are not drawn over time: the table and the file have them."""

MOST_PARTS = 40
"""More units than this below another are not put beside each other."""

Tables = dict[Period, dict[str, Cell]]
"""Period → group → its published cell."""


@dataclass(frozen=True, slots=True)
class Card:
    """One measure on the institution's page: its usual scope, by the way to compare that shows the widest gap."""

    scope: Scope
    figure: Figure


@dataclass(frozen=True, slots=True)
class Board:
    """Everything that an institution shows of its measures: cards, the widest clear gap first; a word in each square of
    measures against ways to compare; and what was taken back."""

    cards: list[Card]
    ways: list[Way]
    rows: list[Row]
    withdrawn: list[gone.Withdrawn]


@dataclass(frozen=True, slots=True)
class Shown:
    """One measure's page: what is shown, now and over time, and what else could be chosen."""

    scope: Scope
    figure: Figure
    history: list[Figure]
    gaps: list[Figure]
    trend: Trend | None
    parts: list[Figure]
    """The same figure of each unit below."""
    ways: list[Way]
    units: list[tuple[str, str]]
    periods: list[tuple[str, list[tuple[str, str]]]]
    published_at: datetime
    counted: list[tuple[str, str]]
    """Of a sum over several institutions, those that it counts: short name and name."""
    joined: int
    """How many took part in the sums then."""
    changed: list[Break]
    """The periods from which on the definition was another; why is not published."""
    aims: Aims
    apart: bool
    """Two ways to compare were asked for that are not published together: it is shown by the first."""
    withdrawn: list[gone.Withdrawn]


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


def board(of: Institution) -> Board:
    """Every measure in force."""
    by_metric: dict[str, list[Scope]] = defaultdict(list)
    scopes = _scopes(of)
    for scope in scopes:
        by_metric[scope.metric].append(scope)
    taken = gone.told_once(withdrawn(of.organisation_id, scopes))
    usual = {code: usual_scope(scopes) for code, scopes in by_metric.items()}
    if not usual:
        return Board([], [], [], taken)
    told: dict[str, list[Document]] = defaultdict(list)
    for row in ledger.told_in_force(
        of.organisation_id, OBSERVATION, prefixes=[scope.prefix for scope in usual.values()]
    ):
        told[str(row.document["metric"]["code"])].append(row.document)
    words = vocabulary_of(document for documents in told.values() for document in documents)
    cards = [_card(scope, told[code], words) for code, scope in usual.items()]
    cards.sort(key=lambda card: (*width_order(card.figure), card.figure.metric.name))
    ways = ways_of({code for card in cards for code in _single(told[card.scope.metric])}, words)
    return Board(cards, ways, _rows(of, cards, by_metric, ways, words), taken)


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
    days = {(one.start, one.end) for found in periods.values() for one in needed(found)}
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
    told = ledger.told_in_force(of.organisation_id, OBSERVATION, prefixes=[scope.prefix])
    documents = [row.document for row in told]
    words = vocabulary_of(documents)
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
    here = [one for one in scopes if one.unit_code == scope.unit_code]
    alike = [one.period for one in here if one.version == max(of_here.version for of_here in here)]
    past = spans.finest([one.period for one in here])
    steady, pair = spans.steadiest(alike), spans.compared(alike) or ()
    versions = {one.period: one.version for one in here}
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
        parts=_parts(of, found) if way is None or len(way.dimensions) == 1 else [],
        ways=found.ways,
        units=_units(scopes),
        periods=_periods(scopes),
        published_at=max(row.published_at for row in found.told),
        counted=counted_in(found.told[0].document),
        joined=(found.told[0].document.get("institutions") or {"joined": 0})["joined"],
        apart=found.apart,
        withdrawn=withdrawn(of.organisation_id, scopes, code),
        changed=[
            Break(versions[after], after.start, "")
            for before, after in pairwise(past)
            if versions[before] != versions[after]
        ],
        aims=aims_of(row.document for row in found.told),
    )


def taken_back(of: Institution, metric: str, period: str) -> list[gone.Withdrawn]:
    """What was taken back of the period of a measure that was asked for; of a measure that has nothing left, everything.

    Raises NotFound where that is not why there is nothing to show.
    """
    scopes = _scopes(of, metric)
    found = withdrawn(of.organisation_id, scopes, metric)
    found = [one for one in found if (code_of(one.period) == period if period else not scopes)]
    if not found:
        raise NotFound("")
    return found


def _parts(of: Institution, found: Compared) -> list[Figure]:
    """The figure in the units below the one that is shown, by name. One query; none where there are no two of them."""
    whole, period = found.figure, found.scope.period
    names = {
        one.unit_code: one.unit_name
        for one in sorted(found.scopes, key=lambda one: (one.unit_name, one.unit_code))
        if one.period == period and one.is_below(found.scope)
    }
    if not 1 < len(names) <= MOST_PARTS:
        return []
    wanted = {"", whole.way.code if whole.way else ""}
    cells: dict[str, dict[str, Cell]] = {code: {} for code in names}
    for row in ledger.numbers_in_force(
        of.organisation_id,
        OBSERVATION,
        metrics=[whole.metric.code],
        units=names,
        days=[(period.start, period.end)],
    ):
        _, unit, _, group = row.key.split("|", 3)
        if way_code(group) in wanted:
            cells[unit][group] = _cell(whole.metric, row)
    return [
        assemble(whole.metric, (code, name), period, whole.way, cells[code], found.words)
        for code, name in names.items()
    ]


def _cell(metric: Definition, row: ledger.Numbers) -> Cell:
    numbers = row.status, row.numerator, row.denominator, row.likely, row.rate
    steady = row.reliable is not False
    return shown_to_all(published.cell_of(metric.kind, *numbers, reliable=steady))


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
            found[code][spans.period_of_days(span)][group] = _cell(metrics[code], row)
    return found


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


def _periods(scopes: list[Scope]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Codes and names of the periods by their kind, the longest kind first; in each the latest first."""
    found = {scope.period_code: scope for scope in scopes}
    latest = sorted(found.values(), key=lambda scope: (scope.period.end, scope.days), reverse=True)
    return [
        (str(name), of_grain)
        for grain, name in {**GRAIN_NAMES, Grain.WHOLE: _("Longer and other spans")}.items()
        if (of_grain := [(one.period_code, one.label) for one in latest if one.period.grain is grain])
    ]
