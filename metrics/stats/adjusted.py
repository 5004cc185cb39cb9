"""Directly standardised rates: what a group's rate would be if its ages were those of the standard population."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from metrics.stats.estimate import (
    DEFAULT_LEVEL,
    Estimate,
    Number,
    around,
    checked_count,
    checked_number,
    tail,
)
from metrics.stats.quantiles import gamma_quantile
from metrics.stats.standard import US_2000, Ages, Thousands, standard_weights


@dataclass(frozen=True, slots=True)
class AgeGroup:
    """`events` among the people of an age band, and their `exposure`: people, or person-time."""

    ages: Ages
    events: int
    exposure: Number


def age_adjusted(
    groups: Sequence[AgeGroup],
    *,
    per: int = 1,
    level: float = DEFAULT_LEVEL,
    standard: Thousands = US_2000,
) -> Estimate | None:
    """The rate per `per`, adjusted to the standard population. None where an age group counted nobody.

    Every band must be there: what is hidden or unknown in one age leaves the adjusted rate unknown too. Raises
    ValueError for bands that do not fit the standard (see `standard_weights`) and for impossible counts.
    """
    weights = standard_weights([group.ages for group in groups], standard)
    return weighted_rate(
        [group.events for group in groups], [group.exposure for group in groups], weights, per, level
    )


def weighted_rate(
    events: Sequence[int],
    exposure: Sequence[Number],
    weights: Sequence[float],
    per: int = 1,
    level: float = DEFAULT_LEVEL,
) -> Estimate | None:
    """Weighted mean of the strata's rates per `per`, with the gamma interval. Weights are shares: they add up to 1.

    Fay MP, Feuer EJ (1997), Stat Med 16:791-801. The counts are taken as Poisson's. With one stratum it is Garwood's
    exact interval, and it keeps its level for any weights (it is somewhat wide where they differ much). For
    proportions, whose counts vary less than Poisson's, it is wide rather than narrow, and can end above `per`.
    None where a stratum has no exposure: there is no rate to weigh.
    """
    if not len(events) == len(exposure) == len(weights):
        raise ValueError("Each stratum needs its events, its exposure and its weight.")
    if any(weight <= 0 for weight in weights) or not math.isclose(math.fsum(weights), 1, rel_tol=1e-9):
        raise ValueError("Weights must be above 0 and add up to 1.")
    if any(time < 0 for time in map(checked_number, exposure)):
        raise ValueError("Person-time cannot be below 0.")
    counts = [checked_count(count) for count in events]
    if any(count and not time for count, time in zip(counts, exposure, strict=True)):
        raise ValueError("Events were counted but no person-time was.")
    if not all(exposure):
        return None
    worth = [weight / float(time) for weight, time in zip(weights, exposure, strict=True)]
    rate = math.fsum(count * one for count, one in zip(counts, worth, strict=True))
    variance = math.fsum(count * one * one for count, one in zip(counts, worth, strict=True))
    low, high = _gamma_limits(rate, variance, max(worth), tail(level))
    return around(rate, low, high).scaled(per)


def _gamma_limits(rate: float, variance: float, largest: float, alpha: float) -> tuple[float, float]:
    """The limits of one more event in the stratum where an event weighs most, above; of none more, below."""
    low = 0.0 if rate == 0 else variance / rate * gamma_quantile(alpha, rate * rate / variance)
    more, wider = rate + largest, variance + largest * largest
    return low, wider / more * gamma_quantile(1 - alpha, more * more / wider)
