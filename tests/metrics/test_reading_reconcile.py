"""Parts that do not make their total are flagged with the difference; parts that do, and parts with gaps, are not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.reading.cells import OVERALL, BlankKind, CountRow, Stratum, stratum_of
from metrics.reading.periods import Grain, containing
from metrics.reading.reconcile import SHOWN, Reconciliation, Sums, reconcile

YEAR = containing(date(2024, 1, 1), Grain.YEAR)
RACES = ["black", "white", "asian"]
AGES = ["0-9", "10-19"]


def _row(
    stratum: Stratum, *numbers: int | None, blank: BlankKind | None = None, metric: str = "m"
) -> CountRow:
    return CountRow(metric, "main", YEAR, stratum, *numbers, blank=blank)


def _race(code: str) -> Stratum:
    return (("race", code),)


def _result(rows: Sequence[CountRow], partitions: Sequence[str] = ("race", "age")) -> Reconciliation:
    return reconcile(rows, partitions)


Cells = dict[tuple[str, str], tuple[int, int]]
PEOPLE = st.fixed_dictionaries(
    {(race, age): st.tuples(st.integers(0, 50), st.integers(50, 99)) for race in RACES for age in AGES}
)


def _all_rows(cells: Cells) -> list[CountRow]:
    """Every margin of a table: everybody, each race, each age, each of both."""
    sums: dict[Stratum, list[int]] = {}
    for (race, age), numbers in cells.items():
        for pairs in ([], [("race", race)], [("age", age)], [("race", race), ("age", age)]):
            stratum = stratum_of(*pairs)
            sums[stratum] = [old + new for old, new in zip(sums.get(stratum, [0, 0]), numbers, strict=True)]
    return [_row(stratum, *numbers) for stratum, numbers in sums.items()]


@given(PEOPLE, st.randoms(use_true_random=False))
def test_table_with_its_margins_reconciles_in_any_order(cells: Cells, random: st.RandomProxy) -> None:  # type: ignore[name-defined]  # of hypothesis
    rows = _all_rows(cells)
    random.shuffle(rows)
    found = _result(rows)
    # everybody by race, by age and by both; each of 3 races by age; each of 2 ages by race
    assert (found.agreed, found.open_, found.disagreed) == (3 + 3 + 2, 0, 0)
    assert found.compared == 8


@given(PEOPLE, st.sampled_from(["black", "white"]), st.integers(1, 5), st.sampled_from([0, 1]))
def test_total_of_a_group_that_is_off_is_flagged_wherever_it_is_used(
    cells: Cells, race: str, off: int, place: int
) -> None:
    rows = []
    for row in _all_rows(cells):
        numbers = [row.numerator or 0, row.denominator or 0]
        numbers[place] += off if row.stratum == _race(race) else 0
        rows.append(_row(row.stratum, *numbers))
    found = _result(rows)
    places = {(one.total, one.by): one.missing for one in found.disagreements}
    difference = Sums(*(off if number == place else 0 for number in (0, 1)))
    assert places == {
        (OVERALL, ("race",)): Sums().minus(difference),
        (_race(race), ("age",)): difference,
    }


def test_difference_is_told_with_both_sides() -> None:
    found = _result([_row((), 10, 20), _row(_race("black"), 4, 8), _row(_race("white"), 5, 11)])
    (one,) = found.disagreements
    assert (one.metric, one.unit, one.period, one.total, one.by) == ("m", "main", YEAR, (), ("race",))
    assert (one.stated, one.parts, one.missing, one.blanks) == (Sums(10, 20), Sums(9, 19), Sums(1, 1), 0)


@pytest.mark.parametrize(
    ("white", "expected"),
    [((5, 11), (0, 1, 0)), ((6, 12), (0, 1, 0)), ((7, 12), (0, 0, 1)), ((6, 13), (0, 0, 1))],
)
def test_parts_with_gaps_are_open_until_they_are_more_than_the_total(
    white: tuple[int, int], expected: tuple[int, int, int]
) -> None:
    rows = [
        _row((), 10, 20),
        _row(_race("black"), 4, 8),
        _row(_race("white"), *white),
        _row(_race("asian"), blank=BlankKind.WITHHELD),
    ]
    found = _result(rows)
    assert (found.agreed, found.open_, found.disagreed) == expected
    assert [one.blanks for one in found.disagreements] == [1] * expected[2]


def test_total_without_a_number_or_without_parts_says_nothing() -> None:
    rows = [_row((), blank=BlankKind.WITHHELD), _row(_race("black"), 4, 8)]
    assert _result(rows).compared == 0
    assert _result([_row((), 4, 8)]).compared == 0
    assert _result([_row(_race("black"), 4, 8)]).compared == 0


def test_dimension_that_is_no_partition_is_not_compared() -> None:
    rows = [_row((), 10, 20), _row((("need", "sight"),), 4, 8), _row(_race("black"), 10, 20)]
    found = reconcile(rows, ["race"])
    assert (found.compared, found.agreed) == (1, 1)


def test_partition_within_a_group_of_another_dimension_is_compared() -> None:
    both = stratum_of(("need", "sight"), ("race", "black"))
    found = reconcile([_row((("need", "sight"),), 4, 8), _row(both, 3, 8)], ["race"])
    assert [(one.total, one.by) for one in found.disagreements] == [((("need", "sight"),), ("race",))]


def test_counts_and_sums_of_squares_add_up_too() -> None:
    count = [_row((), 10), _row(_race("black"), 4), _row(_race("white"), 6)]
    mean = [_row((), 10, 2, 58), _row(_race("black"), 3, 1, 9), _row(_race("white"), 7, 1, 48)]
    assert _result(count).agreed == 1
    (one,) = _result(mean).disagreements
    assert one.missing == Sums(0, 0, 1)


def test_units_and_periods_are_apart() -> None:
    rows = [_row((), 10, 20), _row(_race("black"), 10, 20)._replace(unit="clinic")]
    assert _result(rows).compared == 0
    other = containing(date(2025, 1, 1), Grain.YEAR)
    assert _result([_row((), 10, 20), _row(_race("black"), 10, 20)._replace(period=other)]).compared == 0


def test_many_disagreements_are_counted_and_the_first_are_shown() -> None:
    rows = [
        row._replace(metric=f"m{number}")
        for number in range(SHOWN + 5)
        for row in (_row((), 10, 20), _row(_race("black"), 4, 8))
    ]
    found = _result(rows)
    assert (found.disagreed, len(found.disagreements)) == (SHOWN + 5, SHOWN)
