"""One measure of every group: its value, standard error and range, and why any of them is withheld."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from scipy import special

from metrics.inequality.layout import FloatArray, IntArray
from metrics.inequality.reasons import Reason


class RangeBy(StrEnum):
    """How a range was found: value -/+ z SE, the same for the logarithm, or percentiles of draws."""

    ANALYTIC = "analytic"
    LOGARITHM = "analytic-log"
    SIMULATION = "simulation"


class ScaleOfSE(StrEnum):
    """What one unit of `se` is."""

    VALUE = "value"
    LOGARITHM = "log"
    PROPORTION = "proportion (value is per cent)"
    THOUSANDTH = "value/1000"
    SHARE_OF_SCALE = "value / guessed scale"


@dataclass(frozen=True, eq=False)
class Measured:
    """Arrays of the shape (groups,). NaN in a place that `refused` or `rangeless` marks means "not given";
    NaN elsewhere means that the formula has no number there, as 0/0.

    value      NaN where `refused` holds a Reason
    se         standard error, in the unit `se_scale` names (the value's own, by our conventions); for a
               simulated measure NaN throughout, see `draws_sd`
    lower      the range at the level asked for; NaN where `rangeless` holds a Reason
    upper
    log_se     standard error of the logarithm, for ratios
    draws_sd   standard deviation of the draws, for simulated measures
    caution    a Reason to read the number with care, or NONE
    """

    value: FloatArray
    se: FloatArray
    lower: FloatArray
    upper: FloatArray
    refused: IntArray
    rangeless: IntArray
    caution: IntArray
    range_by: RangeBy
    se_scale: ScaleOfSE = ScaleOfSE.VALUE
    log_se: FloatArray | None = None
    draws_sd: FloatArray | None = None

    def with_se(self, se: FloatArray, scale: ScaleOfSE) -> Measured:
        return replace(self, se=se, se_scale=scale)

    def with_log_se(self) -> Measured:
        """A ratio with the standard error of its logarithm in place of its own."""
        if self.log_se is None:
            raise ValueError("Only a ratio has a standard error of its logarithm.")
        return self.with_se(self.log_se, ScaleOfSE.LOGARITHM)


def normal_reach(level: FloatArray) -> FloatArray:
    """How many standard errors a two-sided normal range reaches on each side: 1.96 for 95%."""
    return special.ndtri((1 + level) / 2)


def with_normal_range(
    value: FloatArray,
    se: FloatArray,
    level: FloatArray,
    *,
    refused: IntArray,
    rangeless: IntArray | None = None,
    caution: IntArray | None = None,
) -> Measured:
    """A measure whose range is value -/+ z SE."""
    reach = normal_reach(level) * se
    return _withheld(value, se, value - reach, value + reach, refused, rangeless, caution, RangeBy.ANALYTIC)


def with_range(
    value: FloatArray, se: FloatArray, limits: tuple[FloatArray, FloatArray], *, refused: IntArray
) -> Measured:
    """A measure whose range is made by a formula of its own, not by value -/+ z SE."""
    return _withheld(value, se, *limits, refused, None, None, RangeBy.ANALYTIC)


def with_log_range(
    value: FloatArray,
    log_se: FloatArray,
    level: FloatArray,
    *,
    refused: IntArray,
    se: FloatArray | None = None,
    rangeless: IntArray | None = None,
    caution: IntArray | None = None,
) -> Measured:
    """A ratio whose range is value divided and multiplied by exp(z SE of its logarithm).

    `se` is the standard error of the ratio itself; by the delta method value times `log_se`, unless given.
    """
    factor = np.exp(normal_reach(level) * log_se)
    own = value * log_se if se is None else se
    limits = value / factor, value * factor
    made = _withheld(value, own, *limits, refused, rangeless, caution, RangeBy.LOGARITHM)
    hidden = (made.refused != Reason.NONE) | (made.rangeless != Reason.NONE)
    return replace(made, log_se=np.where(hidden, np.nan, log_se))


def without_range(
    value: FloatArray, *, refused: IntArray, rangeless: IntArray, caution: IntArray | None = None
) -> Measured:
    """A measure whose range is found by simulation, before the draws: only the value stands."""
    nothing = np.full(len(value), np.nan)
    why = np.where(rangeless != Reason.NONE, rangeless, Reason.NOT_SIMULATED)
    return _withheld(value, nothing, nothing, nothing, refused, why, caution, RangeBy.SIMULATION)


def _withheld(
    value: FloatArray,
    se: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    refused: IntArray,
    rangeless: IntArray | None,
    caution: IntArray | None,
    range_by: RangeBy,
) -> Measured:
    nobody = np.zeros(len(value), dtype=np.int64)
    no_value = refused != Reason.NONE
    no_range = no_value if rangeless is None else no_value | (rangeless != Reason.NONE)
    undefined = ~no_value & ~(np.isfinite(value) & (no_range | np.isfinite(lower + upper)))
    said = nobody if caution is None else caution
    return Measured(
        value=np.where(no_value, np.nan, value),
        se=np.where(no_range, np.nan, se),
        lower=np.where(no_range, np.nan, lower),
        upper=np.where(no_range, np.nan, upper),
        refused=refused,
        rangeless=nobody if rangeless is None else np.where(no_value, Reason.NONE, rangeless),
        caution=np.where(no_value, Reason.NONE, np.where(undefined, Reason.UNDEFINED, said)),
        range_by=range_by,
    )
