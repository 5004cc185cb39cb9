"""Which small counts of a table are proved to be safe, and by what."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from metrics.disclosure.cells import Mask, Table
from metrics.disclosure.moves import Aim, Move


@dataclass
class Proofs:
    """The witnesses found so far, and what they prove."""

    table: Table
    threshold: int
    hidden_at_first: Mask
    hidden: Mask = field(init=False)
    raised: Mask = field(init=False)
    lowered: Mask = field(init=False)
    moves: list[Move] = field(default_factory=list)

    def __post_init__(self) -> None:
        small = self.table.small(self.threshold)
        self.hidden = self.hidden_at_first.copy()
        self.raised = ~small
        self.lowered = ~small | (self.table.values <= 1)

    def add(self, move: Move) -> None:
        self.moves.append(move)
        self.hidden[move.cells] = True
        self.raised[move.cells] |= self.raises(move)
        self.lowered[move.cells] |= self.lowers(move)

    def raises(self, move: Move) -> Mask:
        result: Mask = self.table.values[move.cells] + move.by >= self.threshold
        return result

    def lowers(self, move: Move) -> Mask:
        result: Mask = self.table.values[move.cells] + move.by <= 1
        return result

    def missing(self, upwards: bool, given_up: Collection[int]) -> list[Aim]:
        """The witnesses upwards or downwards that are wanting, those that need the smallest change first.

        What these hide costs least, and often serves the others.
        """
        values = self.table.values
        wanting = np.flatnonzero(~(self.raised if upwards else self.lowered))
        to = self.threshold if upwards else 1
        aims = [Aim(int(cell), to - int(values[cell])) for cell in wanting if cell not in given_up]
        return sorted(aims, key=lambda aim: (abs(aim.by), aim.cell))

    def has(self, aim: Aim) -> bool:
        return bool((self.raised if aim.by > 0 else self.lowered)[aim.cell])

    def wanting(self, given_up: Collection[int]) -> dict[int, list[Aim]]:
        """The cells that want a witness, each with what it wants: upwards first, where it wants both."""
        found: dict[int, list[Aim]] = {}
        for upwards in (True, False):
            for aim in self.missing(upwards, given_up):
                found.setdefault(aim.cell, []).append(aim)
        return found


def needed_moves(proofs: Proofs, cost: NDArray[np.float64]) -> list[Move]:
    """Leave out every move whose proofs the others give too, beginning with those that hide most."""
    small = proofs.table.small(proofs.threshold)
    many = proofs.table.values > 1
    size = len(small)
    proves = [
        np.concatenate(
            [
                move.cells[proofs.raises(move) & small[move.cells]],
                size + move.cells[proofs.lowers(move) & small[move.cells] & many[move.cells]],
            ]
        )
        for move in proofs.moves
    ]
    price = [cost[move.cells[~proofs.hidden_at_first[move.cells]]].sum() for move in proofs.moves]
    times_proved = np.bincount(np.concatenate(proves), minlength=2 * size) if proves else np.zeros(2 * size)
    needed = np.ones(len(proves), dtype=bool)
    for position in np.argsort(-np.array(price), kind="stable"):
        if (times_proved[proves[position]] > 1).all():
            needed[position] = False
            times_proved[proves[position]] -= 1
    return [move for move, keep in zip(proofs.moves, needed, strict=True) if keep]
