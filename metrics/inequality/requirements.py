"""What a group must have before a measure is given, and the first thing it lacks.

Measures of an ordered dimension need every estimate, measures of an unordered one 85% of them, unless `force`
is set. All measures but the difference, the ratio and the impact measures need more than two subgroups: of two,
the difference says it all.
"""

from __future__ import annotations

import numpy as np

from metrics.inequality.layout import BoolArray, IntArray
from metrics.inequality.reasons import Reason, first_reason
from metrics.inequality.subgroups import Subgroups

MISSING_ALLOWED = 0.15

Check = tuple[BoolArray, Reason]


def bad_order(what: Subgroups) -> BoolArray:
    """Ordered groups whose codes are not n different whole numbers one after the other, whatever the first."""
    layout, order = what.layout, what.order
    whole = ~layout.any(~np.isfinite(order) | (order != np.round(order)))
    rows = np.lexsort((order, layout.group_of_row))
    steps = np.diff(order[rows], append=np.nan)
    last = layout.offsets[1:] - 1
    inside = np.ones(layout.rows, dtype=np.bool_)
    inside[last] = False
    consecutive = ~layout.any(inside & (steps != 1))
    return what.ordered & ~(whole & consecutive)


def for_pair(what: Subgroups) -> list[Check]:
    return [(bad_order(what), Reason.BAD_ORDER), (what.count < 2, Reason.FEW_SUBGROUPS)]


def for_impact(what: Subgroups, *, of_two: bool) -> list[Check]:
    few = (what.count < 2, Reason.FEW_SUBGROUPS) if of_two else (what.count < 3, Reason.TWO_SUBGROUPS)
    return [
        (bad_order(what), Reason.BAD_ORDER),
        few,
        (what.ordered & _any_missing(what) & ~what.force, Reason.MISSING_ESTIMATE),
        (~what.ordered & _many_missing(what) & ~what.force, Reason.MISSING_ESTIMATES),
    ]


def for_ranks(what: Subgroups) -> list[Check]:
    return [
        (~what.ordered, Reason.NO_ORDER),
        (bad_order(what), Reason.BAD_ORDER),
        (what.count < 3, Reason.TWO_SUBGROUPS),
        (_any_missing(what) & ~what.force, Reason.MISSING_ESTIMATE),
        (~what.unpopulated & np.isnan(what.total), Reason.PARTIAL_POPULATION),
        (what.total == 0, Reason.EMPTY_POPULATION),
    ]


def for_spread(what: Subgroups, *, force: bool = True) -> list[Check]:
    forced = what.force & force
    return [
        (what.count < 3, Reason.TWO_SUBGROUPS),
        (_many_missing(what) & ~forced, Reason.MISSING_ESTIMATES),
    ]


def populations(what: Subgroups) -> list[Check]:
    """Populations of all subgroups, and somebody in them."""
    return [
        (what.unpopulated, Reason.NO_POPULATION),
        (np.isnan(what.total), Reason.PARTIAL_POPULATION),
        (what.total == 0, Reason.EMPTY_POPULATION),
    ]


def populations_or_average(what: Subgroups) -> list[Check]:
    """Populations, or a setting average where there are none at all."""
    return [
        (what.unpopulated & np.isnan(what.setting_average), Reason.NO_POPULATION),
        (~what.unpopulated & np.isnan(what.total), Reason.PARTIAL_POPULATION),
        (what.total == 0, Reason.EMPTY_POPULATION),
    ]


def refusals(what: Subgroups, checks: list[Check]) -> IntArray:
    return first_reason(what.groups, checks)


def missing_se(what: Subgroups) -> IntArray:
    """MISSING_SE where a subgroup with an estimate has no standard error."""
    return np.where(what.se_complete, Reason.NONE, Reason.MISSING_SE).astype(np.int64)


def _any_missing(what: Subgroups) -> BoolArray:
    return what.count < what.layout.sizes


def _many_missing(what: Subgroups) -> BoolArray:
    return what.layout.sizes - what.count > MISSING_ALLOWED * what.layout.sizes
