from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import pytest

from metrics.disclosure import (
    CellKey,
    Count,
    Dimension,
    Group,
    Row,
    Structure,
    View,
    certify,
    compare,
    derive,
    rate,
    visible_groups,
)

RACE = Dimension("race", ("White", "Asian", "Black", "Other", "Unknown"))
EVERYBODY = Group("Org", "2024")


def group(category: str) -> Group:
    return EVERYBODY.within("race", category)


@pytest.fixture
def view() -> View:
    counts = {"White": (60, 300), "Asian": (4, 100), "Black": (30, 200), "Other": (0, 0)}
    rows = [Row("Org", "2024", (("race", category),), *count) for category, count in counts.items()]
    rows.append(Row("Org", "2024", (), 94, 600))
    return certify(rows, Structure((RACE,))).view


def spread(groups: Mapping[str, Count]) -> float:
    rates = [count.numerator / count.denominator for count in groups.values()]
    return max(rates) - min(rates)


def points(count: Count, other: Count) -> float:
    return count.numerator / count.denominator - other.numerator / other.denominator


def test_rate_needs_numerator_and_denominator(view: View) -> None:
    assert rate(view, group("White")) == 0.2
    assert CellKey(*group("Asian"), "denominator") in view.shown
    assert rate(view, group("Asian")) is None


def test_rate_of_nobody_is_none(view: View) -> None:
    assert rate(view, group("Other")) is None


@pytest.mark.parametrize("outcome", ["numerator", "denominator"])
def test_count_is_none_when_half_of_it_is_hidden(outcome: Literal["numerator", "denominator"]) -> None:
    view = View({CellKey(*EVERYBODY, outcome): 30, CellKey(*EVERYBODY, "complement"): 70}, frozenset())
    assert view.count(EVERYBODY) is None
    assert rate(view, EVERYBODY) is None


def test_difference_needs_both_groups(view: View) -> None:
    assert compare(view, group("White"), EVERYBODY, points) == pytest.approx(0.2 - 94 / 600)
    assert compare(view, group("White"), group("Asian"), points) is None
    assert compare(view, group("Other"), group("White"), points) is None


def test_visible_groups_keep_the_order_of_categories(view: View) -> None:
    groups = visible_groups(view, EVERYBODY, RACE)
    assert list(groups.shown.items()) == [("White", Count(60, 300))]
    assert groups.hidden == ("Asian", "Black")
    assert groups.empty == ("Other",)


def test_measure_covers_shown_groups_and_says_so() -> None:
    shown = {}
    for category, (numerator, denominator) in {"White": (60, 300), "Black": (30, 200)}.items():
        shown[CellKey(*group(category), "numerator")] = numerator
        shown[CellKey(*group(category), "denominator")] = denominator
    view = View(shown, frozenset({CellKey(*group("Asian"), "numerator")}))
    derived = derive(visible_groups(view, EVERYBODY, RACE), spread)
    assert derived is not None
    assert derived.value == pytest.approx(0.05)
    assert (derived.covers, derived.leaves_out) == (("White", "Black"), ("Asian",))


def test_measure_over_too_few_groups_is_none(view: View) -> None:
    assert derive(visible_groups(view, EVERYBODY, RACE), spread) is None


def test_view_never_holds_a_hidden_count(view: View) -> None:
    assert view.hidden
    assert not view.shown.keys() & view.hidden
