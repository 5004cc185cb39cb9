"""Why a number, or its range, is withheld, and what to bear in mind with one that is given."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

import numpy as np

from metrics.inequality.layout import BoolArray, IntArray
from metrics.reading.errors import gettext_noop as _


class Reason(IntEnum):
    """Codes fit for arrays; NONE means that there is nothing to say. `sentence` says it in words."""

    NONE = 0
    # --- no value
    FEW_SUBGROUPS = 1
    TWO_SUBGROUPS = 2
    MISSING_ESTIMATE = 3
    MISSING_ESTIMATES = 4
    BAD_ORDER = 5
    NO_ORDER = 6
    EXTREME_MISSING = 7
    NO_REFERENCE = 8
    REFERENCE_MISSING = 9
    NO_POPULATION = 10
    PARTIAL_POPULATION = 11
    EMPTY_POPULATION = 12
    ABOVE_SCALE = 13
    NO_FIT = 14
    LINE_BELOW_ZERO = 15
    OUT_OF_BOUNDS = 16
    # --- a value without a range
    MISSING_SE = 20
    POPULATION_FOR_SE = 21
    NOT_SIMULATED = 22
    # --- a value to read with care
    UNDEFINED = 30
    ZERO_REPLACED = 31
    CLIPPED = 32
    ZERO_REFERENCE = 33
    EQUAL_WEIGHTS = 34

    @property
    def sentence(self) -> str:
        return SENTENCES[self]


SENTENCES = {
    Reason.NONE: "",
    Reason.FEW_SUBGROUPS: _("Fewer than two subgroups have an estimate."),
    Reason.TWO_SUBGROUPS: _("This measure needs estimates for more than two subgroups."),
    Reason.MISSING_ESTIMATE: _(
        "An estimate is missing, and the measure needs all of them unless force is set."
    ),
    Reason.MISSING_ESTIMATES: _("More than 15% of the estimates are missing, and force is not set."),
    Reason.BAD_ORDER: _("The order codes are not whole numbers one after the other, one for each subgroup."),
    Reason.NO_ORDER: _("The dimension has no order."),
    Reason.EXTREME_MISSING: _("The most advantaged or the most disadvantaged subgroup has no estimate."),
    Reason.NO_REFERENCE: _("No reference subgroup is declared."),
    Reason.REFERENCE_MISSING: _("The reference subgroup has no estimate."),
    Reason.NO_POPULATION: _("Populations are missing."),
    Reason.PARTIAL_POPULATION: _("Some populations are missing."),
    Reason.EMPTY_POPULATION: _("All populations are 0."),
    Reason.ABOVE_SCALE: _("An estimate lies above the indicator scale."),
    Reason.NO_FIT: _("No finite logistic line was found: the estimates are (almost) all or nothing by rank."),
    Reason.LINE_BELOW_ZERO: _("The fitted line is at or below 0 at one end of the ranking."),
    Reason.OUT_OF_BOUNDS: _("An estimate lies outside the limits of the indicator."),
    Reason.MISSING_SE: _("Standard errors are missing."),
    Reason.POPULATION_FOR_SE: _("Without populations there is no standard error."),
    Reason.NOT_SIMULATED: _("No draws were asked for."),
    Reason.UNDEFINED: _("No finite number for these estimates: a division by 0, or nearly so."),
    Reason.ZERO_REPLACED: _(
        "An estimate of 0 was replaced by a very small number, which the result depends on."
    ),
    Reason.CLIPPED: _(
        "The reference does no better than the average: nothing to gain. The range is that of 0."
    ),
    Reason.ZERO_REFERENCE: _("Nobody in the reference subgroup had an event: the range is too narrow."),
    Reason.EQUAL_WEIGHTS: _("Populations are missing: every subgroup counts the same."),
}


def first_reason(groups: int, checks: Iterable[tuple[BoolArray, Reason]]) -> IntArray:
    """The first reason whose condition holds, for each group. Conditions have the shape (groups,)."""
    found = np.zeros(groups, dtype=np.int64)
    for condition, reason in checks:
        found[condition & (found == Reason.NONE)] = reason
    return found
