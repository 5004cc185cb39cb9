"""Which periods are waited for: the table of metrics.expecting, line by line."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.completeness import NUMBER, Reporter, Reports
from metrics.expecting import due_on, never_given, waited_for
from metrics.reading.periods import Grain, parse_period

TODAY = date(2026, 6, 10)
EAST = Reporter("east", "East Hospital")
KINDS = [NUMBER, "not_collected", "not_asked", "withheld", "not_yet_due"]


def waited(said: dict[str, str], today: date = TODAY, closed_on: date | None = None) -> list[str]:
    words = {parse_period(code): kind for code, kind in said.items()}
    return [period.code for period in waited_for(words, today=today, closed_on=closed_on)]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, []),
        ({"2026-05": NUMBER}, []),
        ({"2026-05": "not_collected"}, []),
        ({"2026-05": "withheld"}, []),
        ({"2026-05": "not_asked"}, []),
        ({"2026-05": "not_yet_due"}, ["2026-05"]),
        ({"2026-03": NUMBER}, ["2026-04", "2026-05"]),
        ({"2026-03": "not_collected"}, ["2026-04", "2026-05"]),
        ({"2026-03": "not_asked"}, []),
        ({"2026-02": NUMBER, "2026-03": "not_asked", "2026-05": NUMBER}, []),
        ({"2026-01": "not_asked", "2026-03": NUMBER}, ["2026-04", "2026-05"]),
        ({"2026-02": NUMBER, "2026-04": NUMBER}, ["2026-03", "2026-05"]),
        ({"2025-Q4": NUMBER}, ["2026-Q1"]),
        ({"2024": NUMBER}, ["2025"]),
        ({"2020-01-01/2020-12-31": NUMBER}, []),
    ],
)
def test_what_a_unit_said_decides_what_it_owes(said: dict[str, str], expected: list[str]) -> None:
    assert waited(said) == expected


@pytest.mark.parametrize(
    ("today", "expected"),
    [(date(2026, 5, 31), []), (date(2026, 6, 1), ["2026-05"]), (date(2026, 7, 1), ["2026-05", "2026-06"])],
)
def test_a_period_is_waited_for_from_the_day_after_it_ends(today: date, expected: list[str]) -> None:
    assert waited({"2026-04": NUMBER}, today) == expected


@pytest.mark.parametrize(
    ("closed_on", "expected"),
    [
        (date(2026, 3, 31), []),
        (date(2026, 4, 1), ["2026-04"]),
        (date(2026, 5, 1), ["2026-04", "2026-05"]),
    ],
)
def test_a_closed_unit_owes_only_what_began_before_it_closed(closed_on: date, expected: list[str]) -> None:
    assert waited({"2026-03": NUMBER}, closed_on=closed_on) == expected


@pytest.mark.parametrize(
    ("grain", "asked_from", "expected"),
    [
        (Grain.MONTH, date(2026, 4, 30), ["2026-04", "2026-05"]),
        (Grain.MONTH, date(2026, 6, 1), []),
        (Grain.QUARTER, date(2026, 2, 1), ["2026-Q1"]),
        (Grain.YEAR, date(2026, 2, 1), []),
    ],
)
def test_where_nobody_has_spoken_it_begins_with_the_day_it_is_asked_from(
    grain: Grain, asked_from: date, expected: list[str]
) -> None:
    found = never_given(grain, asked_from=asked_from, today=TODAY)
    assert [period.code for period in found] == expected


def test_due_days_are_counted_from_the_last_day() -> None:
    assert due_on(parse_period("2026-Q1"), 30) == date(2026, 4, 30)
    assert due_on(parse_period("2026-05"), 0) == date(2026, 5, 31)


@given(st.dictionaries(st.integers(1, 17), st.sampled_from(KINDS), min_size=1))
def test_what_is_waited_for_is_a_gap_for_completeness_too(said: dict[int, str]) -> None:
    """Every silent period that somebody is reminded of keeps its year from being whole, beside a unit that has given all."""
    words = {parse_period(f"{2025 + (n - 1) // 12}-{(n - 1) % 12 + 1:02}"): kind for n, kind in said.items()}
    others = {parse_period(f"{2025 + n // 12}-{n % 12 + 1:02}"): NUMBER for n in range(24)}
    reports = Reports({EAST: words, Reporter("west", "West Clinic"): others}, TODAY)
    gaps = {silence.part for silences in reports.open.values() for silence in silences}
    assert set(waited_for(words, today=TODAY)) <= gaps
