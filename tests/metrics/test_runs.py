"""Run charts: by hand, and against counting every series there is."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as reference

from metrics.stats import run_chart
from metrics.stats.runs import Run, RunChart, fewest_crossings

untimed = settings(deadline=None)

LOW, HIGH = 10.0, 20.0
STEADY = [LOW, HIGH] * 5
"""Ten points around 15 that never stay on one side."""


def of(sides: str) -> list[float | None]:
    """ "+" above the middle, "-" below, "=" on it, "." nothing shown."""
    return [{"+": 20.0, "-": 10.0, "=": 15.0, ".": None}[side] for side in sides]


def after_baseline(sides: str) -> RunChart:
    return run_chart([*STEADY, *of(sides)], baseline=len(STEADY))


def test_six_in_a_row_are_a_shift() -> None:
    chart = after_baseline("-++++++")
    assert chart.middle == 15
    assert chart.shifts == (Run(11, 16, 6, above=True),)
    assert chart.current == chart.shifts[0]
    assert (chart.direction("higher"), chart.direction("lower")) == ("better", "worse")
    assert chart.direction("neither") == "none"


def test_five_in_a_row_are_not() -> None:
    chart = after_baseline("-+++++")
    assert chart.shifts == ()
    assert not chart.changed
    assert chart.direction("higher") == "none"


def test_a_point_on_the_middle_neither_breaks_a_run_nor_counts() -> None:
    assert after_baseline("---=---").shifts == (Run(10, 16, 6, above=False),)
    assert after_baseline("---=--").shifts == ()
    assert after_baseline("------=").current == Run(10, 16, 6, above=False)


def test_a_period_that_is_not_shown_breaks_a_run() -> None:
    assert after_baseline("---.---").shifts == ()
    assert after_baseline("---=.---").shifts == ()
    assert after_baseline("---.------").shifts == (Run(14, 19, 6, above=False),)


def test_a_shift_of_the_past_is_known_but_does_not_go_on() -> None:
    chart = after_baseline("------+")
    assert len(chart.shifts) == 1
    assert chart.changed
    assert chart.current is None
    assert chart.direction("lower") == "none"


def test_a_shift_goes_on_up_to_the_last_shown_point() -> None:
    assert after_baseline("------..").current == Run(10, 15, 6, above=False)


def test_runs_of_the_baseline_itself_do_not_count() -> None:
    values = [*of("-----+++++"), *of("+")]
    assert run_chart(values, baseline=10).shifts == ()


def test_without_a_baseline_twelve_points_are_needed() -> None:
    eleven = run_chart(of("-----++++++"))
    assert not eleven.enough
    assert eleven.shifts == ()
    twelve = run_chart(of("------++++++"))
    assert twelve.enough
    assert twelve.current == Run(6, 11, 6, above=True)


def test_hidden_points_do_not_make_up_the_number() -> None:
    assert not run_chart(of("-----++++++.")).enough
    assert not run_chart([*of("-----++++."), *of("++++++")], baseline=10).enough


def test_crossings_are_counted_and_held_against_chance() -> None:
    chart = after_baseline("-----+++++--")
    assert (chart.crossings, chart.fewest) == (2, 3)
    assert chart.too_few_crossings
    assert chart.changed
    assert chart.shifts == ()


def test_points_on_the_middle_and_not_shown_do_not_cross() -> None:
    chart = after_baseline("-=-.+=+-+-+-+")
    assert chart.crossings == 7
    assert not chart.too_few_crossings


def test_few_points_are_not_judged_by_their_crossings() -> None:
    chart = after_baseline("---------")
    assert (chart.crossings, chart.fewest) == (None, None)
    assert not chart.too_few_crossings
    assert chart.shifts


@pytest.mark.parametrize("baseline", [0, -1, 13])
def test_a_baseline_must_be_some_of_the_periods(baseline: int) -> None:
    with pytest.raises(ValueError, match="baseline"):
        run_chart(of("------++++++"), baseline=baseline)


def test_no_points_no_middle() -> None:
    chart = run_chart([None] * 12)
    assert (chart.middle, chart.points, chart.enough, chart.changed) == (None, 0, False, False)


@pytest.mark.parametrize("points", range(10, 60))
def test_fewest_crossings_are_the_quantile_of_the_binomial(points: int) -> None:
    assert fewest_crossings(points) == reference.binom.ppf(0.05, points - 1, 0.5)


def test_one_in_77_chance_series_of_twelve_points_has_a_shift() -> None:
    """All ways to lay twelve points, six of them above their own median."""
    found = 0
    for above in combinations(range(12), 6):
        values = [HIGH if index in above else LOW for index in range(12)]
        found += bool(run_chart(values).shifts)
    assert found == 12  # of 924


def test_ten_points_cannot_have_a_shift_around_their_own_median() -> None:
    for above in combinations(range(10), 5):
        points = [HIGH if index in above else LOW for index in range(10)]
        longest = max(len(run) for side in "+-" for run in _sides(points).replace(_other(side), " ").split())
        assert longest < 6


def _sides(points: list[float]) -> str:
    return "".join("+" if point > 15 else "-" for point in points)


def _other(side: str) -> str:
    return "-" if side == "+" else "+"


@untimed
@given(st.text("+-=.", max_size=40))
def test_shifts_are_what_a_reader_would_find(sides: str) -> None:
    """Cut at every hidden point and wherever the side changes; points on the middle stay with what was before."""
    longest = 0
    for shown in sides.split("."):
        for run in shown.replace("=", "").replace("+-", "+ -").replace("-+", "- +").split():
            longest = max(longest, len(run))
    chart = after_baseline(sides)
    assert bool(chart.shifts) is (longest >= 6)
    assert max((run.length for run in chart.shifts), default=0) == (longest if longest >= 6 else 0)


@untimed
@given(st.text("+-=.", min_size=1, max_size=40))
def test_a_chart_upside_down_shows_the_same(sides: str) -> None:
    values = [*STEADY, *of(sides)]
    turned = [None if value is None else 30 - value for value in values]
    upright, upside_down = run_chart(values, baseline=10), run_chart(turned, baseline=10)
    assert [(run.first, run.last, run.above) for run in upright.shifts] == [
        (run.first, run.last, not run.above) for run in upside_down.shifts
    ]
    assert upright.crossings == upside_down.crossings
