"""Records of people: the same as subgroups where they should be, and the variance of a survey's clusters."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from metrics.inequality import HEALTHEQUAL, measure
from metrics.inequality.people import measure_people, people
from metrics.inequality.survey import design
from tests.metrics.inequality.groups import ordered_group

RNG = np.random.default_rng(12)
ORDER = RNG.integers(1, 6, 600)
OUTCOME = (RNG.random(600) < 0.2 + 0.1 * ORDER).astype(float)
WEIGHT = RNG.uniform(0.3, 3, 600)
UNIT = RNG.integers(0, 60, 600)
STRATUM = UNIT // 12


def found(**more: Any) -> dict[str, Any]:
    return measure_people(people(OUTCOME, ORDER, **more))


def test_people_without_weights_give_the_values_of_their_subgroups() -> None:
    codes = range(1, 6)
    share = [100 * OUTCOME[code == ORDER].mean() for code in codes]
    size = [(code == ORDER).sum() for code in codes]
    grouped = measure(ordered_group(share, population=size))
    for name, one in found().items():
        unit = 100 if name in ("ACI", "SII", "SII_LINEAR") else 1
        assert unit * one.value[0] == pytest.approx(grouped[name].value[0], rel=1e-9), name


def test_weights_count_as_that_many_people() -> None:
    weighted = measure_people(people([1, 0, 1, 1], [1, 1, 2, 2], weight=[2, 1, 1, 3]))
    repeated = measure_people(people([1, 1, 0, 1, 1, 1, 1], [1, 1, 1, 2, 2, 2, 2]))
    for name, one in weighted.items():
        assert one.value[0] == pytest.approx(repeated[name].value[0], nan_ok=True), name


def test_people_whose_outcome_is_not_known_are_left_out() -> None:
    outcome, order = [*OUTCOME, math.nan], [*ORDER, 1]
    more = {"weight": [*WEIGHT, 3.0], "unit": [*UNIT, 999], "stratum": [*STRATUM, 7]}
    without = found(weight=WEIGHT, unit=UNIT, stratum=STRATUM)
    for name, one in measure_people(people(outcome, order, **more)).items():
        assert (one.value[0], one.se[0]) == (without[name].value[0], without[name].se[0]), name


def test_clusters_widen_the_range_when_people_in_them_are_alike() -> None:
    twice = {"outcome": np.repeat(OUTCOME, 2), "order": np.repeat(ORDER, 2), "weight": np.repeat(WEIGHT, 2)}
    alike = measure_people(people(**twice, unit=np.repeat(np.arange(600), 2)))
    alone = found(weight=WEIGHT)
    for name, one in alike.items():
        assert one.se[0] == pytest.approx(alone[name].se[0]), name


def test_taylor_variance_by_hand() -> None:
    """Stratum 1: totals 3 and 5; stratum 2: 1, 2, 6. n / (n - 1) times squared deviations: 4 + 21."""
    drawn = design(6, [1, 2, 2, 1, 2, 3], [1, 1, 1, 2, 2, 2])
    assert drawn.variance(np.array([3.0, 1.0, 4.0, 1.0, 2.0, 6.0])) == pytest.approx([4 + 21])


def test_a_lonely_cluster_is_held_against_the_mean_of_all() -> None:
    """Totals 3 and 5, and 10 alone; their mean is 6."""
    drawn = design(3, [1, 2, 1], [1, 1, 2])
    assert drawn.variance(np.array([3.0, 5.0, 10.0])) == pytest.approx([4 + 16])


def test_clusters_of_one_name_in_two_strata_are_two() -> None:
    named_alike, named_apart = design(4, [1, 2, 1, 2], [1, 1, 2, 2]), design(4, [1, 2, 3, 4], [1, 1, 2, 2])
    influence = np.array([1.0, 4.0, 9.0, 16.0])
    assert named_alike.variance(influence) == pytest.approx(named_apart.variance(influence))


def test_taylor_variance_of_a_mean_is_the_familiar_one() -> None:
    values = RNG.normal(size=50)
    influence = (values - values.mean()) / 50
    assert design(50).variance(influence) == pytest.approx([values.var(ddof=1) / 50])


def test_range_is_at_the_level_asked_for() -> None:
    who = people(OUTCOME, ORDER)
    narrow, wide = measure_people(who, level=0.5), measure_people(who, level=0.99)
    for name, one in narrow.items():
        assert wide[name].lower[0] < one.lower[0] < one.value[0] < one.upper[0] < wide[name].upper[0]


def test_ratios_as_healthequal_have_the_standard_error_of_the_logarithm() -> None:
    ours, theirs = found()["RII"], measure_people(people(OUTCOME, ORDER), conventions=HEALTHEQUAL)["RII"]
    assert ours.se[0] == pytest.approx(ours.value[0] * theirs.se[0])


def test_an_outcome_that_the_ranking_decides_has_no_logistic_line() -> None:
    measured = measure_people(people([0, 0, 1, 1], [1, 1, 2, 2]))
    assert math.isnan(measured["SII"].value[0])
    assert measured["SII_LINEAR"].value[0] == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"outcome": [0, 1, 2]}, "between 0 and 1"),
        ({"outcome": [0, 1, math.nan]}, "Fewer than three"),
        ({"order": [1, 2]}, "one order for each person"),
        ({"order": [1, 2, 2.5]}, "whole number"),
        ({"order": [1, 2, math.nan]}, "whole number"),
        ({"weight": [1, 1, -1]}, "Weights must be 0 or more"),
        ({"weight": [0, 0, 0]}, "not all of them 0"),
        ({"weight": [1, 1, math.nan]}, "Weights must be 0 or more"),
        ({"unit": [1, 2, 3]}, "need weights"),
        ({"weight": [1, 1, 1], "unit": [4, 4, 4]}, "two clusters or more"),
    ],
)
def test_impossible_records_are_an_error(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        people(**({"outcome": [0, 1, 1], "order": [1, 2, 3]} | given))
