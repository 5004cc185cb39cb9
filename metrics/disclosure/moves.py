"""Search for moves: changes of the true table that nobody outside can tell from the truth.

A move keeps every equation, makes no count negative, and touches only cells that are hidden, or that it
proposes to hide. Each search is a linear programme that pays for every visible cell it touches. Its cheapest
answer is nearly always in whole numbers; where it is not, slightly other prices mostly lead to one that is,
and an integer programme is the last resort.

Most small counts need no programme over the whole table: a local one, over the counts of one way to compare,
is small enough to be solved in a few milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array, hstack

from metrics.disclosure.cells import RESERVED, Mask, Table, Vector
from metrics.disclosure.certificate import Reason

COST_OF_HIDDEN = 0.001
"""Not zero: among moves that hide nothing more, prefer one that touches few cells."""

TILTS = 8
"""How many sets of prices to try before the integer programme."""

INFEASIBLE = 2
"""A status of :func:`scipy.optimize.milp`."""

FRACTION = 1e-6
"""What the solver's arithmetic may add to a whole number."""


@dataclass(frozen=True)
class Aim:
    """Change one cell by so many people or more: up where ``by`` is positive, down where it is negative."""

    cell: int
    by: int


class Move(NamedTuple):
    """A change of the table: by how much each of these cells differs from the truth, never by nothing."""

    cells: NDArray[np.int64]
    by: Vector


@dataclass
class Spent:
    """How many aims no local programme reached, and how many programmes were solved in all."""

    left: int = 0
    linear: int = 0
    integer: int = 0


@dataclass(frozen=True)
class MoveSearch:
    """Finds cheap moves in one table.

    :param cost: of hiding each cell, per person moved.
    :param movable: cells that no earlier release shows.
    :param node_limit: branch-and-bound nodes for one integer programme; 0 asks for none. It is the only
        limit, and unlike a time limit it gives the same answer on every machine.
    """

    table: Table
    cost: NDArray[np.float64]
    movable: Mask
    node_limit: int
    spent: Spent = field(default_factory=Spent)

    def find(self, aim: Aim, hidden: Mask) -> Move | Reason:
        """The move for an aim, or why there is none.

        Tries the counts of the cell's own way to compare, then all hidden ones, then all of any stratum, then
        also the counts of everybody: each step is a larger programme, and the first nearly always suffices.
        """
        found = self._cheapest(aim, self.of_way(aim.cell) & self.movable, hidden)
        if not isinstance(found, Reason):
            return found
        self.spent.left += 1
        for allowed in (hidden, hidden | self._in_stratum, np.ones_like(hidden)):
            found = self._cheapest(aim, allowed & self.movable, hidden)
            if not isinstance(found, Reason):
                return found
        return found

    def _cheapest(self, aim: Aim, allowed: Mask, hidden: Mask) -> Move | Reason:
        columns = np.flatnonzero(tied_to(self.table, aim.cell, allowed))
        programme = _Programme.of(self, aim, columns, hidden)
        for status, answer in programme.answers(self.node_limit, self.spent):
            if status == INFEASIBLE:
                return Reason.EXPOSED
            if answer is None or np.abs(answer - np.rint(answer)).max() > FRACTION:
                continue
            move = move_of(columns, answer)
            if is_move(self.table, move):
                return move
        return Reason.UNDECIDED

    def way_of(self, cell: int) -> tuple[int, int]:
        """The cell's way to compare and the family of its place, as numbers."""
        ways, families = self._ways
        return int(ways[cell]), int(families[cell])

    def of_way(self, cell: int) -> Mask:
        """The counts of the cell's way to compare, in places that belong together."""
        ways, families = self._ways
        result: Mask = (ways == ways[cell]) & ((families == families[cell]) | (families < 0))
        return result

    @cached_property
    def _ways(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The way to compare of each cell and the family of its place, as numbers; -1 for places no row lists."""
        family_of = self.table.structure.families()
        numbers: dict[object, int] = {}
        ways = [numbers.setdefault(key.way, len(numbers)) for key in self.table.keys]
        families = [
            -1 if key.place.startswith(RESERVED)
            else numbers.setdefault((family_of.get(key.place, key.place),), len(numbers))
            for key in self.table.keys
        ]  # fmt: skip
        return np.array(ways), np.array(families)

    @cached_property
    def _in_stratum(self) -> Mask:
        return self.table.where(lambda key: bool(key.stratum))

    @cached_property
    def by_column(self) -> csc_array:
        return self.table.equations.tocsc()


@dataclass(frozen=True)
class _Programme:
    """Change each column up or down at a price; the columns' equations stay balanced."""

    equations: csc_array
    price: NDArray[np.float64]
    bounds: Bounds

    @classmethod
    def of(cls, search: MoveSearch, aim: Aim, columns: NDArray[np.intp], hidden: Mask) -> _Programme:
        equations = search.by_column[:, columns].tocsr()
        equations = equations[np.diff(equations.indptr) > 0]
        price = np.where(hidden[columns], COST_OF_HIDDEN, search.cost[columns])
        up = np.full(len(columns), np.inf)
        down = search.table.values[columns].astype(float)
        position = int(np.searchsorted(columns, aim.cell))
        least = np.zeros(2 * len(columns))
        if aim.by > 0:
            least[position], down[position] = aim.by, 0
        else:
            least[position + len(columns)], up[position] = -aim.by, 0
        return cls(
            equations=hstack([equations, -equations]).tocsc(),
            price=np.concatenate([price, price]),
            bounds=Bounds(least, np.concatenate([up, down])),
        )

    def answers(self, node_limit: int, spent: Spent) -> Iterator[tuple[int, NDArray[np.float64] | None]]:
        """The solver's status with the change of each column, for one set of prices after the other."""
        for tilt in range(TILTS):
            factor = np.random.default_rng(tilt).uniform(1, 2, len(self.price)) if tilt else 1.0
            spent.linear += 1
            yield self._solve(self.price * factor, node_limit=None)
        if node_limit:
            spent.integer += 1
            yield self._solve(self.price, node_limit=node_limit)

    def _solve(
        self, price: NDArray[np.float64], *, node_limit: int | None
    ) -> tuple[int, NDArray[np.float64] | None]:
        """An integer programme if it has a limit, a linear one otherwise."""
        result = milp(
            price,
            integrality=np.full(len(price), 0 if node_limit is None else 1),
            bounds=self.bounds,
            constraints=LinearConstraint(self.equations, 0, 0),
            # Small and sparse as it is, a linear programme is solved sooner than it could be simplified.
            options={"presolve": False} if node_limit is None else {"node_limit": node_limit},
        )
        if result.x is None:
            return result.status, None
        up, down = np.split(result.x, 2)
        return result.status, up - down


def tied_to(table: Table, cell: int, allowed: Mask) -> Mask:
    """The allowed cells that a chain of equations connects with a cell, itself included."""
    cells_of, equations_of = table.incidence
    reached = np.zeros(len(table.keys), dtype=bool)
    reached[cell] = True
    while True:
        further: Mask = allowed & (equations_of @ (cells_of @ reached > 0) > 0)
        further[cell] = True
        if (further == reached).all():
            return reached
        reached = further


def move_of(columns: NDArray[np.intp], answer: NDArray[np.float64]) -> Move:
    """A programme's answer in whole numbers, without what does not change."""
    change = np.rint(answer).astype(np.int64)
    return Move(columns[change != 0], change[change != 0])


def is_move(table: Table, move: Move) -> bool:
    """Keeps every equation and makes no count negative, in exact arithmetic."""
    change = np.zeros(len(table.keys), dtype=np.int64)
    change[move.cells] = move.by
    return not (table.equations @ change).any() and bool((table.values + change >= 0).all())
