"""How one row of a line list becomes a place: which columns to look at, and what their values mean.

A place is the row's codes and nothing else: the text of its cells is not kept, but for a few texts of days and of several
answers while the file is read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from operator import itemgetter
from typing import Any

from metrics.reading.cells import CellKey, Stratum, stratum_of
from metrics.reading.mapping import (
    DenominatorRule,
    DimensionRule,
    LineListMapping,
    NumeratorRule,
    PeriodRule,
    UnitRule,
)
from metrics.reading.periods import Grain, Period, containing, parse_period

Place = tuple[Any, ...]
"""What a row's cells mean, in the order of the plan's slots (codes, periods, booleans)."""

Meanings = Mapping[str, Any]
"""From the text of a cell to what it means; a text that means nothing is a `KeyError`."""

_TEXTS_REMEMBERED = 4_096


@dataclass(frozen=True, slots=True)
class _Slot:
    role: str
    columns: tuple[str, ...]
    meanings: Meanings


class RowPlan:
    """Made once, from the mapping and the header; used for every row."""

    def __init__(
        self, mapping: LineListMapping, header: Sequence[str], known_units: Collection[str] | None
    ) -> None:
        self._slots = tuple(_slots(mapping, known_units))
        names = [name.strip() for name in header]
        positions = [tuple(map(names.index, slot.columns)) for slot in self._slots]
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
        """(role, column) of each cell that means nothing; of several columns that are one answer, all."""
        for slot, cell in zip(self._slots, self.pick(record), strict=True):
            try:
                slot.meanings[cell]
            except KeyError:
                yield slot.role, ", ".join(slot.columns)

    def cells_of(self, place: Place) -> tuple[bool, list[CellKey]]:
        """Whether a row of this place counts in the numerator, and every cell whose denominator it is in."""
        if not all(place[: self._filters]):
            return False, []
        meaning = dict(zip(self._roles, place, strict=True))
        unit = self._constant_unit or meaning["unit"]
        period = self._constant_period or meaning["period"]
        categories = place[len(place) - len(self._dimensions) :]
        return meaning["numerator"], [
            CellKey(unit, period, stratum)
            for positions in self._strata
            for stratum in self._strata_of(positions, categories)
        ]

    def _strata_of(
        self, positions: tuple[int, ...], categories: Sequence[Sequence[str]]
    ) -> Iterator[Stratum]:
        """One stratum where each dimension has one answer, else one for each combination of them."""
        for codes in product(*(categories[position] for position in positions)):
            names = (self._dimensions[position] for position in positions)
            yield stratum_of(*zip(names, codes, strict=True))


def _slots(mapping: LineListMapping, known_units: Collection[str] | None) -> Iterator[_Slot]:
    """Filters first, so that a row outside the denominator is told by its first cells; dimensions last."""
    for rule in mapping.denominator:
        yield _Slot("denominator", (rule.column,), _Membership.of_denominator(rule))
    yield _Slot("numerator", (mapping.numerator.column,), _numerator_meanings(mapping.numerator))
    if mapping.unit.column is not None:
        yield _Slot("unit", (mapping.unit.column,), _unit_meanings(mapping.unit, known_units))
    if mapping.period.column is not None:
        yield _Slot("period", (mapping.period.column,), _Days(mapping.period))
    for dimension in mapping.dimensions:
        yield _Slot("dimension", dimension.columns, _answers(dimension))


def _picker(positions: Sequence[tuple[int, ...]]) -> Callable[[Sequence[str]], Sequence[Any]]:
    """The cells at these positions: the bare cell of one column, a tuple where several columns are one answer."""
    if all(len(columns) == 1 for columns in positions) and len(positions) > 1:
        return itemgetter(*(column for (column,) in positions))
    pickers = [itemgetter(*columns) for columns in positions]
    return lambda record: tuple(pick(record) for pick in pickers)


def _numerator_meanings(rule: NumeratorRule) -> Meanings:
    if rule.others is None:
        return _Membership(rule.equals, inside=True)
    return dict.fromkeys(rule.equals, True) | dict.fromkeys(rule.others, False)


def _unit_meanings(rule: UnitRule, known_units: Collection[str] | None) -> Meanings:
    if rule.values is not None:
        return rule.values
    return {unit: unit for unit in known_units or ()}


def _answers(rule: DimensionRule) -> Meanings:
    """From what stands in the cells to the categories that the row counts in."""
    if rule.separator or len(rule.columns) > 1:
        return _SeveralAnswers(rule)
    found = {text: (code,) for text, code in rule.values.items()}
    return _WithRest(found, (rule.rest,)) if rule.rest else found


class _WithRest(dict[str, tuple[str, ...]]):
    """Every text means something. Those that are not listed are not remembered."""

    def __init__(self, found: Mapping[str, tuple[str, ...]], rest: tuple[str, ...]) -> None:
        super().__init__(found)
        self._rest = rest

    def __missing__(self, cell: str) -> tuple[str, ...]:
        return self._rest


class _SeveralAnswers(dict[Any, tuple[str, ...]]):
    """From one cell or several to all of their answers. Only a limited number of texts is remembered."""

    def __init__(self, rule: DimensionRule) -> None:
        super().__init__()
        self._rule = rule
        self._codes = {text.strip(): code for text, code in rule.values.items()}

    def __missing__(self, cells: str | tuple[str, ...]) -> tuple[str, ...]:
        codes = self._counted({self._code(answer) for answer in self._told(cells)})
        if len(self) >= _TEXTS_REMEMBERED:
            self.clear()
        self[cells] = codes
        return codes

    def _told(self, cells: str | tuple[str, ...]) -> Sequence[str]:
        """What stands there: of nothing but empty cells the empty text."""
        texts = (cells,) if isinstance(cells, str) else cells
        if self._rule.separator:
            texts = tuple(part for text in texts for part in text.split(self._rule.separator))
        return [text for text in map(str.strip, texts) if text] or [""]

    def _code(self, answer: str) -> str:
        code = self._codes.get(answer) or self._rule.rest
        if not code:
            raise KeyError
        return code

    def _counted(self, codes: set[str]) -> tuple[str, ...]:
        answers = codes - self._rule.no_answer or codes
        if self._rule.several and len(answers) > 1:
            return (self._rule.several,)
        return tuple(sorted(answers))


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
    """From the text of a day, or the code of a period, to its month, quarter or year. Only a limited number of texts
    is remembered."""

    def __init__(self, rule: PeriodRule) -> None:
        super().__init__()
        self._format: str = rule.format
        self._grain: Grain = rule.grain

    def __missing__(self, cell: str) -> Period:
        try:
            period = self._of_day(cell) if self._format else self._of_code(cell)
        except ValueError:
            raise KeyError from None
        if len(self) >= _TEXTS_REMEMBERED:
            self.clear()
        self[cell] = period
        return period

    def _of_day(self, cell: str) -> Period:
        return containing(datetime.strptime(cell, self._format).date(), self._grain)

    def _of_code(self, cell: str) -> Period:
        """A month belongs to its quarter and its year; a period that is longer than the grain belongs to none."""
        stated = parse_period(cell)
        period = containing(stated.start, self._grain)
        if stated.end > period.end:
            raise ValueError("This period is longer than those that are counted.")
        return period
