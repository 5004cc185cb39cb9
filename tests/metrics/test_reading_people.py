"""Line lists with several answers, rarer values and codes of periods; and what a first look may tell of one."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.reading import linelist, linelist_looking, mapping_file, mapping_keys, row_plan, toml_table
from metrics.reading.cells import CellKey, stratum_of
from metrics.reading.errors import MappingError, Problem, UnreadableFile
from metrics.reading.linelist import Counted, count_line_list
from metrics.reading.linelist_looking import LookedPeople, PeopleColumn, look_at_people, may_be_people
from metrics.reading.linelist_writer import LineListAnswers, write_line_list_mapping
from metrics.reading.mapping import (
    DenominatorRule,
    DimensionRule,
    LineListMapping,
    NumeratorRule,
    Source,
    UnitRule,
)
from metrics.reading.mapping_file import SEPARATORS, parse_mapping
from metrics.reading.periods import Grain, containing
from metrics.reading.table_mapping_writer import PeriodAnswer

MAPPING = """
strata = [["race"], ["pay"], ["race", "pay"]]
[source]
name = "Visits"
[metric]
code = "m"
[unit]
constant = "all"
[period]
grain = "quarter"
column = "when"
[numerator]
column = "hit"
equals = ["Y"]
others = ["N"]
[dimensions.race]
columns = ["race", "race2"]
dimension = "race"
separator = ";"
values = { "B" = "black", "W" = "white", "" = "unknown", "?" = "unknown" }
rest = "other"
no_answer = ["unknown"]
[dimensions.pay]
column = "pay"
dimension = "payer"
values = { "MC" = "medicare" }
rest = "other"
"""
HEADER = ["when", "hit", "race", "race2", "pay"]
ROWS = st.tuples(
    st.sampled_from(["2024-01", "2024-03", "2024-Q1", "2024-05"]),
    st.sampled_from(["Y", "N"]),
    st.lists(st.sampled_from(["B", "W", "?", "X", " B ", ""]), max_size=3).map(";".join),
    st.sampled_from(["B", "W", "?", "Z", ""]),
    st.sampled_from(["MC", "SP", ""]),
)


def csv_of(rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def counted(rows: Iterable[Iterable[str]], mapping: str = MAPPING) -> Counted:
    return count_line_list([csv_of([HEADER, *rows])], parse_mapping(mapping), known_units={"all"})


def races_of(first: str, second: str, several: str) -> set[str]:
    """The plainest way to say where a person with these answers counts."""
    answers = [part.strip() for part in [*first.split(";"), *second.split(";")] if part.strip()]
    known = {"B": "black", "W": "white", "?": "unknown"}
    codes = {known.get(answer, "other") for answer in answers} or {"unknown"}
    real = codes - {"unknown"}
    if several and len(real) > 1:
        return {several}
    return real or codes


@given(st.lists(ROWS, min_size=1, max_size=20), st.sampled_from(["", "multiracial"]))
def test_several_answers_equal_plain_counting(rows: list[tuple[str, ...]], several: str) -> None:
    way = f'separator = ";"\nseveral = "{several}"' if several else 'separator = ";"'
    mapping = MAPPING.replace('separator = ";"', way)
    expected: Counter[CellKey] = Counter()
    for when, _hit, first, second, pay in rows:
        quarter = containing(date(2024, 4 if when == "2024-05" else 1, 1), Grain.QUARTER)
        payer = ("payer", "medicare" if pay == "MC" else "other")
        races = [("race", code) for code in races_of(first, second, several)]
        for pairs in [(), (payer,), *((race,) for race in races), *((race, payer) for race in races)]:
            expected[CellKey("all", quarter, stratum_of(*pairs))] += 1
    found = counted(rows, mapping)
    assert found.is_valid
    assert {key: count.denominator for key, count in found.cells.items()} == dict(expected)


@pytest.mark.parametrize("cell", ["2024", "2024-01-01/2024-12-31", "soon", "", "2024-13"])
def test_period_that_is_longer_than_the_measure_counts_is_an_error(cell: str) -> None:
    (error,) = counted([[cell, "Y", "B", "", "MC"]]).errors
    assert (error.row, error.column, error.problem) == (2, "when", linelist.NOT_A_DAY)


def test_answer_that_means_nothing_names_all_of_its_columns() -> None:
    rows = [["2024-01", "Y", "B;X", "", "MC"]]
    (error,) = counted(rows, MAPPING.replace('rest = "other"\nno_answer', "no_answer")).errors
    assert (error.column, error.problem) == ("race, race2", linelist.NOT_IN_MAPPING)


def test_spaces_around_one_of_several_answers_say_nothing() -> None:
    mapping = MAPPING.replace('"B" = "black"', '" B " = "black"')
    found = counted([["2024-01", "Y", "B", "  ", "MC"]], mapping)
    assert {dict(key.stratum).get("race") for key in found.cells} == {None, "black"}


def test_only_a_few_texts_of_several_answers_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_plan, "_TEXTS_REMEMBERED", 3)
    answers = row_plan._SeveralAnswers(parse_mapping(MAPPING).dimensions[0])
    for number in range(50):
        assert answers["B", str(number % 7)] == ("black", "other")
        assert len(answers) <= 3


@pytest.mark.parametrize(
    ("old", "new", "key", "problem"),
    [
        ('separator = ";"', 'separator = "-"', "dimensions.race.separator", toml_table.NOT_ONE_OF),
        ('columns = ["race", "race2"]', 'columns = ["race"]\ncolumn = "race"', "dimensions.race", mapping_keys.CHOOSE_ONE),
        ('columns = ["race", "race2"]', "columns = []", "dimensions.race.columns", toml_table.NOT_TEXTS),
        ('rest = "other"\nno', 'rest = "Other"\nno', "dimensions.race.rest", mapping_keys.NOT_A_CODE),
        ('no_answer = ["unknown"]', 'no_answer = ["?"]', "dimensions.race.no_answer", mapping_keys.NOT_A_CODE),
        ('column = "pay"', 'column = "pay"\nseveral = "x"', "dimensions.pay.several", mapping_file.SEVERAL_OF_ONE),
    ],
)  # fmt: skip
def test_fault_of_a_mapping_is_told_at_its_key(old: str, new: str, key: str, problem: Problem) -> None:
    assert MAPPING.count(old) == 1
    with pytest.raises(MappingError) as refused:
        parse_mapping(MAPPING.replace(old, new))
    assert (key, problem) in [(fault.key, fault.problem) for fault in refused.value.faults]


# ---- what is said becomes a mapping

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
NAMES = TEXTS.filter(bool)
CODES = st.sampled_from(["a", "b-1", "c_2"])
SETS = st.frozensets(TEXTS, min_size=1, max_size=3)


@st.composite
def _answers(draw: st.DrawFn) -> LineListAnswers:
    several = draw(st.booleans())
    dimension = DimensionRule(
        columns=tuple(draw(st.lists(NAMES, min_size=1 + several, max_size=1 + several, unique=True))),
        dimension="race",
        values=draw(st.dictionaries(TEXTS, CODES, min_size=1, max_size=3)),
        rest=draw(st.sampled_from(["", "other"])),
        separator=draw(st.sampled_from(["", *sorted(SEPARATORS)])) if several else "",
        several=draw(st.sampled_from(["", "both"])) if several else "",
        no_answer=draw(st.frozensets(CODES, max_size=2)) if several else frozenset(),
    )
    other = DimensionRule(("Pay",), "payer", {"x": "y"})
    column = draw(st.booleans())
    equals = draw(SETS)
    others = draw(st.none() | SETS.map(lambda found: found - equals).filter(bool))
    return LineListAnswers(
        source=Source(
            draw(NAMES), draw(st.sampled_from(["utf-8", "utf-16-le"])), draw(st.sampled_from([",", "\t"]))
        ),
        metric="m",
        unit=UnitRule(column=draw(NAMES), values=draw(st.dictionaries(TEXTS, CODES, min_size=1, max_size=2)))
        if column
        else UnitRule(constant="all"),
        period=PeriodAnswer(Grain.MONTH, column=draw(NAMES), format=draw(st.sampled_from(["", "%Y-%m-%d"])))
        if column
        else PeriodAnswer(Grain.WHOLE, start="1999-01-01", end="2008-12-31"),
        numerator=NumeratorRule(draw(NAMES), equals, others),
        denominator=draw(st.lists(st.builds(DenominatorRule, NAMES, SETS, st.booleans()), max_size=2)),
        dimensions=[dimension, other],
        together=draw(st.sampled_from([(), [["race", "payer"]]])),
    )


@given(_answers())
def test_mapping_that_was_written_is_read_back(answers: LineListAnswers) -> None:
    mapping: LineListMapping = parse_mapping(write_line_list_mapping(answers))
    assert (mapping.source, mapping.metric, mapping.unit) == (answers.source, "m", answers.unit)
    assert (mapping.numerator, list(mapping.denominator)) == (answers.numerator, answers.denominator)
    assert list(mapping.dimensions) == answers.dimensions
    assert mapping.strata == ((0,), (1,), *([(0, 1)] if answers.together else []))
    if answers.period.column:
        assert (mapping.period.column, mapping.period.format) == (
            answers.period.column,
            answers.period.format,
        )
    else:
        assert mapping.period.constant is not None
        assert mapping.period.constant.code == "1999-01-01/2008-12-31"


# ---- a first look

VALUES = st.sampled_from(
    ["Black", "White", "", " Black", "B;W", "B", "W", "12345", "a@b", "2024-01-31", "x", "y"]
)


def looked_at(rows: list[list[str]], at_least: int = 11, **how: Any) -> LookedPeople:
    data = csv_of(rows)
    return look_at_people(lambda: [data[:7], data[7:]], at_least=at_least, **how)


@given(
    st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=40),
    st.integers(2, 5),
)
def test_only_what_enough_rows_share_is_told(rows: list[tuple[str, str]], at_least: int) -> None:
    looked = looked_at([["group", "kind"], *map(list, rows)], at_least)
    for place, column in enumerate(looked.columns):
        times = Counter(row[place] for row in rows)
        told = set(column.values)
        if not column.days:
            assert told == {
                value
                for value, number in times.items()
                if number >= at_least and value not in ("12345", "a@b", "2024-01-31")
            }
            assert column.has_more is (told != set(times))
        for mark, answers in column.answers.items():
            parts: Counter[str] = Counter()
            for row in rows:
                parts.update({part.strip() for part in row[place].split(mark)} - {""} or {""})
            assert all(parts[answer] >= at_least for answer in answers)


def test_rarest_of_many_values_is_never_in_what_goes_to_the_page() -> None:
    rows = [["group"], *[["common"]] * 20, *[["rare one"]] * 10, ["rarest"]]
    assert looked_at(rows).columns == [PeopleColumn("group", ["common"], has_more=True)]


def test_column_of_many_values_tells_none() -> None:
    rows = [["street part"], *[[f"value {number}"] for number in range(61)] * 20]
    assert looked_at(rows).columns == [PeopleColumn("street part", [], has_more=True)]


@pytest.mark.parametrize(
    "name",
    ["patient_id", "Patient ID", "MRN", "last_name", "Name", "DOB", "birth_date", "encounter-nr", "Phone"],
)
def test_column_about_somebody_tells_no_value(name: str) -> None:
    assert looked_at([[name, "b"], *[["1", "x"]] * 30]).columns[0] == PeopleColumn(name, [], has_more=True)
    assert may_be_people([name, "b"])
    assert not may_be_people([name, "numerator"])


@pytest.mark.parametrize(
    "name", ["Hospital name", "visit_type", "Provider ID", "State", "number_inpatient", "payer"]
)
def test_column_about_something_is_told(name: str) -> None:
    assert looked_at([[name, "b"], *[["Lake", "x"]] * 30]).columns[0].values == ["Lake"]
    assert not may_be_people([name, "b"])


@pytest.mark.parametrize(
    ("values", "mark"),
    [
        (["B", "W", "B;W"], ";"),
        (["B", "W", "B, W"], ","),
        (["Hawaiian, Native", "Indian, American"], ""),
        (["Yes/No", "Maybe"], ""),
        (["B", "W"], ""),
    ],
)
def test_mark_between_answers_is_suggested_where_the_parts_stand_alone(values: list[str], mark: str) -> None:
    (column, _other) = looked_at([["race", "b"], *[[value, "x"] for value in values * 20]]).columns
    assert column.separator == mark
    if mark:
        assert column.answers[mark] == ["B", "W"]


@pytest.mark.parametrize("format_", [*linelist_looking.DAY_FORMATS])
def test_way_to_write_days_is_recognized_and_no_day_is_told(format_: str) -> None:
    days = [date(2024, 2, 1) + timedelta(days=number) for number in range(29)]
    texts = [day.strftime(format_) for day in days]
    (column, _other) = looked_at([["when", "b"], *[[text, "x"] for text in [*texts, ""]]]).columns
    assert column == PeopleColumn("when", [], has_more=True, days=format_, month="2024-02")
    assert looked_at([["when", "b"], *[[text, "x"] for text in texts[:10]]]).columns[0].month == ""
    assert looked_at([["when", "b"], *[[text, "x"] for text in [*texts, "soon"]]]).columns[0].days == ""


def test_day_that_only_one_way_fits_decides() -> None:
    rows = [["when", "b"], *[["02/03/2024", "x"]] * 20, ["13/03/2024", "x"]]
    assert looked_at(rows).columns[0].days == "%d/%m/%Y"


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([], linelist_looking.NO_ROWS),
        ([["a", "b"]], linelist_looking.NO_ROWS),
        ([["a", "7"], ["x", "y"]], linelist_looking.NO_HEADER),
        ([["a", "b 12345"], ["x", "y"]], linelist_looking.NO_HEADER),
        ([["a", ""], ["x", "y"]], linelist_looking.NO_HEADER),
        ([["a", "b", "c"], ["a", "b", "z"]], linelist_looking.NO_HEADER),
        ([["a", "a"], ["x", "y"]], linelist_looking.COLUMN_TWICE),
        ([[f"c{number} x" for number in range(61)], ["x"]], linelist_looking.TOO_MANY_COLUMNS),
    ],
)
def test_file_that_is_no_line_list_is_told_without_a_cell(rows: list[list[str]], problem: Problem) -> None:
    with pytest.raises(UnreadableFile) as refused:
        looked_at(rows)
    assert refused.value.fault.problem is problem
    assert set(refused.value.fault.parts) <= {"columns", "most"}


def test_mark_that_few_rows_have_is_not_told() -> None:
    """Else the page would say that somebody's value has a slash in it."""
    rows = [["Female"], ["Male"]] * 20 + [["Unknown/Invalid"]] * 10
    assert looked_at([["gender"], *rows]).columns[0].answers == {}
    assert looked_at([["gender"], *rows, ["Unknown/Invalid"]]).columns[0].answers != {}


def test_mark_between_columns_is_found() -> None:
    data = csv_of([["a", "b"], ["x", "y"]]).replace(b",", b"|")
    assert look_at_people(lambda: [data], at_least=1).delimiter == "|"
