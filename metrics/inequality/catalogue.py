"""Every measure by the name WHO's software gives it: title, unit, kind of dimension, and its formula."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from metrics.inequality import concentration, entropy, excess, impact, simple, slope, spread
from metrics.inequality.conventions import Conventions
from metrics.inequality.layout import QUIET
from metrics.inequality.measured import Measured, without_range
from metrics.inequality.reasons import Reason
from metrics.inequality.requirements import (
    Check,
    for_spread,
    missing_se,
    populations,
    populations_or_average,
    refusals,
)
from metrics.inequality.spread import Spread, observed
from metrics.inequality.subgroups import Subgroups
from metrics.reading.errors import gettext_noop as _

Dimension = Literal["any", "ordered", "unordered"]
Formula = Callable[[Subgroups, Conventions], Measured]
Needs = Callable[[Subgroups], list[Check]]


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure, the dimensions it is made for, and `equal`, its value without inequality.

    `spread` is set for measures whose range is simulated: the formula to apply to the draws.
    """

    title: str
    unit: str
    dimension: Dimension
    equal: int
    formula: Formula
    spread: Spread | None = None


def _of_spread(title: str, unit: str, value: Spread, needs: Needs) -> Measure:
    """A measure of an unordered dimension with a simulated range."""

    @QUIET
    def formula(what: Subgroups, conventions: Conventions) -> Measured:
        return without_range(
            value(observed(what))[:, 0],
            refused=refusals(what, [*for_spread(what), *needs(what)]),
            rangeless=missing_se(what),
        )

    return Measure(title, unit, "unordered", 0, formula, value)


def _nothing(what: Subgroups) -> list[Check]:
    return []


def _reference(what: Subgroups) -> list[Check]:
    row = what.layout.first(what.reference)
    return [(row < 0, Reason.NO_REFERENCE), (np.isnan(what.estimate[row]), Reason.REFERENCE_MISSING)]


def _reference_and_populations(what: Subgroups) -> list[Check]:
    return [*_reference(what), *populations(what)]


UNIT, SQUARED, PER_CENT, THOUSANDTHS, NONE = (
    _("the indicator's"),
    _("the indicator's, squared"),
    _("per cent"),
    _("thousandths"),
    _("none"),
)
EVENTS = _("events")

OF_ANY = {
    "D": Measure(_("Difference"), UNIT, "any", 0, simple.difference),
    "R": Measure(_("Ratio"), NONE, "any", 1, simple.ratio),
    "PAR": Measure(_("Population attributable risk"), UNIT, "any", 0, impact.population_attributable_risk),
    "PAF": Measure(
        _("Population attributable fraction"), PER_CENT, "any", 0, impact.population_attributable_fraction
    ),
    "EXCESS": Measure(_("Excess count"), EVENTS, "any", 0, excess.excess_count),
}


def _ranked(title: str, unit: str, equal: int, formula: Formula) -> Measure:
    return Measure(title, unit, "ordered", equal, formula)


OF_ORDERED = {
    "ACI": _ranked(_("Absolute concentration index"), UNIT, 0, concentration.absolute_concentration_index),
    "RCI": _ranked(_("Relative concentration index"), NONE, 0, concentration.relative_concentration_index),
    "SII": _ranked(_("Slope index of inequality"), UNIT, 0, slope.slope_index),
    "RII": _ranked(_("Relative index of inequality"), NONE, 1, slope.relative_index),
    "SII_LINEAR": _ranked(_("Slope index of inequality, straight line"), UNIT, 0, slope.linear_slope_index),
    "RII_LINEAR": _ranked(
        _("Relative index of inequality, straight line"), NONE, 1, slope.linear_relative_index
    ),
    "ACI_BOUNDED": _ranked(
        _("Absolute concentration index of the rescaled indicator"),
        NONE,
        0,
        concentration.bounded_concentration_index,
    ),
    "RCI_WAGSTAFF": _ranked(_("Concentration index, Wagstaff"), NONE, 0, concentration.wagstaff_index),
    "RCI_ERREYGERS": _ranked(_("Concentration index, Erreygers"), NONE, 0, concentration.erreygers_index),
}

OF_UNORDERED = {
    "BGV": Measure(_("Between-group variance"), SQUARED, "unordered", 0, entropy.between_group_variance),
    "MLD": Measure(_("Mean log deviation"), THOUSANDTHS, "unordered", 0, entropy.mean_log_deviation),
    "TI": Measure(_("Theil index"), THOUSANDTHS, "unordered", 0, entropy.theil_index),
    "BGSD": _of_spread(_("Between-group standard deviation"), UNIT, spread.bgsd, populations),
    "COV": _of_spread(_("Coefficient of variation"), PER_CENT, spread.cov, populations),
    "IDISU": _of_spread(_("Index of disparity, unweighted"), PER_CENT, spread.idisu, populations_or_average),
    "IDISW": _of_spread(_("Index of disparity, weighted"), PER_CENT, spread.idisw, populations),
    "MDMU": _of_spread(
        _("Mean difference from the mean, unweighted"), UNIT, spread.mdmu, populations_or_average
    ),
    "MDMW": _of_spread(_("Mean difference from the mean, weighted"), UNIT, spread.mdmw, populations),
    "MDBU": _of_spread(_("Mean difference from the best, unweighted"), UNIT, spread.mdbu, _nothing),
    "MDBW": _of_spread(_("Mean difference from the best, weighted"), UNIT, spread.mdbw, populations),
    "MDRU": _of_spread(_("Mean difference from the reference, unweighted"), UNIT, spread.mdru, _reference),
    "MDRW": _of_spread(
        _("Mean difference from the reference, weighted"), UNIT, spread.mdrw, _reference_and_populations
    ),
}

MEASURES: dict[str, Measure] = OF_ANY | OF_ORDERED | OF_UNORDERED


def applicable(*, ordered: bool) -> list[str]:
    """The names of the measures made for an ordered dimension (income), or for an unordered one (race)."""
    return [*OF_ANY, *(OF_ORDERED if ordered else OF_UNORDERED)]
