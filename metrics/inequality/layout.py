"""Rows that belong to groups, end to end: sums, extremes and first rows of every group at once, without a loop."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

NO_ROW = -1

QUIET = np.errstate(divide="ignore", invalid="ignore", over="ignore")
"""Marks functions in which a division by 0 gives infinity or NaN, without a warning."""


@dataclass(frozen=True, eq=False)
class Layout:
    """Which rows belong to which group: group g owns the rows offsets[g] to offsets[g + 1] - 1.

    `offsets` has the shape (groups + 1,), begins with 0 and rises: every group has at least one row.
    Methods take arrays whose first axis is the rows (or the groups); further axes (draws) are kept.
    """

    offsets: IntArray

    @cached_property
    def starts(self) -> IntArray:
        return self.offsets[:-1]

    @cached_property
    def sizes(self) -> IntArray:
        return np.diff(self.offsets)

    @property
    def groups(self) -> int:
        return len(self.offsets) - 1

    @property
    def rows(self) -> int:
        return int(self.offsets[-1])

    @cached_property
    def group_of_row(self) -> IntArray:
        return np.repeat(np.arange(self.groups), self.sizes)

    def sum(self, values: NDArray) -> NDArray:
        """The sum of each group."""
        return np.add.reduceat(values, self.starts, axis=0)

    def highest(self, values: FloatArray) -> FloatArray:
        return np.maximum.reduceat(values, self.starts, axis=0)

    def lowest(self, values: FloatArray) -> FloatArray:
        return np.minimum.reduceat(values, self.starts, axis=0)

    def spread(self, of_groups: NDArray) -> NDArray:
        """A group's value repeated on each of its rows."""
        return np.repeat(of_groups, self.sizes, axis=0)

    def any(self, rows: BoolArray) -> BoolArray:
        return np.logical_or.reduceat(rows, self.starts, axis=0)

    def count(self, rows: BoolArray) -> IntArray:
        return self.sum(rows.astype(np.int64))

    def first(self, rows: BoolArray) -> IntArray:
        """The first row of each group for which `rows` holds, or NO_ROW. Shape (groups,)."""
        found = np.minimum.reduceat(np.where(rows, np.arange(self.rows), self.rows), self.starts)
        return np.where(found < self.rows, found, NO_ROW)

    def running_sum(self, values: FloatArray) -> FloatArray:
        """The sum of a group's rows up to and with each row, never carried over from other groups."""
        running = values.copy()
        for position in range(1, int(self.sizes.max())):
            rows = self.starts[self.sizes > position] + position
            running[rows] += running[rows - 1]
        return running

    def part(self, first: int, last: int) -> Layout:
        """The layout of the groups `first` to `last` - 1 alone."""
        return Layout(self.offsets[first : last + 1] - self.offsets[first])


def layout_of(offsets: ArrayLike, rows: int) -> Layout:
    """A checked layout. Raises ValueError for offsets that do not cut `rows` rows into groups."""
    array = np.asarray(offsets)
    if array.ndim != 1 or len(array) < 2 or not np.issubdtype(array.dtype, np.integer):
        raise ValueError("Offsets must be a list of whole numbers: one for each group, and the end.")
    if array[0] != 0 or array[-1] != rows or (np.diff(array) < 1).any():
        raise ValueError("Offsets must begin with 0, rise, and end with the number of rows.")
    return Layout(array.astype(np.int64))


def values_at(values: FloatArray, rows: IntArray) -> FloatArray:
    """The value of one row of each group; NaN where that group has NO_ROW."""
    return np.where(rows == NO_ROW, np.nan, values[rows])
