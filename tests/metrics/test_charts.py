"""Figures and their drawings: what is worked out, what is said, and that nothing hidden is in any of it."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from metrics import charts
from metrics.aims import Aim
from metrics.courses import courses
from metrics.drawing import RunCharts
from metrics.exports import figures_as_csv
from metrics.figures import Category, Cell, Dimension, Figure, Way, assemble
from metrics.models import Metric
from metrics.reading.periods import parse_period
from metrics.tables import table
from metrics.telling import gaps
from metrics.wording import gap_facts, period_label, sentence, standfirst

RACE = Dimension(
    "race",
    "Race",
    0,
    True,
    {
        "a": Category("a", "Alder people", "Alder", False, 2),
        "b": Category("b", "Birch people", "Birch", False, 1),
        "c": Category("c", "Cedar people", "Cedar", False, 3),
        "unknown": Category("unknown", "Not recorded", "Not recorded", True, 0),
    },
)
SHOWN = {
    "": Cell("published", 380, 1000),
    "race=a": Cell("published", 200, 400),
    "race=b": Cell("published", 100, 400),
    "race=unknown": Cell("published", 80, 200),
}


def metric(**more: Any) -> Metric:
    given = {
        "kind": "proportion",
        "counts_people": True,
        "better": "lower",
        "per": 100,
        "name": "Back within 30 days",
    }
    return Metric(code="returns", numerator="Returns.", **{**given, **more})


def figure(cells: dict[str, Cell] = SHOWN, period: str = "2024", **more: Any) -> Figure:
    return assemble(
        metric(**more), ("all", "Riverside"), parse_period(period), Way((RACE,)), cells, {"race": RACE}
    )


def test_groups_stand_in_the_order_of_the_community_and_gaps_in_records_last() -> None:
    assert [line.key for line in figure().lines] == ["race=b", "race=a", "race=unknown"]


def test_the_sentence_has_the_institution_and_the_absolute_numbers_first() -> None:
    said = sentence("Riverside", figure())
    assert (
        said
        == "Riverside counted 50.0 in 100 for Alder people and 25.0 for Birch people: <b>a gap of 25.0.</b>"
    )


def test_a_gap_that_may_be_chance_is_said_to_be_one() -> None:
    cells = {
        "": Cell("published", 50, 100),
        "race=a": Cell("published", 26, 50),
        "race=b": Cell("published", 24, 50),
    }
    assert "may be chance" in sentence("Riverside", figure(cells))


def test_difference_comes_before_ratio() -> None:
    names = [name for name, _value in gap_facts(figure())]
    assert names == ["Everybody", "Gap", "As a ratio", "Between"]


def test_a_name_cannot_write_html() -> None:
    assert "<script>" not in sentence("<script>", figure())


def test_share_not_recorded_is_told() -> None:
    assert "For 200 of 1,000 the records do not tell the group" in " ".join(standfirst(figure()))


def test_share_not_recorded_is_silent_when_hidden() -> None:
    cells = {**SHOWN, "race=unknown": Cell("hidden", None, 173)}
    assert "173" not in " ".join(standfirst(figure(cells)))


def test_hidden_is_a_pill_in_every_form_and_never_a_number() -> None:
    cells = {**SHOWN, "race=c": Cell("hidden")}
    found = figure(cells)
    drawn = charts.groups_chart(found)
    assert drawn is not None
    assert [row.hidden for row in drawn.rows if row.label == "Cedar people"] == [True]
    assert [row.hidden for row in table(found) if row.label == "Cedar people"] == [True]
    assert "Cedar" not in json.dumps(charts.groups_to_explore(found))
    line = next(line for line in figures_as_csv([found]).splitlines() if "race=c" in line)
    assert line.endswith("Cedar people,hidden,,,,100,,,,,")


def test_no_number_is_taken_from_a_hidden_cell_whatever_it_carries() -> None:
    found = figure({**SHOWN, "race=c": Cell("hidden", 7, 13)})
    line = next(line for line in found.lines if line.key == "race=c")
    assert (line.value, line.estimate, line.observed) == (None, None, None)


def test_the_file_has_the_targets() -> None:
    aims = {"race=b": Aim(12.5, date(2027, 12, 31))}
    lines = figures_as_csv([figure()], aims).splitlines()
    assert lines[0].endswith(",target,target_by")
    assert [line.split(",")[-2:] for line in lines if "race=b" in line] == [["12.5", "2027-12-31"]]
    assert [line.split(",")[-2:] for line in lines if "race=a" in line] == [["", ""]]


def test_a_file_runs_nothing_in_a_spreadsheet() -> None:
    assert ",'=SUM(A1)," in figures_as_csv([figure(name="=SUM(A1)")])


def test_money_has_no_likely_range() -> None:
    found = figure(counts_people=False)
    assert found.gap is None
    assert found.overall.value == 38.0
    assert found.overall.estimate is None
    assert "38.0 in 100" in dict(gap_facts(found))["All together"]
    assert "50.0 in 100 for Alder people and 25.0 for Birch people" in sentence("Riverside", found)


def test_a_count_without_a_denominator_is_said_plainly() -> None:
    found = figure({"": Cell("published", 1240, None)}, kind="count", counts_people=False)
    assert sentence("Riverside", found) == "Riverside counted <b>1,240</b> in 2024."


def test_an_average_has_its_range_inside_only() -> None:
    inside = figure({"": Cell("published", 300, 20, 5000.0)}, kind="mean")
    outside = figure({"": Cell("published", 300, 20)}, kind="mean")
    assert inside.overall.value == outside.overall.value == 15.0
    assert inside.overall.estimate is not None
    assert outside.overall.estimate is None


def test_a_blank_is_told_by_its_kind() -> None:
    rows = table(
        figure({"": Cell("published", 5, 9), "race=a": Cell("not_asked"), "race=b": Cell("published", 0, 0)})
    )
    assert [row.instead for row in rows] == ["Nobody was counted", "Not asked", ""]


def _history(values: list[int]) -> list[Figure]:
    months = [f"{2024 + number // 12}-{number % 12 + 1:02}" for number in range(len(values))]
    return [
        figure({"": Cell("published", value, 100), "race=a": Cell("published", value, 100)}, month)
        for month, value in zip(months, values, strict=True)
    ]


def _runs(history: list[Figure]) -> RunCharts | None:
    return charts.over_time(courses(history, "Everybody"), history)


def test_six_on_one_side_of_the_middle_are_a_change() -> None:
    runs = _runs(_history([50, 52, 51, 53, 50, 52, 20, 21, 22, 20, 21, 20]))
    assert runs is not None
    assert runs.panels[0].signal == "better"


def test_five_on_one_side_are_not() -> None:
    runs = _runs(_history([50, 20, 51, 53, 50, 21, 52, 20, 21, 22, 20, 21]))
    assert runs is not None
    assert runs.panels[0].signal == "none"


def test_too_few_points_show_no_change() -> None:
    runs = _runs(_history([50, 50, 20, 20, 20, 20, 20, 20]))
    assert runs is not None
    assert runs.panels[0].signal == "none"


def test_explore_draws_svg_traces_only() -> None:
    for drawn in (charts.groups_to_explore(figure()), charts.history_to_explore(_history([1, 2, 3]))):
        assert drawn is not None
        assert {trace["type"] for trace in drawn["data"]} == {"scatter"}


def test_a_hidden_point_breaks_the_line() -> None:
    history = [*_history([50]), figure({"": Cell("hidden"), "race=a": Cell("hidden")}, "2024-02")]
    drawn = charts.history_to_explore(history)
    assert drawn is not None
    assert drawn["data"][0]["y"] == [50.0, None]


def test_gaps_are_told_for_periods_that_have_one() -> None:
    assert [row.gap for row in gaps([figure(), figure({"": Cell("hidden")}, "2025")])] == ["25.0"]


def test_too_many_groups_are_not_drawn() -> None:
    groups = {str(number): Category(str(number), str(number), "", False, number) for number in range(41)}
    many = Dimension("race", "Race", 0, True, groups)
    cells = {f"race={number}": Cell("published", 20, 40) for number in range(41)}
    found = assemble(metric(), ("all", "R"), parse_period("2024"), Way((many,)), cells, {"race": many})
    assert charts.groups_chart(found) is None


def test_periods_in_words() -> None:
    told = {
        code: period_label(parse_period(code))
        for code in ("2024", "2024-Q1", "2024-03", "1999-01-01/2008-12-31")
    }
    assert list(told.values()) == ["2024", "January to March 2024", "March 2024", "1999 to 2008"]
