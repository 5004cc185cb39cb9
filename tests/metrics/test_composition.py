"""One group's index from the cells of its parts: hidden, not measured, or a number between its goalposts."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.composition import Component, Composition, faults, index_of
from metrics.figures import Cell
from metrics.stats.composite import Aggregation


class Told:
    """A definition for the pure part."""

    def __init__(self, code: str, better: str = "higher", kind: str = "proportion") -> None:
        self.code = self.name = code
        self.better, self.kind, self.per, self.counts_people = better, kind, 100, True


KNOWN: Any = {
    "heard": Told("heard"), "returned": Told("returned", "lower"), "meetings": Told("meetings", "neither"),
    "all-in-all": Told("all-in-all", kind="index"),
}  # fmt: skip
COMPOSITION = Composition(
    Aggregation.GEOMETRIC, (Component("heard", 1, 0, 100), Component("returned", 1, 40, 0))
)


def shown(numerator: int, denominator: int) -> Cell:
    return Cell("published", numerator, denominator)


def worked_out(**cells: Cell) -> Cell:
    return index_of(COMPOSITION, KNOWN, cells, 100)


# ------------------------------------------------------------------------------------------- one group, from its cells


def test_index_is_worked_out_from_the_cells_of_its_parts() -> None:
    found = worked_out(heard=shown(60, 100), returned=shown(10, 100)).score
    assert found is not None
    assert found.value == pytest.approx(100 * math.sqrt(0.6 * 0.75))
    assert found.likely is not None
    assert found.likely.low < found.value < found.likely.high


@pytest.mark.parametrize("other", [shown(60, 100), Cell("hidden"), Cell("hidden", None, 90)])
def test_hidden_part_hides_the_index(other: Cell) -> None:
    assert worked_out(heard=other, returned=Cell("hidden", None, 100)) == Cell("hidden")


@pytest.mark.parametrize("other", [shown(60, 100), Cell("hidden")])
@pytest.mark.parametrize("blank", ["not_collected", "withheld", "not_counted"])
def test_part_that_is_not_measured_leaves_it_not_measured_for_that_reason(other: Cell, blank: str) -> None:
    assert worked_out(heard=other, returned=Cell(blank)) == Cell(blank)


def test_the_other_parts_never_take_the_weight_of_one_that_is_not_there() -> None:
    assert worked_out(heard=shown(60, 100)) == Cell("not_counted")
    assert worked_out(heard=shown(60, 100), returned=shown(0, 0)) == Cell("not_counted")


def test_full_count_of_things_has_no_range_and_so_the_index_has_none() -> None:
    known = {**KNOWN, "returned": Told("returned", "lower")}
    known["returned"].counts_people = False
    found = index_of(COMPOSITION, known, {"heard": shown(60, 100), "returned": shown(10, 100)}, 100).score
    assert found is not None
    assert found.likely is None


@given(st.integers(1, 200), st.integers(1, 200), st.data())
def test_index_with_all_parts_but_one_gives_back_a_number_that_is_shown_already(
    of_heard: int, of_returned: int, data: st.DataObject
) -> None:
    """Solving an index for its last part is no news: there is no index where that part is not shown."""
    heard = shown(data.draw(st.integers(0, of_heard)), of_heard)
    returned = shown(data.draw(st.integers(0, of_returned)), of_returned)
    hide = data.draw(st.sampled_from(["", "heard", "returned"]))
    cells = {"heard": heard, "returned": returned}
    found = worked_out(**{code: Cell("hidden") if code == hide else cell for code, cell in cells.items()})
    assert (found.score is None) is bool(hide)
    if found.score is not None:
        assert 0 <= found.score.value <= 100


@pytest.mark.parametrize(
    ("components", "wrong"),
    [
        ([("heard", 1, 0, 100)], "few"),
        ([("heard", 1, 0, 100), ("heard", 1, 0, 100)], "twice"),
        ([("heard", 0, 0, 100), ("returned", 1, 40, 0)], "weightless"),
        ([("heard", 1, 0, 100), ("unheard-of", 1, 0, 1)], "unknown"),
        ([("heard", 1, 0, 100), ("all-in-all", 1, 0, 100)], "nested"),
        ([("heard", 1, 0, 100), ("meetings", 1, 0, 9)], "no_direction"),
        ([("heard", 1, 0, 100), ("returned", 1, 0, 40)], "backward"),
        ([("heard", 1, 5, 5), ("returned", 1, 40, 0)], "backward"),
    ],
)
def test_what_cannot_be_an_index_is_told(components: list[Any], wrong: str) -> None:
    told = Composition(Aggregation.GEOMETRIC, tuple(Component(*one) for one in components))
    assert [fault.wrong for fault in faults(told, KNOWN)] == [wrong]
    assert not list(faults(COMPOSITION, KNOWN))
