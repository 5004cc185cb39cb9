"""SII and RII: the very top of the ranking against its very bottom, on a line through all subgroups.

Above 0 (1) means more of the indicator among the advantaged, whether that is good or bad: the sign does not turn
for adverse indicators, as that of D and R does. Ordered dimensions. Where a group has no populations at all every
subgroup counts the same (a caution says so).

Sources: Pamuk ER (1985), Population Studies 39:17-31; Mackenbach JP, Kunst AE (1997), Soc Sci Med 44:757-771;
for the logistic form WHO, Handbook on Health Inequality Monitoring (2013).
"""

from __future__ import annotations

import numpy as np

from metrics.inequality.concentration import equal_weights
from metrics.inequality.conventions import DECIDED, Conventions
from metrics.inequality.layout import QUIET, FloatArray
from metrics.inequality.measured import Measured, ScaleOfSE, with_log_range, with_normal_range
from metrics.inequality.ranks import ridits, shares, whole_people
from metrics.inequality.reasons import Reason
from metrics.inequality.regression import Ends, hc1_variance, logistic, straight
from metrics.inequality.requirements import Check, for_ranks, refusals
from metrics.inequality.subgroups import Subgroups

GUESSES = np.array([1.0, 1e2, 1e3, 1e4, 1e5, 1e6])


def slope_index(what: Subgroups, conventions: Conventions = DECIDED) -> Measured:
    """SII = S (p(1) - p(0)), in the indicator's unit; p is a logistic line fitted to the shares y / S.

    Each subgroup weighs its population, once, a fraction of a person counted as one. SE: HC1 and the delta
    method (`regression`). Refused where an estimate lies above the scale S.
    """
    return _slope(what, _logistic_ends(what, conventions), conventions, _above(what, conventions))


def relative_index(what: Subgroups, conventions: Conventions = DECIDED) -> Measured:
    """RII = p(1) / p(0), without a unit, of the line of `slope_index`; the range is that of the logarithm."""
    return _relative(what, _logistic_ends(what, conventions), conventions, _above(what, conventions))


def linear_slope_index(what: Subgroups, conventions: Conventions = DECIDED) -> Measured:
    """SII of a straight line by weighted least squares, in the indicator's unit. SE as `slope_index`."""
    return _slope(what, _straight_ends(what, conventions), conventions, [])


def linear_relative_index(what: Subgroups, conventions: Conventions = DECIDED) -> Measured:
    """RII of the straight line. Refused where the line is at or below 0 at one end."""
    return _relative(what, _straight_ends(what, conventions), conventions, [])


@QUIET
def _slope(what: Subgroups, ends: Ends, conventions: Conventions, more: list[Check]) -> Measured:
    scale = _scale(what, conventions)
    se_of_share = np.sqrt(hc1_variance(what.layout, ends.of_difference, what.count))
    made = with_normal_range(
        scale * (ends.top - ends.bottom),
        scale * se_of_share,
        what.level,
        refused=refusals(what, [*_checks(what, ends), *more]),
        caution=equal_weights(what),
    )
    if conventions.se_on_value_scale:
        return made
    return made.with_se(made.se / scale, ScaleOfSE.SHARE_OF_SCALE)


@QUIET
def _relative(what: Subgroups, ends: Ends, conventions: Conventions, more: list[Check]) -> Measured:
    below_zero = (ends.bottom <= 0) | (ends.top <= 0)
    made = with_log_range(
        ends.top / ends.bottom,
        np.sqrt(hc1_variance(what.layout, ends.of_log_ratio, what.count)),
        what.level,
        refused=refusals(what, [*_checks(what, ends), *more, (below_zero, Reason.LINE_BELOW_ZERO)]),
        caution=equal_weights(what),
    )
    return made if conventions.se_on_value_scale else made.with_log_se()


def _checks(what: Subgroups, ends: Ends) -> list[Check]:
    return [*for_ranks(what), (~ends.fitted, Reason.NO_FIT)]


def _above(what: Subgroups, conventions: Conventions) -> list[Check]:
    scale = what.layout.spread(_scale(what, conventions))
    return [(what.layout.any(what.known & (what.estimate > scale)), Reason.ABOVE_SCALE)]


def _scale(what: Subgroups, conventions: Conventions) -> FloatArray:
    if conventions.declared_scale:
        return what.scale
    largest = what.layout.highest(what.y)
    return GUESSES[np.minimum(np.searchsorted(GUESSES, largest), len(GUESSES) - 1)]


@QUIET
def _logistic_ends(what: Subgroups, conventions: Conventions) -> Ends:
    people = whole_people(what)
    level = np.clip(what.y / what.layout.spread(_scale(what, conventions)), 0, 1)
    weight = people
    if not conventions.population_once:
        level, weight = np.round(people * level) / np.maximum(people, 1), people**2
    return logistic(what.layout, ridits(what, shares(what, people)), level, weight)


@QUIET
def _straight_ends(what: Subgroups, conventions: Conventions) -> Ends:
    people = whole_people(what)
    level = what.y / what.layout.spread(_scale(what, conventions))
    return straight(what.layout, ridits(what, shares(what, people)), level, people)
