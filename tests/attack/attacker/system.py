"""Whole numbers that nobody was told, and linear statements about them. What must each of them be?

Three ways, the cheap one first: propagation (what does one statement leave, given the ranges of the others), linear programs,
integer programs. HiGHS solves the programs.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

Name = Hashable
SLACK = 1e-6
NEARLY = 1e-5
NODES = 3_000
ROUNDS = 60
"""How often, on average, propagation may look at each statement again before it leaves the rest to the programs."""

INTEGER_FROM = 12
"""Where a linear program leaves a range no further than this from the edge of the rule, an integer program looks closer."""


class Contradiction(Exception):
    """No whole numbers keep all statements: one of the attacker's beliefs is wrong."""


@dataclass(frozen=True, slots=True)
class Statement:
    """`low <= sum of times[i] * value[cells[i]] <= high`."""

    cells: tuple[int, ...]
    times: tuple[float, ...]
    low: float
    high: float


@dataclass
class System:
    """Unknowns by name, each with the range that is known so far."""

    place: dict[Name, int] = field(default_factory=dict)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)

    def unknown(self, name: Name, low: float = 0, high: float = math.inf) -> int:
        """The unknown of this name: of people there are none or more."""
        if name not in self.place:
            self.place[name] = len(self.low)
            self.low.append(low)
            self.high.append(high)
        return self.place[name]

    def state(self, terms: Iterable[tuple[Name, float]], low: float, high: float) -> None:
        """Say that a sum lies in a range."""
        cells, times = zip(*((self.unknown(name), by) for name, by in terms), strict=True)
        self.statements.append(Statement(cells, times, low, high))

    def within(self, name: Name, low: float, high: float) -> None:
        """Say that one unknown lies in a range. Raises Contradiction where it cannot."""
        self._narrow(self.unknown(name), low, high)

    def range(self, name: Name) -> tuple[float, float]:
        number = self.place[name]
        return self.low[number], self.high[number]

    def _narrow(self, number: int, low: float, high: float) -> bool:
        """Whole numbers only. Tells whether anything became narrower."""
        low = low if math.isinf(low) else math.ceil(low - SLACK)
        high = high if math.isinf(high) else math.floor(high + SLACK)
        narrower = low > self.low[number] or high < self.high[number]
        self.low[number], self.high[number] = max(low, self.low[number]), min(high, self.high[number])
        if self.low[number] > self.high[number]:
            raise Contradiction
        return narrower

    # ------------------------------------------------------------ propagation

    def propagate(self) -> None:
        """Narrow every range by every statement, until nothing moves."""
        touching: list[list[int]] = [[] for _ in self.low]
        for number, statement in enumerate(self.statements):
            for cell in statement.cells:
                touching[cell].append(number)
        waiting = deque(range(len(self.statements)))
        queued = [True] * len(self.statements)
        left = ROUNDS * len(self.statements)
        while waiting and left:
            left -= 1
            number = waiting.popleft()
            queued[number] = False
            for cell in self._narrowed_by(self.statements[number]):
                for other in touching[cell]:
                    if not queued[other]:
                        queued[other] = True
                        waiting.append(other)

    def _narrowed_by(self, statement: Statement) -> list[int]:
        least = [
            by * (self.low if by > 0 else self.high)[cell]
            for cell, by in zip(statement.cells, statement.times, strict=True)
        ]
        most = [
            by * (self.high if by > 0 else self.low)[cell]
            for cell, by in zip(statement.cells, statement.times, strict=True)
        ]
        sum_least, sum_most = _Sum(least), _Sum(most)
        if sum_least.total() > statement.high + SLACK or sum_most.total() < statement.low - SLACK:
            raise Contradiction
        moved = []
        for position, (cell, by) in enumerate(zip(statement.cells, statement.times, strict=True)):
            ends = (
                (statement.low - sum_most.without(most[position])) / by,
                (statement.high - sum_least.without(least[position])) / by,
            )
            if self._narrow(cell, min(ends), max(ends)):
                moved.append(cell)
        return moved

    # --------------------------------------------------------------- programs

    def parts(self) -> list[Part]:
        """Unknowns that hang together by statements, without those that are known exactly."""
        known = np.array(self.low) == np.array(self.high)
        rows, cells = [], []
        for number, statement in enumerate(self.statements):
            for cell in statement.cells:
                if not known[cell]:
                    rows.append(number)
                    cells.append(cell)
        shape = (len(self.statements), len(self.low))
        touches = csr_array((np.ones(len(rows)), (rows, cells)), shape=shape)
        _, label = connected_components(touches.T @ touches, directed=False)
        members: dict[int, list[int]] = {}
        for cell in sorted(set(cells)):
            members.setdefault(int(label[cell]), []).append(cell)
        of_part: dict[int, list[Statement]] = {}
        for number in sorted(set(rows)):
            statement = self.statements[number]
            first = next(cell for cell in statement.cells if not known[cell])
            of_part.setdefault(int(label[first]), []).append(statement)
        return [Part(self, cells, of_part[number]) for number, cells in members.items()]


class _Sum:
    """A sum that can be told without one of its terms, also where some are endless."""

    def __init__(self, terms: Sequence[float]) -> None:
        self.endless = [term for term in terms if math.isinf(term)]
        self.rest = math.fsum(term for term in terms if not math.isinf(term))

    def total(self) -> float:
        return self.endless[0] if self.endless else self.rest

    def without(self, term: float) -> float:
        if not math.isinf(term):
            return self.endless[0] if self.endless else self.rest - term
        return self.endless[0] if len(self.endless) > 1 else self.rest


class Part:
    """Unknowns that hang together, ready for the solver."""

    def __init__(self, system: System, cells: Sequence[int], statements: Sequence[Statement]) -> None:
        self.system, self.cells = system, list(cells)
        self.column = {cell: number for number, cell in enumerate(self.cells)}
        rows, columns, times, low, high = [], [], [], [], []
        for number, statement in enumerate(statements):
            settled = 0.0
            for cell, by in zip(statement.cells, statement.times, strict=True):
                if cell in self.column:
                    rows.append(number)
                    columns.append(self.column[cell])
                    times.append(by)
                else:
                    settled += by * system.low[cell]
            low.append(statement.low - settled - SLACK)
            high.append(statement.high - settled + SLACK)
        self.matrix = csr_array((times, (rows, columns)), shape=(len(statements), len(self.cells)))
        self.sides = np.array(low), np.array(high)

    def extreme(self, cell: int, sign: int) -> float:
        """The least (1) or the most (-1) that one unknown can be. Narrows its range by what it finds."""
        price = np.zeros(len(self.cells))
        price[self.column[cell]] = sign
        found, in_whole = self._bound(price, whole=False)
        if not in_whole and self._is_close(sign * found, sign):
            found, _ = self._bound(price, whole=True)
        ends = (found, math.inf) if sign == 1 else (-math.inf, -found)
        self.system._narrow(cell, *ends)
        return self.system.low[cell] if sign == 1 else self.system.high[cell]

    @staticmethod
    def _is_close(found: float, sign: int) -> bool:
        """Whether an integer program could still turn the answer."""
        return -SLACK < found < (2 if sign == 1 else INTEGER_FROM) + SLACK and not math.isinf(found)

    def _bound(self, price: NDArray[np.float64], *, whole: bool) -> tuple[float, bool]:
        """The least price, and whether it was found in whole numbers."""
        low, high = self._ranges()
        result = milp(
            price,
            integrality=np.full(len(self.cells), int(whole)),
            bounds=Bounds(low, high),
            constraints=LinearConstraint(self.matrix, *self.sides),
            options={"node_limit": NODES} if whole else {},
        )
        if result.status == 2:
            raise Contradiction
        if result.status == 0:
            return float(result.fun), bool(np.abs(result.x - np.round(result.x)).max() < NEARLY)
        bound = getattr(result, "mip_dual_bound", None)
        return -math.inf if bound is None else float(bound), False

    def that_can_be_large(self, cells: Sequence[int], reach: float) -> set[int]:
        """Which of the cells can be at `reach` or more: as many as a few tables show."""
        return self._shown_by(self._together, cells, lambda value: value > reach - SLACK, reach)

    def that_can_be_none(self, cells: Sequence[int]) -> set[int]:
        """Which of the cells can be 0: as many as a few tables show."""
        return self._shown_by(self._least, cells, lambda value: value < SLACK, 0)

    @staticmethod
    def _shown_by(
        table: Callable[[Sequence[int], float], Mapping[int, float]],
        cells: Sequence[int],
        holds: Callable[[float], bool],
        reach: float,
    ) -> set[int]:
        shown: set[int] = set()
        left = list(cells)
        while left:
            values = table(left, reach)
            further = {cell for cell in left if cell in values and holds(values[cell])}
            if not further:
                break
            shown |= further
            left = [cell for cell in left if cell not in further]
        return shown

    def _together(self, cells: Sequence[int], reach: float) -> Mapping[int, float]:
        """One table that keeps every statement and has as many of the cells as it can at `reach` or more."""
        size, more = len(self.cells), len(cells)
        at = [self.column[cell] for cell in cells]
        low, high = self._ranges()
        up_to = csr_array(
            (
                np.r_[np.ones(more), -np.ones(more)],
                (np.r_[range(more), range(more)], np.r_[at, size + np.arange(more)]),
            ),
            shape=(more, size + more),
        )
        empty = csr_array((self.matrix.shape[0], more))
        result = milp(
            np.r_[np.zeros(size), -np.ones(more)],
            bounds=Bounds(np.r_[low, np.full(more, -np.inf)], np.r_[high, np.full(more, reach)]),
            constraints=[
                LinearConstraint(_beside(self.matrix, empty), *self.sides),
                LinearConstraint(up_to, 0, np.inf),
            ],
        )
        if result.status == 2:
            raise Contradiction
        return {} if result.x is None else dict(zip(self.cells, result.x[:size], strict=True))

    def _least(self, cells: Sequence[int], _: float) -> Mapping[int, float]:
        """One table that keeps every statement and in which these cells together have as few as they can."""
        price = np.zeros(len(self.cells))
        price[[self.column[cell] for cell in cells]] = 1
        low, high = self._ranges()
        result = milp(price, bounds=Bounds(low, high), constraints=LinearConstraint(self.matrix, *self.sides))
        if result.status == 2:
            raise Contradiction
        return {} if result.x is None else dict(zip(self.cells, result.x, strict=True))

    def _ranges(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return np.array([self.system.low[cell] for cell in self.cells]), np.array(
            [self.system.high[cell] for cell in self.cells]
        )


def _beside(one: csr_array, other: csr_array) -> csr_array:
    from scipy.sparse import hstack

    return csr_array(hstack([one, other]))
