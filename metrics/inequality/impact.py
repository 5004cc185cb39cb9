"""PAR and PAF: how far the average would move if everyone had the reference subgroup's level.

Reference level: the most advantaged subgroup of an ordered dimension, the best one of an unordered dimension.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metrics.inequality.conventions import DECIDED, Conventions
from metrics.inequality.layout import QUIET, BoolArray, FloatArray, IntArray, values_at
from metrics.inequality.measured import Measured, ScaleOfSE, with_normal_range
from metrics.inequality.reasons import Reason, first_reason
from metrics.inequality.requirements import for_impact, populations_or_average, refusals
from metrics.inequality.subgroups import PER_CENT, Subgroups


@dataclass(frozen=True, eq=False)
class ReferenceLevel:
    """The level that everyone is compared with, and how many people it rests on. Shape (groups,)."""

    estimate: FloatArray
    population: FloatArray


@QUIET
def population_attributable_risk(what: Subgroups, conventions: Conventions = DECIDED) -> Measured:
    """PAR = y_ref - mu, in the indicator's unit; above 0 for favourable indicators, below 0 for adverse ones.

    0 when the reference does worse than the average: then nobody would gain. The range keeps the standard
    error of the difference, as WHO's software does, and stands round the 0 (`caution` is CLIPPED).
    SE = mu times `walter_se`. Without populations: the setting average for mu, and no range.
    Source: Walter SD (1978), Am J Epidemiol 108:205-209; WHO, Handbook on Health Inequality Monitoring (2013).
    """
    level = reference_level(what, conventions)
    return with_normal_range(
        _gain(what, level),
        what.mean * walter_se(what, level),
        what.level,
        refused=_refused(what, level, conventions),
        rangeless=_rangeless(what),
        caution=_caution(what, level),
    )


@QUIET
def population_attributable_fraction(what: Subgroups, conventions: Conventions = DECIDED) -> Measured:
    """PAF = 100 PAR / mu, per cent of the average. SE = 100 times `walter_se`. Otherwise as PAR.

    Source: Walter SD (1978), Am J Epidemiol 108:205-209.
    """
    level = reference_level(what, conventions)
    proportion = walter_se(what, level)
    unit = PER_CENT if conventions.se_on_value_scale else 1.0
    made = with_normal_range(
        PER_CENT * _gain(what, level) / what.central,
        unit * proportion,
        what.level,
        refused=_refused(what, level, conventions),
        rangeless=_rangeless(what),
        caution=_caution(what, level),
    )
    return made if conventions.se_on_value_scale else made.with_se(made.se, ScaleOfSE.PROPORTION)


def reference_level(what: Subgroups, conventions: Conventions = DECIDED) -> ReferenceLevel:
    """The reference level of PAR and PAF. Subgroups without an estimate are passed over."""
    best = best_level(what)
    rows = what.layout.first(_reference_rows(what, conventions))
    chosen = rows >= 0
    return ReferenceLevel(
        estimate=np.where(chosen, values_at(what.estimate, rows), best.estimate),
        population=np.where(chosen, values_at(what.population, rows), best.population),
    )


def best_level(what: Subgroups) -> ReferenceLevel:
    """The best estimate, and of the subgroups that share it the largest population."""
    at_best = what.known & (what.estimate == what.layout.spread(what.best))
    population = what.layout.highest(np.where(at_best, np.nan_to_num(what.population, nan=-np.inf), -np.inf))
    return ReferenceLevel(what.best, population)


@QUIET
def walter_se(what: Subgroups, level: ReferenceLevel) -> FloatArray:
    """The standard error of PAF as a proportion, NaN without populations. Shape (groups,).

    Walter SD (1978), for a cohort: people of the reference subgroup (n_ref) and of the others, with the event
    or without. Populations count as people observed, and the subgroups' own standard errors are not used.
    """
    whole = what.total
    with_event = level.population * level.estimate / what.scale
    without = level.population - with_event
    others_with = whole * what.mean / what.scale - with_event
    others_without = whole - others_with - level.population
    spread = others_with * without * (whole - with_event) + others_without * with_event**2
    scaled = (others_with + with_event) ** 3 * (with_event + without) ** 3
    return np.sqrt(with_event * whole * spread / scaled)


def _reference_rows(what: Subgroups, conventions: Conventions) -> BoolArray:
    order = np.where(what.known, what.order, -np.inf)
    top = what.known & (order == what.layout.spread(what.layout.highest(order)))
    rows = top & what.layout.spread(what.ordered)
    if conventions.impact_reference == "declared":
        rows |= what.reference & ~what.layout.spread(what.ordered)
    return rows


def _unclipped(what: Subgroups, level: ReferenceLevel) -> FloatArray:
    return level.estimate - what.central


def _gain(what: Subgroups, level: ReferenceLevel) -> FloatArray:
    gain = _unclipped(what, level)
    return np.where(what.favourable, np.maximum(gain, 0.0), np.minimum(gain, 0.0))


def _refused(what: Subgroups, level: ReferenceLevel, conventions: Conventions) -> IntArray:
    checks = [
        *for_impact(what, of_two=conventions.impact_of_two),
        (np.isnan(level.estimate), Reason.REFERENCE_MISSING),
        *populations_or_average(what),
    ]
    return refusals(what, checks)


def _rangeless(what: Subgroups) -> IntArray:
    return first_reason(what.groups, [(what.unpopulated, Reason.POPULATION_FOR_SE)])


def _caution(what: Subgroups, level: ReferenceLevel) -> IntArray:
    gain = _unclipped(what, level)
    clipped = np.where(what.favourable, gain < 0, gain > 0)
    return first_reason(
        what.groups, [(clipped, Reason.CLIPPED), (level.estimate == 0, Reason.ZERO_REFERENCE)]
    )
