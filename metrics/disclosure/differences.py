"""What follows from some numbers of a table: those that every solution of its equations has in common.

For changes between two releases, which may be of either sign: nothing bounds them but the equations.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.sparse.linalg import lsqr

from metrics.disclosure.cells import CellKey, Table

TOLERANCE = 1e-6
PRECISION = 1e-12


def determined(table: Table, known: Mapping[CellKey, int]) -> dict[CellKey, int]:
    """The cells that the known ones determine, however long the chain of equations, each with its number.

    A random direction in which the unknown cells can move together moves all that are free, with probability one:
    what it leaves in place is determined.
    """
    is_known = table.mask(known)
    values = np.zeros(len(table.keys))
    values[is_known] = [known[table.keys[cell]] for cell in np.flatnonzero(is_known)]
    unknown = np.flatnonzero(~is_known)
    equations = table.equations.tocsc()[:, unknown].astype(float)
    if not len(unknown):
        return {}
    limit = {"atol": PRECISION, "btol": PRECISION, "iter_lim": 20 * sum(equations.shape)}
    anywhere = np.random.default_rng(0).normal(size=len(unknown))
    free = anywhere - lsqr(equations, equations @ anywhere, **limit)[0]
    solution = lsqr(equations, -(table.equations @ values), **limit)[0]
    return {
        table.keys[cell]: round(number)
        for cell, moves, number in zip(unknown, free, solution, strict=True)
        if abs(moves) < TOLERANCE
    }
