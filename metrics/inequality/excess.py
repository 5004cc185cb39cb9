"""Excess counts: how many readmissions would not have happened at the best group's rate.

The main form for lay readers. With more-is-better indicators: how many more visits would have been in time.
"""

from __future__ import annotations

import numpy as np

from metrics.inequality.conventions import DECIDED, Conventions
from metrics.inequality.impact import best_level, walter_se
from metrics.inequality.layout import QUIET, FloatArray
from metrics.inequality.measured import Measured, with_normal_range
from metrics.inequality.reasons import Reason, first_reason
from metrics.inequality.requirements import for_impact, populations, refusals
from metrics.inequality.subgroups import Subgroups


@QUIET
def excess_count(what: Subgroups, conventions: Conventions = DECIDED) -> Measured:
    """Events above those at the best subgroup's rate: the sum of n_j |y_j - B| / S. A count, never below 0.

    The best subgroup is the one with the lowest rate of an adverse indicator (the highest of a favourable
    one), also on an ordered dimension, so that no subgroup's excess cancels another's. SE = N mu / S times
    `impact.walter_se`; the range ends at 0. No range when the best subgroup had no events at all: the formula
    would claim certainty. The best of several subgroups looks better than it is by chance alone, so with many
    small subgroups the count is too high: name how many people the best one has.
    """
    best = best_level(what)
    scale = what.total / what.scale
    refused = refusals(what, [*for_impact(what, of_two=True), *populations(what)])
    rangeless = first_reason(what.groups, [(best.estimate == 0, Reason.NO_EVENTS_IN_REFERENCE)])
    made = with_normal_range(
        what.layout.sum(np.nan_to_num(excess_of_subgroups(what))),
        scale * what.mean * walter_se(what, best),
        what.level,
        refused=refused,
        rangeless=rangeless,
    )
    return made.floored(0.0)


def excess_of_subgroups(what: Subgroups) -> FloatArray:
    """n_j |y_j - B| / S of each row: 0 in the best subgroup, NaN without an estimate or a population."""
    distance = np.abs(what.estimate - what.layout.spread(what.best))
    return what.population * distance / what.layout.spread(what.scale)
