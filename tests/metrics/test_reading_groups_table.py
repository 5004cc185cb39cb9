"""A pasted table of groups: what is read, and what is said of a table that cannot be."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.reading.groups_table import BadTable, read_groups

untimed = settings(deadline=None)


def faults(text: str) -> list[tuple[int | None, str | None, str]]:
    with pytest.raises(BadTable) as error:
        read_groups(text)
    return [(fault.row, fault.column, fault.reason) for fault in error.value.faults]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_columns_and_lines_of_any_spreadsheet(mark: str, end: str) -> None:
    lines = ["Group,Estimate,SE,People,Order,Reference", "A,11.2,0.3,5120,1,yes", "", "B,14,,NA,2,no"]
    groups = read_groups(end.join(line.replace(",", mark) for line in lines))
    assert [group.name for group in groups] == ["A", "B"]
    assert [group.estimate for group in groups] == [11.2, 14.0]
    assert math.isnan(groups[1].se)
    assert math.isnan(groups[1].population)
    assert [group.reference for group in groups] == [True, False]
    assert [group.order for group in groups] == [1.0, 2.0]


def test_counts_in_place_of_estimates_and_thousands_with_commas() -> None:
    groups = read_groups('name\tnumerator\tdenominator\tnote\nA\t1,234\t"12,345.5"\tskipped\nB\t0\t7\t\n')
    assert [(group.events, group.population) for group in groups] == [(1234.0, 12345.5), (0.0, 7.0)]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", (None, None, "There is no table.")),
        ("group,estimate\n", (None, None, "There is no table.")),
        ("place,estimate\nA,1\n", (1, None, 'There is no column "group".')),
        ("group,se\nA,1\n", (1, None, "There are no values.")),
        ("group,events\nA,1\n", (1, None, "There are no values.")),
        ("group,estimate,events\nA,1,1\n", (1, None, 'There are both "estimate" and "events".')),
        ("group,estimate,value\nA,1,1\n", (1, "estimate", "Two columns hold the same thing.")),
        ("group,estimate\nA,1,2\n", (2, None, "This row has 3 cells; there are 2 headings.")),
        ("group,estimate\n,1\n", (2, "group", "The group has no name.")),
        ("group,estimate\nA,1\nA,2\n", (3, "group", '"A" is there twice.')),
        ("group,estimate\nA,abc\n", (2, "estimate", '"abc" is not a number of 0 or more.')),
        ("group,estimate\nA,-1\n", (2, "estimate", '"-1" is not a number of 0 or more.')),
        ("group;estimate\nA;1,5\n", (2, "estimate", '"1,5" is not a number of 0 or more.')),
        ("group,estimate\nA,inf\n", (2, "estimate", '"inf" is not a number of 0 or more.')),
        ("group,estimate,order\nA,1,1.5\n", (2, "order", '"1.5" is not a whole number.')),
        ("group,estimate,reference\nA,1,maybe\n", (2, "reference", '"maybe" is neither yes nor no.')),
        ("group,estimate,ref\nA,1,x\nB,1,x\n", (3, "reference", "There are two references.")),
        ("group,events,people\nA,1,0\n", (2, "events", "Events were counted, but no people.")),
        ("group,estimate\n" + "A,1\n" * 101, (None, None, "The table is too long.")),
        ("group,estimate\n" + "A" * 50_001, (None, None, "The table is too long.")),
    ],
)
def test_what_is_wrong_is_told_with_its_row(text: str, fault: tuple[int | None, str | None, str]) -> None:
    assert fault in faults(text)


def test_all_faults_are_told_at_once_and_rows_count_blank_lines() -> None:
    found = faults("group,estimate,se\n\nA,x,y\nB,1,z\n")
    assert [(row, column) for row, column, _ in found] == [(3, "estimate"), (3, "se"), (4, "se")]


def told(text: str) -> list[str]:
    """What is said of a text that is no table; nothing of one that is."""
    try:
        read_groups(text)
    except BadTable as error:
        return [words for fault in error.faults for words in (fault.reason, fault.how_to_mend)]
    return ["read"]


@untimed
@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    assert told(text)
    assert all(told(text))


@untimed
@given(st.text(alphabet='ab1.,;\t\n\r"-', max_size=80))
def test_anything_below_good_headings_is_read_or_refused_in_words(text: str) -> None:
    assert told("group,estimate,order\n" + text)
    assert all(told("group,estimate,order\n" + text))
