"""D and R: two subgroups compared, as a difference and as a ratio.

Which two, a against b:

    dimension   reference   more is better                      less is better
    ordered     (ignored)   most advantaged, most disadvantaged most disadvantaged, most advantaged
    unordered   none        highest, lowest                     highest, lowest
    unordered   declared    reference, lowest of the others     highest of the others, reference

So D > 0 and R > 1 when care is unequal in the expected direction. Of subgroups with the same estimate the one
given first is taken.
"""

from __future__ import annotations

import numpy as np

from metrics.inequality.conventions import DECIDED, Conventions
from metrics.inequality.layout import NO_ROW, QUIET, BoolArray, FloatArray, IntArray, values_at
from metrics.inequality.measured import Measured, with_log_range, with_normal_range
from metrics.inequality.reasons import Reason
from metrics.inequality.requirements import for_pair, refusals
from metrics.inequality.subgroups import Subgroups


@QUIET
def difference(what: Subgroups, conventions: Conventions = DECIDED) -> Measured:
    """D = y_a - y_b, in the indicator's unit; 0 is no inequality. SE = sqrt(s_a^2 + s_b^2), D -/+ z SE.

    The subgroups are taken to be separate people. Source: WHO, Handbook on Health Inequality Monitoring (2013).
    """
    first, second = pair(what)
    se_first, se_second = values_at(what.se, first), values_at(what.se, second)
    return with_normal_range(
        values_at(what.estimate, first) - values_at(what.estimate, second),
        np.hypot(se_first, se_second),
        what.level,
        refused=_refused(what, first, second),
        rangeless=_missing_se(se_first, se_second),
    )


@QUIET
def ratio(what: Subgroups, conventions: Conventions = DECIDED) -> Measured:
    """R = y_a / y_b, without a unit; 1 is no inequality. The range is that of the logarithm.

    SE of log R = sqrt((s_a/y_a)^2 + (s_b/y_b)^2), as Katz D et al. (1978), Biometrics 34:469-474, for any two
    estimates with a standard error; `se` is R times that (delta method). When y_b is 0, R is infinite and has no
    range; when y_a is 0, R is 0 and its logarithm, and so its range, does not exist.
    """
    first, second = pair(what)
    y_first, y_second = values_at(what.estimate, first), values_at(what.estimate, second)
    se_first, se_second = values_at(what.se, first), values_at(what.se, second)
    value = y_first / y_second
    se = np.hypot(se_first, value * se_second) / y_second
    made = with_log_range(
        value,
        se / value,
        what.level,
        se=se,
        refused=_refused(what, first, second),
        rangeless=_missing_se(se_first, se_second),
    )
    return made if conventions.se_on_value_scale else made.with_log_se()


def pair(what: Subgroups) -> tuple[IntArray, IntArray]:
    """The rows a and b of each group, NO_ROW where there is none. The two are never the same row."""
    top, bottom = ends(what)
    first_of_order = np.where(what.favourable, top, bottom)
    second_of_order = np.where(what.favourable, bottom, top)
    first, second = _unordered_pair(what)
    return np.where(what.ordered, first_of_order, first), np.where(what.ordered, second_of_order, second)


def ends(what: Subgroups) -> tuple[IntArray, IntArray]:
    """The most advantaged and the most disadvantaged row by their order codes, with an estimate or without."""
    layout, order = what.layout, what.order
    top = layout.first(order == layout.spread(layout.highest(order)))
    bottom = layout.first(order == layout.spread(layout.lowest(order)))
    return top, bottom


def _unordered_pair(what: Subgroups) -> tuple[IntArray, IntArray]:
    reference = what.layout.first(what.reference)
    declared = reference != NO_ROW
    others = what.known & ~what.reference
    highest = _furthest(what, others, what.estimate)
    lowest_of_others = _furthest(what, others, -what.estimate)
    highest_of_all = np.where(declared, highest, _furthest(what, what.known, what.estimate))
    not_highest = what.known & (np.arange(what.layout.rows) != what.layout.spread(highest_of_all))
    lowest_of_all = _furthest(what, not_highest, -what.estimate)
    first = np.where(declared & what.favourable, reference, highest_of_all)
    second = np.where(declared, np.where(what.favourable, lowest_of_others, reference), lowest_of_all)
    return first, second


def _furthest(what: Subgroups, among: BoolArray, values: FloatArray) -> IntArray:
    layout = what.layout
    highest = layout.highest(np.where(among, values, -np.inf))
    return layout.first(among & (values == layout.spread(highest)))


def _refused(what: Subgroups, first: IntArray, second: IntArray) -> IntArray:
    unknown = np.isnan(values_at(what.estimate, first)) | np.isnan(values_at(what.estimate, second))
    checks = [
        *for_pair(what),
        (what.ordered & unknown, Reason.EXTREME_MISSING),
        (~what.ordered & unknown, Reason.REFERENCE_MISSING),
    ]
    return refusals(what, checks)


def _missing_se(first: FloatArray, second: FloatArray) -> IntArray:
    return np.where(np.isnan(first) | np.isnan(second), Reason.MISSING_SE, Reason.NONE).astype(np.int64)
