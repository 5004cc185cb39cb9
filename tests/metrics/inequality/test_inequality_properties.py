"""What must hold for any subgroups: what a measure does not depend on, and where its range lies."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from metrics.inequality import MEASURES, Draws, Reason, Subgroups, applicable, measure, subgroups
from metrics.inequality.layout import Layout
from metrics.inequality.regression import logistic
from metrics.stats import Group, Proportion, excess_count
from tests.metrics.inequality.groups import ordered_group, timed_groups, value_of

untimed = settings(deadline=None)

DRAWS = Draws(50)
ABSOLUTE = {"D", "PAR", "ACI", "SII", "SII_LINEAR", "BGSD", "MDMU", "MDMW", "MDBU", "MDBW", "MDRU", "MDRW"}
TRANSLATED = ABSOLUTE - {"SII"} | {"BGV", "EXCESS", "ACI_BOUNDED", "RCI_ERREYGERS"}
SIMULATED = {name for name, measure in MEASURES.items() if measure.spread}
NEVER_NEGATIVE = SIMULATED | {"BGV", "TI", "MLD", "R", "RII", "EXCESS"}

Given = dict[str, Any]


@st.composite
def groups(draw: st.DrawFn, *, lowest: float = 0.5, highest: float = 99.5) -> Given:
    """Input of one group of subgroups with different estimates, as `subgroups` takes it."""
    size = draw(st.integers(3, 8))
    in_hundredths = st.integers(int(lowest * 100), int(highest * 100))
    reference = draw(st.integers(0, size - 1))
    return {
        "estimate": np.array(draw(st.lists(in_hundredths, min_size=size, max_size=size, unique=True))) / 100,
        "se": np.array(draw(st.lists(st.floats(0.01, 8), min_size=size, max_size=size))),
        "population": np.array(draw(st.lists(st.integers(1, 20_000), min_size=size, max_size=size))) * 1.0,
        "order": np.arange(size) + draw(st.integers(-3, 3)),
        "reference": np.arange(size) == reference,
        "favourable": draw(st.booleans()),
        "ordered": draw(st.booleans()),
        "scale": 100.0,
    }


def made(given: Given, **changed: Any) -> Subgroups:
    whole = given | changed
    return subgroups([0, len(whole["estimate"])], **whole)


def numbers(what: Subgroups) -> dict[str, np.ndarray]:
    """Value, standard error and range of every measure, by name."""
    found = measure(what, applicable(ordered=bool(what.ordered[0])), draws=DRAWS)
    return {name: np.array([one.value, one.se, one.lower, one.upper])[:, 0] for name, one in found.items()}


def agree(first: np.ndarray, second: np.ndarray, largest: float = 1.0) -> bool:
    return bool(np.allclose(first, second, rtol=1e-7, atol=1e-9 * largest, equal_nan=True))


@untimed
@given(groups(), st.sampled_from([0.01, 10.0, 1000.0]))
def test_unit_of_the_indicator_scales_absolute_measures_and_leaves_relative_ones(
    given: Given, factor: float
) -> None:
    changed = {name: given[name] * factor for name in ("estimate", "se", "scale")}
    before, after = numbers(made(given)), numbers(made(given, **changed))
    for name, values in before.items():
        unit = factor if name in ABSOLUTE else factor**2 if name == "BGV" else 1.0
        assert agree(after[name], unit * values, 100 * unit), name


@untimed
@given(groups(), st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(given: Given, random: Any) -> None:
    rows = list(range(len(given["estimate"])))
    random.shuffle(rows)
    changed = {name: given[name][rows] for name in ("estimate", "se", "population", "order", "reference")}
    before, after = numbers(made(given)), numbers(made(given, **changed))
    for name, values in before.items():
        assert agree(after[name], values, 100), name


@untimed
@given(groups(), st.integers(2, 50))
def test_only_shares_of_the_population_matter_to_values(given: Given, times: int) -> None:
    before, after = numbers(made(given)), numbers(made(given, population=given["population"] * times))
    for name, values in before.items():
        if name in ("PAR", "PAF"):
            narrower = values[1] / np.sqrt(times)
            assert agree(after[name][:2], np.array([values[0], narrower]), 100)
        elif name == "EXCESS":
            assert agree(after[name][0], values[0] * times)
        else:
            assert agree(after[name], values, 100), name


@untimed
@given(groups(lowest=1, highest=60), st.integers(1, 39))
def test_absolute_measures_do_not_depend_on_the_level(given: Given, more: int) -> None:
    before, after = numbers(made(given)), numbers(made(given, estimate=given["estimate"] + more))
    for name in TRANSLATED & before.keys():
        assert agree(after[name][0], before[name][0], 100), name


@untimed
@given(groups(), st.floats(0.5, 99.5))
def test_no_inequality_is_0_for_differences_and_1_for_ratios(given: Given, level: float) -> None:
    estimate = np.full(len(given["estimate"]), level)
    for name, values in numbers(made(given, estimate=estimate)).items():
        assert values[0] == pytest.approx(MEASURES[name].equal, abs=1e-8), name


@untimed
@given(groups())
def test_ranges_by_formula_contain_their_value(given: Given) -> None:
    for name, (value, se, lower, upper) in numbers(made(given)).items():
        if name not in SIMULATED and not np.isnan(value):
            assert lower <= value <= upper, name
            assert se >= 0


@untimed
@given(groups())
def test_simulated_ranges_are_in_order_and_not_below_0(given: Given) -> None:
    for name, (_, se, lower, upper) in numbers(made(given, ordered=False)).items():
        if name in SIMULATED:
            assert 0 <= lower <= upper, name
            assert np.isnan(se)


@untimed
@given(groups())
def test_measures_keep_within_their_bounds(given: Given) -> None:
    found = {name: values[0] for name, values in numbers(made(given)).items()}
    for name in NEVER_NEGATIVE & found.keys():
        assert not found[name] < -1e-9, name
    for name in {"RCI", "RCI_WAGSTAFF", "RCI_ERREYGERS", "ACI_BOUNDED"} & found.keys():
        assert -1 <= found[name] <= 1, name
    assert found["PAR"] >= 0 if given["favourable"] else found["PAR"] <= 0


@untimed
@given(groups())
def test_turning_the_ranking_round_turns_the_sign(given: Given) -> None:
    what, turned = made(given, ordered=True), made(given, ordered=True, order=-given["order"])
    before, after = numbers(what), numbers(turned)
    for name in ("D", "ACI", "RCI", "SII", "SII_LINEAR", "RCI_WAGSTAFF", "RCI_ERREYGERS"):
        assert agree(after[name][0], -before[name][0], 100), name
    for name in ("R", "RII"):
        assert agree(after[name][0], 1 / before[name][0]), name


@untimed
@given(groups())
def test_bounded_indices_mirror_when_the_indicator_is_turned_round(given: Given) -> None:
    """Those without a stay back home instead of those with one (Erreygers 2009; Wagstaff 2005)."""
    before = numbers(made(given, ordered=True))
    after = numbers(made(given, ordered=True, estimate=100 - given["estimate"]))
    for name in ("RCI_WAGSTAFF", "RCI_ERREYGERS", "ACI", "SII"):
        assert agree(after[name], mirrored(before[name]), 100), name


def mirrored(values: np.ndarray) -> np.ndarray:
    value, se, lower, upper = values
    return np.array([-value, se, -upper, -lower])


@untimed
@given(
    st.lists(
        st.tuples(st.sampled_from([0.0, 0.001, 1.0, 30.0, 50.0, 99.0, 100.0]), st.integers(1, 500)),
        min_size=3,
        max_size=7,
    )
)
def test_logistic_line_fits_whenever_the_estimates_overlap(subgroup: list[tuple[float, int]]) -> None:
    level = np.array([estimate / 100 for estimate, _ in subgroup])
    weight = np.array([float(people) for _, people in subgroup])
    ridit = (np.cumsum(weight) - weight / 2) / weight.sum()
    ends = logistic(Layout(np.array([0, len(level)])), ridit, level, weight)
    assert ends.fitted[0] == (not separated(level) and not separated(1 - level))
    inside = min(ends.bottom[0], ends.top[0]) > 1e-9 and max(ends.bottom[0], ends.top[0]) < 1 - 1e-9
    if ends.fitted[0] and inside:
        bottom, top = special.logit(ends.bottom[0]), special.logit(ends.top[0])
        fit = special.expit(bottom + (top - bottom) * ridit)
        slack = 1e-6 * weight.sum()
        assert np.sum(weight * (level - fit)) == pytest.approx(0, abs=slack)
        assert np.sum(weight * ridit * (level - fit)) == pytest.approx(0, abs=slack)


def separated(level: np.ndarray) -> bool:
    """Whether some rank has nothing but 0 below it and nothing but 1 above it."""
    return any((level[:cut] == 0).all() and (level[cut + 1 :] == 1).all() for cut in range(len(level)))


@st.composite
def counted(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Numerators and denominators of groups that are all steady: 20 to 80 of 100, and at least 1,000 people."""
    wholes = draw(st.lists(st.integers(1_000, 50_000), min_size=2, max_size=8))
    return [(draw(st.integers(whole // 5, 4 * whole // 5)), whole) for whole in wholes]


@untimed
@given(counted(), st.booleans())
def test_excess_equals_the_one_that_lay_pages_show(counts: list[tuple[int, int]], favourable: bool) -> None:
    what = subgroups(
        [0, len(counts)],
        [100 * part / whole for part, whole in counts],
        population=[whole for _, whole in counts],
        favourable=favourable,
    )
    here = measure(what, ["EXCESS"])["EXCESS"]
    people = [Group(f"{number}", "", Proportion(*count)) for number, count in enumerate(counts)]
    there = excess_count(people, better="higher" if favourable else "lower")
    assert there is not None
    assert [here.value[0], here.lower[0], here.upper[0]] == pytest.approx(
        [there.count.value, there.count.low, there.count.high], rel=1e-9, abs=1e-7
    )


@pytest.mark.parametrize("ordered", [True, False])
def test_many_groups_at_once_give_what_each_gives_alone(ordered: bool) -> None:
    whole = timed_groups(ordered=ordered)
    names = applicable(ordered=ordered)
    together = measure(whole, names, draws=Draws(20))
    for group in range(0, whole.groups, 25):
        alone = measure(whole.part(group, group + 1), names, draws=Draws(20))
        for name in names:
            for field in ("value", "se", "lower", "upper"):
                first, second = getattr(together[name], field)[group], getattr(alone[name], field)[0]
                assert first == pytest.approx(second, rel=1e-12, abs=1e-12, nan_ok=True), (name, field)
            assert together[name].refused[group] == alone[name].refused[0]


def test_refused_groups_leave_the_others_alone() -> None:
    whole = subgroups([0, 3, 4, 7], [1.0, 2.0, 3.0, 5.0, 30.0, 20.0, 10.0], population=50.0, favourable=False)
    found = measure(whole, ["BGV", "D"])
    assert [Reason(int(code)) for code in found["BGV"].refused] == [
        Reason.NONE,
        Reason.TWO_SUBGROUPS,
        Reason.NONE,
    ]
    assert np.isnan(found["D"].value).tolist() == [False, True, False]


def test_relative_measures_see_what_absolute_ones_do_not() -> None:
    low, high = ordered_group([2.0, 1.5, 1.0]), ordered_group([52.0, 51.5, 51.0])
    assert value_of(low, "D") == pytest.approx(value_of(high, "D"))
    assert value_of(low, "R") > 1.9 > value_of(high, "R")
