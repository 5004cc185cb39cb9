"""Two lines through ridits: a straight one (least squares) and a logistic one (maximum likelihood).

Both give the level predicted at the bottom (ridit 0) and at the top (ridit 1) of the ranking, and what each row
adds to the uncertainty of their difference and of their log ratio. How these contributions are summed up
depends on the data: `hc1_variance` for subgroups, `survey.taylor_variance` for people of a survey.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from metrics.inequality.layout import QUIET, BoolArray, FloatArray, IntArray, Layout

MOST_STEPS = 60
LONGEST_STEP = 4.0
SMALL_STEP = 1e-10

Solver = Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]


@dataclass(frozen=True, eq=False)
class Ends:
    """The fitted level at both ends of the ranking, shape (groups,), and the rows' influence on their contrast.

    `of_difference` and `of_log_ratio` have the shape (rows,): the first-order change of the contrast that each
    row's deviation from the line makes. Their sum of squares estimates the contrast's variance.
    """

    bottom: FloatArray
    top: FloatArray
    of_difference: FloatArray
    of_log_ratio: FloatArray
    fitted: BoolArray


@QUIET
def straight(layout: Layout, ridit: FloatArray, level: FloatArray, weight: FloatArray) -> Ends:
    """Weighted least squares of `level` on `ridit`. All of rows; rows that weigh nothing do not count."""
    share = weight / layout.spread(layout.sum(weight))
    middle = layout.sum(share * ridit)
    offset = ridit - layout.spread(middle)
    slope = layout.sum(share * offset * level) / layout.sum(share * offset**2)
    bottom = layout.sum(share * level) - slope * middle
    deviation = share * (level - layout.spread(bottom) - layout.spread(slope) * ridit)
    one = np.ones(layout.groups)
    always = np.ones(layout.groups, dtype=np.bool_)
    return _ends(layout, ridit, share, deviation, (bottom, bottom + slope), (one, one), always)


@QUIET
def logistic(layout: Layout, ridit: FloatArray, level: FloatArray, weight: FloatArray) -> Ends:
    """Logistic regression of `level` (0 to 1) on `ridit`, for all groups at once by Newton's method.

    A step moves neither end by more than LONGEST_STEP on the logit scale, so that the concave likelihood is
    climbed without overshooting. `fitted` is False where no finite line fits: below some rank the level is 0
    (or 1) and above it 1 (or 0), or it is so everywhere.
    """
    share = weight / layout.spread(layout.sum(weight))
    intercept = special.logit(np.clip(layout.sum(share * level), 1e-12, 1 - 1e-12))
    slope = np.zeros(layout.groups)
    active = np.ones(layout.groups, dtype=np.bool_)
    for _ in range(MOST_STEPS):
        to_intercept, to_slope = _newton_step(layout, ridit, level, share, intercept, slope)
        longest = np.maximum(np.abs(to_intercept), np.abs(to_intercept + to_slope))
        shortened = np.where(active, np.minimum(1.0, LONGEST_STEP / longest), 0.0)
        intercept = intercept + np.where(active, shortened * to_intercept, 0.0)
        slope = slope + np.where(active, shortened * to_slope, 0.0)
        active &= ~(longest <= SMALL_STEP)
        if not active.any():
            break
    return _logistic_ends(layout, ridit, level, share, intercept, slope, ~active)


def hc1_variance(layout: Layout, influence: FloatArray, count: IntArray) -> FloatArray:
    """The variance of a contrast, robust to unequal scatter, with the factor J / (J - 2).

    `influence` has the shape (rows,), `count` and the result (groups,). MacKinnon JG, White H (1985),
    J Econometrics 29:305-325, HC1.
    """
    return count / (count - 2) * layout.sum(influence**2)


def _newton_step(
    layout: Layout,
    ridit: FloatArray,
    level: FloatArray,
    share: FloatArray,
    intercept: FloatArray,
    slope: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    fit = special.expit(layout.spread(intercept) + layout.spread(slope) * ridit)
    deviation = share * (level - fit)
    solve = _solver(layout, ridit, share * fit * (1 - fit))
    return solve(layout.sum(deviation), layout.sum(deviation * ridit))


def _logistic_ends(
    layout: Layout,
    ridit: FloatArray,
    level: FloatArray,
    share: FloatArray,
    intercept: FloatArray,
    slope: FloatArray,
    fitted: BoolArray,
) -> Ends:
    fit = special.expit(layout.spread(intercept) + layout.spread(slope) * ridit)
    bottom, top = special.expit(intercept), special.expit(intercept + slope)
    steepness = bottom * (1 - bottom), top * (1 - top)
    curvature = share * fit * (1 - fit)
    return _ends(layout, ridit, curvature, share * (level - fit), (bottom, top), steepness, fitted)


def _solver(layout: Layout, ridit: FloatArray, curvature: FloatArray) -> Solver:
    """Solves the 2 x 2 normal equations [[a, b], [b, c]] of each group for a right-hand side."""
    a, b = layout.sum(curvature), layout.sum(curvature * ridit)
    c = layout.sum(curvature * (ridit - layout.spread(b / a)) ** 2) + b * b / a
    determinant = a * c - b * b

    def solve(first: FloatArray, second: FloatArray) -> tuple[FloatArray, FloatArray]:
        return (c * first - b * second) / determinant, (a * second - b * first) / determinant

    return solve


def _ends(
    layout: Layout,
    ridit: FloatArray,
    curvature: FloatArray,
    deviation: FloatArray,
    levels: tuple[FloatArray, FloatArray],
    steepness: tuple[FloatArray, FloatArray],
    fitted: BoolArray,
) -> Ends:
    """Delta method: the gradient of the contrast through the inverse normal equations to the rows."""
    solve = _solver(layout, ridit, curvature)

    def influence(of_bottom: FloatArray, of_top: FloatArray) -> FloatArray:
        constant, along = solve(of_top - of_bottom, of_top)
        return deviation * (layout.spread(constant) + layout.spread(along) * ridit)

    (bottom, top), (at_bottom, at_top) = levels, steepness
    return Ends(
        bottom=bottom,
        top=top,
        of_difference=influence(at_bottom, at_top),
        of_log_ratio=influence(at_bottom / bottom, at_top / top),
        fitted=fitted,
    )
