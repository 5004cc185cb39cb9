"""Rules of certification beyond one table: thresholds, periods that cross, chains of corrections, who is counted once."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from metrics.certification import judge, judge_together
from metrics.figures import Cell
from metrics.questions import Address, Answer, Count, Question, linked
from metrics.reading.periods import Grain, parse_period
from metrics.releasing import RELEASED
from tests.metrics.test_certification import LARGE, RACE, address, by_race, dimension

PARENTS = MappingProxyType({"all": None, "east": "all", "west": "all"})


def question(counts: Any, **more: Any) -> Question:
    given: dict[str, Any] = {"vocabulary": {"race": RACE}, "earlier": {}, **more}
    return Question(
        kind="proportion",
        counts_people=True,
        counts={where: Count(*numbers) for where, numbers in counts.items()},
        blanks={},
        parent_of=PARENTS,
        **given,
    )


# ------------------------------------------------------------------------------------------------- the threshold


@pytest.mark.parametrize("threshold", [10, 1, 0, -1])
def test_a_threshold_below_11_is_refused(threshold: int) -> None:
    with pytest.raises(ValueError, match="11 or more"):
        question(LARGE, threshold=threshold)


def test_a_higher_threshold_hides_more() -> None:
    counts = by_race("2024-Q1", (60, 120), (70, 150), (14, 140))
    assert judge(question(counts)).hidden == 0
    answer = judge(question(counts, threshold=20))
    assert answer.cells[address("2024-Q1", "race=c")].hidden
    assert answer.certificates[0]["threshold"] == 20


def test_nobody_and_everybody_are_shown_where_enough_are_counted() -> None:
    counts = by_race("2024-Q1", (0, 120), (150, 150), (60, 140))
    assert judge(question(counts)).hidden == 0


def test_all_of_a_few_are_hidden() -> None:
    answer = judge(question(by_race("2024-Q1", (60, 120), (70, 150), (7, 7))))
    assert answer.cells[address("2024-Q1", "race=c")] == Cell("hidden")


# ---------------------------------------------------------------------------------------------- periods that cross


def test_months_and_rolling_periods_are_not_released() -> None:
    assert Grain.MONTH not in RELEASED
    assert {*RELEASED} == {Grain.WHOLE, Grain.QUARTER, Grain.YEAR}


def spans(*codes: str) -> dict[Address, tuple[int, int]]:
    return {address(code): (300 + 40 * number, 900) for number, code in enumerate(codes)}


FIRST, CROSSING, WITHIN = "2024-01-01/2024-12-31", "2024-04-01/2025-03-31", "2024-02-01/2024-05-31"


def codes_of(answer: Answer) -> set[str]:
    return {where.period.code for where in answer.cells}


def test_of_two_periods_that_cross_one_is_published() -> None:
    answer = judge(question(spans(FIRST, CROSSING)))
    assert codes_of(answer) == {FIRST}
    assert [period.code for period in answer.crossing] == [CROSSING]


def test_a_period_that_crosses_a_published_one_never_follows_it() -> None:
    earlier = judge(question(spans(CROSSING))).cells
    answer = judge(question({**spans(CROSSING), **spans(FIRST)}, earlier=earlier))
    assert answer.cells == {}
    assert [period.code for period in answer.crossing] == [FIRST]


def test_a_period_within_another_is_judged_with_it() -> None:
    answer = judge(question({address(FIRST): (300, 900), address(WITHIN): (296, 800)}))
    assert answer.crossing == []
    assert any(cell.hidden for cell in answer.cells.values())


def test_the_same_days_by_two_names_are_published_once() -> None:
    answer = judge(question({address("2024"): (300, 900), address(FIRST): (300, 900)}))
    assert len(answer.cells) == 1
    assert len(answer.crossing) == 1


# ------------------------------------------------------------------------------------------------------ corrections


def test_a_small_change_that_follows_by_a_chain_of_sums_waits() -> None:
    """Everybody and race b of each unit are told, not race a. So race a of west follows: by units, then by groups."""
    groups = dimension("race", "a", "b")
    before = {
        ("all", ""): (400, 800), ("all", "race=b"): (200, 400),
        ("east", ""): (200, 400), ("east", "race=b"): (100, 200),
    }  # fmt: skip
    true = {("east", "race=a"): (100, 200), ("west", "race=a"): (100, 200), ("west", "race=b"): (100, 200),
            ("all", "race=a"): (200, 400), ("west", ""): (200, 400)}  # fmt: skip
    more = {
        ("all", ""): (46, 66), ("all", "race=b"): (21, 30), ("east", ""): (21, 30), ("east", "race=b"): (0, 0),
        ("all", "race=a"): (25, 36), ("east", "race=a"): (21, 30), ("west", ""): (25, 36), ("west", "race=b"): (21, 30),
        ("west", "race=a"): (4, 6),
    }  # fmt: skip
    counts = {
        address("2024-Q1", key, place): tuple(sum(both) for both in zip(of, more[place, key], strict=True))
        for (place, key), of in {**before, **true}.items()
    }
    earlier = {address("2024-Q1", key, place): Cell("published", *of) for (place, key), of in before.items()}
    answer = judge(question(counts, vocabulary={"race": groups}, earlier=earlier))
    assert [period.code for period in answer.waiting] == ["2024-Q1"]


def test_a_year_may_be_published_with_some_of_its_quarters() -> None:
    year = by_race("2024", (240, 480), (280, 600), (320, 560))
    answer = judge(question({**LARGE, **year}))
    assert (answer.refused, answer.hidden, len(answer.cells)) == ([], 0, 8)


def test_the_few_of_the_other_quarters_are_protected() -> None:
    year = by_race("2024", (64, 130), (130, 300), (160, 300))
    assert judge(question({**LARGE, **year})).hidden


def test_a_new_period_waits_for_a_correction_that_hangs_together_with_it() -> None:
    """The year is out. As long as it cannot be corrected, a quarter of it cannot be judged against it."""
    year = by_race("2024", (240, 480), (280, 600), (320, 560))
    earlier = judge(question({**LARGE, **year})).cells
    counts = {
        **by_race("2024-Q1", (63, 120), (70, 150), (80, 140)),
        **by_race("2024", (243, 480), (280, 600), (320, 560)),
        **by_race("2024-Q2", (60, 120), (70, 150), (80, 140)),
    }
    answer = judge(question(counts, earlier=earlier))
    assert answer.cells == {}
    assert {period.code for period in answer.waiting} == {"2024-Q1", "2024-Q2", "2024"}


def test_a_withdrawn_number_is_known_and_does_not_come_again() -> None:
    """What was published once is in somebody's hands: it is judged as known, and never published a second time."""
    earlier = judge(question(LARGE)).cells
    assert judge(question(LARGE, earlier=earlier)).cells == {}


# ---------------------------------------------------------------------------------------- measures of the same people


def test_measures_hang_together_by_the_people_they_name() -> None:
    assert linked(
        {
            "a1c": ["Those with high sugar", "Adults with diabetes"],
            "eyes": ["Those whose eyes were looked at", "adults  with diabetes."],
            "falls": ["Falls", "Days in bed"],
            "high": ["Those who were called", "Those with high sugar"],
        }
    ) == [["falls"], ["a1c", "eyes", "high"]]


def shared(parts: dict[str, dict[Address, Any]], **earlier: Any) -> dict[str, Answer]:
    return judge_together(
        {
            code: replace(
                question(counts, earlier=earlier.get(code, {})), people={"denominator": "Everybody"}
            )
            for code, counts in parts.items()
        }
    )


PEOPLE = {"a": 60, "b": 60, "c": 5}


def of_people(**numerators: int) -> dict[Address, Any]:
    return by_race("2024-Q1", *((numerators[one], PEOPLE[one]) for one in "abc"))


def denominators(answer: Answer) -> dict[Address, int | None]:
    return {where: cell.denominator for where, cell in answer.cells.items()}


def test_people_of_two_measures_are_hidden_in_both() -> None:
    """Alone, each would hide c and another group, whichever is cheaper for it; together these would give c away."""
    one, other = of_people(a=3, b=30, c=0), of_people(a=30, b=3, c=0)
    alone = [denominators(judge(question(counts))) for counts in (one, other)]
    known = {where for some in alone for where, count in some.items() if count is not None}
    assert known == {address("2024-Q1", stratum) for stratum in ("", "race=a", "race=b")}
    both = shared({"x": one, "y": other})
    assert denominators(both["x"]) == denominators(both["y"])
    assert both["x"].unlike == set()


def test_what_one_measure_hid_of_its_people_a_later_one_hides_too() -> None:
    first = shared({"x": of_people(a=3, b=30, c=0)})["x"].cells
    later = shared({"x": of_people(a=3, b=30, c=0), "y": of_people(a=30, b=3, c=0)}, x=first)
    assert later["x"].cells == {}
    assert denominators(later["y"]) == {where: cell.denominator for where, cell in first.items()}


def test_a_numerator_that_is_the_denominator_of_another_is_one_count() -> None:
    outer = by_race("2024-Q1", (60, 90), (60, 90), (5, 90))
    inner = of_people(a=15, b=15, c=0)
    answers = judge_together(
        {
            "outer": replace(question(outer), people={"numerator": "Called", "denominator": "Everybody"}),
            "inner": replace(question(inner), people={"numerator": "Answered", "denominator": "Called"}),
        }
    )
    for where, cell in answers["outer"].cells.items():
        assert (cell.numerator is None) == (answers["inner"].cells[where].denominator is None)


def test_measures_with_the_same_words_and_other_numbers_are_named_and_not_tied() -> None:
    answers = shared({"x": of_people(a=15, b=16, c=2), "y": LARGE})
    assert answers["x"].unlike == {"y"}
    assert answers["y"].unlike == {"x"}
    assert answers["y"].hidden == 0


# ---------------------------------------------------------------------------------------------- people counted once


def test_quarters_of_people_counted_once_do_not_add_up_to_the_year() -> None:
    counts = {address("2024-Q1"): (40, 90), address("2024-Q2"): (50, 80), address("2024"): (70, 140)}
    assert judge(question(counts)).refused == ["inconsistent"]
    assert judge(question(counts, once=True)).hidden == 0


def test_more_people_in_a_quarter_than_in_its_year_contradict_it() -> None:
    counts = {address("2024-Q1"): (40, 140), address("2024-Q2"): (50, 80), address("2024"): (70, 130)}
    assert judge(question(counts, once=True)).refused == ["inconsistent"]


def test_the_few_of_a_year_that_did_not_come_in_a_quarter_are_protected() -> None:
    counts = {address("2024-Q1"): (40, 126), address("2024"): (70, 130), address("2024-Q2"): (50, 80)}
    assert any(cell.denominator is None for cell in judge(question(counts, once=True)).cells.values())


def test_units_of_people_counted_once_do_not_add_up_to_the_whole() -> None:
    counts = {
        address("2024", place=place): (40, size) for place, size in (("all", 150), ("east", 90), ("west", 80))
    }
    assert judge(question(counts)).refused == ["inconsistent"]
    assert judge(question(counts, once_over_units=True)).hidden == 0


def test_the_few_of_the_whole_that_went_to_no_other_unit_are_protected() -> None:
    """150 in all and 145 in one unit: 5 went only elsewhere, although the others do not add up to them."""
    counts = {
        address("2024", place=place): (40, size)
        for place, size in (("all", 150), ("east", 145), ("west", 80))
    }
    cells = judge(question(counts, once_over_units=True)).cells
    assert any(cell.denominator is None for cell in cells.values())


def test_measures_that_count_the_same_people_once_and_each_time_are_judged_together() -> None:
    """What is the same in both stays linked; the year of one is a sum and that of the other is not."""
    quarters = {address("2024-Q1"): (40, 90), address("2024-Q2"): (50, 80)}
    people = {"numerator": "Those it reached", "denominator": "Patients"}
    answers = judge_together(
        {
            "each-time": question({**quarters, address("2024"): (90, 170)}, people=people),
            "once": question({**quarters, address("2024"): (70, 140)}, people=people, once=True),
        }
    )
    assert not answers["once"].refused
    assert not answers["once"].unlike
    assert answers["once"].cells[address("2024")].denominator == 140


def test_a_count_that_is_small_in_one_is_hidden_in_the_other_that_counts_once() -> None:
    small = {address("2024-Q1"): (5, 90), address("2024-Q2"): (50, 80)}
    people = {"numerator": "Those it reached", "denominator": "Patients"}
    answers = judge_together(
        {
            "each-time": question({**small, address("2024"): (55, 170)}, people=people),
            "once": question({**small, address("2024"): (52, 140)}, people=people, once=True),
        }
    )
    for answer in answers.values():
        assert answer.cells[address("2024-Q1")].hidden


def test_a_period_is_parsed_as_the_tests_write_it() -> None:
    assert parse_period(FIRST).grain is Grain.WHOLE
