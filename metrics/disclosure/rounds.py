"""Rounds in which many witnesses are sought at once, the cheap ones first.

A programme for a single witness costs nearly as much as one for thirty. The first rounds pay little for a witness, so
that only those are found that hide hardly anything further; what remains is worth more in each later round. Some aims of
a lot go up while others go down: what one group gains another loses, and counts that are shown need not move.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

import numpy as np

from metrics.disclosure.cells import Mask
from metrics.disclosure.moves import Aim, MoveSearch
from metrics.disclosure.proofs import Proofs
from metrics.disclosure.together import find_together

IN_ONE_WAY = (70.0,) * 5
"""What a witness may cost in each round over the counts of one way to compare, see `moves.MoveSearch.cost`."""
ANYWHERE = (300.0, 1_000.0, 1_000.0)
"""The same in each round over all counts, for what no one way to compare can give."""
LOT = 30
"""How many aims one programme serves here."""
MANY = 2 * LOT
"""With fewer cells left than this, one by one is as quick, and hides less."""
UPWARDS = 0.3
"""How often a cell that wants both witnesses is asked for the one upwards: its way is longer."""


def prove_in_rounds(search: MoveSearch, proofs: Proofs, given_up: Collection[int]) -> None:
    """Find most of the missing witnesses: first each among the counts of its own way to compare, then among all."""
    dice = np.random.default_rng(0)
    for price in IN_ONE_WAY:
        if len(wanting := proofs.wanting(given_up)) >= MANY:
            for allowed, cells in _by_way(search, wanting):
                _prove_lots(search, proofs, cells, allowed, price, dice)
    for price in ANYWHERE:
        if len(wanting := proofs.wanting(given_up)) >= MANY:
            _prove_lots(search, proofs, list(wanting.values()), search.movable, price, dice)


def _prove_lots(
    search: MoveSearch,
    proofs: Proofs,
    wanting: list[list[Aim]],
    allowed: Mask,
    price: float,
    dice: np.random.Generator,
) -> None:
    for aims in _lots(proofs, wanting, dice):
        for move in find_together(search, aims, allowed, proofs.hidden, price):
            proofs.add(move)


def _by_way(search: MoveSearch, wanting: dict[int, list[Aim]]) -> Iterator[tuple[Mask, list[list[Aim]]]]:
    """What each cell wants, cells of one way together, with the cells that may move for them."""
    ways: dict[tuple[int, int], list[list[Aim]]] = defaultdict(list)
    for cell, aims in sorted(wanting.items()):
        ways[search.way_of(cell)].append(aims)
    for some in ways.values():
        yield search.of_way(some[0][0].cell), some


def _lots(proofs: Proofs, wanting: list[list[Aim]], dice: np.random.Generator) -> Iterator[list[Aim]]:
    """One aim for each cell, in lots by chance; aims that an earlier lot has met are left out."""
    order = dice.permutation(len(wanting))
    for first in range(0, len(order), LOT):
        lot = []
        for number in order[first : first + LOT]:
            left = [aim for aim in wanting[number] if not proofs.has(aim)]
            if left:
                lot.append(left[0] if dice.random() < UPWARDS else left[-1])
        if lot:
            yield lot
