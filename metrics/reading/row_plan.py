"""How one row of a line list becomes a place: which columns to look at, and what their values mean.

A place is the row's codes and nothing else: the text of its cells is not kept (but for a few texts of days).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from metrics.reading.cells import CellKey, Stratum, stratum_of
from metrics.reading.mapping import DenominatorRule, LineListMapping, NumeratorRule, PeriodRule, UnitRule
from metrics.reading.periods import Grain, Period, containing

Place = tuple[Any, ...]
"""What a row's cells mean, in the order of the plan's slots (codes, periods, booleans)."""

Meanings = Mapping[str, Any]
"""From the text of a cell to what it means; a text that means nothing is a `KeyError`."""

_DAYS_REMEMBERED = 4_096


@dataclass(frozen=True, slots=True)
class _Slot:
    role: str
    column: str
    meanings: Meanings


class RowPlan:
    """Made once, from the mapping and the header; used for every row."""

    def __init__(
        self, mapping: LineListMapping, header: Sequence[str], known_units: Collection[str] | None
    ) -> None:
        self._slots = tuple(_slots(mapping, known_units))
        names = [name.strip() for name in header]
        positions = [names.index(slot.column) for slot in self._slots]
        self.width = len(header)
        self.pick = _picker(positions)
        self.tables = tuple(slot.meanings for slot in self._slots)
        self._filters = len(mapping.denominator)
        self._roles = [slot.role for slot in self._slots]
        self._constant_unit = mapping.unit.constant
        self._constant_period = mapping.period.constant
        self._dimensions = [rule.dimension for rule in mapping.dimensions]
        self._strata = ((), *mapping.strata)

    def is_outside(self, record: Sequence[str]) -> bool:
        """Whether the denominator leaves this row out, whatever the other cells say."""
        cells = self.pick(record)
        return not all(self.tables[index][cells[index]] for index in range(self._filters))

    def wrong_columns(self, record: Sequence[str]) -> Iterator[tuple[str, str]]:
        """(role, column) of each cell that means nothing."""
        for slot, cell in zip(self._slots, self.pick(record), strict=True):
            try:
                slot.meanings[cell]
            except KeyError:
                yield slot.role, slot.column

    def cells_of(self, place: Place) -> tuple[bool, list[CellKey]]:
        """Whether a row of this place counts in the numerator, and every cell whose denominator it is in."""
        if not all(place[: self._filters]):
            return False, []
        meaning = dict(zip(self._roles, place, strict=True))
        unit = self._constant_unit or meaning["unit"]
        period = self._constant_period or meaning["period"]
        categories = place[len(place) - len(self._dimensions) :]
        return meaning["numerator"], [
            CellKey(unit, period, self._stratum(positions, categories)) for positions in self._strata
        ]

    def _stratum(self, positions: tuple[int, ...], categories: Sequence[str]) -> Stratum:
        return stratum_of(*((self._dimensions[position], categories[position]) for position in positions))


def _slots(mapping: LineListMapping, known_units: Collection[str] | None) -> Iterator[_Slot]:
    """Filters first, so that a row outside the denominator is told by its first cells; dimensions last."""
    for rule in mapping.denominator:
        yield _Slot("denominator", rule.column, _Membership.of_denominator(rule))
    yield _Slot("numerator", mapping.numerator.column, _numerator_meanings(mapping.numerator))
    if mapping.unit.column is not None:
        yield _Slot("unit", mapping.unit.column, _unit_meanings(mapping.unit, known_units))
    if mapping.period.column is not None:
        yield _Slot("period", mapping.period.column, _Days(mapping.period))
    for dimension in mapping.dimensions:
        yield _Slot("dimension", dimension.column, dimension.values)


def _picker(positions: Sequence[int]) -> Callable[[Sequence[str]], Sequence[str]]:
    """The cells at these positions, always as a tuple (`itemgetter` of one position gives the bare cell)."""
    if len(positions) == 1:
        (only,) = positions
        return lambda record: (record[only],)
    return itemgetter(*positions)


def _numerator_meanings(rule: NumeratorRule) -> Meanings:
    if rule.others is None:
        return _Membership(rule.equals, inside=True)
    return dict.fromkeys(rule.equals, True) | dict.fromkeys(rule.others, False)


def _unit_meanings(rule: UnitRule, known_units: Collection[str] | None) -> Meanings:
    if rule.values is not None:
        return rule.values
    return {unit: unit for unit in known_units or ()}


class _Membership(dict[str, bool]):
    """Every text means something: whether it is one of a few. Other texts are not remembered."""

    def __init__(self, values: Collection[str], *, inside: bool) -> None:
        super().__init__(dict.fromkeys(values, inside))
        self._outside = not inside

    @classmethod
    def of_denominator(cls, rule: DenominatorRule) -> _Membership:
        return cls(rule.values, inside=not rule.excludes)

    def __missing__(self, cell: str) -> bool:
        return self._outside


class _Days(dict[str, Period]):
    """From the text of a day to its month, quarter or year. Only a limited number of texts is remembered."""

    def __init__(self, rule: PeriodRule) -> None:
        super().__init__()
        self._format: str = rule.format
        self._grain: Grain = rule.grain

    def __missing__(self, cell: str) -> Period:
        try:
            period = containing(datetime.strptime(cell, self._format).date(), self._grain)
        except ValueError:
            raise KeyError from None
        if len(self) >= _DAYS_REMEMBERED:
            self.clear()
        self[cell] = period
        return period
