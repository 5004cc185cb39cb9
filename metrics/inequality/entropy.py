"""BGV, TI and MLD: variance and entropy between subgroups, with ranges by formula.

Unordered dimensions, populations needed. All are 0 without inequality; a range may begin below 0.
Ranges: Ahn J, Harper S, Yu M, Feuer EJ, Liu B, Luta G (2018), JNCI Cancer Spectr 2:pky011 (delta method).
"""

from __future__ import annotations

import numpy as np

from metrics.inequality.conventions import DECIDED, Conventions
from metrics.inequality.layout import QUIET, FloatArray, IntArray
from metrics.inequality.measured import Measured, ScaleOfSE, with_normal_range
from metrics.inequality.reasons import Reason, first_reason
from metrics.inequality.requirements import for_spread, missing_se, populations, refusals
from metrics.inequality.subgroups import Subgroups

PER_THOUSAND = 1000.0


@QUIET
def between_group_variance(what: Subgroups, conventions: Conventions = DECIDED) -> Measured:
    """BGV = sum p (y - mu)^2, in squared units of the indicator.

    SE = sqrt(4 sum p^2 s^2 (y - mu)^2 + 2 [(sum p^2 s^2)^2 - sum p^4 s^4 + sum p^2 (1 - p)^2 s^4]).
    """
    layout, share = what.layout, what.share
    offset = what.y - layout.spread(what.mean)
    part = _squared_parts(what)
    alone = np.where(what.known, share * (1 - share) * what.se**2, 0.0)
    fourth = layout.sum(part) ** 2 - layout.sum(part**2) + layout.sum(alone**2)
    return with_normal_range(
        layout.sum(share * offset**2),
        np.sqrt(4 * layout.sum(part * offset**2) + 2 * fourth),
        what.level,
        refused=refusals(what, [*for_spread(what, force=conventions.force_all), *populations(what)]),
        rangeless=missing_se(what),
    )


@QUIET
def theil_index(what: Subgroups, conventions: Conventions = DECIDED) -> Measured:
    """TI = 1000 sum p rho ln rho with rho = y / mu: no unit, in thousandths. SE as MLD's, see `_entropy`.

    Theil H (1967), Economics and Information Theory. An estimate of 0 adds nothing (the limit of rho ln rho);
    it is replaced as in MLD all the same, so that both speak of the same numbers.
    """
    rho = _relative(what, conventions)
    surprise = what.share * rho * np.log(rho)
    centre = what.layout.sum(what.share * rho * (1 + np.log(rho)))
    influence = 1 + np.log(rho) - what.layout.spread(centre)
    return _entropy(what, what.layout.sum(surprise), influence, conventions)


@QUIET
def mean_log_deviation(what: Subgroups, conventions: Conventions = DECIDED) -> Measured:
    """MLD = 1000 sum p (-ln rho) with rho = y / mu: no unit, in thousandths.

    An estimate of 0 makes it infinite; it is replaced by `conventions.zero_replacement`, in the indicator's
    unit, as WHO's software does. The result then depends on that number (`caution` is ZERO_REPLACED).
    """
    rho = _relative(what, conventions)
    return _entropy(what, what.layout.sum(-what.share * np.log(rho)), 1 - 1 / rho, conventions)


def _entropy(what: Subgroups, value: FloatArray, influence: FloatArray, conventions: Conventions) -> Measured:
    """SE = sqrt(sum influence^2 p^2 s^2) / mu, in thousandths as the value is."""
    plain_se = np.sqrt(what.layout.sum(influence**2 * _squared_parts(what))) / what.mean
    unit = PER_THOUSAND if conventions.se_on_value_scale else 1.0
    made = with_normal_range(
        PER_THOUSAND * value,
        unit * plain_se,
        what.level,
        refused=refusals(what, [*for_spread(what), *populations(what)]),
        rangeless=missing_se(what),
        caution=_zeros(what),
    )
    return made if conventions.se_on_value_scale else made.with_se(made.se, ScaleOfSE.THOUSANDTH)


def _relative(what: Subgroups, conventions: Conventions) -> FloatArray:
    """rho, with 1 (which adds nothing) for rows without an estimate."""
    positive = np.where(what.y == 0, conventions.zero_replacement, what.y)
    mean = what.layout.sum(what.share * positive)
    return np.where(what.known, positive / what.layout.spread(mean), 1.0)


def _squared_parts(what: Subgroups) -> FloatArray:
    """p^2 s^2 of each row: what it adds to the variance of the mean."""
    return np.where(what.known, (what.share * what.se) ** 2, 0.0)


def _zeros(what: Subgroups) -> IntArray:
    return first_reason(
        what.groups, [(what.layout.any(what.known & (what.estimate == 0)), Reason.ZERO_REPLACED)]
    )
