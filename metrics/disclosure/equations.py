"""Build the table: which sums an outsider can write down, and whether the counts agree with them.

A sum whose parts are all listed is an equation. Where a part is not listed the rest is still no secret: the
whole less the listed parts. It becomes a count of its own, never published and protected like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
from scipy.sparse import csr_array

from metrics.disclosure.cells import (
    RESERVED,
    CellKey,
    Count,
    Group,
    InconsistentTable,
    Outcome,
    Row,
    Structure,
    Table,
)

OUTCOMES: tuple[Outcome, ...] = ("numerator", "complement", "denominator")
NOBODY = Count(0, 0)


class Sum(NamedTuple):
    """A whole and its parts.

    ``exhaustive``: parts without a row have nobody. ``axis`` says in words what divides the whole, and
    ``position`` which field of the group tells the parts apart.
    """

    whole: Group
    parts: tuple[Group, ...]
    overlapping: bool
    exhaustive: bool
    axis: str
    position: Literal["place", "period", "stratum"]

    def unlisted(self, words: str) -> Group:
        """A group that no row lists, beside the parts: "not listed", "not in this category"."""
        name = f"{RESERVED}{words}"
        if self.position == "place":
            return self.whole._replace(place=f"{name} ({self.whole.place})")
        if self.position == "period":
            return self.whole._replace(period=f"{name} ({self.whole.period})")
        return self.whole.within(self.axis, name)


def build_table(
    rows: Iterable[Row], structure: Structure, same: Iterable[tuple[CellKey, CellKey]] = ()
) -> Table:
    """The cells of all rows, with every equation that outsiders can write down about them.

    Give the rows of earlier releases too: what they said is known. ``same`` are cells that count the very same
    people: the denominator of two measures.

    :raises InconsistentTable: parts disagree with their whole, or cells that are the same with each other.
    :raises ValueError: two rows count one group, or a row uses a dimension or category that is not declared.
    """
    counts = _counts(rows, structure)
    deduced = _deduced(counts, structure)
    builder = _Builder({**counts, **deduced})
    for group in counts:
        builder.add_group(group, listed=True)
    for group in deduced:
        builder.add_group(group, listed=False)
    for sum_ in list(_sums(builder.counts, structure)):
        builder.add_sum(sum_)
    for one, other in same:
        builder.add_same(one, other)
    return builder.table(structure)


def _counts(rows: Iterable[Row], structure: Structure) -> dict[Group, Count]:
    counts: dict[Group, Count] = {}
    for row in sorted(rows, key=lambda row: row.group):
        if row.group in counts:
            raise ValueError(f"two rows count the same people: {row.group.in_words()}")
        for dimension, category in row.stratum:
            if category not in structure.dimension(dimension).categories:
                raise ValueError(f"{category!r} is not a category of {dimension}")
        counts[row.group] = Count(int(row.numerator), int(row.denominator))
    return counts


def _sums_of(whole: Group, structure: Structure) -> Iterator[Sum]:
    """Every way the structure divides a group."""
    for place in structure.places:
        if place.name == whole.place:
            parts = tuple(whole._replace(place=part) for part in place.parts)
            yield Sum(whole, parts, place.overlapping, False, "its units", "place")
    for period in structure.periods:
        if period.name == whole.period:
            parts = tuple(whole._replace(period=part) for part in period.parts)
            yield Sum(whole, parts, period.overlapping, False, "its periods", "period")
    used = {dimension for dimension, _ in whole.stratum}
    for dimension in structure.dimensions:
        if dimension.name not in used:
            parts = tuple(whole.within(dimension.name, category) for category in dimension.categories)
            exhaustive = structure.absent_means_zero
            yield Sum(whole, parts, dimension.overlapping, exhaustive, dimension.name, "stratum")


def _sums(counts: Mapping[Group, Count], structure: Structure) -> Iterator[Sum]:
    for whole in counts:
        for sum_ in _sums_of(whole, structure):
            if any(part in counts for part in sum_.parts):
                yield sum_


def _wholes_of(part: Group, structure: Structure) -> Iterator[Group]:
    for place in structure.places:
        if part.place in place.parts:
            yield part._replace(place=place.name)
    for period in structure.periods:
        if part.period in period.parts:
            yield part._replace(period=period.name)
    for dimension, _ in part.stratum:
        yield part.without(dimension)


def _deduced(counts: Mapping[Group, Count], structure: Structure) -> dict[Group, Count]:
    """Groups without a row whose counts are no secret: each is the only unknown of some sum."""
    known = dict(counts)
    waiting = list(counts)
    while waiting:
        group = waiting.pop()
        for whole in (group, *_wholes_of(group, structure)):
            for sum_ in _sums_of(whole, structure):
                further = _follows(sum_, known)
                known.update(further)
                waiting.extend(further)
    return {group: count for group, count in known.items() if group not in counts}


def _follows(sum_: Sum, known: Mapping[Group, Count]) -> dict[Group, Count]:
    """What one sum says about those of its groups that are not known."""
    listed = [part for part in sum_.parts if part in known]
    unknown = [part for part in sum_.parts if part not in known]
    if sum_.overlapping or not listed:
        return {}
    if sum_.whole not in known:
        if unknown and not sum_.exhaustive:
            return {}
        return {sum_.whole: Count(*map(sum, zip(*(known[part] for part in listed), strict=True)))}
    rest = _rest(sum_, listed, known)
    if len(unknown) == 1 or rest == NOBODY:
        return dict.fromkeys(unknown, rest)
    return {}


def _rest(sum_: Sum, listed: list[Group], counts: Mapping[Group, Count]) -> Count:
    """What the listed parts leave of their whole.

    :raises InconsistentTable: they exceed it, or leave something although no part is absent.
    """
    whole = counts[sum_.whole]
    numerator = whole.numerator - sum(counts[part].numerator for part in listed)
    denominator = whole.denominator - sum(counts[part].denominator for part in listed)
    complete = sum_.exhaustive or len(listed) == len(sum_.parts)
    if (complete and (numerator or denominator)) or not 0 <= numerator <= denominator:
        raise InconsistentTable(
            f"{sum_.whole.in_words()} has {whole.numerator} of {whole.denominator}, but by {sum_.axis} "
            f"the parts come to {whole.numerator - numerator} of {whole.denominator - denominator}."
        )
    return Count(numerator, denominator)


@dataclass
class _Builder:
    """Collects cells and equations; an equation is a list of (cell, coefficient) that comes to zero."""

    counts: dict[Group, Count]
    keys: list[CellKey] = field(default_factory=list)
    values: list[int] = field(default_factory=list)
    listed: list[bool] = field(default_factory=list)
    people: list[bool] = field(default_factory=list)
    index: dict[CellKey, int] = field(default_factory=dict)
    equations: list[list[tuple[int, int]]] = field(default_factory=list)

    def add_cell(self, key: CellKey, value: int, *, listed: bool, people: bool = True) -> int:
        self.index[key] = len(self.keys)
        self.keys.append(key)
        self.values.append(value)
        self.listed.append(listed)
        self.people.append(people)
        return self.index[key]

    def add_group(self, group: Group, *, listed: bool) -> None:
        """Three cells and their equation. Without a row and without people it is a known zero: no cell."""
        count = self.counts[group]
        if listed or count != NOBODY:
            numerator, complement, denominator = (
                self.add_cell(CellKey(*group, outcome), count.of(outcome), listed=listed)
                for outcome in OUTCOMES
            )
            self.equations.append([(numerator, 1), (complement, 1), (denominator, -1)])

    def add_sum(self, sum_: Sum) -> None:
        parts = [part for part in sum_.parts if part in self.counts]
        if sum_.overlapping:
            self._add_bounds(sum_, parts)
            return
        rest = _rest(sum_, parts, self.counts)
        if rest != NOBODY:
            group = sum_.unlisted("not listed")
            self.counts[group] = rest
            self.add_group(group, listed=False)
            parts.append(group)
        for outcome in ("numerator", "denominator"):
            self._equate(sum_.whole, parts, outcome)

    def _equate(
        self, whole: Group, parts: Iterable[Group], outcome: Outcome, surplus: Group | None = None
    ) -> None:
        """Parts = whole, or parts = whole + surplus."""
        signed = [(part, 1) for part in parts]
        signed += [(group, -1) for group in (whole, surplus) if group]
        keys = [(CellKey(*group, outcome), sign) for group, sign in signed]
        self.equations.append([(self.index[key], sign) for key, sign in keys if key in self.index])

    def _add_bounds(self, sum_: Sum, parts: list[Group]) -> None:
        """People in several parts: no part exceeds the whole, and all parts together may exceed it.

        Those of the whole who are not in a part are people too. A bound that the counts do not keep is not a
        rule of this metric (who had the outcome in one quarter may lack it in another), save for people
        themselves: a part never has more of them than the whole.
        """
        for outcome in OUTCOMES:
            whole = self.counts[sum_.whole].of(outcome)
            for part in parts:
                others = whole - self.counts[part].of(outcome)
                if others < 0 and outcome == "denominator":
                    raise InconsistentTable(
                        f"{part.in_words()} has {self.counts[part].denominator} people, more than the "
                        f"{whole} of {sum_.whole.in_words()}."
                    )
                if others >= 0:
                    group = sum_.unlisted(f"not {_name_of_part(sum_, part)}")
                    self.add_cell(CellKey(*group, outcome), others, listed=False)
                    self._equate(sum_.whole, [part, group], outcome)
            excess = sum(self.counts[part].of(outcome) for part in parts) - whole
            if excess >= 0 and len(parts) == len(sum_.parts):
                surplus = sum_.unlisted("counted more than once")
                self.add_cell(CellKey(*surplus, outcome), excess, listed=False, people=False)
                self._equate(sum_.whole, parts, outcome, surplus)

    def add_same(self, one: CellKey, other: CellKey) -> None:
        if self.values[self.index[one]] != self.values[self.index[other]]:
            raise InconsistentTable(
                f"{one.outcome} of {one.group.in_words()} should be the same as {other.outcome} of "
                f"{other.group.in_words()}."
            )
        self.equations.append([(self.index[one], 1), (self.index[other], -1)])

    def table(self, structure: Structure) -> Table:
        lengths = [len(terms) for terms in self.equations]
        row = np.repeat(np.arange(len(lengths)), lengths)
        terms = np.array([term for terms in self.equations for term in terms], dtype=np.int64).reshape(-1, 2)
        shape = (len(lengths), len(self.keys))
        return Table(
            keys=tuple(self.keys),
            values=np.array(self.values, dtype=np.int64),
            equations=csr_array((terms[:, 1], (row, terms[:, 0])), shape=shape),
            listed=np.array(self.listed, dtype=bool),
            people=np.array(self.people, dtype=bool),
            structure=structure,
        )


def _name_of_part(sum_: Sum, part: Group) -> str:
    if sum_.position == "stratum":
        return dict(part.stratum)[sum_.axis]
    return part.place if sum_.position == "place" else part.period
