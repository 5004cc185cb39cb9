"""The door to what is measured. Which figures somebody gets depends on what they may see, and on nothing a page asks for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from equity.errors import NotFound
from equity.roles import Permission
from equity.tenancy.models import Organisation, Unit
from metrics import figures, spans
from metrics.breaks import unbroken
from metrics.completeness import Reporter, Silence
from metrics.courses import Trend, trend
from metrics.figures import Figure, Vocabulary, Way, assemble, way_of
from metrics.indexes import with_indexes, with_parts
from metrics.matrix import Known, Row, needed, rows
from metrics.models import Level, Metric, Series
from metrics.reading.periods import Period
from metrics.sources import FullCounts, Published, Source
from metrics.standing import Standing, standing_of, with_standing
from metrics.vocabulary import vocabulary

MOST_GROUPS_OVER_TIME = 12
"""More groups than this are not drawn over time: the table and the file have them."""

MOST_PARTS = 40
"""More units than this below another are not put beside each other."""


@dataclass(frozen=True)
class Asked:
    """What the address asks for, as it stands there; "" and what does not exist mean: the usual."""

    by: str = ""
    period: str = ""
    unit: str = ""
    also: str = ""

    @property
    def way(self) -> str:
        """The code of the way to compare: by one thing, or by two crossed."""
        return "*".join(sorted({self.by, self.also} - {""}))


@dataclass(frozen=True)
class Measured:
    """One metric with its figure, or without one: nothing is measured (or shown) yet.

    `open`: the periods that cannot be shown because somebody has not reported; known to insiders only.
    """

    metric: Metric
    figure: Figure | None
    open: Mapping[Period, Sequence[Silence]] = field(default_factory=dict)


@dataclass(frozen=True)
class Dashboard:
    """Figures of some metrics, what else could be asked, and whether every count is in them."""

    full: bool
    measured: list[Measured]
    units: list[Unit]
    ways: list[Way]
    periods: list[Period]
    unit: Unit
    asked: Asked


@dataclass(frozen=True)
class Detail:
    """One metric with its figure over time, in the figure's own way to compare.

    `history`: in the shortest periods, in order; `gaps`: in the periods that a gap is drawn by; `trend`: its gap in two periods;
    `parts`: the same figure of each unit directly below; `apart`: two ways were asked for that are not there together, and it is shown by the first of them.
    """

    dashboard: Dashboard
    measured: Measured
    history: list[Figure]
    gaps: list[Figure]
    trend: Trend | None
    parts: list[Figure]
    apart: bool
    standing: Standing


def definitions(level: str = "", purpose: str = "") -> list[Metric]:
    """The metrics of one level, or of all four, and of one purpose, or of all three, in their order."""
    wanted = {name: value for name, value in (("level", level), ("purpose", purpose)) if value}
    return list(with_standing(Metric.objects.select_related("owner").filter(**wanted)))


def level_for(code: str) -> Level:
    """The level with this code."""
    if code not in Level.values:
        raise NotFound("")
    return Level(code)


def metric_for(level: str, code: str) -> Metric:
    """A metric of a level of the institution one is in."""
    metric = with_standing(Metric.objects.select_related("owner").filter(level=level, code=code)).first()
    if metric is None:
        raise NotFound("")
    return metric


def units() -> list[Unit]:
    """The institution's units: the whole first, then its parts in their order."""
    found = list(Unit.objects.all())
    return sorted(found, key=lambda unit: (unit.parent_id is not None, unit.position, unit.name))


def is_counted(unit: Unit) -> bool:
    """Whether anything was ever counted in a unit, or in one below it: their sums are among its series."""
    return Series.objects.filter(organisation_id=unit.organisation_id, unit=unit).exists()


def dashboard(
    organisation: Organisation, permissions: Collection[Permission], metrics: Sequence[Metric], asked: Asked
) -> Dashboard:
    """The figures of these metrics. A constant number of queries, however many metrics and groups there are."""
    places = units()
    unit = chosen_unit(places, asked.unit)
    source = source_for(organisation, permissions, places, unit, metrics)
    return show(source, metrics, asked, unit, places, vocabulary())


@dataclass(frozen=True)
class Overview:
    """Figures of all metrics, and a word for each of them by each single way to compare."""

    dashboard: Dashboard
    ways: list[Way]
    rows: list[Row]
    uncompared: list[str]
    """Names of the dimensions that no metric here is counted by."""


def overview(
    organisation: Organisation, permissions: Collection[Permission], metrics: Sequence[Metric], asked: Asked
) -> Overview:
    """Every metric by every way to compare: is its gap closing?"""
    places, words = units(), vocabulary()
    unit = chosen_unit(places, asked.unit)
    source = source_for(organisation, permissions, places, unit, metrics)
    board = show(source, metrics, Asked(unit=asked.unit), unit, places, words)
    ways = [way for way in board.ways if len(way.dimensions) == 1]
    codes = {way.code for way in ways}
    periods = {
        metric.code: unbroken(source.periods(metric.code), standing_of(metric).breaks) for metric in metrics
    }
    reading = {
        metric.code: (needed(periods[metric.code]), source.ways(metric.code) & codes) for metric in metrics
    }
    tables = source.tables(reading)
    known = [
        Known(
            metric,
            periods[metric.code],
            frozenset(source.ways(metric.code)),
            tables[metric.code],
        )
        for metric in metrics
    ]
    found = rows(known, ways, (unit.code, unit.name), words)
    uncompared = [one.name for one in _in_order(words) if one.code not in codes]
    return Overview(board, ways, found, uncompared)


def _in_order(words: Vocabulary) -> list[figures.Dimension]:
    return sorted(words.values(), key=lambda one: (one.position, one.code))


def detail(
    organisation: Organisation, permissions: Collection[Permission], metric: Metric, asked: Asked
) -> Detail:
    """One metric, now and over time."""
    places = units()
    unit = chosen_unit(places, asked.unit)
    parts = parts_of(unit, places)
    source = source_for(organisation, permissions, places, unit, [metric], parts)
    return show_detail(source, metric, asked, unit, places, vocabulary())


def show_detail(
    source: Source,
    metric: Metric,
    asked: Asked,
    unit: Unit,
    places: list[Unit],
    words: Vocabulary,
) -> Detail:
    """One metric of a source in one unit, now and over time: its numbers of all periods are read together.

    Gaps are held against each other only within one version of its definition.
    """
    standing = standing_of(metric)
    ways, periods = _ways(source.ways(metric.code), words), _periods([metric], source)
    wanted = way_of(asked.way, words)
    apart = bool(asked.also and wanted and wanted.code not in source.ways(metric.code))
    if apart:
        wanted = way_of(asked.by, words)
    choice = _choose(metric, source, ways, wanted, _by_code(periods, asked.period))
    figure, history, gaps, found, parts = None, [], [], None, []
    if choice:
        period, way = choice
        alike = unbroken(periods, standing.breaks)
        past, steady = spans.finest(periods), spans.steadiest(alike)
        pair = spans.compared(alike) or ()
        below = parts_of(unit, places) if way is None or len(way.dimensions) == 1 else []
        codes = [way.code] if way else []
        reading = {(metric.code, unit.code): ([period, *past, *steady, *pair], codes)} | {
            (metric.code, one.code): ([period], codes) for one in below
        }
        everywhere = source.spots(reading)
        tables = everywhere[metric.code, unit.code]
        parts = [
            assemble(
                metric, (one.code, one.name), period, way, everywhere[metric.code, one.code][period], words
            )
            for one in below
        ]
        figure = _figure(metric, unit, choice, tables[period], words)

        def of(periods: Iterable[Period]) -> list[Figure]:
            place = unit.code, unit.name
            return [assemble(metric, place, one, way, tables[one], words) for one in periods]

        if figure is not None and len(figure.lines) <= MOST_GROUPS_OVER_TIME:
            history = of(past)
        if figure is not None and way:
            gaps = of(steady)
            found = trend(*of(pair)) if pair else None
    measured = Measured(metric, figure, source.open(metric.code))
    board = Dashboard(source.full, [measured], places, ways, periods, unit, asked)
    return Detail(board, measured, history, gaps, found, parts, apart, standing)


def show(
    source: Source,
    metrics: Sequence[Metric],
    asked: Asked,
    unit: Unit,
    places: list[Unit],
    words: Vocabulary,
) -> Dashboard:
    """What a source has of these metrics in one unit, as it is asked for."""
    ways = _ways({code for metric in metrics for code in source.ways(metric.code)}, words)
    periods = _periods(metrics, source)
    way, period = way_of(asked.by, words), _by_code(periods, asked.period)
    wanted = {
        metric.code: choice for metric in metrics if (choice := _choose(metric, source, ways, way, period))
    }
    cells = source.cells({code: (one, by.code if by else "") for code, (one, by) in wanted.items()})
    measured = [
        Measured(
            metric,
            _figure(metric, unit, wanted.get(metric.code), cells.get(metric.code, {}), words),
            source.open(metric.code),
        )
        for metric in metrics
    ]
    return Dashboard(source.full, measured, places, ways, periods, unit, asked)


def source_for(
    organisation: Organisation,
    permissions: Collection[Permission],
    places: Sequence[Unit],
    unit: Unit,
    metrics: Sequence[Metric],
    parts: Sequence[Unit] = (),
) -> Source:
    """Every count for those who may see them; what is published for everybody else. A health department holds no counts."""
    is_department = organisation.kind == Organisation.Kind.HEALTH_DEPARTMENT
    if is_department:
        return Published(organisation.pk, unit.code, metrics)
    known = with_parts(metrics)
    if Permission.SEE_FULL_COUNTS in permissions:
        below = [one.pk for one in parts]
        full = FullCounts(organisation.pk, unit.pk, reporters_in(unit, places), known, below)
        return with_indexes(full, known)
    return with_indexes(Published(organisation.pk, unit.code, known), known)


def reporters_in(unit: Unit, places: Sequence[Unit]) -> dict[UUID, Reporter]:
    """A unit and all that is below it, by their keys."""
    below = {unit.pk: Reporter(unit.code, unit.name)}
    while more := [one for one in places if one.parent_id in below and one.pk not in below]:
        below |= {one.pk: Reporter(one.code, one.name) for one in more}
    return below


def parts_of(unit: Unit, places: Sequence[Unit]) -> list[Unit]:
    """The units directly below, in the institution's order; none where they are too many to put beside each other."""
    below = [one for one in places if one.parent_id == unit.pk]
    return below if len(below) <= MOST_PARTS else []


def chosen_unit(places: Sequence[Unit], code: str) -> Unit:
    """The unit with this code, else the whole institution."""
    if not places:
        raise NotFound("")
    return next((unit for unit in places if unit.code == code), places[0])


def _ways(codes: Collection[str], words: Vocabulary) -> list[Way]:
    found = [way for code in codes if (way := way_of(code, words))]
    return sorted(found, key=lambda way: way.order)


def _periods(metrics: Sequence[Metric], source: Source) -> list[Period]:
    """The longest kind first, in each the latest first, as a reader looks for them."""
    found = {period for metric in metrics for period in source.periods(metric.code)}
    kinds = ["whole", "year", "rolling", "quarter", "month"]
    return sorted(found, key=lambda one: (kinds.index(one.grain), -one.start.toordinal()))


def _by_code(periods: Sequence[Period], code: str) -> Period | None:
    return next((period for period in periods if period.code == code), None)


def _choose(
    metric: Metric, source: Source, ways: Sequence[Way], way: Way | None, period: Period | None
) -> tuple[Period, Way | None] | None:
    """The period asked for, else the latest; the way asked for, else the metric's first. None: nothing to show."""
    available = source.periods(metric.code)
    chosen = period if period in available else spans.latest(available) if period is None else None
    if chosen is None:
        return None
    if way is None:
        codes = source.ways(metric.code)
        way = next((one for one in ways if one.code in codes), None)
    return chosen, way


def _figure(
    metric: Metric,
    unit: Unit,
    choice: tuple[Period, Way | None] | None,
    cells: Mapping[str, figures.Cell],
    words: Vocabulary,
) -> Figure | None:
    if choice is None or not cells:
        return None
    period, way = choice
    return assemble(metric, (unit.code, unit.name), period, way, cells, words)
