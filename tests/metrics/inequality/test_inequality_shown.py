"""The measures over observed counts: what takes part, and what is told."""

from __future__ import annotations

import math

import pytest

from equity.public.figures import Measure
from metrics.figures import PUBLISHED, Category, Cell, Dimension, Figure, assemble, way_of
from metrics.inequality import shown
from metrics.inequality.shown import Order
from metrics.reading.groups_table import read_groups
from metrics.reading.periods import parse_period
from metrics.stats import Group, Observed, Proportion, Rate

COUNTS = {"a": Proportion(20, 200), "b": Proportion(60, 300), "c": Proportion(30, 200)}


def groups(**observed: Observed | None) -> list[Group]:
    return [Group(key, key.title(), one) for key, one in observed.items()]


def results(
    people: list[Group], order: Order = "none", reference: str | None = None
) -> dict[str, shown.Result]:
    case = shown.case_of(people, per=100, favourable=False, order=order, reference=reference)
    assert case is not None
    return shown.measures_of(case, draws=50)


def test_counts_become_estimates_with_their_standard_errors() -> None:
    found = results(groups(**COUNTS))
    assert found["D"]["value"] == pytest.approx(10)
    assert found["D"]["se"] == pytest.approx(100 * math.sqrt(0.1 * 0.9 / 200 + 0.2 * 0.8 / 300))
    assert found["EXCESS"]["value"] == pytest.approx(40)
    assert "ACI" not in found
    assert found["MDRU"]["error"] == "No reference subgroup is declared."


def test_rates_are_per_their_own_person_time() -> None:
    found = results(groups(a=Rate(20, 10_000, 1_000), b=Rate(24, 8_000, 1_000)))
    assert found["D"]["value"] == pytest.approx(1)
    assert found["D"]["se"] == pytest.approx(
        1_000 * math.hypot(math.sqrt(20) / 10_000, math.sqrt(24) / 8_000)
    )
    assert found["EXCESS"]["value"] == pytest.approx(8)


def figure(kind: str, better: str, *, partition: bool = True, **cells: Cell) -> Figure:
    groups = {key: Category(key, key.title(), key, False, number) for number, key in enumerate(cells)}
    words = {"race": Dimension("race", "Race", 0, partition, groups)}
    metric = Measure("m", "M", "patient", kind, better, True, 100, "", "", "", "")
    found = {f"race={key}": cell for key, cell in cells.items()}
    return assemble(metric, ("all", "All"), parse_period("2024"), way_of("race", words), found, words)


def over(one: Figure, order: Order = "none") -> dict[str, shown.Result]:
    return shown.of_figure(one, order=order, reference=None, draws=50)


SHARES = {
    "a": Cell(PUBLISHED, 20, 200),
    "b": Cell(PUBLISHED, 60, 300),
    "c": Cell(PUBLISHED, 30, 200),
    "d": Cell("hidden"),
}


def test_a_figure_gives_the_measures_of_its_shown_groups() -> None:
    assert over(figure("proportion", "lower", **SHARES)) == results(groups(**COUNTS))


def test_means_have_no_measures_that_count_people() -> None:
    means = {"a": Cell(PUBLISHED, 300, 30, 3_100.0), "b": Cell(PUBLISHED, 600, 30, 13_000.0)}
    found = over(figure("mean", "lower", **means, c=Cell(PUBLISHED, 450, 30, 7_000.0)), "rising")
    assert found["D"]["value"] == pytest.approx(-5)
    assert found["ACI"]["value"] > 0
    assert not shown.OF_A_SCALE & found.keys()


def test_where_neither_way_is_better_there_is_no_best_group() -> None:
    found = over(figure("proportion", "neither", **SHARES))
    assert "MDMW" in found
    assert not shown.OF_A_BEST & found.keys()


def test_groups_that_overlap_have_no_excess_count() -> None:
    assert "EXCESS" not in over(figure("proportion", "lower", partition=False, **SHARES))


def test_a_figure_with_one_shown_group_gives_nothing() -> None:
    assert over(figure("proportion", "lower", a=Cell(PUBLISHED, 20, 200), b=Cell("hidden"))) == {}


@pytest.mark.parametrize(("order", "sign"), [("rising", 1), ("falling", -1)])
def test_an_order_is_that_of_the_groups_from_either_end(order: Order, sign: int) -> None:
    found = results(groups(a=Proportion(20, 200), b=Proportion(30, 200), c=Proportion(60, 200)), order)
    assert found["ACI"]["value"] * sign > 0
    assert "BGV" not in found


def test_a_reference_is_used_without_an_order_only() -> None:
    assert results(groups(**COUNTS), reference="c")["MDRU"]["value"] == pytest.approx(10 / 3)
    assert "error" not in results(groups(**COUNTS), "rising", reference="c")["D"]


def test_hidden_empty_and_unrecorded_groups_change_nothing() -> None:
    more = [
        *groups(**COUNTS, hidden=None, empty=Proportion(0, 0)),
        Group("unknown", "Not recorded", Proportion(90, 100), missing=True),
    ]
    assert results(more) == results(groups(**COUNTS))
    assert results(more, "rising") == results(groups(**COUNTS), "rising")


def test_one_group_is_no_case() -> None:
    assert shown.case_of(groups(a=Proportion(20, 200), b=None), per=100, favourable=False) is None


def table(text: str, **more: bool) -> dict[str, shown.Result]:
    given = {"scale": 100, "favourable": False, "ordered": False} | more
    return shown.measures_of(shown.case_of_table(read_groups(text), **given), draws=50)  # type: ignore[arg-type]  # as the form


def test_pasted_counts_equal_observed_ones() -> None:
    pasted = table("group,events,people\nA,20,200\nB,60,300\nC,30,200\n")
    assert pasted == results(groups(**COUNTS)) | {"EXCESS": pasted["EXCESS"]}
    assert pasted["EXCESS"]["value"] == pytest.approx(40)


def test_pasted_order_and_reference() -> None:
    ordered = table("group,estimate,people,order\nA,30,100,2\nB,10,100,1\nC,40,100,3\n", ordered=True)
    assert ordered["ACI"]["value"] == pytest.approx(2 / 3 * 30 / 3)
    marked = table("group,estimate,reference\nA,30,\nB,10,\nC,40,yes\n")
    assert marked["D"]["value"] == pytest.approx(-10)
    assert marked["MDRU"]["value"] == pytest.approx(40 / 3)


def test_a_group_without_a_number_is_missing() -> None:
    found = table("group,events,people\nA,20,200\nB,60,300\nC,,200\n")
    assert "error" in found["BGV"]


def test_what_is_told_is_in_words_and_fits_a_file() -> None:
    told = shown.told(results(groups(a=Proportion(0, 200), b=Proportion(60, 300), c=Proportion(30, 200))))
    ratio = next(one for one in told if one.name == "R")
    assert (ratio.title, ratio.value, ratio.equal) == ("Ratio", "inf", 1)
    assert ratio.why.startswith("No finite number")
    lines = shown.as_csv(told).splitlines()
    assert lines[0].lstrip("\ufeff").startswith("measure,title,unit")
    assert len(lines) == len(told) + 1
    assert any(line.startswith("MDRU,") and "No reference subgroup" in line for line in lines)
