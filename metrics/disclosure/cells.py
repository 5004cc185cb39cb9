"""What a published table is made of: rows of counts, the cells in them, and how parts add up to wholes.

Everything here except the values of hidden cells is taken to be known to everybody outside the institution.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Outcome: TypeAlias = Literal["numerator", "complement", "denominator"]
Stratum: TypeAlias = tuple[tuple[str, str], ...]
Mask: TypeAlias = NDArray[np.bool_]
Vector: TypeAlias = NDArray[np.int64]

LEAST_THRESHOLD = 11
RESERVED = "~"
"""Names that begin so stand for people no row lists; a row may not use them."""


class InconsistentTable(ValueError):
    """The counts contradict each other. The message names the parts and the whole in plain words."""


class Group(NamedTuple):
    """The people that one row counts: at one place, in one period, in one stratum (``()`` is everybody)."""

    place: str
    period: str
    stratum: Stratum = ()

    def without(self, dimension: str) -> Group:
        return self._replace(stratum=tuple(pair for pair in self.stratum if pair[0] != dimension))

    def within(self, dimension: str, category: str) -> Group:
        """The part of this group that is in one category of a dimension the group does not yet use."""
        return self._replace(stratum=tuple(sorted((*self.stratum, (dimension, category)))))

    def in_words(self) -> str:
        stratum = ", ".join(f"{dimension}: {category}" for dimension, category in self.stratum)
        return ", ".join((self.place, self.period, stratum or "everybody"))


class Count(NamedTuple):
    """How many people have the outcome, of how many."""

    numerator: int
    denominator: int

    def of(self, outcome: Outcome) -> int:
        if outcome == "complement":
            return self.denominator - self.numerator
        return self.numerator if outcome == "numerator" else self.denominator


class CellKey(NamedTuple):
    """One count: of the people in a group, those with the outcome, those without it, or all of them."""

    place: str
    period: str
    stratum: Stratum
    outcome: Outcome

    @property
    def group(self) -> Group:
        return Group(self.place, self.period, self.stratum)

    @property
    def way(self) -> tuple[str, ...]:
        """The dimensions by which the people are divided."""
        return tuple(dimension for dimension, _ in self.stratum)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of counts. ``stratum`` is sorted by dimension and names each dimension at most once.

    :raises ValueError: a count is not a whole number, is negative, or the numerator exceeds the denominator.
    """

    place: str
    period: str
    stratum: Stratum
    numerator: int
    denominator: int

    def __post_init__(self) -> None:
        names = [name for pair in self.stratum for name in pair]
        dimensions = names[::2]
        if dimensions != sorted(set(dimensions)):
            raise ValueError(f"stratum must be sorted, each dimension once: {self.stratum!r}")
        if any(name.startswith(RESERVED) for name in (self.place, self.period, *names)):
            raise ValueError(f"names that begin with {RESERVED!r} are reserved: {self.group.in_words()}")
        for count in (self.numerator, self.denominator):
            if isinstance(count, bool) or not isinstance(count, (int, np.integer)):
                raise ValueError(
                    f"a count of people is a whole number, not {count!r}: {self.group.in_words()}"
                )
        if not 0 <= self.numerator <= self.denominator:
            raise ValueError(
                f"the numerator must lie between 0 and the denominator, not {self.numerator} of "
                f"{self.denominator}: {self.group.in_words()}"
            )

    @property
    def group(self) -> Group:
        return Group(self.place, self.period, self.stratum)


@dataclass(frozen=True, slots=True)
class Dimension:
    """A way to divide people, with every category it has.

    Categories are exclusive and exhaustive (their counts add up to the whole) unless ``overlapping``: people
    may then be in several. ``missing`` are categories such as "Not recorded", which are hidden first.
    """

    name: str
    categories: tuple[str, ...]
    overlapping: bool = False
    missing: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Whole:
    """A place made of places, or a period made of periods.

    ``overlapping``: a person may be counted in several parts and once in the whole (unduplicated people).
    """

    name: str
    parts: tuple[str, ...]
    overlapping: bool = False


@dataclass(frozen=True, slots=True)
class Structure:
    """The plain facts that turn rows into equations.

    ``absent_means_zero``: a category without a row has nobody in it. Said of categories only: an absent place
    or period is one that is not reported.
    """

    dimensions: tuple[Dimension, ...] = ()
    places: tuple[Whole, ...] = ()
    periods: tuple[Whole, ...] = ()
    absent_means_zero: bool = False

    def __post_init__(self) -> None:
        for kind in (self.dimensions, self.places, self.periods):
            names = [thing.name for thing in kind]
            if len(names) != len(set(names)):
                raise ValueError(f"declared twice: {', '.join(sorted(names))}")

    def families(self) -> dict[str, str]:
        """Each place that is a part or a whole, with one name for all that hang together with it."""
        family = {name: name for place in self.places for name in (place.name, *place.parts)}
        for place in self.places:
            joined = {family[name] for name in (place.name, *place.parts)}
            family |= {name: min(joined) for name, of in family.items() if of in joined}
        return family

    def dimension(self, name: str) -> Dimension:
        for dimension in self.dimensions:
            if dimension.name == name:
                return dimension
        raise ValueError(f"no dimension is called {name!r}")


@dataclass(frozen=True)
class Table:
    """Cells with their true values, and every linear equation that binds them.

    ``equations @ values == 0``. ``listed`` cells belong to a row and can be published. The others are counts
    that outsiders can form by adding and subtracting rows ("those of no listed category"); they are never
    published. ``people`` marks the cells that count people, and so may not be derivable when small.
    """

    keys: tuple[CellKey, ...]
    values: Vector
    equations: csr_array
    listed: Mask
    people: Mask
    structure: Structure = field(repr=False)

    @cached_property
    def index(self) -> Mapping[CellKey, int]:
        return {key: position for position, key in enumerate(self.keys)}

    @cached_property
    def incidence(self) -> tuple[csr_array, csr_array]:
        """Which cells each equation has, and which equations each cell is in."""
        cells_of = abs(self.equations)
        return cells_of, cells_of.T.tocsr()

    def small(self, threshold: int) -> Mask:
        """Cells that count at least one person and fewer than the threshold."""
        result: Mask = self.people & (self.values >= 1) & (self.values < threshold)
        return result

    def where(self, holds: Callable[[CellKey], bool]) -> Mask:
        return np.fromiter(map(holds, self.keys), dtype=bool, count=len(self.keys))

    def mask(self, keys: Iterable[CellKey]) -> Mask:
        """Where the given cells are.

        :raises ValueError: one of them is not in the table.
        """
        result = np.zeros(len(self.keys), dtype=bool)
        for key in keys:
            if key not in self.index:
                raise ValueError(f"not in the table: {key.outcome} of {key.group.in_words()}")
            result[self.index[key]] = True
        return result

    def keys_at(self, mask: Mask) -> frozenset[CellKey]:
        return frozenset(self.keys[position] for position in np.flatnonzero(mask))


def check_threshold(threshold: int) -> None:
    """:raises ValueError: the threshold would let counts of 1 to 10 be shown."""
    if threshold < LEAST_THRESHOLD:
        raise ValueError(f"the threshold may be {LEAST_THRESHOLD} or more, not {threshold}")
