"""The same numbers by other lists of groups: sums of shown parts only, and what a list cannot tell has no number."""

from __future__ import annotations

import dataclasses

from metrics.figures import Category, Cell, Dimension, Joining, Way, assemble
from metrics.library.entries import MergedGroup
from metrics.library.read import shelf
from metrics.reading.periods import parse_period
from metrics.regrouped import OtherList, regrouped
from tests.metrics.test_charts import RACE, SHOWN, metric

TWO = Joining(
    "Two", (MergedGroup("ab", "Alder or Birch", ("a", "b")), MergedGroup("c", "Cedar people", ("c",)))
)


def shown(cells: dict[str, Cell], dimension: Dimension, **more: object) -> list[OtherList]:
    way = Way((dimension,))
    words = {dimension.code: dimension}
    return regrouped(assemble(metric(**more), ("all", "R"), parse_period("2024"), way, cells, words))


def test_groups_are_joined_as_the_community_agreed() -> None:
    (two,) = shown({**SHOWN, "race=c": Cell("hidden")}, dataclasses.replace(RACE, joinings=(TWO,)))
    joined, cedar = (row.told for row in two.rows)
    assert (two.name, joined.label, joined.numerator, joined.denominator) == (
        "Two",
        "Alder or Birch",
        "300",
        "800",
    )
    assert (joined.value, bool(joined.low)) == ("37.5", True)
    assert (cedar.hidden, cedar.value, cedar.numerator) == (True, "", "")


def test_a_joined_group_with_a_hidden_part_has_no_number() -> None:
    cells = {"race=a": SHOWN["race=a"], "race=b": Cell("hidden"), "race=c": SHOWN["race=a"]}
    (two,) = shown(cells, dataclasses.replace(RACE, joinings=(TWO,)))
    joined, cedar = (row.told for row in two.rows)
    assert (joined.hidden, joined.value, joined.numerator, joined.denominator) == (True, "", "", "")
    assert cedar.value == "50.0"


def of_library(version: int, *, partition: bool = True) -> Dimension:
    answers = {
        one.code: Category(one.code, one.label, one.short, one.missing, one.position)
        for one in shelf().dimension("race_ethnicity", version).categories
    }
    return Dimension("race", "Race", 0, partition, answers, library=("race_ethnicity", version))


def test_the_groups_of_2024_are_read_as_those_of_1997_with_what_is_lost() -> None:
    new = of_library(2)
    cells = {f"race={one.code}": Cell("published", 20, 100) for one in new.in_order if not one.missing}
    (old,) = shown(cells, new)
    rows = {row.told.label: row for row in old.rows}
    assert "Middle Eastern or North African" not in rows
    white = rows["White"]
    assert (white.told.numerator, white.told.denominator) == ("40", "200")
    assert "The group disappears" in white.lost
    cells["race=middle_eastern"] = Cell("hidden")
    (old,) = shown(cells, new)
    assert next(row for row in old.rows if row.told.label == "White").told.value == ""


def test_people_who_count_under_several_answers_are_not_added_up() -> None:
    new = of_library(2, partition=False)
    cells = {f"race={one.code}": Cell("published", 20, 100) for one in new.in_order if not one.missing}
    (old,) = shown(cells, new)
    rows = {row.told.label: row.told for row in old.rows}
    assert rows["White"].value == ""
    assert rows["Black or African American"].value == "20.0"


def test_where_no_other_list_is_known_nothing_is_said() -> None:
    assert shown(SHOWN, RACE) == []
    assert shown(SHOWN, dataclasses.replace(RACE, joinings=(TWO,)), kind="mean", per=1) == []
