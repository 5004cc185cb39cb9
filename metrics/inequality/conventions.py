"""Choices where the literature or the software in use leave one. The decision record on inequality measures has the reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Conventions:
    """One field for each choice. The defaults are ours.

    se_on_value_scale       standard errors in the value's own unit; otherwise as WHO's software prints them:
                            ratios on the log scale, PAF a proportion, MLD and TI 1/1000, SII from 0 to 1
    declared_scale          SII and RII take the indicator scale as declared; otherwise they guess it from the
                            largest estimate
    population_once         the logistic SII and RII weight a subgroup by its population; otherwise by its
                            square, on counts rounded to whole people
    impact_reference        PAR and PAF of an unordered dimension: against the "best" subgroup, or against the
                            "declared" reference where there is one
    impact_of_two           PAR and PAF are given for two subgroups
    force_all               `force` counts for BGV too
    own_mean_in_draws       each draw of IDISW is compared with its own mean; otherwise with the observed one
    draws_within_scale      draws stay below the scale whatever it is; otherwise on a scale of 100 only
    level_in_draws          simulated ranges have the level asked for; otherwise 95%
    zero_replacement        what stands for an estimate of 0 in MLD and TI, whose logarithm does not exist
    """

    se_on_value_scale: bool = True
    declared_scale: bool = True
    population_once: bool = True
    impact_reference: Literal["best", "declared"] = "best"
    impact_of_two: bool = True
    force_all: bool = True
    own_mean_in_draws: bool = True
    draws_within_scale: bool = True
    level_in_draws: bool = True
    zero_replacement: float = 1e-6


DECIDED = Conventions()

HEALTHEQUAL = Conventions(
    se_on_value_scale=False,
    declared_scale=False,
    population_once=False,
    impact_of_two=False,
    force_all=False,
    own_mean_in_draws=False,
    draws_within_scale=False,
    level_in_draws=False,
)
"""As WHO's healthequal 1.0.1 counts, as far as it does not stop with an error."""
