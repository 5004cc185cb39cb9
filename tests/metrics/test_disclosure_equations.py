from __future__ import annotations

import numpy as np
import pytest

from metrics.disclosure import (
    CellKey,
    Dimension,
    Group,
    InconsistentTable,
    Row,
    Structure,
    Whole,
    build_table,
)
from metrics.disclosure.cells import Table

RACE = Dimension("race", ("Asian", "Black", "White"))
EVERYBODY = Group("Org", "2024")


def race_rows(*counts: tuple[str, int, int], place: str = "Org", period: str = "2024") -> list[Row]:
    return [Row(place, period, (("race", category),), with_, of) for category, with_, of in counts]


def equations_with(table: Table, key: CellKey) -> set[frozenset[CellKey]]:
    """The equations that a cell is in, each as the cells it has."""
    matrix = table.equations.toarray()
    position = table.index[key]
    return {
        frozenset(table.keys[cell] for cell in np.flatnonzero(terms)) for terms in matrix if terms[position]
    }


@pytest.mark.parametrize(("numerator", "denominator"), [(5, 4), (-1, 4), (1.0, 4), (True, 4)])
def test_row_with_impossible_counts_is_refused(numerator: int, denominator: int) -> None:
    with pytest.raises(ValueError):
        Row("Org", "2024", (), numerator, denominator)


def test_row_with_unsorted_stratum_is_refused() -> None:
    with pytest.raises(ValueError, match="sorted"):
        Row("Org", "2024", (("sex", "f"), ("race", "Asian")), 1, 2)


def test_row_with_reserved_name_is_refused() -> None:
    with pytest.raises(ValueError, match="reserved"):
        Row("Org", "2024", (("race", "~not listed"),), 1, 2)


def test_row_of_undeclared_category_is_refused() -> None:
    with pytest.raises(ValueError, match="'Martian' is not a category of race"):
        build_table(race_rows(("Martian", 1, 2)), Structure((RACE,)))


def test_two_rows_of_one_group_are_refused() -> None:
    with pytest.raises(ValueError, match="same people: Org, 2024, everybody"):
        build_table([Row("Org", "2024", (), 1, 20), Row("Org", "2024", (), 2, 20)], Structure())


def test_structure_that_divides_a_place_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="declared twice"):
        Structure(places=(Whole("Org", ("A", "B")), Whole("Org", ("C", "D"))))


def test_partition_adds_up_to_everybody() -> None:
    rows = [
        Row("Org", "2024", (), 30, 100),
        *race_rows(("Asian", 5, 20), ("Black", 10, 30), ("White", 15, 50)),
    ]
    table = build_table(rows, Structure((RACE,)))
    total = CellKey(*EVERYBODY, "denominator")
    parts = {CellKey(*EVERYBODY.within("race", category), "denominator") for category in RACE.categories}
    assert frozenset({total, *parts}) in equations_with(table, total)
    assert table.listed.all()
    assert not (table.equations @ table.values).any()


def test_table_does_not_depend_on_order_of_rows() -> None:
    rows = [
        Row("Org", "2024", (), 30, 100),
        *race_rows(("Asian", 5, 20), ("Black", 10, 30), ("White", 15, 50)),
    ]
    table, reversed_table = (build_table(each, Structure((RACE,))) for each in (rows, rows[::-1]))
    assert table.keys == reversed_table.keys
    assert (table.equations.toarray() == reversed_table.equations.toarray()).all()


@pytest.mark.parametrize(("white", "come_to"), [((14, 49), "29 of 99"), ((15, 51), "30 of 101")])
def test_parts_that_disagree_with_total_are_refused_in_words(white: tuple[int, int], come_to: str) -> None:
    rows = [
        Row("Org", "2024", (), 30, 100),
        *race_rows(("Asian", 5, 20), ("Black", 10, 30), ("White", *white)),
    ]
    with pytest.raises(InconsistentTable) as caught:
        build_table(rows, Structure((RACE,)))
    assert str(caught.value) == (
        f"Org, 2024, everybody has 30 of 100, but by race the parts come to {come_to}."
    )


def test_units_that_disagree_with_organisation_are_refused_in_words() -> None:
    rows = [Row("Org", "2024", (), 30, 100), Row("A", "2024", (), 10, 40), Row("B", "2024", (), 21, 60)]
    with pytest.raises(
        InconsistentTable, match=r"has 30 of 100, but by its units the parts come to 31 of 100"
    ):
        build_table(rows, Structure(places=(Whole("Org", ("A", "B")),)))


def test_one_absent_category_is_a_count_anybody_can_work_out() -> None:
    rows = [Row("Org", "2024", (), 30, 100), *race_rows(("Asian", 10, 20), ("Black", 15, 75))]
    table = build_table(rows, Structure((RACE,)))
    absent = table.index[CellKey(*EVERYBODY.within("race", "White"), "denominator")]
    assert table.values[absent] == 5
    assert not table.listed[absent]
    assert table.small(11)[absent]


def test_several_absent_categories_leave_one_rest() -> None:
    rows = [Row("Org", "2024", (), 30, 100), *race_rows(("Asian", 25, 93))]
    table = build_table(rows, Structure((RACE,)))
    rest = CellKey(*EVERYBODY.within("race", "~not listed"), "denominator")
    assert table.values[table.index[rest]] == 7
    assert not table.listed[table.index[rest]]


def test_absent_categories_without_people_leave_no_rest() -> None:
    rows = [Row("Org", "2024", (), 30, 100), *race_rows(("Asian", 30, 100))]
    table = build_table(rows, Structure((RACE,)))
    assert table.listed.all()


def test_absent_category_that_was_said_to_be_empty_must_be_empty() -> None:
    rows = [Row("Org", "2024", (), 30, 100), *race_rows(("Asian", 25, 93))]
    with pytest.raises(InconsistentTable):
        build_table(rows, Structure((RACE,), absent_means_zero=True))


def test_absent_unit_is_not_taken_for_an_empty_one() -> None:
    rows = [Row("Org", "2024", (), 30, 100), Row("A", "2024", (), 20, 60)]
    table = build_table(rows, Structure(places=(Whole("Org", ("A", "B")),), absent_means_zero=True))
    assert table.values[table.index[CellKey("B", "2024", (), "denominator")]] == 40


def test_quarter_to_come_is_not_added_to_a_year() -> None:
    quarters = tuple(f"q{n}" for n in range(1, 5))
    rows = [Row("Org", quarter, (), 20, 50) for quarter in quarters[:3]]
    table = build_table(rows, Structure(periods=(Whole("2024", quarters),)))
    assert {key.period for key in table.keys} == set(quarters[:3])


def test_total_without_a_row_links_its_two_sums() -> None:
    structure = Structure(places=(Whole("Org", ("A", "B")),), periods=(Whole("2024", ("q1", "q2")),))
    rows = [Row(unit, "2024", (), 20, 50) for unit in ("A", "B")]
    rows += [Row("Org", quarter, (), 20, 50) for quarter in ("q1", "q2")]
    table = build_table(rows, structure)
    total = CellKey("Org", "2024", (), "denominator")
    assert table.values[table.index[total]] == 100
    assert not table.listed[table.index[total]]
    assert len(equations_with(table, total)) == 3


def test_overlapping_categories_have_no_sum_but_stay_within_the_whole() -> None:
    rows = [
        Row("Org", "2024", (), 30, 100),
        *race_rows(("Asian", 5, 60), ("Black", 10, 50), ("White", 25, 94)),
    ]
    table = build_table(rows, Structure((Dimension("race", RACE.categories, overlapping=True),)))
    others = table.index[CellKey(*EVERYBODY.within("race", "~not White"), "denominator")]
    again = table.index[CellKey(*EVERYBODY.within("race", "~counted more than once"), "denominator")]
    assert (table.values[others], table.values[again]) == (6, 104)
    assert table.small(11)[others]
    assert not table.people[again]
    assert not (table.equations @ table.values).any()


def test_overlapping_category_larger_than_the_whole_is_refused_in_words() -> None:
    rows = [Row("Org", "2024", (), 30, 100), *race_rows(("Asian", 5, 101))]
    with pytest.raises(InconsistentTable, match="race: Asian has 101 people, more than the 100 of Org, 2024"):
        build_table(rows, Structure((Dimension("race", RACE.categories, overlapping=True),)))


def test_unduplicated_people_of_a_year_may_be_fewer_than_its_quarters_together() -> None:
    structure = Structure(periods=(Whole("2024", ("q1", "q2"), overlapping=True),))
    rows = [Row("Org", "q1", (), 20, 50), Row("Org", "q2", (), 20, 60), Row("Org", "2024", (), 30, 80)]
    table = build_table(rows, structure)
    others = CellKey("Org", "~not q1 (2024)", (), "denominator")
    assert table.values[table.index[others]] == 30
