"""Check a certificate, knowing nothing of how it was made.

Only products of matrices and comparisons: whoever doubts the search can trust the check.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from metrics.disclosure.cells import LEAST_THRESHOLD, CellKey, Mask, Table
from metrics.disclosure.certificate import Certificate, Witness


def verify(
    table: Table,
    certificate: Certificate,
    *,
    already_hidden: frozenset[CellKey] = frozenset(),
    already_published: Mapping[CellKey, int] = MappingProxyType({}),
) -> list[str]:
    """What is wrong with a certificate, in plain words; an empty list if it holds.

    It holds when every small cell is hidden and has both witnesses: tables of whole numbers, none negative,
    that keep every equation and agree with every cell shown. A small cell that the certificate itself calls
    unproved is no fault as long as no equation, or chain of equations, ties it to a cell shown for the first
    time.
    """
    problems = [
        *_faults_of_table(table, certificate),
        *_faults_of_history(table, certificate, already_hidden, already_published),
    ]
    hidden = table.where(certificate.hidden.__contains__) | ~table.listed
    sound: list[Witness] = []
    for number, witness in enumerate(certificate.witnesses, start=1):
        faults = list(_faults_of_witness(table, hidden, witness))
        problems += [f"Witness {number} {fault}." for fault in faults]
        if not faults:
            sound.append(witness)
    published = table.where(already_published.__contains__)
    excused = _excused(table, certificate, hidden, published)
    problems += _faults_of_proof(table, certificate.threshold, hidden, sound, excused)
    return problems


def _faults_of_table(table: Table, certificate: Certificate) -> Iterator[str]:
    if certificate.threshold < LEAST_THRESHOLD:
        yield f"The threshold is {certificate.threshold}, below {LEAST_THRESHOLD}."
    if (table.values < 0).any() or (table.equations @ table.values).any():
        yield "The table itself contradicts its equations."


def _faults_of_history(
    table: Table,
    certificate: Certificate,
    already_hidden: frozenset[CellKey],
    already_published: Mapping[CellKey, int],
) -> Iterator[str]:
    for key in sorted(certificate.hidden - table.index.keys()):
        yield f"{_words(key)} is hidden but not in the table."
    for key in sorted(already_hidden - certificate.hidden):
        yield f"{_words(key)} was hidden in an earlier release and is shown now."
    for key, shown in already_published.items():
        if key in certificate.hidden:
            yield f"{_words(key)} was shown in an earlier release and is called hidden now."
        if key not in table.index or table.values[table.index[key]] != shown:
            yield f"{_words(key)} is not what an earlier release shows."


def _faults_of_witness(table: Table, hidden: Mask, witness: Witness) -> Iterator[str]:
    if not all(key in table.index for key, _ in witness.moves):
        yield "has a cell that is not in the table"
        return
    if not all(type(by) is int for _, by in witness.moves):
        yield "has a count that is not a whole number"
        return
    move = np.zeros(len(table.keys), dtype=np.int64)
    for key, by in witness.moves:
        move[table.index[key]] += by
    if (table.values + move < 0).any():
        yield "has a negative count"
    if (table.equations @ move).any():
        yield "breaks an equation"
    if move[~hidden].any():
        yield "changes a cell that is shown"


def _excused(table: Table, certificate: Certificate, hidden: Mask, published: Mask) -> Mask:
    """Cells called unproved about which this release says nothing that was not known."""
    unknown = np.flatnonzero(~published)
    equations = abs(table.equations.tocsc()[:, unknown])
    _, component = connected_components(equations.T @ equations, directed=False)
    newly_shown = np.unique(component[~hidden[unknown]])
    untouched = published.copy()
    untouched[unknown] = ~np.isin(component, newly_shown)
    named = {each.key for each in certificate.unproved}
    return untouched & table.where(named.__contains__)


def _faults_of_proof(
    table: Table, threshold: int, hidden: Mask, witnesses: list[Witness], excused: Mask
) -> Iterator[str]:
    moves = _as_matrix(table, witnesses)
    most = table.values + moves.max(axis=0).toarray()
    least = table.values + moves.min(axis=0).toarray()
    small = table.people & (table.values >= 1) & (table.values < threshold) & ~excused
    for cell in np.flatnonzero(small):
        words = _words(table.keys[cell])
        if not hidden[cell]:
            yield f"{words} is small and shown."
        if most[cell] < threshold:
            yield f"{words} is small and has no witness of {threshold} or more."
        if least[cell] > 1:
            yield f"{words} is small and has no witness of 1 or less."


def _as_matrix(table: Table, witnesses: list[Witness]) -> csr_array:
    """One row for each witness, the truth first."""
    entries = [
        (row, table.index[key], by)
        for row, witness in enumerate(witnesses, start=1)
        for key, by in witness.moves
    ]
    row, column, by = np.array(entries, dtype=np.int64).reshape(-1, 3).T
    return csr_array((by, (row, column)), shape=(len(witnesses) + 1, len(table.keys)))


def _words(key: CellKey) -> str:
    return f"The {key.outcome} of {key.group.in_words()}"
