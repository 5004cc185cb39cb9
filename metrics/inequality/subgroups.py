"""What is measured: the estimates of several subgroups of people, for many groups of subgroups at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.inequality.layout import BoolArray, FloatArray, IntArray, Layout, layout_of
from metrics.stats.estimate import DEFAULT_LEVEL

PER_CENT = 100.0


@dataclass(frozen=True, eq=False)
class Subgroups:
    """Checked input; make one with `subgroups`. Arrays of rows (subgroups) and of groups, see `layout`.

    A group is one indicator of one institution at one time, cut by one dimension: readmissions by race. Rows
    without an estimate stay in the arrays; `known` leaves them out of every measure.
    """

    layout: Layout
    estimate: FloatArray
    se: FloatArray
    population: FloatArray
    order: FloatArray
    reference: BoolArray
    favourable: BoolArray
    ordered: BoolArray
    scale: FloatArray
    setting_average: FloatArray
    level: FloatArray
    force: BoolArray

    @property
    def groups(self) -> int:
        return self.layout.groups

    @cached_property
    def known(self) -> BoolArray:
        """Rows with an estimate."""
        return ~np.isnan(self.estimate)

    @cached_property
    def count(self) -> IntArray:
        """How many subgroups have an estimate: J in the formulas."""
        return self.layout.count(self.known)

    @cached_property
    def y(self) -> FloatArray:
        """Estimates, with 0 for unknown ones (which weigh nothing)."""
        return np.where(self.known, self.estimate, 0.0)

    @cached_property
    def total(self) -> FloatArray:
        """The population of all rows with an estimate; NaN unless each of them has one."""
        return self.layout.sum(np.where(self.known, self.population, 0.0))

    @cached_property
    def populated(self) -> BoolArray:
        """Groups in which every subgroup with an estimate has a population, and not all are 0."""
        return self.total > 0

    @cached_property
    def unpopulated(self) -> BoolArray:
        """Groups without any population, as opposed to those with some."""
        return ~self.layout.any(self.known & ~np.isnan(self.population))

    @cached_property
    def share(self) -> FloatArray:
        """Each row's part of its group's population, p in the formulas; 0 where it is not known."""
        whole = self.layout.spread(np.where(self.populated, self.total, np.inf))
        return np.where(self.known, np.nan_to_num(self.population), 0.0) / whole

    @cached_property
    def mean(self) -> FloatArray:
        """The mean weighted by population, mu in the formulas; NaN without populations."""
        return np.where(self.populated, self.layout.sum(self.share * self.y), np.nan)

    @cached_property
    def central(self) -> FloatArray:
        """The mean, or the setting average where a group has no populations at all."""
        return np.where(self.unpopulated, self.setting_average, self.mean)

    @cached_property
    def best(self) -> FloatArray:
        """The best estimate: the highest of a favourable indicator, the lowest of an adverse one."""
        highest = self.layout.highest(np.where(self.known, self.estimate, -np.inf))
        lowest = self.layout.lowest(np.where(self.known, self.estimate, np.inf))
        return np.where(self.favourable, highest, lowest)

    @cached_property
    def se_complete(self) -> BoolArray:
        """Groups in which every subgroup with an estimate has a standard error."""
        return ~self.layout.any(self.known & np.isnan(self.se))

    def part(self, first: int, last: int) -> Subgroups:
        """The groups `first` to `last` - 1 alone."""
        rows = slice(int(self.layout.offsets[first]), int(self.layout.offsets[last]))
        groups = slice(first, last)
        return Subgroups(
            layout=self.layout.part(first, last),
            estimate=self.estimate[rows],
            se=self.se[rows],
            population=self.population[rows],
            order=self.order[rows],
            reference=self.reference[rows],
            favourable=self.favourable[groups],
            ordered=self.ordered[groups],
            scale=self.scale[groups],
            setting_average=self.setting_average[groups],
            level=self.level[groups],
            force=self.force[groups],
        )


def subgroups(
    offsets: ArrayLike,
    estimate: ArrayLike,
    *,
    se: ArrayLike = np.nan,
    population: ArrayLike = np.nan,
    order: ArrayLike = np.nan,
    reference: ArrayLike = False,
    favourable: ArrayLike,
    ordered: ArrayLike = False,
    scale: ArrayLike = PER_CENT,
    setting_average: ArrayLike = np.nan,
    level: ArrayLike = DEFAULT_LEVEL,
    force: ArrayLike = False,
) -> Subgroups:
    """Checked input for the measures. NaN means "not known" throughout.

    offsets           (groups + 1,): group g owns the rows offsets[g] to offsets[g + 1] - 1

    of each row (subgroup), shape (rows,) or one value for all:
    estimate          in the indicator's unit: "in 100" with scale 100, never below 0
    se                its standard error, same unit
    population        people (or weights) behind it
    order             ordered dimensions: whole numbers one after the other, lowest = most disadvantaged
    reference         the subgroup to compare with, at most one of a group; unordered dimensions only

    of each group, shape (groups,) or one value for all:
    favourable        more is better (visits in time), or adverse, less is better (readmissions)
    ordered           whether the dimension has an order (income) or not (race)
    scale             what the estimate counts per: 1, 100, 1,000 or 100,000 people
    setting_average   the overall figure, used only where a group has no populations
    level             confidence level of the ranges
    force             go on although estimates are missing, with those that are known

    Raises ValueError with a plain sentence for arrays of the wrong shape and for impossible values.
    """
    rows = np.atleast_1d(np.asarray(estimate, dtype=np.float64))
    layout = layout_of(offsets, len(rows))

    def of_rows(name: str, values: ArrayLike, kind: type = np.float64) -> NDArray:
        return _filled(name, values, layout.rows, kind)

    def of_groups(name: str, values: ArrayLike, kind: type = np.float64) -> NDArray:
        return _filled(name, values, layout.groups, kind)

    made = Subgroups(
        layout=layout,
        estimate=of_rows("estimate", estimate),
        se=of_rows("se", se),
        population=of_rows("population", population),
        order=of_rows("order", order),
        reference=of_rows("reference", reference, np.bool_),
        favourable=of_groups("favourable", favourable, np.bool_),
        ordered=of_groups("ordered", ordered, np.bool_),
        scale=of_groups("scale", scale),
        setting_average=of_groups("setting_average", setting_average),
        level=of_groups("level", level),
        force=of_groups("force", force, np.bool_),
    )
    _check(made)
    return made


def _filled(name: str, values: ArrayLike, length: int, kind: type) -> NDArray:
    array: NDArray = np.asarray(values, dtype=kind)
    if array.ndim > 1 or (array.ndim == 1 and len(array) != length):
        raise ValueError(f"{name} must hold one value, or {length}.")
    return np.ascontiguousarray(np.broadcast_to(array, (length,)))


def _check(made: Subgroups) -> None:
    for name in ("estimate", "se", "population", "setting_average"):
        values = getattr(made, name)
        if (values < 0).any() or np.isinf(values).any():
            raise ValueError(f"{name} must be 0 or more, and finite.")
    if not (np.isfinite(made.scale) & (made.scale > 0)).all():
        raise ValueError("scale must be above 0, and finite.")
    if not ((made.level > 0) & (made.level < 1)).all():
        raise ValueError("level must lie between 0 and 1, for example 0.95.")
    if (made.layout.count(made.reference) > 1).any():
        raise ValueError("A group can have one reference subgroup only.")
