"""Choose which cells to hide, and prove that it is enough.

Every small cell is hidden first. Then each needs two witnesses: tables that agree with everything shown, one
in which it reaches the threshold and one in which it is at most 1. Where there is none, more cells are
hidden, the cheapest that allow one. The hidden set only grows meanwhile, so a witness once found stays valid.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from metrics.disclosure.cells import (
    LEAST_THRESHOLD,
    CellKey,
    InconsistentTable,
    Mask,
    Table,
    check_threshold,
)
from metrics.disclosure.certificate import Certificate, Effort, Reason, Unproved, Witness, witness_of
from metrics.disclosure.moves import Aim, Move, MoveSearch
from metrics.disclosure.proofs import Proofs, needed_moves
from metrics.disclosure.rounds import prove_in_rounds
from metrics.disclosure.together import find_together

NODE_LIMIT = 500
TOGETHER = 100
"""How many aims one programme serves: with more its answer is seldom in whole numbers."""
WORTH_WHILE = 0.15
"""Which share of the aims must be met at once for another try of that to cost less than single programmes."""
AT_LEAST = 4
NOTHING_PUBLISHED: Mapping[CellKey, int] = MappingProxyType({})

COST_BY_DIMENSIONS = {0: 8.0, 1: 3.0}
COST_BY_OUTCOME = {"numerator": 1.0, "complement": 0.5, "denominator": 1.5}


def protect(
    table: Table,
    *,
    threshold: int = LEAST_THRESHOLD,
    already_hidden: frozenset[CellKey] = frozenset(),
    already_published: Mapping[CellKey, int] = NOTHING_PUBLISHED,
    withheld: frozenset[CellKey] = frozenset(),
    witnesses: Iterable[Witness] = (),
    node_limit: int = NODE_LIMIT,
) -> Certificate:
    """Hide every small cell, and as few others as keep it from being worked out.

    :param already_hidden: cells that an earlier release hides; they stay hidden.
    :param already_published: cells that an earlier release shows, with the counts it shows. They cannot be
        hidden again: a small cell that they give away is reported in ``unproved``.
    :param withheld: further cells to hide, whatever they hold.
    :param witnesses: of the same table, found for somebody else: they are taken over where they change no cell that is
        published or shown here, so that only what they do not prove is searched for.
    :param node_limit: see :class:`~metrics.disclosure.moves.MoveSearch`.
    :raises ValueError: the threshold is below 11; or a cell of an earlier release is not in the table, or is
        said to be both hidden and published.
    :raises InconsistentTable: a count differs from what an earlier release shows.
    """
    check_threshold(threshold)
    published = published_earlier(table, already_published)
    kept_back = table.mask(already_hidden | withheld)
    if (kept_back & published).any():
        raise ValueError("a cell cannot be both hidden and published")
    small = table.small(threshold)
    cost = hiding_cost(table)
    proofs = Proofs(table, threshold, (small & ~published) | kept_back | ~table.listed)
    _scale_hidden_components(proofs)
    for move in _moves_of(table, witnesses):
        if proofs.hidden_at_first[move.cells].all() and not published[move.cells].any():
            proofs.add(move)
    unproved = {int(cell): Reason.EXPOSED for cell in np.flatnonzero(small & published)}
    search = MoveSearch(table, cost, ~published, node_limit)
    prove_in_rounds(search, proofs, unproved)
    for upwards in (True, False):
        _prove_all(search, proofs, upwards, unproved)
    moves = needed_moves(proofs, cost)
    hidden = proofs.hidden_at_first.copy()
    for move in moves:
        hidden[move.cells] = True
    return Certificate(
        threshold=threshold,
        hidden=table.keys_at(hidden & table.listed),
        witnesses=tuple(witness_of(table, *move) for move in moves),
        unproved=tuple(Unproved(table.keys[cell], unproved[cell]) for cell in sorted(unproved)),
        effort=Effort(int(small.sum()), search.spent.left, search.spent.linear, search.spent.integer),
    )


def published_earlier(table: Table, already_published: Mapping[CellKey, int]) -> Mask:
    """Where the cells of earlier releases are.

    :raises ValueError: one of them is not in the table.
    :raises InconsistentTable: a count differs from what was shown.
    """
    mask = table.mask(already_published)
    for key, shown in already_published.items():
        count = table.values[table.index[key]]
        if count != shown:
            raise InconsistentTable(
                f"{key.outcome} of {key.group.in_words()} is {count}, but an earlier release shows {shown}."
            )
    return mask


def hiding_cost(table: Table) -> NDArray[np.float64]:
    """How much is lost when a cell is hidden: more for margins, wholes and large counts.

    A complement costs little, for it is never shown as a figure; so do categories such as "Not recorded".
    """
    parts = {part for place in table.structure.places for part in place.parts}
    missing = {(each.name, category) for each in table.structure.dimensions for category in each.missing}
    cost: NDArray[np.float64] = 1 + np.log1p(table.values.astype(float))
    for position, key in enumerate(table.keys):
        cost[position] *= COST_BY_DIMENSIONS.get(len(key.stratum), 1.0) * COST_BY_OUTCOME[key.outcome]
        if key.place not in parts:
            cost[position] *= 2
        if not missing.isdisjoint(key.stratum):
            cost[position] /= 2
    return cost


def _moves_of(table: Table, witnesses: Iterable[Witness]) -> Iterator[Move]:
    for witness in witnesses:
        cells, by = zip(*((table.index[key], change) for key, change in witness.moves), strict=True)
        yield Move(np.array(cells, dtype=np.int64), np.array(by, dtype=np.int64))


def _scale_hidden_components(proofs: Proofs) -> None:
    """Where nothing that holds people is shown, nobody at all and many times as many are both possible."""
    values = proofs.table.values
    cells_of, equations_of = proofs.table.incidence
    _, component = connected_components(equations_of @ cells_of, directed=False)
    for label in np.unique(component[proofs.table.small(proofs.threshold)]):
        counted = np.flatnonzero((component == label) & (values != 0))
        if proofs.hidden[counted].all():
            proofs.add(Move(counted, -values[counted]))
            proofs.add(Move(counted, (proofs.threshold - 1) * values[counted]))


def _prove_all(search: MoveSearch, proofs: Proofs, upwards: bool, unproved: dict[int, Reason]) -> None:
    """Find the missing witnesses; cells that stay without one are added to ``unproved``.

    In turn: as many as hidden cells can give at once, then some one by one, which hide further cells; all of
    them, once little can be had at once.
    """
    while aims := proofs.missing(upwards, unproved):
        for some in _in_lots(aims, proofs):
            for move in find_together(search, some, proofs.hidden, proofs.hidden):
                proofs.add(move)
        left = proofs.missing(upwards, unproved)
        at_once = len(aims) - len(left)
        for aim in left[: max(AT_LEAST, len(left) // 4)] if at_once > WORTH_WHILE * len(aims) else left:
            if not proofs.has(aim):
                _prove(search, proofs, aim, unproved)


def _in_lots(aims: list[Aim], proofs: Proofs) -> Iterator[list[Aim]]:
    for first in range(0, len(aims), TOGETHER):
        if some := [aim for aim in aims[first : first + TOGETHER] if not proofs.has(aim)]:
            yield some


def _prove(search: MoveSearch, proofs: Proofs, aim: Aim, unproved: dict[int, Reason]) -> None:
    found = search.find(aim, proofs.hidden)
    if isinstance(found, Reason):
        unproved[aim.cell] = found
    else:
        proofs.add(found)
