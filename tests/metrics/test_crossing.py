"""Two ways to compare at once: every number in its place, hidden ones nowhere."""

from __future__ import annotations

from metrics.crossing import crossing
from metrics.figures import Category, Cell, Dimension, Figure, Way, assemble
from metrics.reading.periods import parse_period
from tests.metrics.test_charts import RACE, figure, metric

PAYER = Dimension(
    "payer",
    "Payer",
    1,
    True,
    {
        "public": Category("public", "Public", "Public", False, 1),
        "own": Category("own", "Own money", "Own", False, 2),
    },
)
CELLS = {
    "": Cell("published", 380, 1000),
    "payer=public&race=a": Cell("published", 100, 200),
    "payer=own&race=a": Cell("hidden", None, 7),
    "payer=public&race=b": Cell("published", 30, 200),
    "payer=public&race=unknown": Cell("published", 10, 40),
}


def crossed() -> Figure:
    return assemble(
        metric(),
        ("all", "Riverside"),
        parse_period("2024"),
        Way((PAYER, RACE)),
        CELLS,
        {"payer": PAYER, "race": RACE},
    )


def test_the_longer_list_runs_down_and_both_have_the_order_of_the_community() -> None:
    found = crossing(crossed())
    assert found is not None
    assert (found.down, found.across, found.columns) == ("Race", "Payer", ["Public", "Own money"])
    assert [row.label for row in found.rows] == ["Birch people", "Alder people", "Not recorded"]


def test_every_number_stands_in_its_place_and_a_hidden_one_is_a_pill() -> None:
    found = crossing(crossed())
    assert found is not None
    birch, alder, _ = found.rows
    assert [cell.value if cell else None for cell in birch.cells] == ["15.0", None]
    public, own = alder.cells
    assert public is not None
    assert own is not None
    assert (public.value, own.value, own.hidden, own.numerator) == ("50.0", "", True, "")
    assert found.hidden == 1


def test_a_hidden_number_is_not_drawn() -> None:
    found = crossing(crossed())
    assert found is not None
    chart = found.rows[1].chart
    assert chart is not None
    assert [(row.label, row.drawn, row.hidden) for row in chart.rows] == [
        ("Public", True, False),
        ("Own money", False, True),
    ]


def test_one_way_to_compare_is_no_crossing() -> None:
    assert crossing(figure()) is None
