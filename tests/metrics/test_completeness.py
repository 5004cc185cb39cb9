"""Whether a period is in whole: who is asked, who is silent, and which blank stands there."""

from __future__ import annotations

from datetime import date

import pytest

from metrics.completeness import NUMBER, Reporter, Reports, Silence, behind, missing, parts_of
from metrics.reading.periods import Grain, parse_period
from metrics.silences import in_words

EAST, WEST = Reporter("east", "East Hospital"), Reporter("west", "West Clinic")
TODAY = date(2024, 8, 15)


def months(first: int, last: int, year: int = 2024) -> list[str]:
    return [f"{year}-{month:02}" for month in range(first, last + 1)]


def said(*numbers: str, **blanks: list[str]) -> dict[object, str]:
    found = {parse_period(code): NUMBER for code in numbers}
    return found | {parse_period(code): kind for kind, codes in blanks.items() for code in codes}


def reports(east: dict, west: dict, today: date = TODAY) -> Reports:
    return Reports({unit: words for unit, words in ((EAST, east), (WEST, west)) if words}, today)


def whole(of: Reports) -> set[str]:
    return {period.code for period in of.whole}


def silent(of: Reports, period: str) -> list[tuple[str, str, str]]:
    return [(one.unit.code, one.part.code, one.kind) for one in of.open.get(parse_period(period), ())]


def test_a_quarter_is_in_whole_when_every_unit_gave_every_month() -> None:
    found = reports(said(*months(1, 6)), said(*months(1, 6)))
    assert whole(found) == {*months(1, 6), "2024-Q1", "2024-Q2"}
    assert {period.code for period in found.open} == {"2024"}


def test_where_people_are_counted_once_a_year_is_whole_when_its_own_number_is_in() -> None:
    quarters = ["2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"]
    east, west = said(*quarters, "2024"), said(*quarters)
    found = Reports({EAST: east, WEST: west}, date(2025, 2, 1), once=True)
    assert whole(found) == set(quarters)
    assert silent(found, "2024") == [("west", "2024", "not_collected")]
    assert in_words(missing(found.open)) == ["West Clinic has not reported 2024 (not collected)."]
    both = Reports({EAST: east, WEST: west | said("2024")}, date(2025, 2, 1), once=True)
    assert whole(both) == {*quarters, "2024"}


def test_where_people_are_counted_once_no_twelve_months_are_put_together() -> None:
    given = [*months(2, 12, 2023), "2024-01"]
    assert "rolling" in {period.grain.value for period in reports(said(*given), {}).whole}
    assert whole(Reports({EAST: said(*given)}, date(2025, 2, 1), once=True)) == set(given)


def test_where_people_are_counted_once_nobody_waits_for_a_year_that_no_unit_counts() -> None:
    found = Reports({EAST: said("2024-Q1", "2024-Q2")}, date(2025, 2, 1), once=True)
    assert whole(found) == {"2024-Q1", "2024-Q2"}
    assert not found.open


def test_a_unit_that_stops_altogether_is_missed() -> None:
    found = reports(said(*months(1, 6)), said(*months(1, 3)))
    assert "2024-Q2" not in whole(found)
    assert silent(found, "2024-Q2") == [("west", month, "not_collected") for month in months(4, 6)]
    assert silent(found, "2024-05") == [("west", "2024-05", "not_collected")]


def test_a_silent_unit_is_missed_however_long_it_is_silent() -> None:
    found = reports(said(*months(1, 12, 2020), *months(1, 6)), said(*months(1, 12, 2020)))
    assert whole(found) == {"2020", "2020-Q1", "2020-Q2", "2020-Q3", "2020-Q4", *months(1, 12, 2020)}


def test_a_unit_that_says_not_asked_once_is_missed_no_longer() -> None:
    found = reports(said(*months(1, 12)), said(*months(1, 3), not_asked=["2024-04"]), date(2025, 1, 1))
    assert {"2024-Q2", "2024-Q3", "2024-Q4"} <= whole(found)
    assert silent(found, "2024")[0] == ("west", "2024-04", "not_asked")


def test_a_unit_that_closed_and_reports_nobody_leaves_its_year_whole() -> None:
    """0 of 0 is a number."""
    found = reports(
        said(*months(1, 12), *months(1, 3, 2025)),
        said(*months(1, 12), not_asked=["2025-01"]),
        date(2025, 5, 1),
    )
    assert {"2024", "2025-Q1"} <= whole(found)


def test_a_unit_that_was_not_asked_is_asked_again_once_it_reports() -> None:
    found = reports(said(*months(1, 7)), said("2024-01", "2024-05", not_asked=["2024-02"]))
    assert {"2024-02", "2024-03", "2024-04", "2024-05"} <= whole(found)
    assert silent(found, "2024-06") == [("west", "2024-06", "not_collected")]
    assert [month for _, month, _ in silent(found, "2024-Q2")] == ["2024-04", "2024-06"]


def test_a_unit_is_not_missed_before_its_first_word() -> None:
    found = reports(said(*months(1, 6)), said(*months(4, 6)))
    assert {"2024-Q1", "2024-Q2"} <= whole(found)
    early = reports(said(*months(1, 6)), said(*months(5, 6)))
    assert silent(early, "2024-Q2") == [("west", "2024-04", "not_collected")]


def test_a_unit_that_says_why_from_the_beginning_is_missed_from_the_beginning() -> None:
    found = reports(said(*months(1, 6)), said(*months(4, 6), not_collected=months(1, 3)))
    assert "2024-Q1" not in whole(found)
    assert "2024-Q2" in whole(found)


@pytest.mark.parametrize("kind", ["not_collected", "not_yet_due", "withheld"])
def test_the_blank_that_a_unit_gave_is_the_one_that_stands_there(kind: str) -> None:
    found = reports(said(*months(1, 3)), said("2024-01", "2024-02", **{kind: ["2024-03"]}))
    assert silent(found, "2024-Q1") == [("west", "2024-03", kind)]


def test_a_month_that_is_not_over_is_not_due() -> None:
    found = reports(said(*months(1, 7)), said(*months(1, 7)))
    assert silent(found, "2024-Q3")[::2] == [
        ("east", "2024-08", "not_yet_due"),
        ("west", "2024-08", "not_yet_due"),
    ]
    last_day = date(2024, 8, 31)
    assert silent(reports(said(*months(1, 7)), {}, last_day), "2024-Q3")[0][2] == "not_yet_due"
    assert silent(reports(said(*months(1, 7)), {}, date(2024, 9, 1)), "2024-Q3")[0][2] == "not_collected"


def test_stated_spans_add_up_to_nothing_and_are_asked_of_those_who_gave_one() -> None:
    first, second = "2010-01-01/2014-12-31", "2015-01-01/2019-12-31"
    found = reports(said(first, second), said(first))
    assert whole(found) == {first}
    assert silent(found, second) == [("west", second, "not_collected")]


def test_where_nobody_gave_a_number_there_is_no_period() -> None:
    found = reports(said(not_collected=months(1, 3)), said(not_collected=months(1, 3)))
    assert not found.whole
    assert not found.open


def test_parts_of_a_year() -> None:
    year = parse_period("2024")
    assert [one.code for one in parts_of(year, Grain.QUARTER)] == ["2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"]
    assert [one.code for one in parts_of(year, Grain.MONTH)] == months(1, 12)
    assert parts_of(year, Grain.YEAR) == (year,)


def test_everything_that_is_missing_is_told_once() -> None:
    """A month is missing from its quarter and from its year too."""
    found = reports(said(*months(1, 12)), said(*months(1, 11)), date(2025, 1, 1))
    assert set(found.open) == {parse_period(code) for code in ("2024-12", "2024-Q4", "2024")}
    assert missing(found.open) == [Silence(WEST, parse_period("2024-12"), "not_collected")]


def test_who_alone_keeps_something_back_is_told_apart() -> None:
    """What nobody has reported yet keeps a quarter open, but nobody alone."""
    found = reports(said(*months(1, 7)), said("2024-01", "2024-03", "2024-04", not_yet_due=["2024-05"]))
    assert [one.part.code for one in behind(parse_period("2024-04"), found.open)] == ["2024-06", "2024-07"]
    assert [one.part.code for one in behind(parse_period("2024-01"), found.open)] == [
        "2024-02",
        "2024-06",
        "2024-07",
    ]


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (["2024-05"], "May 2024"),
        (months(5, 7), "May to July 2024"),
        (["2024-03", *months(5, 7)], "March 2024 and May to July 2024"),
        (["2023-12", "2024-01"], "December 2023 to January 2024"),
        (["2024-Q1", "2024-Q2"], "January to June 2024"),
        (["2022", "2023"], "2022 to 2023"),
        (["2010-01-01/2014-12-31", "2015-01-01/2019-12-31"], "2010 to 2014 and 2015 to 2019"),
    ],
)
def test_what_is_missing_is_told_in_stretches(parts: list[str], words: str) -> None:
    told = in_words(Silence(WEST, parse_period(code), "not_collected") for code in parts)
    assert told == [f"West Clinic has not reported {words} (not collected)."]


def test_units_that_lack_the_same_share_a_sentence_and_each_kind_of_blank_is_told() -> None:
    north = Reporter("north", "North Clinic")
    january, february, march = (parse_period(code) for code in months(1, 3))
    silences = [
        *(Silence(unit, february, "not_collected") for unit in (WEST, EAST)),
        *(Silence(unit, march, "not_yet_due") for unit in (WEST, EAST)),
        Silence(north, january, "withheld"),
    ]
    assert in_words(silences) == [
        "East Hospital and West Clinic have not reported February 2024 (not collected) and March 2024 (not due yet).",
        "North Clinic has not reported January 2024 (held back).",
    ]


def rolled(of: Reports) -> set[str]:
    return {code for code in whole(of) if code.endswith("R12")}


def test_twelve_months_are_in_whole_when_every_unit_gave_all_of_them() -> None:
    all_of_it = [*months(3, 12, 2023), *months(1, 5)]
    found = reports(said(*all_of_it), said(*all_of_it))
    assert rolled(found) == {"2024-02-R12", "2024-03-R12", "2024-04-R12", "2024-05-R12"}
    assert {period.grain.value for period in found.open} == {"quarter", "year"}
    without_one = reports(said(*all_of_it), said(*[one for one in all_of_it if one != "2023-05"]))
    assert rolled(without_one) == {"2024-05-R12"}


def test_a_calendar_year_is_not_told_twice() -> None:
    found = reports(said(*months(1, 12, 2023)), said(*months(1, 12, 2023)))
    assert "2023" in whole(found)
    assert rolled(found) == set()


def test_quarters_make_twelve_months_too() -> None:
    quarters = ["2023-Q2", "2023-Q3", "2023-Q4", "2024-Q1", "2024-Q2"]
    assert rolled(reports(said(*quarters), {})) == {"2024-03-R12", "2024-06-R12"}


def test_a_unit_that_was_not_asked_in_any_of_twelve_months_keeps_none_of_them_back() -> None:
    east = said(*months(2, 12, 2023), *months(1, 6))
    found = reports(east, said("2023-01", not_asked=["2023-02"]))
    assert rolled(found) == {f"2024-0{month}-R12" for month in range(1, 7)}
