"""Build the table: which sums an outsider can write down, and whether the counts agree with them.

A sum whose parts are all listed is an equation. Where a part is not listed the rest is still no secret: the
whole less the listed parts. It becomes a count of its own, never published and protected like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from metrics.disclosure.cells import (
    RESERVED,
    CellKey,
    Group,
    InconsistentTable,
    Outcome,
    Row,
    Structure,
    Table,
)

OUTCOMES: tuple[Outcome, ...] = ("numerator", "complement", "denominator")


class Count(NamedTuple):
    """What a row says of its group."""

    numerator: int
    denominator: int

    def of(self, outcome: Outcome) -> int:
        if outcome == "complement":
            return self.denominator - self.numerator
        return self.numerator if outcome == "numerator" else self.denominator


class Sum(NamedTuple):
    """A whole and its parts. ``axis`` says in words what divides it; ``rest`` makes the unlisted group."""

    whole: Group
    parts: tuple[Group, ...]
    overlapping: bool
    exhaustive: bool
    axis: str
    position: str

    def unlisted(self, words: str) -> Group:
        """A group that no row lists, beside the parts: "not listed", "not in this category"."""
        name = f"{RESERVED}{words}"
        if self.position == "place":
            return self.whole._replace(place=f"{name} ({self.whole.place})")
        if self.position == "period":
            return self.whole._replace(period=f"{name} ({self.whole.period})")
        return self.whole.within(self.axis, name)


def build_table(rows: Iterable[Row], structure: Structure) -> Table:
    """The cells of all rows, with every equation that outsiders can write down about them.

    Give the rows of earlier releases too: what they said is known.

    :raises InconsistentTable: parts disagree with their whole.
    :raises ValueError: two rows count one group, or a row uses a dimension or category that is not declared.
    """
    counts = _counts(rows, structure)
    builder = _Builder()
    for group, count in counts.items():
        builder.add_group(group, count, listed=True)
    totals = _unlisted_totals(counts, structure)
    for group, count in totals.items():
        builder.add_group(group, count, listed=False)
    counts.update(totals)
    for sum_ in _sums(counts, structure):
        builder.add_sum(sum_, counts)
    return builder.table(structure)


def _counts(rows: Iterable[Row], structure: Structure) -> dict[Group, Count]:
    counts: dict[Group, Count] = {}
    for row in rows:
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


def _unlisted_totals(counts: Mapping[Group, Count], structure: Structure) -> dict[Group, Count]:
    """Totals that no row gives although all their parts are listed: anybody can add them up."""
    known = dict(counts)
    waiting = list(counts)
    while waiting:
        for whole in _wholes_of(waiting.pop(), structure):
            if whole in known:
                continue
            for sum_ in _sums_of(whole, structure):
                parts = [known[part] for part in sum_.parts if part in known]
                complete = len(parts) == len(sum_.parts) or sum_.exhaustive
                if parts and complete and not sum_.overlapping:
                    known[whole] = Count(*(sum(column) for column in zip(*parts, strict=True)))
                    waiting.append(whole)
                    break
    return {group: count for group, count in known.items() if group not in counts}


@dataclass
class _Builder:
    """Collects cells and equations; an equation is a list of (cell, coefficient) that comes to zero."""

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

    def add_group(self, group: Group, count: Count, *, listed: bool) -> None:
        numerator, complement, denominator = (
            self.add_cell(CellKey(*group, outcome), count.of(outcome), listed=listed) for outcome in OUTCOMES
        )
        self.equations.append([(numerator, 1), (complement, 1), (denominator, -1)])

    def add_sum(self, sum_: Sum, counts: Mapping[Group, Count]) -> None:
        listed = [part for part in sum_.parts if part in counts]
        if sum_.overlapping:
            self._add_bounds(sum_, listed, counts)
            return
        rest = _rest(sum_, listed, counts)
        if rest != (0, 0):
            group = sum_.unlisted("not listed")
            self.add_group(group, rest, listed=False)
            listed.append(group)
        for outcome in ("numerator", "denominator"):
            self._equate(sum_.whole, listed, outcome)

    def _equate(
        self, whole: Group, parts: Iterable[Group], outcome: Outcome, surplus: int | None = None
    ) -> None:
        """Parts = whole, or parts = whole + surplus."""
        terms = [(self.index[CellKey(*part, outcome)], 1) for part in parts]
        terms.append((self.index[CellKey(*whole, outcome)], -1))
        if surplus is not None:
            terms.append((surplus, -1))
        self.equations.append(terms)

    def _add_bounds(self, sum_: Sum, listed: list[Group], counts: Mapping[Group, Count]) -> None:
        """People in several parts: no part exceeds the whole, and all parts together may exceed it.

        Those of the whole who are not in a part are people too. A bound that the counts do not keep is not a
        rule of this metric, save for people themselves: a part never has more of them than the whole.
        """
        outcomes = OUTCOMES if sum_.position == "stratum" else ("numerator", "denominator")
        for outcome in outcomes:
            whole = counts[sum_.whole].of(outcome)
            for part in listed:
                others = whole - counts[part].of(outcome)
                if others < 0 and outcome == "denominator":
                    raise InconsistentTable(
                        f"{part.in_words()} has {counts[part].denominator} people, more than the "
                        f"{whole} of {sum_.whole.in_words()}."
                    )
                if others >= 0:
                    group = sum_.unlisted(f"not {_name_of_part(sum_, part)}")
                    self.add_cell(CellKey(*group, outcome), others, listed=False)
                    self._equate(sum_.whole, [part, group], outcome)
            surplus = sum(counts[part].of(outcome) for part in listed) - whole
            if surplus >= 0 and len(listed) == len(sum_.parts):
                key = CellKey(*sum_.unlisted("counted more than once"), outcome)
                again = self.add_cell(key, surplus, listed=False, people=False)
                self._equate(sum_.whole, listed, outcome, again)

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
