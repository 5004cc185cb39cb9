"""Where each subgroup stands on the way from the most disadvantaged person to the most advantaged one."""

from __future__ import annotations

import numpy as np

from metrics.inequality.layout import FloatArray
from metrics.inequality.subgroups import Subgroups


def counted_weight(what: Subgroups) -> FloatArray:
    """What each row weighs among the ranks: its population, or 1 where a group has no populations at all."""
    alike = what.layout.spread(what.unpopulated)
    return np.where(what.known, np.where(alike, 1.0, np.nan_to_num(what.population)), 0.0)


def whole_people(what: Subgroups) -> FloatArray:
    """`counted_weight` rounded up: the fitted lines count people, and surveys give fractions of them."""
    return np.ceil(counted_weight(what))


def shares(what: Subgroups, weight: FloatArray) -> FloatArray:
    return weight / what.layout.spread(what.layout.sum(weight))


def ridits(what: Subgroups, share: FloatArray) -> FloatArray:
    """The share of people below each subgroup and half its own, from 0 to 1. Shape (rows,).

    Bross IDJ (1958), Biometrics 14:18-38. Order codes must differ within a group.
    """
    layout = what.layout
    rows = np.lexsort((what.order, layout.group_of_row))
    ranked = share[rows]
    middle = np.empty_like(share)
    middle[rows] = layout.running_sum(ranked) - ranked / 2
    return middle
