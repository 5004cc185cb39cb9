"""Somebody outside who reads published documents, writes down every sum they know, and asks a solver what must be true.

Written apart from the disclosure control: it knows nothing but the documents, and that groups of a dimension, quarters of a
year and units of an institution add up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

Cell = tuple[str, str, frozenset[tuple[str, str]]]
"""Unit, period, group."""
Variable = tuple[Cell, str]


class Attacker:
    """`documents`: all that was published of one metric. `root`: the unit that the others add up to."""

    def __init__(self, documents: Iterable[Mapping[str, Any]], root: str) -> None:
        self.cells: dict[Cell, Mapping[str, Any]] = {}
        self.periods: dict[str, tuple[str, str, str]] = {}
        for document in documents:
            period = document["period"]
            code = f"{period['start']}..{period['end']}"
            self.periods[code] = period["start"], period["end"], period["grain"]
            self.cells[document["unit"]["code"], code, frozenset(document["dims"].items())] = document
        self.root = root
        self.variables: list[Variable] = [
            (cell, what) for cell in self.cells for what in ("numerator", "denominator")
        ]
        self.place = {variable: number for number, variable in enumerate(self.variables)}

    def range_of(self, cell: Cell, what: str) -> tuple[int, int]:
        """The least and the most that a count can be; `complement` is denominator less numerator."""
        price = np.zeros(len(self.variables))
        if what == "complement":
            price[self.place[cell, "denominator"]], price[self.place[cell, "numerator"]] = 1, -1
        else:
            price[self.place[cell, what]] = 1
        least, most = self._solve(price), self._solve(-price)
        return round(least), round(-most)

    def _solve(self, price: np.ndarray[Any, Any]) -> float:
        low, high = np.zeros(len(self.variables)), np.full(len(self.variables), 10_000.0)
        for (cell, what), number in self.place.items():
            told = self.cells[cell][what]
            if told is not None:
                low[number] = high[number] = told
        found = milp(
            price,
            integrality=np.ones(len(self.variables)),
            bounds=Bounds(low, high),
            constraints=[LinearConstraint(row, least, most) for row, least, most in self._constraints()],
        )
        assert found.success, "what was published contradicts itself"
        return float(found.fun)

    def _constraints(self) -> Iterator[tuple[np.ndarray[Any, Any], float, float]]:
        for cell in self.cells:
            yield self._row({(cell, "numerator"): -1, (cell, "denominator"): 1}), 0, np.inf
            for parts in self._divisions(cell):
                for what in ("numerator", "denominator"):
                    yield self._row({(cell, what): -1, **{(part, what): 1 for part in parts}}), 0, 0

    def _row(self, terms: Mapping[Variable, int]) -> np.ndarray[Any, Any]:
        row = np.zeros(len(self.variables))
        for variable, by in terms.items():
            row[self.place[variable]] = by
        return row

    def _divisions(self, whole: Cell) -> Iterator[list[Cell]]:
        unit, period, group = whole
        for code in {name for _, _, one in self.cells for name, _ in one} - {name for name, _ in group}:
            found = [
                cell
                for cell in self.cells
                if cell[:2] == (unit, period)
                and cell[2] > group
                and {name for name, _ in cell[2] - group} == {code}
            ]
            if found:
                yield found
        if unit == self.root:
            units = [cell for cell in self.cells if cell[0] != unit and cell[1:] == (period, group)]
            if units:
                yield units
        start, end, grain = self.periods[period]
        quarters = [
            cell
            for cell in self.cells
            if cell[0] == unit and cell[2] == group and grain == "year" and self.periods[cell[1]][2] == "quarter"
            and start <= self.periods[cell[1]][0] and self.periods[cell[1]][1] <= end
        ]  # fmt: skip
        if len(quarters) == 4:
            yield quarters
