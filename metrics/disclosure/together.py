"""Many aims in one programme: what hidden cells can do without hiding another.

One programme over all hidden cells serves a hundred aims at once, as far as they can be had together. Its answer
falls apart into moves that share no equation. Those in whole numbers are kept; what they do not reach is asked for
again later, one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack, vstack
from scipy.sparse.csgraph import connected_components

from metrics.disclosure.cells import Mask
from metrics.disclosure.moves import COST_OF_HIDDEN, FRACTION, Aim, Move, MoveSearch, is_move, move_of

FALLING_SHORT = 50.0
"""The price of an aim that is not met at all: more than any number of hidden cells that it could need."""


def find_together(search: MoveSearch, aims: Sequence[Aim], hidden: Mask) -> Iterator[Move]:
    """Moves among hidden cells that meet as many of these aims as can be met at once. No two share an equation."""
    columns = np.flatnonzero(hidden & search.movable)
    place = np.searchsorted(columns, [aim.cell for aim in aims])
    equations = search.by_column[:, columns].tocsr()
    equations = equations[np.diff(equations.indptr) > 0]
    search.spent.linear += 1
    answer = _answer(equations, search.table.values[columns].astype(float), place, [aim.by for aim in aims])
    if answer is None:
        return
    for part in _parts(equations, answer):
        if np.abs(answer[part] - np.rint(answer[part])).max() <= FRACTION:
            move = move_of(columns[part], answer[part])
            if is_move(search.table, move):
                yield move


def _answer(
    equations: csr_array, values: NDArray[np.float64], place: NDArray[np.intp], by: Sequence[int]
) -> NDArray[np.float64] | None:
    """Each column goes up or down; an aim may fall short, at a price. By how much each column changes."""
    many, columns = len(by), len(values)
    wanted = csr_array((np.sign(by), (np.arange(many), place)), shape=(many, columns))
    matrix = vstack(
        [
            hstack([equations, -equations, csr_array((equations.shape[0], many))]),
            hstack([wanted, -wanted, eye_array(many)]),
        ]
    )
    zeros = np.zeros(equations.shape[0])
    distance = np.abs(by).astype(float)
    result = milp(
        np.concatenate([np.full(2 * columns, COST_OF_HIDDEN), FALLING_SHORT / distance]),
        bounds=Bounds(0, np.concatenate([np.full(columns, np.inf), values, np.full(many, np.inf)])),
        constraints=LinearConstraint(
            matrix.tocsc(), np.concatenate([zeros, distance]), np.concatenate([zeros, np.full(many, np.inf)])
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
