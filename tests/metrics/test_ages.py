"""Groups as if all had the same ages: bands of the standard population, and no number where a band is hidden or empty."""

from __future__ import annotations

import pytest

from metrics.ages import Adjusted, adjusted, bands_of
from metrics.figures import Category, Cell, Dimension, Way, assemble
from metrics.reading.periods import parse_period
from metrics.stats.adjusted import AgeGroup, age_adjusted
from metrics.stats.standard import Ages
from tests.metrics.test_charts import RACE, metric


def ages(*codes: str, blank: bool = True) -> Dimension:
    of_people = {code: Category(code, code, code, False, place) for place, code in enumerate(codes)}
    blanks = {"unknown": Category("unknown", "Not recorded", "Not recorded", True, 99)} if blank else {}
    return Dimension("age", "Age", 1, True, of_people | blanks)


AGE = ages("0-17", "18-64", "65-up")


def shown(cells: dict[str, Cell], age: Dimension = AGE, **more: object) -> Adjusted | None:
    way = Way((age, RACE))
    return adjusted(
        assemble(metric(**more), ("all", "R"), parse_period("2024"), way, cells, {"race": RACE, "age": age})
    )


def cell(events: int, people: int) -> Cell:
    return Cell("published", events, people)


OLD_AND_YOUNG = {
    "age=0-17&race=a": cell(10, 1000), "age=18-64&race=a": cell(100, 2000), "age=65-up&race=a": cell(1400, 7000),
    "age=0-17&race=b": cell(70, 7000), "age=18-64&race=b": cell(100, 2000), "age=65-up&race=b": cell(200, 1000),
    "age=unknown&race=a": cell(9, 10), "age=0-17&race=unknown": cell(9, 10),
}  # fmt: skip


def test_groups_that_differ_only_in_age_have_the_same_adjusted_number() -> None:
    found = shown(OLD_AND_YOUNG)
    assert found is not None
    assert (found.by, found.ages) == ("Race", "0 to 17, 18 to 64, 65 and over")
    birch, alder = found.rows
    assert (birch.label, alder.label) == ("Birch people", "Alder people")
    assert birch.value == alder.value
    expected = age_adjusted(
        [AgeGroup(Ages(0, 17), 10, 1000), AgeGroup(Ages(18, 64), 100, 2000), AgeGroup(Ages(65), 1400, 7000)],
        per=100,
    )
    assert expected is not None
    assert alder.value == f"{expected.value:.1f}"
    assert (alder.low, alder.high) == (f"{expected.low:.1f}", f"{expected.high:.1f}")
    assert not alder.unsteady


@pytest.mark.parametrize(
    ("instead_of", "reason"),
    [
        (Cell("hidden", None, 1000), "hidden"),
        (cell(0, 0), "nobody was counted"),
        (None, "nobody was counted"),
    ],
)
def test_a_band_that_is_hidden_or_empty_leaves_no_number(instead_of: Cell | None, reason: str) -> None:
    cells = {key: one for key, one in OLD_AND_YOUNG.items() if key != "age=0-17&race=a"}
    found = shown(cells | ({"age=0-17&race=a": instead_of} if instead_of else {}))
    assert found is not None
    birch, alder = found.rows
    assert (alder.value, alder.low, alder.high) == ("", "", "")
    assert reason in alder.instead
    assert birch.value


def test_few_events_of_all_ages_together_are_unsteady() -> None:
    few = {f"age={code}&race=a": cell(3, 1000) for code in ("0-17", "18-64", "65-up")}
    found = shown(few)
    assert found is not None
    assert [row.unsteady for row in found.rows] == [True]


def test_bands_that_the_standard_does_not_know_are_joined_with_those_before() -> None:
    assert bands_of(ages("0-4", "5-11", "12-17", "18-84", "85-up")) == {
        Ages(0, 4): ["0-4"], Ages(5, 17): ["5-11", "12-17"], Ages(18, 84): ["18-84"], Ages(85): ["85-up"],
    }  # fmt: skip
    assert bands_of(ages("80-89", "90-99", blank=False)) == {Ages(80): ["80-89", "90-99"]}


def test_what_are_no_ages_is_not_adjusted() -> None:
    assert bands_of(RACE) == {}
    assert bands_of(ages("0-17", "grown")) == {}
    assert bands_of(ages("3-17", "18-up")) == {}
    assert bands_of(ages("0-17", "25-up")) == {}
    assert shown(OLD_AND_YOUNG, kind="mean") is None
    assert shown(OLD_AND_YOUNG, counts_people=False) is None
