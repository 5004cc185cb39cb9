"""One measure as a page shows it: sentences about change, people, rules and notes. Nothing hidden is in any of it."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

from metrics import aiming, charts, showing, squares, tables, telling
from metrics.aims import Aim, Goal
from metrics.annotations import Note
from metrics.breaks import Break
from metrics.courses import courses, trend
from metrics.figures import Cell, Figure, Way, assemble
from metrics.matrix import Word
from metrics.reading.periods import parse_period
from metrics.spans import compared, steadiest
from tests.metrics.test_charts import RACE, SHOWN, figure, metric

FEWER = {
    "": Cell("published", 380, 2000),
    "race=a": Cell("published", 90, 1000),
    "race=b": Cell("published", 30, 1000),
}
BEFORE = {
    "": Cell("published", 600, 2000),
    "race=a": Cell("published", 200, 1000),
    "race=b": Cell("published", 100, 1000),
}


def _told(earlier: dict[str, Cell], later: dict[str, Cell], **more: Any) -> tuple[str, list[str]]:
    first, last = figure(earlier, "2023", **more), figure(later, "2024", **more)
    found = trend(first, last)
    return telling.trend_sentence(last.metric, found), telling.trend_beside(found)


def test_a_gap_that_became_smaller_is_closing_with_both_numbers_and_both_years() -> None:
    said, _ = _told(BEFORE, FEWER)
    assert said == "<b>The gap is closing:</b> 10.0 in 100 in 2023, 6.0 in 2024."


def test_a_gap_that_became_wider_is_growing() -> None:
    said, _ = _told(FEWER, BEFORE)
    assert "growing" in said


def test_difference_and_ratio_that_move_in_opposite_directions_are_both_told() -> None:
    _, beside = _told(BEFORE, FEWER)
    assert beside[0] == "As a ratio it was 2.00, then 3.00."
    assert "smaller as a difference, but larger as a ratio" in beside[1]
    assert not [one for one in _told(FEWER, FEWER)[1] if "show both" in one]


def test_a_group_that_is_hidden_in_one_period_is_left_out_and_said_to_be() -> None:
    hidden = {**FEWER, "race=c": Cell("hidden", None, 400)}
    shown = {**BEFORE, "race=c": Cell("published", 300, 400)}
    said, beside = _told(shown, hidden)
    assert "10.0 in 100 in 2023" in said
    assert any("1 group is left out" in one for one in beside)


def test_fewer_than_two_groups_in_both_periods_say_nothing_of_change() -> None:
    said, _ = _told({"race=a": SHOWN["race=a"]}, {"race=b": SHOWN["race=b"]})
    assert "Fewer than two groups are shown both in 2023 and in 2024" in said


def test_words_of_cells() -> None:
    found = trend(figure(BEFORE, "2023"), figure(FEWER, "2024"))
    assert squares.label(Word(found.change.trend.value)) == "Gap closing"
    assert squares.label(Word.ONCE) == "Measured once"
    assert squares.label(Word.NOT_MEASURED) == "Not measured"


def test_the_gap_as_people_names_the_best_group_and_the_count() -> None:
    said = telling.excess_sentence(figure())
    assert said.startswith(
        "If every group had the number of Birch people, there would have been <b>100 fewer</b>"
    )
    assert said.endswith(": returns.")


def test_where_more_is_better_it_is_so_many_more() -> None:
    assert "<b>100 more</b>" in telling.excess_sentence(figure(better="higher"))


def test_the_gap_as_people_takes_no_hidden_group_and_says_so() -> None:
    with_hidden = figure({**SHOWN, "race=c": Cell("hidden", None, 50)})
    assert telling.excess_sentence(with_hidden) == telling.excess_sentence(figure())
    assert "Hidden groups" in " ".join(telling.excess_beside(with_hidden))


def test_what_is_neither_good_nor_bad_has_no_excess_and_its_difference_is_not_a_gap() -> None:
    shown = showing.measure("Riverside", figure(better="neither"))
    assert shown["excess"] == ""
    assert "gap" not in shown["sentence"]
    assert "a difference of 25.0" in shown["sentence"]
    assert shown["chart"].plain
    assert "Difference" in dict(shown["facts"])


def test_an_average_is_called_one() -> None:
    cells = {
        "race=a": Cell("published", 4000, 100, 170_000.0),
        "race=b": Cell("published", 2000, 100, 45_000.0),
    }
    said = showing.summary("Riverside", figure(cells, kind="mean", per=1))["sentence"]
    assert said.startswith("Riverside had an average of 40.0 for Alder people and 20.0 for Birch people")


def test_averages_without_a_range_have_a_plain_gap_and_say_why() -> None:
    cells = {
        "race=a": Cell("published", 4000, 100),
        "race=b": Cell("published", 2000, 100),
        "race=c": Cell("hidden"),
        "race=unknown": Cell("published", 90, 1),
    }
    shown = showing.summary("Riverside", figure(cells, kind="mean", per=1))
    assert shown["sentence"] == (
        "Riverside had an average of 40.0 for Alder people and 20.0 for Birch people: <b>a gap of 20.0.</b>"
    )
    assert shown["beside"][:2] == [
        "How much the values vary is not known here, so nobody can say whether this is chance.",
        "It covers the groups that are shown.",
    ]
    facts = dict(shown["facts"])
    assert (facts["Gap"], facts["As a ratio"]) == ("20.0", "2.00")
    assert facts["Between"] == "Alder people and Birch people"


def test_without_a_range_no_change_of_the_gap_is_told() -> None:
    cells = {"race=a": Cell("published", 4000, 100), "race=b": Cell("published", 2000, 100)}
    first, last = (figure(cells, year, kind="mean", per=1) for year in ("2023", "2024"))
    shown = showing.measure("Riverside", last, found=trend(first, last))
    assert "nobody can say whether the gap changed" in shown["trend"]
    assert shown["trend_beside"] == []


def test_shares_of_things_have_a_plain_gap_in_which_chance_has_no_part() -> None:
    told = showing.summary("Riverside", figure(counts_people=False))
    assert "a gap of 25.0" in told["sentence"]
    assert "chance has no part in it" in told["beside"][0]
    assert telling.excess_sentence(figure(counts_people=False)) == ""


def _months(values: list[int]) -> list[Figure]:
    return [
        figure({"": Cell("published", value, 100), "race=a": Cell("published", value, 100)}, month)
        for value, month in zip(values, (f"2024-{number:02}" for number in range(1, 13)), strict=False)
    ]


def test_every_line_has_its_middle_its_limits_and_what_was_found() -> None:
    history = _months([50, 52, 51, 53, 50, 52, 20, 21, 22, 20, 21, 20])
    group, everybody = telling.signals(courses(history, "Everybody"), history[0].metric)
    assert group.middle == "36.0"
    assert group.verdict.startswith("The last 6 are below the middle.")
    assert " to " in group.limits
    assert "in a row on one side of the mean" in group.found
    assert everybody.label == "Everybody"


def test_too_few_points_have_no_limits() -> None:
    history = _months([50, 52, 51])
    row = telling.signals(courses(history, "Everybody"), history[0].metric)[0]
    assert (row.limits, row.found) == ("", "")
    assert "Too few" in row.verdict


def test_a_hidden_month_is_hidden_in_the_table_too() -> None:
    history = [*_months([50]), figure({"": Cell("hidden"), "race=a": Cell("hidden", None, 77)}, "2024-02")]
    rows = telling.over_time(courses(history, "Everybody"), history)
    assert rows[1].cells[0] == ("Hidden to protect privacy", True)
    assert "77" not in str(rows)


def test_notes_stand_in_their_period_with_a_letter_and_outside_all_of_them_not_at_all() -> None:
    history = _months([50, 52, 51])
    notes = [
        Note(datetime.date(2024, 2, 10), "Agreed: interpreters at night"),
        Note(datetime.date(2024, 2, 20), "Done: interpreters at night"),
        Note(datetime.date(2025, 1, 1), "Later"),
    ]
    shown = showing.measure("Riverside", history[-1], history, notes=notes)
    assert [(mark.letter, mark.note.words) for mark in shown["marks"]] == [
        ("A", "Agreed: interpreters at night"),
        ("B", "Done: interpreters at night"),
    ]
    assert [mark.text for mark in shown["runs"].events] == ["A B"]


def test_the_gap_is_drawn_as_a_difference_and_as_a_ratio_on_scales_of_their_own() -> None:
    drawn = charts.gap_over_time([figure(BEFORE, "2023"), figure(FEWER, "2024")])
    assert [panel.label for one in drawn for panel in one.panels] == ["As a difference", "As a ratio"]
    assert [one.panels[0].last.value for one in drawn if one.panels[0].last] == ["6.0", "3.00"]


def test_a_gap_is_drawn_by_the_longest_periods_of_which_there_are_enough() -> None:
    months = [parse_period(f"2024-{number:02}") for number in range(1, 13)]
    quarters = [parse_period(f"{year}-Q{number}") for year in (2023, 2024) for number in range(1, 5)]
    assert steadiest([*months, *quarters]) == sorted(quarters)
    assert steadiest(months[:4]) == months[:4]


def test_years_are_compared_before_months() -> None:
    periods = [parse_period(code) for code in ("2024-01", "2024-02", "2023", "2021", "2022")]
    assert compared(periods) == (parse_period("2021"), parse_period("2023"))
    assert compared(periods[:2]) == (parse_period("2024-01"), parse_period("2024-02"))
    assert compared(periods[2:3]) is None


def test_another_definition_breaks_the_line_and_what_lies_before_is_not_judged() -> None:
    history = _months([80, 80, 80, 80, 80, 80, 20, 21, 22, 20, 21, 20])
    day = datetime.date(2024, 7, 1)
    whole = showing.measure("Riverside", history[-1], history)
    broken = showing.measure("Riverside", history[-1], history, changed=[Break(2, day, "Calls count too.")])
    assert whole["runs"].panels[0].path.count("M") == 1
    assert broken["runs"].panels[0].path.count("M") == 2
    assert broken["runs"].behind.count("M") == 2
    assert whole["runs"].panels[0].signal == "better"
    assert broken["runs"].panels[0].signal == "none"
    assert "Too few" in broken["signals"][0].verdict
    assert [(one.since, one.reason) for one in broken["breaks"]] == [("Jul 2024", "Calls count too.")]
    (line,) = broken["runs"].breaks
    before, after = (float(one.x.rstrip("%")) for one in broken["runs"].panels[0].points[5:7])
    assert before < float(line.x.rstrip("%")) < after
    assert broken["runs"].panels[0].middle_begins == line.x
    assert (whole["runs"].breaks, whole["breaks"], whole["runs"].panels[0].middle_begins) == ((), [], "")


def test_a_break_outside_the_drawn_periods_is_neither_drawn_nor_told() -> None:
    history = _months([80, 80, 80, 80, 80, 80, 20, 21, 22, 20, 21, 20])
    for day in (datetime.date(2023, 7, 1), datetime.date(2025, 7, 1)):
        shown = showing.measure("Riverside", history[-1], history, changed=[Break(2, day, "")])
        assert (shown["breaks"], shown["runs"].breaks) == ([], ())


AIMS = {"race=a": Aim(30, datetime.date(2027, 12, 31)), "": Aim(37.5, datetime.date(2027, 12, 31))}


def test_targets_stand_in_words_in_the_table_and_on_the_drawings() -> None:
    history = _months([50, 52, 51, 53, 50, 52, 20, 21, 22, 20, 21, 20])
    shown = showing.measure("Riverside", figure(better="lower"), history, aims=AIMS)
    alder, everybody = shown["aims"]
    assert (alder.group, alder.standing) == ("Alder people", "50.0 now: not reached yet")
    assert alder.aim.startswith("30 in 100 by ")
    assert (everybody.group, everybody.aim[:11]) == ("everybody", "37.5 in 100")
    assert [bool(row.target) for row in shown["rows"]] == [False, True, False, True]
    assert [bool(row.target) for row in shown["chart"].rows if row.kind == "group"] == [False, True]
    assert "Target 30 by December 2027" in shown["chart"].rows[1].note
    assert [panel.target for panel in shown["runs"].panels] == ["30.0"]


def test_a_target_is_reached_on_its_better_side_and_a_hidden_number_has_reached_none() -> None:
    def standing(aim: float, cell: Cell, better: str) -> str:
        found = figure({**SHOWN, "race=a": cell}, better=better)
        (told,) = aiming.told(found, {"race=a": Aim(aim, datetime.date(2027, 12, 31))})
        return told.standing

    half = Cell("published", 200, 400)
    assert standing(50, half, "higher").endswith(": reached")
    assert standing(49, half, "lower").endswith("not reached yet")
    assert standing(51, half, "lower").endswith(": reached")
    assert standing(51, half, "neither") == ""
    assert standing(51, Cell("hidden", None, 400), "lower") == ""


def test_why_a_number_is_unsteady_stands_beside_it() -> None:
    cells = {"race=a": Cell("published", 5, 20), "race=b": Cell("published", 60, 60)}
    rows = {row.label: row.unsteady for row in tables.table(figure(cells))}
    assert rows["Alder people"] == "unsteady: few were counted"
    assert rows["Birch people"] == "none or all: worth a second look"
    assert {row.unsteady for row in tables.table(figure())} == {""}


def test_who_lowers_the_missing_share_is_named_with_the_day() -> None:
    goal = Goal(2.5, datetime.date(2027, 6, 30), "Bea")
    race = dataclasses.replace(RACE, goal=goal)
    found = assemble(metric(), ("all", "R"), parse_period("2024"), Way((race,)), SHOWN, {"race": race})
    (said,) = showing.summary("Riverside", found)["goals_for_missing"]
    assert said.startswith("Race: at most 2.5 in 100 are to be missing by ")
    assert said.endswith("Bea answers for it.")
    assert showing.summary("Riverside", found)["shares_missing"] == [
        "Not recorded: 20.0 in 100 (200 of 1,000)."
    ]


def test_outside_a_role_answers_for_missing_answers_and_a_hidden_share_is_not_told() -> None:
    race = dataclasses.replace(RACE, goal=Goal(2.5, datetime.date(2027, 6, 30), role="Analyst"))
    cells = {**SHOWN, "race=unknown": Cell("hidden", None, 200)}
    found = assemble(metric(), ("all", "R"), parse_period("2024"), Way((race,)), cells, {"race": race})
    shown = showing.summary("Riverside", found)
    assert shown["goals_for_missing"][0].endswith("Who answers for it: Analyst.")
    assert shown["shares_missing"] == ["Not recorded: Hidden to protect privacy."]
