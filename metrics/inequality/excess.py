"""Excess counts: how many readmissions would not have happened at the best group's rate.

The main form for lay readers. With more-is-better indicators: how many more visits would have been in time. It is the rule
of `metrics.stats.excess` for many groups at once, but for one thing: here the best subgroup is the best of all that
are given, there (where counts are known to be complete) only a steady one is.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from metrics.inequality.conventions import DECIDED, Conventions
from metrics.inequality.impact import best_level
from metrics.inequality.layout import QUIET, BoolArray, FloatArray
from metrics.inequality.measured import Measured, normal_reach, with_range
from metrics.inequality.requirements import for_impact, populations, refusals
from metrics.inequality.subgroups import Subgroups

Limits = tuple[FloatArray, FloatArray]


@QUIET
def excess_count(what: Subgroups, conventions: Conventions = DECIDED) -> Measured:
    """Events above those at the best subgroup's rate: the sum of n_j |y_j - B| / S. A count, never below 0.

    The best subgroup is the one with the lowest rate of an adverse indicator (the highest of a favourable
    one), also on an ordered dimension, so that no subgroup's excess cancels another's. With N people in the others
    it is N times the difference between their common rate and B, and so is its range: Newcombe's "square and add" of the
    Wilson ranges of the two (of the exact Poisson ranges where an estimate lies above the scale), ended at 0. SE = N
    times that of a difference of two shares (two rates). Populations count as people observed. The best of several
    subgroups looks better than it is by chance alone: name how many people it has.
    """
    best, worse = best_level(what), _worse(what)
    people = what.layout.sum(np.where(worse, what.population, 0.0))
    events = what.layout.sum(np.where(worse, what.population * what.estimate, 0.0)) / what.scale
    rate, at_best = np.where(people > 0, events / people, 0.0), best.estimate / what.scale
    above = what.layout.highest(what.y) > what.scale
    low, high = _limits(events, people, what.level, above)
    best_low, best_high = _limits(at_best * best.population, best.population, what.level, above)
    down = np.where(
        what.favourable, np.hypot(best_low - at_best, high - rate), np.hypot(rate - low, best_high - at_best)
    )
    up = np.where(
        what.favourable, np.hypot(best_high - at_best, rate - low), np.hypot(high - rate, at_best - best_low)
    )
    value = what.layout.sum(np.nan_to_num(excess_of_subgroups(what)))
    return with_range(
        value,
        people * np.sqrt(_variance(rate, people, above) + _variance(at_best, best.population, above)),
        (np.maximum(value - _times(people, down), 0.0), value + _times(people, up)),
        refused=refusals(what, [*for_impact(what, of_two=True), *populations(what)]),
    )


def excess_of_subgroups(what: Subgroups) -> FloatArray:
    """n_j |y_j - B| / S of each row: 0 in the best subgroup, NaN without an estimate or a population."""
    distance = np.abs(what.estimate - what.layout.spread(what.best))
    return what.population * distance / what.layout.spread(what.scale)


def _worse(what: Subgroups) -> BoolArray:
    return what.known & (what.estimate != what.layout.spread(what.best))


def _times(people: FloatArray, reach: FloatArray) -> FloatArray:
    return np.where(people > 0, people * reach, 0.0)


def _variance(rate: FloatArray, people: FloatArray, above: BoolArray) -> FloatArray:
    return rate * np.where(above, 1.0, 1 - rate) / people


def _limits(events: FloatArray, people: FloatArray, level: FloatArray, above: BoolArray) -> Limits:
    shares, rates = _wilson(events, people, level), _garwood(events, people, level)
    return np.where(above, rates[0], shares[0]), np.where(above, rates[1], shares[1])


def _wilson(events: FloatArray, people: FloatArray, level: FloatArray) -> Limits:
    """The Wilson score range of shares, from 0 to 1, see `metrics.stats.intervals.wilson`."""
    squared = normal_reach(level) ** 2
    centre = (events + squared / 2) / (people + squared)
    spread = np.maximum(events * (people - events) / np.maximum(people, 1e-300), 0.0) + squared / 4
    reach = np.sqrt(squared * spread) / (people + squared)
    return np.maximum(centre - reach, 0.0), np.minimum(centre + reach, 1.0)


def _garwood(events: FloatArray, people: FloatArray, level: FloatArray) -> Limits:
    """The exact Poisson range of rates, see `metrics.stats.intervals.garwood`."""
    tail = (1 - level) / 2
    low = np.where(events > 0, special.gammaincinv(np.maximum(events, 1e-300), tail), 0.0)
    return low / people, special.gammaincinv(events + 1, 1 - tail) / people
