"""Periods are written in one way and read back as what they were."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.reading.periods import OBSERVED, Grain, Period, containing, parse_period, rolling, whole

DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))
CALENDAR_GRAINS = st.sampled_from([Grain.MONTH, Grain.QUARTER, Grain.YEAR])


@pytest.mark.parametrize(
    ("day", "grain", "code", "start", "end"),
    [
        (date(2024, 2, 10), Grain.MONTH, "2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        (date(2023, 12, 31), Grain.MONTH, "2023-12", date(2023, 12, 1), date(2023, 12, 31)),
        (date(2024, 5, 1), Grain.QUARTER, "2024-Q2", date(2024, 4, 1), date(2024, 6, 30)),
        (date(2024, 12, 1), Grain.QUARTER, "2024-Q4", date(2024, 10, 1), date(2024, 12, 31)),
        (date(2024, 7, 4), Grain.YEAR, "2024", date(2024, 1, 1), date(2024, 12, 31)),
    ],
)
def test_period_containing_a_day_has_the_calendar_bounds(
    day: date, grain: Grain, code: str, start: date, end: date
) -> None:
    period = containing(day, grain)
    assert period == Period(start, end, grain)
    assert period.code == code


@given(DAYS, CALENDAR_GRAINS)
def test_calendar_period_is_read_back_from_its_code(day: date, grain: Grain) -> None:
    period = containing(day, grain)
    assert period.start <= day <= period.end
    assert parse_period(period.code) == period


@given(DAYS, st.integers(0, 5_000))
def test_whole_period_is_read_back_from_its_code(start: date, days: int) -> None:
    period = whole(start, start + timedelta(days=days))
    assert parse_period(period.code) == period


@given(DAYS, CALENDAR_GRAINS)
def test_next_period_starts_the_day_after(day: date, grain: Grain) -> None:
    period = containing(day, grain)
    following = containing(period.end + timedelta(days=1), grain)
    assert following.start == period.end + timedelta(days=1)


@pytest.mark.parametrize(
    "text",
    ["", "24-01", "2024-13", "2024-00", "2024-Q5", "2024-Q0", "2024-1", "Jan-24", "2024-01-15", "0000",
     "2024-01-31/2024-01-01", "2024-01-01/", "2024-01-01/2024-02-01/2024-03-01", "2024-02-30/2024-03-01",
     "\u0662\u0660\u0662\u0664", "2024-01\n"],
)  # fmt: skip
def test_period_that_is_written_otherwise_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_period(text)


def test_whole_period_has_no_calendar() -> None:
    with pytest.raises(ValueError, match="calendar"):
        containing(date(2024, 1, 1), Grain.WHOLE)


@pytest.mark.parametrize(
    ("last", "first", "code"),
    [
        (date(2024, 6, 30), date(2023, 7, 1), "2024-06-R12"),
        (date(2024, 2, 29), date(2023, 3, 1), "2024-02-R12"),
        (date(2023, 12, 31), date(2023, 1, 1), "2023-12-R12"),
    ],
)
def test_twelve_months_to_a_month(last: date, first: date, code: str) -> None:
    period = rolling(last)
    assert (period.start, period.end, period.code) == (first, last, code)


def test_no_file_has_rolling_months() -> None:
    assert Grain.ROLLING not in OBSERVED
    with pytest.raises(ValueError):
        parse_period("2024-06-R12")
    with pytest.raises(ValueError):
        containing(date(2024, 6, 1), Grain.ROLLING)
