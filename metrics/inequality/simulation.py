"""Ranges by simulation: draw every estimate anew many times, and see how far the measure moves.

Each draw takes every subgroup's estimate from a normal distribution with its standard error, cut off at 0 and at
the indicator scale, by the inverse of its distribution function: no redrawing. The range is between percentiles
of the measure over all draws. Measures that cannot be below 0 drift upwards under such noise, so a range need not
contain its estimate (four equal estimates give BGSD 0 and a range above 0).

Ahn J, Harper S, Yu M, Feuer EJ, Liu B (2019), Int J Public Health 64:1-9.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from metrics.inequality.conventions import DECIDED, Conventions
from metrics.inequality.layout import QUIET, FloatArray, IntArray
from metrics.inequality.measured import Measured
from metrics.inequality.reasons import Reason
from metrics.inequality.spread import Levels, Spread, observed
from metrics.inequality.subgroups import PER_CENT, Subgroups
from metrics.stats.estimate import DEFAULT_LEVEL

DEFAULT_DRAWS = 10_000
DEFAULT_SEED = 20130901
CELLS_AT_ONCE = 2_000_000


@dataclass(frozen=True, slots=True)
class Draws:
    """How many draws, and from which seed. The same seed gives the same range, whatever else is measured."""

    count: int = DEFAULT_DRAWS
    seed: int = DEFAULT_SEED

    def __post_init__(self) -> None:
        if self.count < 2:
            raise ValueError("A range needs two draws or more.")
        if self.seed < 0:
            raise ValueError("A seed is a whole number, 0 or more.")


@QUIET
def with_simulated_ranges(
    what: Subgroups,
    measures: Mapping[str, Spread],
    values: Mapping[str, Measured],
    draws: Draws,
    conventions: Conventions = DECIDED,
) -> dict[str, Measured]:
    """`values`, each with its range and `draws_sd` where its `rangeless` says NOT_SIMULATED and nothing worse.

    All measures see the same draws. Every group meets the same random numbers (its first subgroup the first
    row of them, and so on), so a group's range does not depend on the groups measured with it; and subgroups
    are put in an order of their own first, so it does not depend on the order of rows either.
    """
    uniform = np.random.default_rng(draws.seed).random((int(what.layout.sizes.max()), draws.count))
    parts = [_ranges(part, measures, uniform, conventions) for part in _parts(what, draws.count)]
    found = {name: np.concatenate([part[name] for part in parts]) for name in measures}
    return {name: _joined(values[name], found[name]) for name in measures}


def truncated_normal(
    mean: FloatArray, sd: FloatArray, highest: FloatArray, uniform: FloatArray
) -> FloatArray:
    """Normal draws cut off at 0 and `highest`: the quantiles at `uniform` (0 to 1). Broadcasts.

    With sd 0, and where it is not known, the mean itself.
    """
    spread = np.where(sd > 0, sd, 1.0)
    below = special.ndtr((0.0 - mean) / spread)
    inside = special.ndtr((highest - mean) / spread) - below
    drawn = mean + spread * special.ndtri(below + uniform * inside)
    return np.where(sd > 0, np.clip(drawn, 0.0, highest), mean)


def percentile(ranked: FloatArray, part: FloatArray) -> FloatArray:
    """The quantile at `part` (groups,) of ranked draws (groups, draws), interpolated between neighbours.

    Type 7 of Hyndman RJ, Fan Y (1996), Am Stat 50:361-365.
    """
    place = part * (ranked.shape[1] - 1)
    below = np.floor(place).astype(np.int64)
    above = np.minimum(below + 1, ranked.shape[1] - 1)
    every = np.arange(len(ranked))
    low, high = ranked[every, below], ranked[every, above]
    return low + (place - below) * (high - low)


def _parts(what: Subgroups, draws: int) -> Iterator[Subgroups]:
    """Runs of groups small enough to draw at once."""
    rows_at_once = max(CELLS_AT_ONCE // draws, 1)
    first = 0
    while first < what.groups:
        end = what.layout.offsets[first] + rows_at_once
        last = max(int(np.searchsorted(what.layout.offsets, end, side="right")) - 1, first + 1)
        yield what.part(first, last)
        first = last


def _ranges(
    what: Subgroups, measures: Mapping[str, Spread], uniform: FloatArray, conventions: Conventions
) -> dict[str, FloatArray]:
    """Lower limit, upper limit and standard deviation of each measure: (groups, 3)."""
    levels = _drawn(what, uniform, conventions)
    level = what.level if conventions.level_in_draws else np.full(what.groups, DEFAULT_LEVEL)
    tail = (1 - level) / 2
    found = {}
    for name, measure in measures.items():
        ranked = np.sort(measure(levels), axis=1)
        limits = percentile(ranked, tail), percentile(ranked, 1 - tail)
        undefined = np.isnan(ranked[:, -1:])
        found[name] = np.where(undefined, np.nan, np.column_stack([*limits, ranked.std(axis=1, ddof=1)]))
    return found


def _drawn(what: Subgroups, uniform: FloatArray, conventions: Conventions) -> Levels:
    seen = observed(what)
    y = truncated_normal(
        what.y[:, None], what.se[:, None], _highest(what, conventions)[:, None], uniform[_places(what)]
    )
    return replace(
        seen,
        y=y,
        fixed_mean=None if conventions.own_mean_in_draws else seen.mean,
    )


def _places(what: Subgroups) -> IntArray:
    """Each row's place in its group when ranked by what it says, wherever it was given."""
    layout = what.layout
    keys = (what.reference, what.population, what.se, what.y, ~what.known, layout.group_of_row)
    rows = np.lexsort(keys)
    places = np.empty(layout.rows, dtype=np.int64)
    places[rows] = np.arange(layout.rows) - layout.spread(layout.starts)
    return places


def _highest(what: Subgroups, conventions: Conventions) -> FloatArray:
    """Where draws end: at the scale, unless an estimate lies above it (several events for one person)."""
    bounded = what.layout.highest(what.y) <= what.scale
    if not conventions.draws_within_scale:
        bounded &= what.scale == PER_CENT
    return what.layout.spread(np.where(bounded, what.scale, np.inf))


def _joined(value: Measured, found: FloatArray) -> Measured:
    given = (value.refused == Reason.NONE) & (value.rangeless == Reason.NOT_SIMULATED)
    lower, upper, spread = np.where(given[:, None], found, np.nan).T
    return replace(
        value,
        lower=lower,
        upper=upper,
        draws_sd=spread,
        rangeless=np.where(given, Reason.NONE, value.rangeless),
    )
