"""Measures of how far all subgroups lie from the mean, from the best one or from the reference.

All are 0 without inequality and never below. U stands for "unweighted" (every subgroup counts the same, J of
them, the one compared with included), W for "weighted" (every person counts the same). Their ranges are
simulated (`simulation`); the formulas here take one set of estimates or many draws of it.

Sources: Harper S, Lynch J (2005), Methods for measuring cancer disparities, NCI; WHO, Handbook on Health
Inequality Monitoring (2013). Ranges: Ahn J et al. (2019), Int J Public Health 64:1-9.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from metrics.inequality.layout import BoolArray, FloatArray, IntArray, Layout
from metrics.inequality.subgroups import PER_CENT, Subgroups


@dataclass(frozen=True, eq=False)
class Levels:
    """Estimates of subgroups, shape (rows, sets): one set as observed, or many as drawn.

    share      (rows, 1): the part of the population, 0 for unknown rows
    known      (rows, 1): 1 for rows with an estimate, 0 for others
    count      (groups, 1): how many rows are known
    favourable (groups, 1): whether more is better
    average    (groups, 1): the setting average where there are no populations, else NaN
    reference  (groups,): the reference row of each group, -1 for none
    fixed_mean (groups, 1) or None: the mean that IDISW is held against instead of its own
    """

    layout: Layout
    y: FloatArray
    share: FloatArray
    known: FloatArray
    count: FloatArray
    favourable: BoolArray
    average: FloatArray
    reference: IntArray
    fixed_mean: FloatArray | None = None

    @cached_property
    def mean(self) -> FloatArray:
        return self.layout.sum(self.share * self.y)

    @cached_property
    def central(self) -> FloatArray:
        """The mean, or the setting average where there are no populations. Shape (groups, sets)."""
        return np.where(np.isnan(self.average), self.mean, self.average)

    @cached_property
    def best(self) -> FloatArray:
        unknown = self.known == 0
        highest = self.layout.highest(np.where(unknown, -np.inf, self.y))
        lowest = self.layout.lowest(np.where(unknown, np.inf, self.y))
        return np.where(self.favourable, highest, lowest)

    @cached_property
    def of_reference(self) -> FloatArray:
        return np.where(self.reference[:, None] < 0, np.nan, self.y[self.reference])

    @cached_property
    def from_mean(self) -> FloatArray:
        return np.abs(self.y - self.layout.spread(self.central))

    @cached_property
    def from_best(self) -> FloatArray:
        return np.abs(self.y - self.layout.spread(self.best))

    @cached_property
    def from_reference(self) -> FloatArray:
        return np.abs(self.y - self.layout.spread(self.of_reference))

    @cached_property
    def variance(self) -> FloatArray:
        return self.layout.sum(self.share * (self.y - self.layout.spread(self.mean)) ** 2)

    def unweighted(self, distance: FloatArray) -> FloatArray:
        return self.layout.sum(self.known * distance) / self.count

    def weighted(self, distance: FloatArray) -> FloatArray:
        return self.layout.sum(self.share * distance)


def observed(what: Subgroups) -> Levels:
    """The estimates themselves, as one set."""
    return Levels(
        layout=what.layout,
        y=what.y[:, None],
        share=what.share[:, None],
        known=what.known.astype(np.float64)[:, None],
        count=what.count.astype(np.float64)[:, None],
        favourable=what.favourable[:, None],
        average=np.where(what.unpopulated, what.setting_average, np.nan)[:, None],
        reference=what.layout.first(what.reference),
    )


def bgsd(levels: Levels) -> FloatArray:
    """Between-group standard deviation: sqrt(sum p (y - mu)^2), in the indicator's unit."""
    return np.sqrt(levels.variance)


def cov(levels: Levels) -> FloatArray:
    """Coefficient of variation: 100 BGSD / mu, per cent of the mean."""
    return PER_CENT * np.sqrt(levels.variance) / levels.mean


def mdmu(levels: Levels) -> FloatArray:
    """Mean difference from the mean, unweighted: (1/J) sum |y - mu|; mu itself is weighted by population."""
    return levels.unweighted(levels.from_mean)


def mdmw(levels: Levels) -> FloatArray:
    """Mean difference from the mean, weighted: sum p |y - mu|, in the indicator's unit."""
    return levels.weighted(levels.from_mean)


def mdbu(levels: Levels) -> FloatArray:
    """Mean difference from the best subgroup, unweighted: (1/J) sum |y - B|, in the indicator's unit."""
    return levels.unweighted(levels.from_best)


def mdbw(levels: Levels) -> FloatArray:
    """Mean difference from the best subgroup, weighted: sum p |y - B|, in the indicator's unit."""
    return levels.weighted(levels.from_best)


def mdru(levels: Levels) -> FloatArray:
    """Mean difference from the reference subgroup, unweighted: (1/J) sum |y - y_ref|."""
    return levels.unweighted(levels.from_reference)


def mdrw(levels: Levels) -> FloatArray:
    """Mean difference from the reference subgroup, weighted: sum p |y - y_ref|, in the indicator's unit."""
    return levels.weighted(levels.from_reference)


def idisu(levels: Levels) -> FloatArray:
    """Index of disparity, unweighted: (100/J) sum |y - mu| / mu, per cent of the mean.

    Pearcy JN, Keppel KG (2002), Public Health Rep 117:273-280.
    """
    return PER_CENT * levels.unweighted(levels.from_mean) / levels.central


def idisw(levels: Levels) -> FloatArray:
    """Index of disparity, weighted: 100 sum p |y - mu| / mu, per cent of the mean."""
    if levels.fixed_mean is None:
        return PER_CENT * levels.weighted(levels.from_mean) / levels.mean
    distance = np.abs(levels.y - levels.layout.spread(levels.fixed_mean))
    return PER_CENT * levels.weighted(distance) / levels.fixed_mean


Spread = Callable[[Levels], FloatArray]
