"""Measures of an ordered dimension from records of people, with the weights and clusters of their survey."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from metrics.inequality.concentration import line
from metrics.inequality.conventions import DECIDED, Conventions
from metrics.inequality.layout import QUIET, BoolArray, FloatArray, Layout
from metrics.inequality.measured import Measured, with_log_range, with_normal_range
from metrics.inequality.reasons import Reason, first_reason
from metrics.inequality.regression import Ends, hc1_variance, logistic, straight
from metrics.inequality.survey import Design, design
from metrics.stats.estimate import DEFAULT_LEVEL

Variance = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, eq=False)
class People:
    """Checked records; make them with `people`. All of the shape (people,).

    outcome   0 to 1, mostly 0 (no) or 1 (yes)
    ridit     the person's rank from 0 (most disadvantaged) to 1, tied within a subgroup
    weight    survey weight, 1 without
    design    the survey's clusters and strata; None for a plain sample without weights
    """

    outcome: FloatArray
    ridit: FloatArray
    weight: FloatArray
    design: Design | None

    @property
    def layout(self) -> Layout:
        return Layout(np.array([0, len(self.outcome)]))

    @property
    def share(self) -> FloatArray:
        return self.weight / self.weight.sum()


def people(
    outcome: ArrayLike,
    order: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    unit: ArrayLike | None = None,
    stratum: ArrayLike | None = None,
) -> People:
    """Checked records; people whose outcome is not known (NaN) are left out.

    outcome   0 to 1, or NaN
    order     code of the person's subgroup, lowest = most disadvantaged; ranks tie at the subgroup's middle
    weight    survey weight, 0 or more
    unit      cluster (primary sampling unit), nested in strata; only with weights
    stratum   stratum; only with weights

    Raises ValueError for other lengths, values outside these limits, and fewer than three known outcomes.
    """
    values = np.asarray(outcome, dtype=np.float64)
    known = ~np.isnan(values)
    codes = _kept("order", order, known)
    weights = np.ones(int(known.sum())) if weight is None else _kept("weight", weight, known)
    _check(values[known], codes, weights)
    if weight is None and (unit is not None or stratum is not None):
        raise ValueError("Clusters and strata need weights.")
    drawn = None
    if weight is not None:
        units, strata = (None if labels is None else np.asarray(labels)[known] for labels in (unit, stratum))
        drawn = design(int(known.sum()), units, strata)
    return People(values[known], _tied_ridits(codes, weights), weights, drawn)


@QUIET
def measure_people(
    who: People, *, level: float = DEFAULT_LEVEL, conventions: Conventions = DECIDED
) -> dict[str, Measured]:
    """ACI, RCI, SII and RII with their linear and bounded forms, by name; arrays have the shape (1,).

    Formulas as for subgroups, each person counting by weight. SE: Taylor linearisation over the survey's
    clusters, taking ranks (and the mean of RCI) as known; for a plain sample the classical one for ACI and RCI
    and HC1 for SII and RII, as for subgroups. The outcome's scale is 1, so its limits are 0 and 1.
    """
    levels = np.array([level])
    return _concentration(who, levels) | _slopes(who, levels, conventions)


def _concentration(who: People, level: FloatArray) -> dict[str, Measured]:
    fit = line(who.layout, who.share, who.ridit, who.outcome, np.array([len(who.outcome)]))
    se = fit.se if who.design is None else _survey_se(who, who.design)
    factors = {
        "ACI": np.ones(1),
        "RCI": 1 / fit.mean,
        "ACI_BOUNDED": np.ones(1),
        "RCI_WAGSTAFF": 1 / (fit.mean * (1 - fit.mean)),
        "RCI_ERREYGERS": np.full(1, 4.0),
    }
    allowed = np.zeros(1, dtype=np.int64)
    return {
        name: with_normal_range(factor * fit.slope, factor * se, level, refused=allowed)
        for name, factor in factors.items()
    }


def _survey_se(who: People, drawn: Design) -> FloatArray:
    """Of the slope of 2 var(r) y on r."""
    middle = np.sum(who.share * who.ridit)
    height = 2 * np.sum(who.share * (who.ridit - middle) ** 2) * who.outcome
    return np.sqrt(drawn.variance(straight(who.layout, who.ridit, height, who.weight).of_difference))


def _slopes(who: People, level: FloatArray, conventions: Conventions) -> dict[str, Measured]:
    curved = logistic(who.layout, who.ridit, who.outcome, who.weight)
    flat = straight(who.layout, who.ridit, who.outcome, who.weight)
    return {
        "SII": _difference(who, curved, level),
        "RII": _ratio(who, curved, level, conventions),
        "SII_LINEAR": _difference(who, flat, level),
        "RII_LINEAR": _ratio(who, flat, level, conventions),
    }


def _difference(who: People, ends: Ends, level: FloatArray) -> Measured:
    return with_normal_range(
        ends.top - ends.bottom,
        np.sqrt(_variance(who)(ends.of_difference)),
        level,
        refused=first_reason(1, [(~ends.fitted, Reason.NO_FIT)]),
    )


def _ratio(who: People, ends: Ends, level: FloatArray, conventions: Conventions) -> Measured:
    below_zero = (ends.bottom <= 0) | (ends.top <= 0)
    made = with_log_range(
        ends.top / ends.bottom,
        np.sqrt(_variance(who)(ends.of_log_ratio)),
        level,
        refused=first_reason(1, [(~ends.fitted, Reason.NO_FIT), (below_zero, Reason.LINE_BELOW_ZERO)]),
    )
    return made if conventions.se_on_value_scale else made.with_log_se()


def _variance(who: People) -> Variance:
    if who.design is not None:
        return who.design.variance
    return lambda influence: hc1_variance(who.layout, influence, np.array([len(who.outcome)]))


def _kept(name: str, values: ArrayLike, known: BoolArray) -> FloatArray:
    array = np.asarray(values, dtype=np.float64)
    if array.shape != known.shape:
        raise ValueError(f"Give one {name} for each person.")
    return array[known]


def _check(outcome: FloatArray, order: FloatArray, weight: FloatArray) -> None:
    if len(outcome) < 3:
        raise ValueError("Fewer than three people have a known outcome.")
    if ((outcome < 0) | (outcome > 1)).any():
        raise ValueError("An outcome must lie between 0 and 1.")
    if not (np.isfinite(order) & (order == np.round(order))).all():
        raise ValueError("An order code must be a whole number.")
    if not (np.isfinite(weight) & (weight >= 0)).all() or weight.sum() == 0:
        raise ValueError("Weights must be 0 or more, and not all of them 0.")


def _tied_ridits(order: FloatArray, weight: FloatArray) -> FloatArray:
    _, code = np.unique(order, return_inverse=True)
    held = np.bincount(code, weight)
    return ((np.cumsum(held) - held / 2) / held.sum())[code]
