"""Where figures come from: every count for insiders, what is published for everybody else. Same shape, constant queries.

Facts are found through their series, by the primary key (institution, series, grain, start), however many there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, Protocol
from uuid import UUID

from django.db.models import CharField, F, Q, QuerySet, Value

from equity.publication.queries import keys_in_force, numbers_in_force
from metrics.completeness import Reporter, Reports, Silence
from metrics.figures import EVERYBODY, GRAIN_OF, PUBLISHED, Cell, in_amounts, way_code
from metrics.models import Blank, Metric, Observation, Rollup, Series
from metrics.published import cell_of
from metrics.reading.periods import Period
from metrics.reporting import once_over_periods, reports
from metrics.spans import period_of_days

Cells = dict[str, Cell]
"""Cells of one metric, unit and period by the key of their stratum."""

Wanted = Mapping[str, tuple[Period, str]]
"""Metric code → its period and the code of the way to compare ("": everybody only)."""

Reading = Mapping[str, tuple[Collection[Period], Collection[str]]]
"""Metric code → periods and codes of ways to compare; everybody is always read with them."""

Tables = dict[str, dict[Period, Cells]]
"""Metric code → period → its cells."""

Spot = tuple[str, str]
"""A metric in a unit: their codes."""

Spots = Mapping[Spot, tuple[Collection[Period], Collection[str]]]
"""As `Reading`, in several units."""

OBSERVATION = "observation"


class Source(Protocol):
    """What a page asks, for one unit and some metrics."""

    full: bool

    def periods(self, code: str) -> list[Period]:
        """Periods with a number for everybody, whole ones only, the latest first."""

    def open(self, code: str) -> Mapping[Period, Sequence[Silence]]:
        """Periods of which something is missing, with what; empty for who may not know."""

    def ways(self, code: str) -> set[str]:
        """Ways to compare that a metric has numbers for."""

    def cells(self, wanted: Wanted) -> dict[str, Cells]:
        """The cells of each metric in its period, everybody included."""

    def tables(self, reading: Reading) -> Tables:
        """The cells of several metrics, periods and ways. One statement, however many they are."""

    def spots(self, wanted: Spots) -> dict[Spot, dict[Period, Cells]]:
        """The same in several units: the one asked for, and those directly below it, where nothing is crossed."""


def one_period(source: Source, wanted: Wanted) -> dict[str, Cells]:
    """The cells of each metric in the one period that is wanted of it."""
    tables = source.tables({code: ([period], [way]) for code, (period, way) in wanted.items()})
    return {code: tables[code][period] for code, (period, _) in wanted.items()}


def _one_unit(source: Source, unit: str, reading: Reading) -> Tables:
    found = source.spots({(code, unit): wanted for code, wanted in reading.items()})
    return {code: periods for (code, _), periods in found.items()}


def _by_periods(wanted: Spots) -> dict[frozenset[Period], list[Spot]]:
    """Spots that need the same periods are read together: of some many periods are needed, of others one."""
    groups: dict[frozenset[Period], list[Spot]] = defaultdict(list)
    for spot, (periods, _) in wanted.items():
        if periods:
            groups[frozenset(periods)].append(spot)
    return groups


def _empty(wanted: Spots) -> dict[Spot, dict[Period, Cells]]:
    return {spot: {period: {} for period in periods} for spot, (periods, _) in wanted.items()}


def newest_first(periods: Iterable[Period]) -> list[Period]:
    """Each once, the one that ends last first; of several the longest."""
    return sorted(set(periods), key=lambda one: (one.end, -one.start.toordinal()), reverse=True)


@dataclass
class FullCounts:
    """Every count, hidden to nobody: for named insiders. PostgreSQL gives these rows to nobody else.

    `reporters`: the unit and all that is below it, by their keys; `parts`: those of them whose groups are asked for too.
    """

    organisation_id: int
    unit_id: UUID
    reporters: Mapping[UUID, Reporter]
    metrics: Sequence[Metric]
    parts: Collection[UUID] = ()
    full: bool = field(default=True, init=False)

    @cached_property
    def _codes(self) -> dict[UUID, str]:
        return {metric.pk: metric.code for metric in self.metrics}

    @cached_property
    def _once_over_units(self) -> frozenset[UUID]:
        """Metrics of which a unit speaks for itself alone: those below it do not add up to it."""
        return frozenset(metric.pk for metric in self.metrics if metric.once_over_units)

    def _of(self, **more: Any) -> QuerySet[Series]:
        found = Series.objects.filter(organisation_id=self.organisation_id, metric_id__in=self._codes, **more)
        return found.order_by()

    @cached_property
    def _found(self) -> tuple[dict[Spot, dict[str, dict[str, int]]], dict[int, tuple[str, Reporter]]]:
        """The series of the unit and its parts: metric and unit → way → stratum key → series; and whose series of everybody
        says what."""
        own: dict[Spot, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
        speakers = {}
        columns = ("metric_id", "unit_id", "stratum__by", "stratum__key", "pk")
        below = self._of(unit_id__in=self.reporters.keys() - {self.unit_id}).filter(
            Q(stratum__key=EVERYBODY) | Q(unit_id__in=[*self.parts]) & ~Q(stratum__by__contains="*")
        )
        rows = self._of(unit_id=self.unit_id).values_list(*columns)
        for metric_id, unit_id, way, key, pk in rows.union(below.values_list(*columns), all=True):
            code, reporter = self._codes[metric_id], self.reporters[unit_id]
            own[code, reporter.code][way][key] = pk
            if key == EVERYBODY and (unit_id == self.unit_id or metric_id not in self._once_over_units):
                speakers[pk] = (code, reporter)
        return own, speakers

    @property
    def _unit(self) -> str:
        return self.reporters[self.unit_id].code

    @cached_property
    def _series(self) -> dict[str, dict[str, dict[str, int]]]:
        """Those of the unit itself, by the code of their metric."""
        return {code: found for (code, unit), found in self._found[0].items() if unit == self._unit}

    @cached_property
    def _reports(self) -> dict[str, Reports]:
        """What the units have said of each metric: for everybody, or for any group where nobody counts everybody."""
        speakers = dict(self._found[1])
        by_group_only = [
            pk for pk, code in self._codes.items() if code in self._series and "" not in self._series[code]
        ]
        if by_group_only:
            rows = self._of(unit_id__in=self.reporters).filter(metric_id__in=by_group_only)
            for pk, metric_id, unit_id in rows.values_list("pk", "metric_id", "unit_id"):
                if unit_id == self.unit_id or metric_id not in self._once_over_units:
                    speakers[pk] = (self._codes[metric_id], self.reporters[unit_id])
        return reports(self.organisation_id, speakers, once_over_periods(self.metrics))

    def periods(self, code: str) -> list[Period]:
        return newest_first(self._reports[code].whole if code in self._reports else ())

    def open(self, code: str) -> Mapping[Period, Sequence[Silence]]:
        return self._reports[code].open if code in self._reports else {}

    def ways(self, code: str) -> set[str]:
        return self._series[code].keys() - {""} if code in self._series else set()

    def cells(self, wanted: Wanted) -> dict[str, Cells]:
        return one_period(self, wanted)

    def tables(self, reading: Reading) -> Tables:
        return _one_unit(self, self._unit, reading)

    def spots(self, wanted: Spots) -> dict[Spot, dict[Period, Cells]]:
        place = {
            pk: (spot, key)
            for spot, (_, ways) in wanted.items()
            for way in {"", *ways}
            for key, pk in self._found[0].get(spot, {}).get(way, {}).items()
        }
        by_start = {
            spot: {(one.start, GRAIN_OF[one.grain]): one for one in periods}
            for spot, (periods, _) in wanted.items()
        }
        found = _empty(wanted)
        for pk, start, grain, cell in self._read({pk: spot for pk, (spot, _) in place.items()}, wanted):
            spot, key = place[pk]
            if period := by_start[spot].get((start, grain)):
                found[spot][period][key] = in_amounts(self._metric[spot[0]], cell)
        return found

    @cached_property
    def _metric(self) -> dict[str, Metric]:
        return {metric.code: metric for metric in self.metrics}

    def _read(self, series: Mapping[int, Spot], wanted: Spots) -> Iterator[tuple[int, date, int, Cell]]:
        """Counts, and blanks where there is no count, in one statement."""
        chosen = Q()
        for periods, spots in _by_periods(wanted).items():
            of_these = [pk for pk, spot in series.items() if spot in spots]
            if of_these:
                grains, starts = {GRAIN_OF[one.grain] for one in periods}, {one.start for one in periods}
                chosen |= Q(series_id__in=of_these, grain__in=grains, start__in=starts)
        if not chosen:
            return
        chosen &= Q(organisation_id=self.organisation_id)
        columns = ("series_id", "start", "grain", "kind", "numerator", "denominator", "squares")
        counts = Rollup.objects.filter(chosen).annotate(kind=Value("", CharField()))
        blanks = Observation.objects.filter(chosen).exclude(blank=Blank.NONE).annotate(kind=F("blank"))
        rows = counts.values_list(*columns).union(blanks.values_list(*columns), all=True)
        for pk, start, grain, kind, numerator, denominator, squares in rows:
            counted = Cell(PUBLISHED, numerator, denominator, _as_float(squares))
            yield pk, start, grain, Cell(kind) if kind else counted


def _as_float(number: Decimal | None) -> float | None:
    return None if number is None else float(number)


@dataclass
class Published:
    """What is in force in the ledger: all that reviewers, owners and the public see."""

    organisation_id: int
    unit_code: str
    metrics: Sequence[Metric]
    full: bool = field(default=False, init=False)

    @cached_property
    def _keys(self) -> dict[str, dict[Period, set[str]]]:
        """Metric code → period → stratum keys."""
        codes = {metric.code for metric in self.metrics}
        found: dict[str, dict[Period, set[str]]] = defaultdict(lambda: defaultdict(set))
        for key in keys_in_force(self.organisation_id, OBSERVATION):
            code, unit, days, stratum = key.split("|", 3)
            if code in codes and unit == self.unit_code:
                found[code][period_of_days(days)].add(stratum)
        return found

    def periods(self, code: str) -> list[Period]:
        return newest_first(self._keys.get(code, ()))

    def open(self, code: str) -> Mapping[Period, Sequence[Silence]]:
        return {}

    def ways(self, code: str) -> set[str]:
        return {way_code(key) for keys in self._keys.get(code, {}).values() for key in keys} - {""}

    def cells(self, wanted: Wanted) -> dict[str, Cells]:
        return one_period(self, wanted)

    def tables(self, reading: Reading) -> Tables:
        return _one_unit(self, self.unit_code, reading)

    def spots(self, wanted: Spots) -> dict[Spot, dict[Period, Cells]]:
        found = _empty(wanted)
        ways = {spot: {"", *of_spot} for spot, (_, of_spot) in wanted.items()}
        kinds = {metric.code: metric.kind for metric in self.metrics}
        for periods, spots in _by_periods(wanted).items():
            for row in numbers_in_force(
                self.organisation_id,
                OBSERVATION,
                metrics={code for code, _ in spots},
                units={unit for _, unit in spots},
                days={(period.start, period.end) for period in periods},
            ):
                code, unit, span, stratum = row.key.split("|", 3)
                period, spot = period_of_days(span), (code, unit)
                if period in found.get(spot, {}) and way_code(stratum) in ways[spot]:
                    found[spot][period][stratum] = cell_of(
                        kinds[code], row.status, row.numerator, row.denominator, row.likely, row.rate
                    )
        return found
