"""Values that can be worked out by hand, which subgroups are compared, and what is said when nothing can be."""

from __future__ import annotations

import math

import numpy as np
import pytest

from metrics.inequality import HEALTHEQUAL, MEASURES, Conventions, Reason, applicable, measure, subgroups
from metrics.inequality.excess import excess_of_subgroups
from metrics.stats.comparisons import difference_of_proportions, difference_of_rates
from tests.metrics.inequality.groups import first_of, one_group, ordered_group, refusal_of, value_of

NAN = math.nan
DECLARED = Conventions(impact_reference="declared")


@pytest.mark.parametrize(
    ("favourable", "reference", "difference"),
    [
        (False, None, 20.0),
        (True, None, 20.0),
        (False, 0, 20.0),
        (False, 1, 15.0),
        (False, 2, -15.0),
        (True, 0, -5.0),
        (True, 2, 20.0),
    ],
)
def test_difference_of_an_unordered_dimension_by_reference(
    favourable: bool, reference: int | None, difference: float
) -> None:
    marks = [position == reference for position in range(3)]
    what = one_group([10.0, 15.0, 30.0], reference=marks, favourable=favourable)
    assert value_of(what, "D") == difference
    compared = [(a, b) for a in (10.0, 15.0, 30.0) for b in (10.0, 15.0, 30.0) if a - b == difference]
    assert [value_of(what, "R")] == pytest.approx([a / b for a, b in compared])


@pytest.mark.parametrize(("favourable", "difference"), [(True, 6.0), (False, -6.0)])
def test_difference_of_an_ordered_dimension_is_between_its_ends(favourable: bool, difference: float) -> None:
    what = ordered_group([10.0, 3.0, 16.0], order=[7, 8, 9], favourable=favourable)
    assert value_of(what, "D") == difference


def test_difference_ignores_the_order_of_rows_and_a_reference_on_an_ordered_dimension() -> None:
    what = ordered_group([16.0, 10.0, 3.0], order=[9, 7, 8], favourable=True, reference=[False, False, True])
    assert value_of(what, "D") == 6.0


def test_difference_of_equal_subgroups_compares_two_of_them() -> None:
    measured = first_of(one_group([5.0, 5.0, 5.0], se=[1.0, 2.0, 3.0]), "D")
    assert measured.value[0] == 0
    assert measured.se[0] == pytest.approx(math.hypot(1, 2))


def test_ratio_has_a_standard_error_of_its_own_and_of_its_logarithm() -> None:
    measured = first_of(one_group([10.0, 20.0], se=[1.0, 1.0]), "R")
    log_se = math.hypot(1 / 10, 1 / 20)
    assert measured.log_se is not None
    assert measured.log_se[0] == pytest.approx(log_se)
    assert measured.se[0] == pytest.approx(2 * log_se)
    assert measured.lower[0] == pytest.approx(2 / math.exp(1.959963985 * log_se))
    assert measured.upper[0] == pytest.approx(2 * math.exp(1.959963985 * log_se))


def test_ratio_to_nothing_is_infinite_and_says_so() -> None:
    measured = first_of(one_group([0.0, 20.0], se=1.0), "R")
    assert measured.value[0] == math.inf
    assert measured.caution[0] == Reason.UNDEFINED


def test_ratio_of_nothing_has_a_standard_error_and_no_full_range() -> None:
    what = one_group([0.0, 20.0], se=[2.0, 1.0], reference=[True, False], favourable=True)
    measured = first_of(what, "R")
    assert (measured.value[0], measured.se[0]) == (0.0, pytest.approx(0.1))
    assert math.isnan(measured.upper[0])
    assert measured.caution[0] == Reason.UNDEFINED


def test_impact_is_against_the_best_subgroup_or_the_declared_one() -> None:
    what = one_group([10.0, 20.0, 30.0], population=[100, 200, 100], reference=[False, True, False])
    assert value_of(what, "PAR") == -10.0
    assert value_of(what, "PAF") == -50.0
    assert value_of(what, "PAR", conventions=DECLARED) == 0.0
    assert value_of(one_group([10.0, 20.0, 30.0], population=[1, 1, 2]), "PAR", conventions=DECLARED) == -12.5


def test_impact_on_an_ordered_dimension_is_against_the_most_advantaged() -> None:
    assert value_of(ordered_group([30.0, 10.0, 20.0], population=[100, 200, 100]), "PAR") == 0.0
    assert value_of(ordered_group([40.0, 10.0, 20.0], population=[300, 200, 100]), "PAR") == pytest.approx(
        -20 / 3
    )


def test_impact_that_is_clipped_says_so() -> None:
    measured = first_of(ordered_group([10.0, 20.0, 30.0]), "PAR")
    assert (measured.value[0], measured.caution[0]) == (0.0, Reason.CLIPPED)


def test_impact_by_walter_equals_the_two_by_two_table() -> None:
    """50 of 500 in the reference, 300 of 1,500 among the others: Walter's variance, worked out in the paper's terms."""
    measured = first_of(one_group([10.0, 20.0], population=[500, 1500]), "PAF")
    with_event, without, others_with, others_without = 50, 450, 300, 1200
    fraction = others_with / 350 - 50 / 350 * 3
    assert measured.value[0] == pytest.approx(-100 * fraction)
    inside = others_with * without * (2000 - with_event) + others_without * with_event**2
    wanted = math.sqrt(with_event * 2000 * inside / (350**3 * 500**3))
    assert measured.se[0] == pytest.approx(100 * wanted)


def test_impact_without_populations_uses_the_setting_average_and_has_no_range() -> None:
    measured = first_of(one_group([10.0, 20.0, 30.0], setting_average=18.0), "PAR")
    assert measured.value[0] == -8.0
    assert measured.rangeless[0] == Reason.POPULATION_FOR_SE
    assert math.isnan(measured.lower[0])


def test_setting_average_is_passed_over_where_there_are_populations() -> None:
    assert value_of(
        one_group([10.0, 20.0, 30.0], population=1.0, setting_average=99.0), "PAR"
    ) == pytest.approx(-10.0)


def test_excess_counts_events_above_the_best_rate() -> None:
    """20 of 200 stays came back in the best group. At that rate 30 + 10 fewer of the others would have."""
    what = one_group([10.0, 20.0, 15.0], population=[200, 300, 200])
    assert value_of(what, "EXCESS") == pytest.approx(40.0)
    assert excess_of_subgroups(what) == pytest.approx([0.0, 30.0, 10.0])


def test_excess_of_a_favourable_indicator_counts_what_was_missed() -> None:
    what = one_group([90.0, 80.0, 70.0], population=[1000, 500, 100], favourable=True)
    assert value_of(what, "EXCESS") == pytest.approx(50 + 20)


def test_excess_on_an_ordered_dimension_is_against_the_best_wherever_it_stands() -> None:
    assert value_of(ordered_group([30.0, 10.0, 20.0]), "EXCESS") == pytest.approx(30.0)


def test_excess_is_the_population_times_the_impact() -> None:
    what = one_group([10.0, 20.0, 15.0], population=[200, 300, 200])
    excess, impact = first_of(what, "EXCESS"), first_of(what, "PAR")
    assert excess.value[0] == pytest.approx(-7 * impact.value[0])


def test_excess_has_the_range_of_the_difference_times_the_people() -> None:
    """90 of 500 in the others against 20 of 200 in the best; the range is Newcombe's."""
    measured = first_of(one_group([10.0, 20.0, 15.0], population=[200, 300, 200]), "EXCESS")
    apart = difference_of_proportions(90, 500, 20, 200)
    assert apart is not None
    assert (measured.lower[0], measured.upper[0]) == pytest.approx((500 * apart.low, 500 * apart.high))
    assert measured.se[0] == pytest.approx(500 * math.sqrt(0.18 * 0.82 / 500 + 0.1 * 0.9 / 200))


def test_excess_of_several_events_a_person_has_the_range_of_rates() -> None:
    """150 in 100 are 75 of 50, so these are no shares; 20 of 40 in the best."""
    measured = first_of(one_group([50.0, 150.0], population=[40, 50]), "EXCESS")
    apart = difference_of_rates(75, 50, 20, 40)
    assert apart is not None
    assert measured.value[0] == pytest.approx(50)
    assert (measured.lower[0], measured.upper[0]) == pytest.approx((50 * apart.low, 50 * apart.high))


def test_excess_range_does_not_go_below_nothing() -> None:
    measured = first_of(one_group([10.0, 10.5], population=[50, 50]), "EXCESS")
    assert measured.lower[0] == 0.0
    assert measured.upper[0] > 0.25


def test_excess_has_a_range_also_when_nobody_in_the_best_group_had_an_event() -> None:
    measured = first_of(one_group([0.0, 20.0], population=100.0), "EXCESS")
    apart = difference_of_proportions(20, 100, 0, 100)
    assert apart is not None
    assert measured.value[0] == pytest.approx(20.0)
    assert (measured.lower[0], measured.upper[0]) == pytest.approx((100 * apart.low, 100 * apart.high))


def test_no_excess_has_no_width() -> None:
    measured = first_of(one_group([20.0, 20.0], population=100.0), "EXCESS")
    assert (measured.value[0], measured.lower[0], measured.upper[0]) == (0.0, 0.0, 0.0)


def test_impact_against_nobody_having_an_event_says_its_range_is_too_narrow() -> None:
    assert first_of(one_group([0.0, 20.0], population=100.0), "PAR").caution[0] == Reason.ZERO_REFERENCE


def test_concentration_by_hand() -> None:
    """Two thirds of the way up: ridits 1/6, 1/2, 5/6; 2 cov = 2/3 (1/3 x 10) = 20/9."""
    assert value_of(ordered_group([10.0, 15.0, 20.0]), "ACI") == pytest.approx(20 / 9)
    assert value_of(ordered_group([10.0, 15.0, 20.0]), "RCI") == pytest.approx(20 / 9 / 15)
    assert value_of(ordered_group([10.0, 15.0, 20.0]), "ACI_BOUNDED") == pytest.approx(0.2 / 9)
    assert value_of(ordered_group([10.0, 15.0, 20.0]), "RCI_WAGSTAFF") == pytest.approx(20 / 9 / 15 / 0.85)
    assert value_of(ordered_group([10.0, 15.0, 20.0]), "RCI_ERREYGERS") == pytest.approx(0.8 / 9)


def test_slope_of_a_straight_line_by_hand() -> None:
    """10, 15, 20 at 1/6, 1/2, 5/6 is a line from 7.5 to 22.5."""
    assert value_of(ordered_group([10.0, 15.0, 20.0]), "SII_LINEAR") == pytest.approx(15.0)
    assert value_of(ordered_group([10.0, 15.0, 20.0]), "RII_LINEAR") == pytest.approx(3.0)


def test_slope_of_a_logistic_line_is_found_again() -> None:
    def level(rank: float) -> float:
        return 100 / (1 + math.exp(-(-2 + 3 * rank)))

    what = ordered_group([level(rank) for rank in (0.1, 0.35, 0.75)], population=[200, 300, 500])
    assert value_of(what, "SII") == pytest.approx(level(1) - level(0))
    assert value_of(what, "RII") == pytest.approx(level(1) / level(0))


def test_spread_by_hand() -> None:
    what = one_group([10.0, 20.0, 40.0], population=[50, 25, 25], reference=[False, True, False])
    mean = 20.0
    wanted = {
        "BGV": 150.0,
        "BGSD": math.sqrt(150),
        "COV": 100 * math.sqrt(150) / mean,
        "MDMU": 10.0,
        "MDMW": 10.0,
        "MDBU": 40 / 3,
        "MDBW": 10.0,
        "MDRU": 10.0,
        "MDRW": 10.0,
        "IDISU": 50.0,
        "IDISW": 50.0,
        "TI": 1000 * (0.25 * math.log(0.5) + 0.5 * math.log(2)),
        "MLD": 1000 * (0.5 * math.log(2) - 0.25 * math.log(2)),
    }
    for name, value in wanted.items():
        assert value_of(what, name) == pytest.approx(value), name


def test_entropy_of_a_zero_says_that_it_was_replaced() -> None:
    what = one_group([0.0, 20.0, 40.0], population=1.0)
    assert first_of(what, "MLD").caution[0] == Reason.ZERO_REPLACED
    smaller = value_of(what, "MLD", conventions=Conventions(zero_replacement=1e-9))
    assert smaller - value_of(what, "MLD") == pytest.approx(1000 / 3 * math.log(1000), rel=1e-4)


POPULATED = {"population": 10.0, "se": 1.0}


@pytest.mark.parametrize(
    ("names", "what", "reason"),
    [
        (["D", "R", "PAR", "EXCESS"], one_group([1.0, NAN], **POPULATED), Reason.FEW_SUBGROUPS),
        (["BGV", "TI", "MLD", "BGSD", "MDBU"], one_group([1.0, 2.0], **POPULATED), Reason.TWO_SUBGROUPS),
        (["ACI", "RCI", "SII", "RII_LINEAR"], ordered_group([1.0, 2.0]), Reason.TWO_SUBGROUPS),
        (["PAR", "ACI", "SII", "RII_LINEAR"], ordered_group([1.0, NAN, 2.0, 3.0]), Reason.MISSING_ESTIMATE),
        (["D", "R"], ordered_group([NAN, 1.0, 2.0, 3.0]), Reason.EXTREME_MISSING),
        (["D", "PAR", "ACI", "SII"], ordered_group([1.0, 2.0, 3.0], order=[1, 2, 4]), Reason.BAD_ORDER),
        (["D", "PAR", "ACI", "SII"], ordered_group([1.0, 2.0, 3.0], order=[1, 2, 2]), Reason.BAD_ORDER),
        (["D", "PAR", "ACI", "SII"], ordered_group([1.0, 2.0, 3.0], order=[1.5, 2.5, 3.5]), Reason.BAD_ORDER),
        (["D", "PAR", "ACI", "SII"], ordered_group([1.0, 2.0, 3.0], order=[1, 2, NAN]), Reason.BAD_ORDER),
        (["ACI", "SII", "RCI_WAGSTAFF"], one_group([1.0, 2.0, 3.0], **POPULATED), Reason.NO_ORDER),
        (["BGV", "MDMU", "PAR"], one_group([1.0, 2.0, 3.0, NAN], **POPULATED), Reason.MISSING_ESTIMATES),
        (["MDRU", "MDRW"], one_group([1.0, 2.0, 3.0], **POPULATED), Reason.NO_REFERENCE),
        (
            ["D", "MDRU", "MDRW"],
            one_group([*range(1, 8), NAN], reference=[False] * 7 + [True], **POPULATED),
            Reason.REFERENCE_MISSING,
        ),
        (["BGV", "COV", "MDBW", "MDMU", "PAR"], one_group([1.0, 2.0, 3.0], se=1.0), Reason.NO_POPULATION),
        (
            ["BGV", "COV", "MDBW", "MDMU", "PAR"],
            one_group([1.0, 2.0, 3.0], population=[1, NAN, 1]),
            Reason.PARTIAL_POPULATION,
        ),
        (["ACI", "SII"], ordered_group([1.0, 2.0, 3.0], population=[1, NAN, 1]), Reason.PARTIAL_POPULATION),
        (["BGV", "IDISU", "PAR"], one_group([1.0, 2.0, 3.0], population=0.0), Reason.EMPTY_POPULATION),
        (
            ["ACI", "SII", "SII_LINEAR"],
            ordered_group([1.0, 2.0, 3.0], population=0.0),
            Reason.EMPTY_POPULATION,
        ),
        (["SII", "RII"], ordered_group([50.0, 90.0, 101.0]), Reason.ABOVE_SCALE),
        (["ACI_BOUNDED", "RCI_ERREYGERS"], ordered_group([50.0, 90.0, 101.0]), Reason.OUT_OF_BOUNDS),
        (["SII", "RII"], ordered_group([0.0, 0.0, 100.0, 100.0]), Reason.NO_FIT),
        (["SII", "RII"], ordered_group([0.0, 0.0, 0.0]), Reason.NO_FIT),
        (["RII_LINEAR"], ordered_group([1.0, 20.0, 40.0]), Reason.LINE_BELOW_ZERO),
    ],
)
def test_what_is_refused_and_why(names: list[str], what: object, reason: Reason) -> None:
    for name in names:
        measured = first_of(what, name)  # type: ignore[arg-type]  # the table above holds Subgroups
        assert Reason(int(measured.refused[0])) is reason, name
        assert np.isnan([measured.value[0], measured.se[0], measured.lower[0], measured.upper[0]]).all()
        assert reason.sentence.endswith(".")


@pytest.mark.parametrize("name", applicable(ordered=True))
def test_force_goes_on_with_the_known_subgroups_of_an_ordered_dimension(name: str) -> None:
    missing = ordered_group([30.0, NAN, 20.0, 14.0], se=1.0, population=[10, 90, 20, 30], force=True)
    without = ordered_group([30.0, 20.0, 14.0], se=1.0, population=[10, 20, 30])
    assert value_of(missing, name) == pytest.approx(value_of(without, name), rel=1e-12)


@pytest.mark.parametrize("name", applicable(ordered=False))
def test_force_goes_on_with_the_known_subgroups_of_an_unordered_dimension(name: str) -> None:
    marks = [False, False, False, True]
    given = {"se": 1.0, "population": [90, 10, 20, 30], "reference": marks}
    missing = one_group([NAN, 30.0, 20.0, 14.0], force=True, **given)
    without = one_group([30.0, 20.0, 14.0], se=1.0, population=[10, 20, 30], reference=marks[1:])
    assert value_of(missing, name) == pytest.approx(value_of(without, name), rel=1e-12)


def test_forced_impact_without_the_top_takes_the_most_advantaged_that_is_known() -> None:
    assert value_of(ordered_group([30.0, 20.0, 10.0, NAN], force=True), "PAR") == -10.0


def test_force_does_not_reach_every_measure_of_healthequal() -> None:
    what = one_group([1.0, 2.0, 3.0, NAN], population=10.0, force=True)
    assert refusal_of(what, "BGV") is Reason.NONE
    assert refusal_of(what, "BGV", conventions=HEALTHEQUAL) is Reason.MISSING_ESTIMATES


def test_one_missing_of_seven_is_allowed_and_two_are_not() -> None:
    assert refusal_of(one_group([*range(1, 7), NAN], population=1.0), "BGV") is Reason.NONE
    assert refusal_of(one_group([*range(1, 6), NAN, NAN], population=1.0), "BGV") is Reason.MISSING_ESTIMATES


@pytest.mark.parametrize("name", ["ACI", "RCI", "SII", "RII", "SII_LINEAR"])
def test_without_populations_every_subgroup_counts_the_same_and_a_note_says_so(name: str) -> None:
    alone = first_of(ordered_group([10.0, 15.0, 30.0], population=NAN), name)
    alike = first_of(ordered_group([10.0, 15.0, 30.0], population=7.0), name)
    assert alone.value[0] == pytest.approx(alike.value[0])
    assert alone.se[0] == pytest.approx(alike.se[0])
    assert (alone.caution[0], alike.caution[0]) == (Reason.EQUAL_WEIGHTS, Reason.NONE)


@pytest.mark.parametrize(
    "name", [name for name in applicable(ordered=False) if name not in ("PAR", "PAF", "EXCESS")]
)
def test_a_missing_standard_error_leaves_the_value_without_a_range(name: str) -> None:
    what = one_group([10.0, 20.0, 30.0], se=[NAN, 1.0, NAN], population=1.0, reference=[True, False, False])
    measured = first_of(what, name)
    assert np.isfinite(measured.value[0])
    assert measured.rangeless[0] == Reason.MISSING_SE
    assert np.isnan([measured.se[0], measured.lower[0], measured.upper[0]]).all()


def test_difference_needs_only_the_standard_errors_of_its_two_subgroups() -> None:
    assert first_of(one_group([10.0, 20.0, 30.0], se=[1.0, NAN, 1.0]), "D").se[0] == pytest.approx(
        math.sqrt(2)
    )


def test_impact_needs_no_standard_errors() -> None:
    assert first_of(one_group([10.0, 20.0, 30.0], population=100.0), "PAR").se[0] > 0


def test_measures_by_kind_of_dimension() -> None:
    assert set(applicable(ordered=True)) | set(applicable(ordered=False)) == MEASURES.keys()
    both = set(applicable(ordered=True)) & set(applicable(ordered=False))
    assert both == {"D", "R", "PAR", "PAF", "EXCESS"}


def test_unknown_measure_is_an_error() -> None:
    with pytest.raises(KeyError, match="GINI"):
        measure(one_group([1.0, 2.0]), ["GINI"])


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"offsets": [0, 2]}, "end with the number of rows"),
        ({"offsets": [0, 0, 3]}, "rise"),
        ({"offsets": [0.0, 3.0]}, "whole numbers"),
        ({"estimate": [-1.0, 2.0, 3.0]}, "estimate must be 0 or more"),
        ({"estimate": [math.inf, 2.0, 3.0]}, "estimate must be 0 or more, and finite"),
        ({"se": -1.0}, "se must be 0 or more"),
        ({"se": [1.0, 2.0]}, "se must hold one value, or 3"),
        ({"population": -1.0}, "population must be 0 or more"),
        ({"scale": 0.0}, "scale must be above 0"),
        ({"level": 95}, "level must lie between 0 and 1"),
        ({"reference": True}, "one reference subgroup only"),
    ],
)
def test_impossible_input_is_an_error(given: dict, sentence: str) -> None:
    good = {"offsets": [0, 3], "estimate": [1.0, 2.0, 3.0], "favourable": True}
    with pytest.raises(ValueError, match=sentence):
        subgroups(**(good | given))
