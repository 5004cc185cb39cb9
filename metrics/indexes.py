"""Indexes among the measures of a page: worked out from what the same source shows of their parts.

Whoever reads every count gets an index of true counts; everybody else one of what is published, and nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from metrics.completeness import Silence
from metrics.composition import INDEX, Composition, composition_of, index_of
from metrics.figures import Cell, way_code
from metrics.models import Metric
from metrics.reading.periods import Period
from metrics.sources import Cells, Reading, Source, Spot, Spots, Tables, Wanted, one_period
from metrics.standing import meaning_at


def parts_of(metric: Metric) -> list[str]:
    """The codes of the measures that an index is made of, by its definition now; none for every other measure."""
    composition = composition_of(metric.composition)
    return composition.measures if composition else []


def composition_at(metric: Metric, period: Period) -> Composition:
    """What an index was made of when a period began."""
    told = composition_of(meaning_at(metric, period.start).get("composition", metric.composition))
    if told is None:
        raise ValueError("Only an index is made of other measures.")
    return told


def with_parts(metrics: Sequence[Metric]) -> list[Metric]:
    """These measures and, behind them, the parts of the indexes among them."""
    codes = {metric.code for metric in metrics}
    lacking = {code for metric in metrics for code in parts_of(metric)} - codes
    if not lacking:
        return list(metrics)
    here = {metric.organisation_id for metric in metrics}
    return [*metrics, *Metric.objects.filter(organisation_id__in=here, code__in=lacking)]


def with_indexes(source: Source, metrics: Iterable[Metric], parts: Source | None = None) -> Source:
    """A source that knows the indexes among these measures. It is asked for their parts too, or `parts` is."""
    known = {metric.code: metric for metric in metrics}
    indexes = {code: metric for code, metric in known.items() if metric.kind == INDEX}
    return WithIndexes(source, parts or source, indexes, known) if indexes else source


@dataclass
class WithIndexes:
    """A source with indexes beside its own measures."""

    source: Source
    parts: Source
    indexes: Mapping[str, Metric]
    known: Mapping[str, Metric]
    full: bool = field(init=False)

    def __post_init__(self) -> None:
        self.full = self.source.full

    def periods(self, code: str) -> list[Period]:
        """Of an index those in which all of its parts have a number."""
        if code not in self.indexes:
            return self.source.periods(code)
        every = [self.parts.periods(part) for part in self._parts(code)]
        return [period for period in every[0] if all(period in found for found in every)]

    def open(self, code: str) -> Mapping[Period, Sequence[Silence]]:
        return {} if code in self.indexes else self.source.open(code)

    def ways(self, code: str) -> set[str]:
        """Of an index those that all of its parts are counted by."""
        if code not in self.indexes:
            return self.source.ways(code)
        return reduce(set.__and__, (self.parts.ways(part) for part in self._parts(code)))

    def cells(self, wanted: Wanted) -> dict[str, Cells]:
        return one_period(self, wanted)

    def tables(self, reading: Reading) -> Tables:
        own = {code: asked for code, asked in reading.items() if code not in self.indexes}
        found = self.source.tables(own) if own or not reading else {}
        of_indexes = {code: asked for code, asked in reading.items() if code in self.indexes}
        if of_indexes:
            tables = self.parts.tables(self._of_parts(of_indexes))
            for code, (periods, ways) in of_indexes.items():
                found[code] = {period: self._index(code, period, ways, tables) for period in periods}
        return found

    def spots(self, wanted: Spots) -> dict[Spot, dict[Period, Cells]]:
        own = {spot: asked for spot, asked in wanted.items() if spot[0] not in self.indexes}
        found = self.source.spots(own) if own or not wanted else {}
        of_indexes = {spot: asked for spot, asked in wanted.items() if spot[0] in self.indexes}
        if of_indexes:
            there = self.parts.spots(
                {
                    (part, unit): asked
                    for unit in {unit for _, unit in of_indexes}
                    for part, asked in self._of_parts(
                        {code: asked for (code, of_unit), asked in of_indexes.items() if of_unit == unit}
                    ).items()
                }
            )
            for (code, unit), (periods, ways) in of_indexes.items():
                tables = {part: cells for (part, of_unit), cells in there.items() if of_unit == unit}
                found[code, unit] = {period: self._index(code, period, ways, tables) for period in periods}
        return found

    def _parts(self, code: str) -> list[str]:
        return parts_of(self.indexes[code])

    def _of_parts(self, reading: Reading) -> Reading:
        wanted: dict[str, tuple[set[Period], set[str]]] = {}
        for code, (periods, ways) in reading.items():
            for period in periods:
                for part in composition_at(self.indexes[code], period).measures:
                    of_periods, of_ways = wanted.setdefault(part, (set(), set()))
                    of_periods.add(period)
                    of_ways |= set(ways)
        return {code: asked for code, asked in wanted.items() if code in self.known}

    def _index(self, code: str, period: Period, ways: Any, tables: Tables) -> Cells:
        """Every group that any part counts in this period: where another does not, it is not measured."""
        metric = self.indexes[code]
        composition = composition_at(metric, period)
        of_parts = {part: tables.get(part, {}).get(period, {}) for part in composition.measures}
        keys = dict.fromkeys(key for cells in of_parts.values() for key in cells)
        return {
            key: index_of(composition, self.known, _of_group(of_parts, key), metric.per)
            for key in keys
            if way_code(key) in {"", *ways}
        }


def _of_group(of_parts: Mapping[str, Cells], key: str) -> dict[str, Cell]:
    return {part: cells[key] for part, cells in of_parts.items() if key in cells}
