"""Many aims in one programme.

One programme serves up to a hundred aims at once, as far as they can be had together. Its answer falls apart into moves that share no equation. Those in whole numbers are kept; what they do not reach is asked for
again later, one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack, vstack
from scipy.sparse.csgraph import connected_components

from metrics.disclosure.cells import Mask
from metrics.disclosure.moves import COST_OF_HIDDEN, FRACTION, Aim, Move, MoveSearch, is_move, move_of

FALLING_SHORT = 50.0
"""The price of an aim that is not met at all: more than any number of hidden cells that it could need."""


def find_together(
    search: MoveSearch, aims: Sequence[Aim], allowed: Mask, hidden: Mask, falling_short: float = FALLING_SHORT
) -> Iterator[Move]:
    """Moves among the allowed cells that meet as many of these aims as can be met at once. No two share an equation.

    :param falling_short: what it costs to miss an aim wholly. Whoever pays less for hiding cells meets it.
    """
    columns = np.flatnonzero(allowed & search.movable)
    equations = search.by_column[:, columns].tocsr()
    equations = equations[np.diff(equations.indptr) > 0]
    programme = _Programme(
        equations,
        values=search.table.values[columns].astype(float),
        price=np.where(hidden[columns], COST_OF_HIDDEN, search.cost[columns]),
        place=np.searchsorted(columns, [aim.cell for aim in aims]),
        by=np.array([aim.by for aim in aims], dtype=float),
    )
    search.spent.linear += 1
    answer = programme.answer(falling_short)
    if answer is None:
        return
    for part in _parts(equations, answer):
        if np.abs(answer[part] - np.rint(answer[part])).max() <= FRACTION:
            move = move_of(columns[part], answer[part])
            if is_move(search.table, move):
                yield move


@dataclass(frozen=True)
class _Programme:
    """Each column goes up or down at a price; an aim may fall short, at a price. `by`: how much each aim's column goes."""

    equations: csr_array
    values: NDArray[np.float64]
    price: NDArray[np.float64]
    place: NDArray[np.intp]
    by: NDArray[np.float64]

    def answer(self, falling_short: float) -> NDArray[np.float64] | None:
        """By how much each column changes."""
        many, columns = len(self.by), len(self.values)
        wanted = csr_array((np.sign(self.by), (np.arange(many), self.place)), shape=(many, columns))
        matrix = vstack(
            [
                hstack([self.equations, -self.equations, csr_array((self.equations.shape[0], many))]),
                hstack([wanted, -wanted, eye_array(many)]),
            ]
        )
        balanced, distance = np.zeros(self.equations.shape[0]), np.abs(self.by)
        limits = np.concatenate([np.full(columns, np.inf), self.values, np.full(many, np.inf)])
        result = milp(
            np.concatenate([self.price, self.price, falling_short / distance]),
            bounds=Bounds(0, limits),
            constraints=LinearConstraint(
                matrix.tocsc(),
                np.concatenate([balanced, distance]),
                np.concatenate([balanced, np.full(many, np.inf)]),
            ),
        )
        return None if result.x is None else result.x[:columns] - result.x[columns : 2 * columns]


def _parts(equations: csr_array, answer: NDArray[np.float64]) -> Iterator[NDArray[np.intp]]:
    """The columns that change, in sets that share no equation."""
    changed = np.flatnonzero(np.abs(answer) > FRACTION)
    sharing = abs(equations.tocsc()[:, changed])
    _, label = connected_components(sharing.T @ sharing, directed=False)
    for one in np.unique(label):
        yield changed[label == one]
