"""ACI and RCI: how far an indicator gathers among the advantaged (above 0) or the disadvantaged (below 0).

Ordered dimensions. Where a group has no populations at all every subgroup counts the same (a caution says so).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from metrics.inequality.conventions import DECIDED, Conventions
from metrics.inequality.layout import QUIET, FloatArray, IntArray, Layout
from metrics.inequality.measured import Measured, with_normal_range
from metrics.inequality.ranks import counted_weight, ridits, shares
from metrics.inequality.reasons import Reason, first_reason
from metrics.inequality.requirements import Check, for_ranks, refusals
from metrics.inequality.subgroups import Subgroups


@dataclass(frozen=True, eq=False)
class Line:
    """The slope of 2 var(r) y on r over people, its standard error, and the mean of y. Shape (groups,)."""

    slope: FloatArray
    se: FloatArray
    mean: FloatArray


@QUIET
def line(layout: Layout, share: FloatArray, ridit: FloatArray, y: FloatArray, count: IntArray) -> Line:
    """Least squares weighted by `share`; `share`, `ridit` and `y` of rows, `count` (J) of groups."""
    mean = layout.sum(share * y)
    offset = ridit - layout.spread(layout.sum(share * ridit))
    variance = layout.sum(share * offset**2)
    height = 2 * layout.spread(variance) * (y - layout.spread(mean))
    slope = 2 * layout.sum(share * offset * y)
    scatter = layout.sum(share * (height - layout.spread(slope) * offset) ** 2)
    return Line(slope, np.sqrt(scatter / (count - 2) / variance), mean)


@QUIET
def absolute_concentration_index(what: Subgroups, conventions: Conventions = DECIDED) -> Measured:
    """ACI = 2 cov(y, r) over people, in the indicator's unit; r is the ridit.

    It is the slope of 2 var(r) y on r, weighted by population; SE is the classical one of that line with J - 2
    degrees of freedom, so it speaks of the scatter about the line, not of the subgroups' own standard errors.
    Source: Kakwani N, Wagstaff A, van Doorslaer E (1997), J Econometrics 77:87-103.
    """
    fit = _line(what)
    return _measured(what, fit.slope, fit.se)


@QUIET
def relative_concentration_index(what: Subgroups, conventions: Conventions = DECIDED) -> Measured:
    """RCI = ACI / mu, without a unit, from -1 to 1. SE = SE of ACI / mu: the mean is taken as known.

    Source: Wagstaff A, Paci P, van Doorslaer E (1991), Soc Sci Med 33:545-557.
    """
    fit = _line(what)
    return _measured(what, fit.slope / fit.mean, fit.se / fit.mean)


@QUIET
def bounded_concentration_index(
    what: Subgroups,
    conventions: Conventions = DECIDED,
    *,
    lowest: float = 0.0,
    highest: FloatArray | None = None,
) -> Measured:
    """ACI of the indicator rescaled to its limits, (y - lowest) / (highest - lowest): without a unit.

    `highest` has the shape (groups,) and is the indicator scale by default. Refused where an estimate lies
    outside the limits.
    """
    bounded = _bounded(what, lowest, highest)
    return _measured(what, bounded.slope, bounded.se, _outside(what, lowest, highest))


@QUIET
def wagstaff_index(
    what: Subgroups,
    conventions: Conventions = DECIDED,
    *,
    lowest: float = 0.0,
    highest: FloatArray | None = None,
) -> Measured:
    """RCI / (1 - mu) of the rescaled indicator (see `bounded_concentration_index`): -1 to 1 whatever the mean.

    Source: Wagstaff A (2005), Health Econ 14:429-432. Not defined when everyone is at the upper limit.
    """
    bounded = _bounded(what, lowest, highest)
    span = bounded.mean * (1 - bounded.mean)
    return _measured(what, bounded.slope / span, bounded.se / span, _outside(what, lowest, highest))


@QUIET
def erreygers_index(
    what: Subgroups,
    conventions: Conventions = DECIDED,
    *,
    lowest: float = 0.0,
    highest: FloatArray | None = None,
) -> Measured:
    """4 mu RCI of the rescaled indicator, which is 4 times its ACI: -1 to 1, the same for ill and good health.

    Source: Erreygers G (2009), J Health Econ 28:504-515.
    """
    bounded = _bounded(what, lowest, highest)
    return _measured(what, 4 * bounded.slope, 4 * bounded.se, _outside(what, lowest, highest))


def _line(what: Subgroups) -> Line:
    share = shares(what, counted_weight(what))
    return line(what.layout, share, ridits(what, share), what.y, what.count)


def _bounded(what: Subgroups, lowest: float, highest: FloatArray | None) -> Line:
    fit, span = _line(what), _span(what, lowest, highest)
    return replace(fit, slope=fit.slope / span, se=fit.se / span, mean=(fit.mean - lowest) / span)


def _span(what: Subgroups, lowest: float, highest: FloatArray | None) -> FloatArray:
    return (what.scale if highest is None else highest) - lowest


def _outside(what: Subgroups, lowest: float, highest: FloatArray | None) -> list[Check]:
    above = what.layout.spread(lowest + _span(what, lowest, highest))
    outside = what.known & ((what.estimate < lowest) | (what.estimate > above))
    return [(what.layout.any(outside), Reason.OUT_OF_BOUNDS)]


def _measured(
    what: Subgroups, value: FloatArray, se: FloatArray, more: list[Check] | None = None
) -> Measured:
    return with_normal_range(
        value,
        se,
        what.level,
        refused=refusals(what, [*for_ranks(what), *(more or [])]),
        caution=equal_weights(what),
    )


def equal_weights(what: Subgroups) -> IntArray:
    return first_reason(what.groups, [(what.unpopulated, Reason.EQUAL_WEIGHTS)])
