"""Published figures, compared: pure functions of documents."""

from __future__ import annotations

from typing import Any

from equity.public.figures import (
    Scope,
    cell_of,
    figure_of,
    scope_of,
    usual_scope,
    vocabulary_of,
    ways_of,
    width_order,
)
from metrics.figures import Figure
from metrics.stats.comparisons import difference_of_proportions, difference_of_rates
from tests.public.published import EAST, FALLS, METRIC, WAIT, WHOLE, YEAR, observation

QUARTER = ("2026-01-01", "2026-03-31", "quarter", "2026, quarter 1")


def documents(*entries: Any) -> list[dict[str, Any]]:
    return [entry.document for entry in entries]


def scope(row: dict[str, Any]) -> Scope:
    numbers = row["numerator"], row["denominator"]
    return scope_of(row["metric"]["code"], row["unit"], row["period"], *numbers)


def compare(rows: list[dict[str, Any]], by: tuple[str, ...]) -> Figure:
    words = vocabulary_of(rows)
    ways = ways_of(["*".join(by)], words) if by else []
    return figure_of(rows, scope(rows[0]), ways[0] if ways else None, words)


def test_usual_scope_is_largest_unit_latest_period_longest() -> None:
    before = ("2024-01-01", "2024-12-31", "year", "2024")
    last_quarter = ("2025-10-01", "2025-12-31", "quarter", "October to December 2025")
    rows = documents(
        observation(10, 100, unit=EAST, period=QUARTER),
        observation(50, 900, unit=WHOLE, period=before),
        observation(60, 900, unit=WHOLE, period=YEAR),
        observation(20, 300, unit=WHOLE, period=last_quarter),
    )
    found = usual_scope([scope(row) for row in rows])
    assert (found.unit_code, found.period_code) == ("all", "2025-01-01..2025-12-31")


def test_usual_scope_is_the_whole_institution_even_where_its_number_is_hidden() -> None:
    rows = documents(observation(10, 100, unit=EAST), observation(None, None, status="hidden", unit=WHOLE))
    assert usual_scope([scope(row) for row in rows]).unit_code == "all"


def test_usual_scope_of_plain_counts_is_the_largest_unit() -> None:
    rows = documents(
        observation(5, None, metric=WAIT, unit=EAST), observation(12, None, metric=WAIT, unit=WHOLE)
    )
    for row, numerator in zip(rows, (5, 12), strict=True):
        row["numerator"] = numerator
    assert usual_scope([scope(row) for row in rows]).unit_code == "all"


def test_groups_stand_in_the_order_of_the_community_and_gaps_in_records_last() -> None:
    rows = documents(
        observation(9, 90, race="unknown"),
        observation(9, 90, race="white"),
        observation(9, 90, race="asian"),
        observation(9, 90, race="black"),
    )
    labels = [line.label for line in compare(rows, ("race",)).lines]
    assert labels == ["Black or African American", "Asian", "White", "Not recorded"]


def test_comparison_takes_only_its_own_dimensions_and_everybody() -> None:
    rows = documents(
        observation(90, 900),
        observation(40, 400, race="black"),
        observation(20, 200, payer="medicaid"),
        observation(10, 100, race="black", payer="medicaid"),
    )
    by_race = compare(rows, ("race",))
    assert [line.cell.denominator for line in by_race.lines] == [400]
    assert by_race.overall.cell.denominator == 900
    crossed = compare(rows, ("payer", "race"))
    assert [line.label for line in crossed.lines] == ["Medicaid, Black or African American"]
    assert compare(rows, ()).lines == ()


def test_gap_of_shares_is_in_the_unit_shown() -> None:
    rows = documents(observation(60, 400, race="black"), observation(40, 800, race="white"))
    difference = compare(rows, ("race",)).difference
    expected = difference_of_proportions(60, 400, 40, 800)
    assert expected
    assert difference == expected.scaled(100)


def test_gap_of_rates_is_per_their_unit() -> None:
    rows = documents(
        observation(70, 20000, metric=FALLS, payer="medicaid"),
        observation(50, 28000, metric=FALLS, payer="private"),
    )
    assert compare(rows, ("payer",)).difference == difference_of_rates(70, 20000, 50, 28000, per=1000)


def test_gap_covers_shown_groups_and_counts_hidden_ones() -> None:
    rows = documents(
        observation(60, 400, race="black"),
        observation(40, 800, race="white"),
        observation(None, 90, status="hidden", race="asian"),
        observation(None, None, status="hidden", race="unknown"),
    )
    comparison = compare(rows, ("race",))
    assert comparison.gap is not None
    assert (comparison.hidden, comparison.gap.hidden, comparison.gap.compared) == (1, 1, 2)


def test_group_that_was_not_asked_is_neither_compared_nor_hidden() -> None:
    rows = documents(
        observation(60, 400, race="black"),
        observation(40, 800, race="white"),
        observation(None, None, status="not_asked", race="asian"),
    )
    comparison = compare(rows, ("race",))
    assert comparison.gap is not None
    assert (comparison.hidden, comparison.gap.hidden) == (0, 0)


def test_averages_have_the_published_range_and_the_gap_that_follows_from_it() -> None:
    rows = documents(
        observation(5000, 200, metric=WAIT, race="black"), observation(3000, 200, metric=WAIT, race="white")
    )
    comparison = compare(rows, ("race",))
    shown = [line.estimate for line in comparison.lines if line.estimate]
    assert [(one.value, round(one.low, 6), round(one.high, 6)) for one in shown] == [
        (25.0, 24.0, 26.0),
        (15.0, 14.0, 16.0),
    ]
    assert comparison.difference is not None
    assert round(comparison.difference.high, 6) == round(10 + 2**0.5, 6)


def test_full_count_of_something_else_than_people_has_no_range_and_no_gap() -> None:
    money = METRIC | {"counts_people": False}
    rows = documents(
        observation(60, 400, metric=money, race="black"), observation(40, 800, metric=money, race="white")
    )
    comparison = compare(rows, ("race",))
    assert comparison.gap is None
    assert [(line.value, line.estimate) for line in comparison.lines] == [(15.0, None), (5.0, None)]


def test_row_that_lacks_a_count_has_no_number_and_breaks_nothing() -> None:
    rows = [
        observation(60, 400, race="black").document | {"numerator": None},
        observation(60, 400, race="asian").document | {"denominator": None},
        observation(0, 0, race="white").document | {"numerator": 0},
    ]
    comparison = compare(rows, ("race",))
    assert comparison.gap is None
    assert [(line.value, line.estimate) for line in comparison.lines] == [
        (None, None),
        (60.0, None),
        (None, None),
    ]


def test_nothing_is_read_of_a_cell_that_is_not_published() -> None:
    document = observation(None, 90, status="hidden", race="asian").document | {
        "numerator": 5,
        "rate": 5.6,
        "ci": [1, 9],
    }
    cell = cell_of(document)
    assert {cell.numerator, cell.denominator, cell.squares} == {None}
    line = compare([document], ("race",)).lines[0]
    assert {line.value, line.observed, line.estimate} == {None}


def test_clear_gap_leads_even_when_an_unclear_one_is_wider() -> None:
    clear = compare(
        documents(observation(600, 4000, race="black"), observation(400, 4000, race="white")),
        ("race",),
    )
    unclear = compare(
        documents(observation(6, 20, payer="medicaid"), observation(4, 20, payer="private")),
        ("payer",),
    )
    nothing = compare(documents(observation(6, 20, payer="medicaid")), ("payer",))
    assert unclear.gap is not None
    assert clear.gap is not None
    assert unclear.gap.difference.value > clear.gap.difference.value
    assert sorted([nothing, unclear, clear], key=width_order) == [clear, unclear, nothing]
