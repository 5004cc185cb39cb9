"""Age-adjusted rates, against published examples, a second computation and a simulation."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as reference

from metrics.stats import AgeGroup, Ages, Estimate, age_adjusted
from metrics.stats.adjusted import weighted_rate
from metrics.stats.intervals import garwood
from metrics.stats.standard import US_2000, standard_weights

untimed = settings(deadline=None)

# Table I of Anderson and Rosenberg (1998), the weights of the wide bands.
WIDE_BANDS = {
    Ages(0, 0): 0.013818,
    Ages(1, 4): 0.055317,
    Ages(5, 14): 0.145565,
    Ages(15, 24): 0.138646,
    Ages(25, 34): 0.135573,
    Ages(35, 44): 0.162613,
    Ages(45, 54): 0.134834,
    Ages(55, 64): 0.087247,
    Ages(65, 74): 0.066037,
    Ages(75, 84): 0.044842,
    Ages(85): 0.015508,
}

# Klein and Schoenborn (2001), the weights of adults.
ADULTS = {Ages(18, 24): 0.128810, Ages(25, 44): 0.401725, Ages(45, 64): 0.299194, Ages(65): 0.170271}

# A worked example of the National Cancer Institute (SEER, "Calculating age-adjusted rates"): 400.3 per 100,000.
SEER_COUNTS = [
    (29, 139_879), (87, 553_189), (67, 736_212), (71, 770_999), (87, 651_390), (177, 639_159), (290, 676_354),
    (657, 736_557), (1_072, 724_826), (1_691, 700_200), (2_428, 617_437), (2_931, 516_541), (2_881, 361_170),
    (2_817, 259_440), (2_817, 206_204), (2_744, 172_087), (2_634, 142_958), (1_884, 99_654), (1_705, 92_692),
]  # fmt: skip
FIVE_YEARS = [
    Ages(0, 0),
    Ages(1, 4),
    *(Ages(first, first + 4) for first in range(5, 85, 5)),
    Ages(85),
]

# Births with Down's syndrome in Michigan by the mother's age, fifth and later children: Fay and Feuer (1997), table II.
DOWN = {
    "events": [0, 8, 63, 112, 262, 295],
    "exposure": [327, 30_666, 123_419, 149_919, 104_088, 34_392],
    "standard": [319_933, 931_318, 786_511, 488_235, 237_863, 61_313],
}


def limits(estimate: Estimate | None) -> tuple[float, float, float]:
    assert estimate is not None
    return estimate.value, estimate.low, estimate.high


def shares(counts: list[int]) -> list[float]:
    return [count / sum(counts) for count in counts]


@pytest.mark.parametrize("published", [WIDE_BANDS, ADULTS])
def test_standard_weights_equal_the_published_ones(published: dict[Ages, float]) -> None:
    assert standard_weights(list(published)) == pytest.approx(list(published.values()), abs=1.1e-6)


def test_standard_adds_up_to_the_published_total() -> None:
    assert sum(thousands for _, thousands in US_2000) == 274_634


def test_weights_do_not_depend_on_the_order_of_the_bands() -> None:
    assert standard_weights([Ages(65), Ages(18, 64)]) == standard_weights([Ages(18, 64), Ages(65)])[::-1]


@pytest.mark.parametrize(
    ("bands", "sentence"),
    [
        ([], "no age bands"),
        ([Ages(18, 44), Ages(40, 64)], "overlap"),
        ([Ages(18, 44), Ages(50, 64)], "hole"),
        ([Ages(18), Ages(65)], "overlap"),
        ([Ages(5, 11), Ages(12, 17)], "divided at these ages only: 0, 1, 5"),
    ],
)
def test_bands_that_do_not_fit_the_standard_are_an_error(bands: list[Ages], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        standard_weights(bands)


@pytest.mark.parametrize("ages", [(-1, 4), (5, 4)])
def test_impossible_ages_are_an_error(ages: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="age band"):
        Ages(*ages)


def test_age_adjusted_rate_equals_the_worked_example_of_seer() -> None:
    groups = [AgeGroup(ages, *counts) for ages, counts in zip(FIVE_YEARS, SEER_COUNTS, strict=True)]
    estimate = age_adjusted(groups, per=100_000)
    assert estimate is not None
    assert round(estimate.value, 1) == 400.3


def test_gamma_interval_equals_fay_and_feuer_on_down_syndrome() -> None:
    """75.5 per 100,000 (67.7 to 188.3): the wide upper end comes from 327 births to mothers under 20."""
    estimate = weighted_rate(DOWN["events"], DOWN["exposure"], shares(DOWN["standard"]), 100_000)
    assert limits(estimate) == pytest.approx((75.52901, 67.70212, 188.30017), rel=1e-6)


def test_one_age_group_has_the_exact_interval_of_a_rate() -> None:
    for events in (0, 1, 12, 400):
        assert limits(weighted_rate([events], [4_800], [1.0], 1_000)) == pytest.approx(
            limits(garwood(events, 4_800, 1_000))
        )


@untimed
@given(
    st.lists(
        st.tuples(st.integers(0, 500), st.integers(1, 100_000), st.integers(1, 1_000)),
        min_size=1,
        max_size=12,
    ),
    st.sampled_from([0.8, 0.95, 0.99]),
)
def test_gamma_interval_equals_scipy(strata: list[tuple[int, int, int]], level: float) -> None:
    events, exposure, people = (list(column) for column in zip(*strata, strict=True))
    weights = shares(people)
    estimate = weighted_rate(events, exposure, weights, 1, level)
    assert estimate is not None
    worth = [weight / time for weight, time in zip(weights, exposure, strict=True)]
    rate = sum(count * one for count, one in zip(events, worth, strict=True))
    variance = sum(count * one**2 for count, one in zip(events, worth, strict=True))
    more, wider = rate + max(worth), variance + max(worth) ** 2
    low = reference.gamma.ppf((1 - level) / 2, rate**2 / variance, scale=variance / rate) if rate else 0.0
    high = reference.gamma.ppf((1 + level) / 2, more**2 / wider, scale=wider / more)
    assert limits(estimate) == pytest.approx((rate, low, high), rel=1e-6)


def test_gamma_interval_holds_the_true_rate_as_often_as_it_says() -> None:
    """4,000 invented hospitals with few events: the range misses the true rate in 5 in 100 or fewer."""
    chance = random.Random(20_261_122)
    weights, exposure, true = [0.5, 0.3, 0.2], [900, 300, 60], [0.002, 0.01, 0.05]
    wanted = sum(weight * rate for weight, rate in zip(weights, true, strict=True))
    missed = 0
    for _ in range(4_000):
        events = [_poisson(chance, rate * time) for rate, time in zip(true, exposure, strict=True)]
        estimate = weighted_rate(events, exposure, weights)
        assert estimate is not None
        missed += estimate.excludes(wanted)
    assert 0.01 < missed / 4_000 < 0.05


def _poisson(chance: random.Random, mean: float) -> int:
    count, product = 0, chance.random()
    while product > math.exp(-mean):
        count, product = count + 1, product * chance.random()
    return count


def test_an_age_without_anybody_leaves_no_adjusted_rate() -> None:
    assert age_adjusted([AgeGroup(Ages(18, 64), 3, 100), AgeGroup(Ages(65), 0, 0)]) is None


@pytest.mark.parametrize(
    ("events", "exposure", "weights", "sentence"),
    [
        ([1], [10, 10], [0.5, 0.5], "its events"),
        ([1, 1], [10, 10], [0.5, 0.6], "add up to 1"),
        ([1, 1], [10, 10], [0.0, 1.0], "above 0"),
        ([1, 1], [10, -10], [0.5, 0.5], "below 0"),
        ([-1, 1], [10, 10], [0.5, 0.5], "below 0"),
        ([1, 1], [10, 0], [0.5, 0.5], "no person-time"),
    ],
)
def test_impossible_strata_are_an_error(
    events: list[int], exposure: list[int], weights: list[float], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        weighted_rate(events, exposure, weights)
