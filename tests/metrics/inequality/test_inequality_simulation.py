"""Simulated ranges: the same again for the same seed, within what is possible, and done whatever is asked."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats as reference

from metrics.inequality import HEALTHEQUAL, MEASURES, Draws, Reason, measure
from metrics.inequality.simulation import CELLS_AT_ONCE, percentile, truncated_normal
from tests.metrics.inequality.groups import first_of, one_group, timed_groups

REGIONS = one_group([10.0, 14.0, 20.0, 31.0], se=[1.0, 2.0, 1.5, 3.0], population=[400, 300, 200, 100])


def limits(seed: int = 1, draws: int = 500) -> tuple[float, float]:
    measured = first_of(REGIONS, "BGSD", draws=Draws(draws, seed))
    return float(measured.lower[0]), float(measured.upper[0])


def test_same_seed_gives_the_same_range_and_another_seed_another() -> None:
    assert limits(seed=7) == limits(seed=7)
    assert limits(seed=7) != limits(seed=8)


def test_global_random_state_is_neither_used_nor_changed() -> None:
    np.random.seed(5)  # the state under test is the old, global one
    before = np.random.get_state()[1].copy()
    first = limits()
    assert (np.random.get_state()[1] == before).all()
    np.random.seed(6)
    assert limits() == first


def test_without_draws_there_is_a_value_and_no_range() -> None:
    measured = first_of(REGIONS, "BGSD")
    assert np.isfinite(measured.value[0])
    assert measured.rangeless[0] == Reason.NOT_SIMULATED


def test_range_does_not_depend_on_the_other_measures_or_groups() -> None:
    whole = timed_groups(ordered=False)
    draws = Draws(CELLS_AT_ONCE // 100, seed=3)
    several = measure(whole.part(0, 60), ["BGSD", "IDISW"], draws=draws)["IDISW"]
    alone = measure(whole.part(41, 42), ["IDISW"], draws=draws)["IDISW"]
    assert (several.lower[41], several.upper[41]) == (alone.lower[0], alone.upper[0])


def test_level_of_the_range_is_the_one_asked_for() -> None:
    narrow, wide = (
        first_of(
            one_group([10.0, 20.0, 30.0], se=2.0, population=1.0, level=level), "BGSD", draws=Draws(2000)
        )
        for level in (0.8, 0.99)
    )
    assert wide.lower[0] < narrow.lower[0] < narrow.value[0] < narrow.upper[0] < wide.upper[0]


def test_healthequal_always_draws_95_per_cent() -> None:
    given = {"se": 2.0, "population": 1.0}
    ranges = [
        first_of(
            one_group([10.0, 20.0, 30.0], level=level, **given),
            "BGSD",
            draws=Draws(200),
            conventions=HEALTHEQUAL,
        ).upper[0]
        for level in (0.8, 0.95)
    ]
    assert ranges[0] == ranges[1]


def test_more_draws_come_closer_to_where_the_range_ends() -> None:
    far = np.ptp([limits(seed, 100)[0] for seed in range(8)])
    near = np.ptp([limits(seed, 10_000)[0] for seed in range(8)])
    assert near < far / 3


def test_draws_are_a_normal_distribution_cut_off_at_both_ends() -> None:
    uniform = np.random.default_rng(0).random(20_000)
    drawn = truncated_normal(np.array(98.0), np.array(3.0), np.array(100.0), uniform)
    cut = reference.truncnorm((0 - 98) / 3, (100 - 98) / 3, loc=98, scale=3)
    assert drawn == pytest.approx(cut.ppf(uniform), rel=1e-9)
    assert drawn.max() <= 100


def test_draws_without_spread_are_the_estimate() -> None:
    uniform = np.array([0.0, 0.5, 1.0])
    for mean in (0.0, 50.0, 101.0):
        assert (truncated_normal(np.array(mean), np.array(0.0), np.array(100.0), uniform) == mean).all()


@pytest.mark.parametrize("estimate", [0.0, 100.0, 101.0, 5000.0])
@pytest.mark.parametrize("se", [0.0, 0.001, 50.0])
def test_estimates_at_the_edge_and_beyond_are_drawn_without_end(estimate: float, se: float) -> None:
    what = one_group(
        [estimate, 40.0, 60.0], se=[se, 1.0, 1.0], population=1.0, reference=[False, True, False]
    )
    names = [name for name in MEASURES if MEASURES[name].spread]
    for name, measured in measure(what, names, draws=Draws(100)).items():
        assert np.isfinite([measured.lower[0], measured.upper[0]]).all(), name


def test_proportions_are_not_drawn_above_1() -> None:
    given = {"se": 0.2, "population": 1.0, "scale": 1.0, "favourable": True}
    what = one_group([0.99, 0.98, 0.97], **given)
    ours = first_of(what, "MDBU", draws=Draws(2000)).upper[0]
    theirs = first_of(what, "MDBU", draws=Draws(2000), conventions=HEALTHEQUAL).upper[0]
    assert ours < theirs


@pytest.mark.parametrize("part", [0.0, 0.025, 0.5, 0.975, 1.0])
def test_percentile_equals_the_quantile_of_type_7(part: float) -> None:
    ranked = np.sort(np.random.default_rng(1).random((3, 101)), axis=1)
    assert percentile(ranked, np.full(3, part)) == pytest.approx(np.quantile(ranked, part, axis=1))


@pytest.mark.parametrize("wrong", [{"count": 1}, {"seed": -1}])
def test_too_few_draws_and_a_negative_seed_are_errors(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"two draws|whole number"):
        Draws(**wrong)
