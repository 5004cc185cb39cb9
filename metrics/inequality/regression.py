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

MOST_STEPS = 100
LONGEST_MOVE = 4.0
SMALL_MOVE = 1e-6  # the error that is left after such a step is its square
FLAT = 20.0

Pair = tuple[FloatArray, FloatArray]
Solver = Callable[[FloatArray, FloatArray], Pair]


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

    `fitted` is False where there is no finite line, see `overlapping`, or it is too steep to be found.
    """
    share = weight / layout.spread(layout.sum(weight))
    line = special.logit(np.clip(layout.sum(share * level), 1e-12, 1 - 1e-12)), np.zeros(layout.groups)
    active = possible = overlapping(layout, ridit, level, share)
    for _ in range(MOST_STEPS):
        if not active.any():
            break
        step = _newton_step(layout, ridit, level, share, line)
        longest = _longest_move(layout, ridit, share, line, step)
        part = np.where(active, np.minimum(1.0, LONGEST_MOVE / longest), 0.0)
        line = (
            line[0] + part * np.where(active, step[0], 0.0),
            line[1] + part * np.where(active, step[1], 0.0),
        )
        active = active & ~(longest <= SMALL_MOVE)
    return _logistic_ends(layout, ridit, level, share, line, possible & ~active)


def overlapping(layout: Layout, ridit: FloatArray, level: FloatArray, share: FloatArray) -> BoolArray:
    """Groups in which people with the event and without it overlap in rank, so that a finite line fits best.

    Otherwise everyone above some rank has the event and nobody below it (or the reverse), or all or nobody.
    Albert A, Anderson JA (1984), Biometrika 71:1-10.
    """
    with_event, without = (share > 0) & (level > 0), (share > 0) & (level < 1)
    last_with, last_without = (
        layout.highest(np.where(some, ridit, -np.inf)) for some in (with_event, without)
    )
    first_with, first_without = (
        layout.lowest(np.where(some, ridit, np.inf)) for some in (with_event, without)
    )
    return (last_without > first_with) & (last_with > first_without)


def hc1_variance(layout: Layout, influence: FloatArray, count: IntArray) -> FloatArray:
    """The variance of a contrast, robust to unequal scatter, with the factor J / (J - 2).

    `influence` has the shape (rows,), `count` and the result (groups,). MacKinnon JG, White H (1985),
    J Econometrics 29:305-325, HC1.
    """
    return count / (count - 2) * layout.sum(influence**2)


def _along(layout: Layout, ridit: FloatArray, line: Pair) -> FloatArray:
    """The height of each group's line (intercept, slope) at its rows."""
    return layout.spread(line[0]) + layout.spread(line[1]) * ridit


def _newton_step(layout: Layout, ridit: FloatArray, level: FloatArray, share: FloatArray, line: Pair) -> Pair:
    fit = special.expit(_along(layout, ridit, line))
    deviation = share * (level - fit)
    solve = _solver(layout, ridit, share * fit * (1 - fit))
    return solve(layout.sum(deviation), layout.sum(deviation * ridit))


def _longest_move(layout: Layout, ridit: FloatArray, share: FloatArray, line: Pair, step: Pair) -> FloatArray:
    """How far the step moves a row on the logit scale, at most. Shape (groups,).

    Newton's method overshoots where a step takes rows far, so `logistic` shortens it. Rows that are FLAT
    already and move further out do not count: the curve is level there, and steep lines need them far out.
    """
    height, moved = _along(layout, ridit, line), _along(layout, ridit, step)
    further_out = (np.abs(height) > FLAT) & (height * moved > 0)
    return layout.highest(np.where((share > 0) & ~further_out, np.abs(moved), 0.0))


def _logistic_ends(
    layout: Layout, ridit: FloatArray, level: FloatArray, share: FloatArray, line: Pair, fitted: BoolArray
) -> Ends:
    fit = special.expit(_along(layout, ridit, line))
    bottom, top = special.expit(line[0]), special.expit(line[0] + line[1])
    steepness = bottom * (1 - bottom), top * (1 - top)
    curvature = share * fit * (1 - fit)
    return _ends(layout, ridit, curvature, share * (level - fit), (bottom, top), steepness, fitted)


def _solver(layout: Layout, ridit: FloatArray, curvature: FloatArray) -> Solver:
    """Solves the normal equations of a line for a right-hand side, about the mean rank for exactness."""
    whole = layout.sum(curvature)
    middle = layout.sum(curvature * ridit) / whole
    around = layout.sum(curvature * (ridit - layout.spread(middle)) ** 2)

    def solve(first: FloatArray, second: FloatArray) -> Pair:
        along = (second - middle * first) / around
        return first / whole - middle * along, along

    return solve


def _ends(
    layout: Layout,
    ridit: FloatArray,
    curvature: FloatArray,
    deviation: FloatArray,
    levels: Pair,
    steepness: Pair,
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
