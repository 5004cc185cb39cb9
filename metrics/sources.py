"""Where figures come from: every count for insiders, what is published for everybody else. Same shape, constant queries.

Facts are found through their series, by the primary key (institution, series, grain, start), however many there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, Protocol
from uuid import UUID

from django.db.models import Q

from equity.publication.queries import in_force, keys_in_force
from metrics.completeness import Reporter, Reports, Silence
from metrics.figures import EVERYBODY, GRAIN_OF, HIDDEN, PUBLISHED, Cell, way_code
from metrics.models import Blank, Metric, Observation, Rollup, Series
from metrics.reading.periods import Grain, Period
from metrics.reporting import reports

Cells = dict[str, Cell]
"""Cells of one metric, unit and period by the key of their stratum."""

Wanted = Mapping[str, tuple[Period, str]]
"""Metric code → its period and the code of the way to compare ("": everybody only)."""

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

    def history(self, code: str, way: str, periods: Sequence[Period]) -> dict[Period, Cells]:
        """The cells of one metric in several periods."""


def _newest_first(periods: Iterable[Period]) -> list[Period]:
    return sorted(set(periods), key=lambda one: (one.end, -one.start.toordinal()), reverse=True)


@dataclass
class FullCounts:
    """Every count, hidden to nobody: for named insiders. PostgreSQL gives these rows to nobody else.

    `reporters`: the unit and all that is below it, by their keys.
    """

    organisation_id: int
    unit_id: UUID
    reporters: Mapping[UUID, Reporter]
    metrics: Sequence[Metric]
    full: bool = field(default=True, init=False)

    @cached_property
    def _series(self) -> dict[str, dict[str, int]]:
        """Metric code → stratum key → series."""
        codes = {metric.pk: metric.code for metric in self.metrics}
        found: dict[str, dict[str, int]] = defaultdict(dict)
        rows = Series.objects.filter(
            organisation_id=self.organisation_id, unit_id=self.unit_id, metric_id__in=codes
        ).values_list("metric_id", "stratum__key", "pk")
        for metric_id, key, pk in rows:
            found[codes[metric_id]][key] = pk
        return found

    def _facts(self, model: Any, series: Iterable[int], periods: Iterable[Period] | None = None) -> Any:
        rows = model.objects.filter(organisation_id=self.organisation_id, series_id__in=list(series))
        if periods is not None:
            chosen = list(periods)
            rows = rows.filter(
                grain__in={GRAIN_OF[one.grain] for one in chosen}, start__in={one.start for one in chosen}
            )
        return rows

    @cached_property
    def _reports(self) -> dict[str, Reports]:
        """What the units have said of each metric: for everybody, or for any group where nobody counts everybody."""
        codes = {metric.pk: metric.code for metric in self.metrics}
        with_overall = [pk for pk, code in codes.items() if EVERYBODY in self._series.get(code, ())]
        rows = Series.objects.filter(
            Q(metric_id__in=with_overall, stratum__key=EVERYBODY)
            | Q(metric_id__in=codes.keys() - set(with_overall)),
            organisation_id=self.organisation_id,
            unit_id__in=self.reporters,
        ).values_list("pk", "metric_id", "unit_id")
        speakers = {pk: (codes[metric_id], self.reporters[unit_id]) for pk, metric_id, unit_id in rows}
        return reports(self.organisation_id, speakers)

    def periods(self, code: str) -> list[Period]:
        return _newest_first(self._reports[code].whole if code in self._reports else ())

    def open(self, code: str) -> Mapping[Period, Sequence[Silence]]:
        return self._reports[code].open if code in self._reports else {}

    def ways(self, code: str) -> set[str]:
        return {way_code(key) for key in self._series.get(code, ())} - {""}

    def _chosen(self, code: str, way: str) -> dict[int, str]:
        """The series of a way to compare and of everybody → their stratum keys."""
        return {pk: key for key, pk in self._series.get(code, {}).items() if way_code(key) in {"", way}}

    def cells(self, wanted: Wanted) -> dict[str, Cells]:
        place = {
            pk: (code, key, period)
            for code, (period, way) in wanted.items()
            for pk, key in self._chosen(code, way).items()
        }
        found: dict[str, Cells] = {code: {} for code in wanted}
        for pk, start, grain, cell in self._read(place, {period for period, _ in wanted.values()}):
            code, key, period = place[pk]
            if (start, grain) == (period.start, GRAIN_OF[period.grain]):
                found[code][key] = cell
        return found

    def history(self, code: str, way: str, periods: Sequence[Period]) -> dict[Period, Cells]:
        place = self._chosen(code, way)
        by_start = {(one.start, GRAIN_OF[one.grain]): one for one in periods}
        found: dict[Period, Cells] = {one: {} for one in periods}
        for pk, start, grain, cell in self._read(place, periods):
            if (start, grain) in by_start:
                found[by_start[start, grain]][place[pk]] = cell
        return found

    def _read(self, series: Iterable[int], periods: Iterable[Period]) -> list[tuple[int, date, int, Cell]]:
        """Counts, and blanks where there is no count."""
        chosen, spans = list(series), list(periods)
        blanks = (
            self._facts(Observation, chosen, spans)
            .exclude(blank=Blank.NONE)
            .values_list("series_id", "start", "grain", "blank")
        )
        counts = self._facts(Rollup, chosen, spans).values_list(
            "series_id", "start", "grain", "numerator", "denominator", "squares"
        )
        return [
            *((pk, start, grain, Cell(blank)) for pk, start, grain, blank in blanks),
            *(
                (pk, start, grain, Cell(PUBLISHED, numerator, denominator, _as_float(squares)))
                for pk, start, grain, numerator, denominator, squares in counts
            ),
        ]


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
                found[code][_period_of_days(days)].add(stratum)
        return found

    def periods(self, code: str) -> list[Period]:
        return _newest_first(self._keys.get(code, ()))

    def open(self, code: str) -> Mapping[Period, Sequence[Silence]]:
        return {}

    def ways(self, code: str) -> set[str]:
        return {way_code(key) for keys in self._keys.get(code, {}).values() for key in keys} - {""}

    def cells(self, wanted: Wanted) -> dict[str, Cells]:
        found: dict[str, Cells] = {code: {} for code in wanted}
        prefixes = [self._prefix(code, period) for code, (period, _) in wanted.items()]
        for code, _, stratum, cell in self._read(prefixes):
            if way_code(stratum) in {"", wanted[code][1]}:
                found[code][stratum] = cell
        return found

    def history(self, code: str, way: str, periods: Sequence[Period]) -> dict[Period, Cells]:
        found: dict[Period, Cells] = {one: {} for one in periods}
        prefixes = [self._prefix(code, period) for period in periods]
        for _, period, stratum, cell in self._read(prefixes):
            if way_code(stratum) in {"", way}:
                found[period][stratum] = cell
        return found

    def _prefix(self, code: str, period: Period) -> str:
        return f"{code}|{self.unit_code}|{period.start}..{period.end}|"

    def _read(self, prefixes: Sequence[str]) -> list[tuple[str, Period, str, Cell]]:
        if not prefixes:
            return []
        entries = in_force(self.organisation_id, OBSERVATION, prefixes=prefixes)
        found = []
        for entry in entries:
            code, _, days, stratum = entry.key.split("|", 3)
            found.append((code, _period_of_days(days), stratum, cell_of(entry.document)))
        return found


def cell_of(document: Mapping[str, Any]) -> Cell:
    """A published document as a cell. Of what is not shown no number is taken, whatever the document carries."""
    if document["status"] == PUBLISHED:
        return Cell(PUBLISHED, document["numerator"], document["denominator"])
    return Cell(document["status"], None, document["denominator"] if document["status"] == HIDDEN else None)


def _period_of_days(days: str) -> Period:
    """A period by its first and last day, as the ledger's keys have it: its grain follows from the calendar."""
    start, end = (date.fromisoformat(day) for day in days.split(".."))
    return Period(start, end, _grain(start, end))


def _grain(start: date, end: date) -> Grain:
    after = date.fromordinal(end.toordinal() + 1)
    months = (after.year - start.year) * 12 + after.month - start.month
    aligned = start.day == 1 and after.day == 1 and months in {1, 3, 12} and (start.month - 1) % months == 0
    return {1: Grain.MONTH, 3: Grain.QUARTER, 12: Grain.YEAR}[months] if aligned else Grain.WHOLE
