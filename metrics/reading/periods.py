"""The span of time that a count belongs to: a month, a quarter, a year, or a stated span."""

from __future__ import annotations

import re
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple


class Grain(StrEnum):
    """How long a period is. A `whole` period is a stated span that belongs to no calendar grain; a `rolling` one are
    twelve months that begin with any, which are only ever added up."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    WHOLE = "whole"
    ROLLING = "rolling"


OBSERVED = (Grain.MONTH, Grain.QUARTER, Grain.YEAR, Grain.WHOLE)
"""The grains that files may have."""

_MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}


class Period(NamedTuple):
    """First and last day, both included, and the grain."""

    start: date
    end: date
    grain: Grain

    @property
    def code(self) -> str:
        """How files write it: `2024-01`, `2024-Q1`, `2024`, or `1999-01-01/2008-12-31`. No file has `2024-06-R12`."""
        match self.grain:
            case Grain.MONTH:
                return f"{self.start:%Y-%m}"
            case Grain.QUARTER:
                return f"{self.start:%Y}-Q{(self.start.month + 2) // 3}"
            case Grain.YEAR:
                return f"{self.start:%Y}"
            case Grain.WHOLE:
                return f"{self.start.isoformat()}/{self.end.isoformat()}"
            case Grain.ROLLING:
                return f"{self.end:%Y-%m}-R12"


def containing(day: date, grain: Grain) -> Period:
    """The month, quarter or year that holds this day."""
    if grain not in _MONTHS:
        raise ValueError("Such a period has no calendar: state its first and last day.")
    months = _MONTHS[grain]
    first_month = (day.month - 1) // months * months + 1
    start = date(day.year, first_month, 1)
    return Period(start, _last_day(day.year, first_month + months - 1), grain)


def whole(start: date, end: date) -> Period:
    """A stated span of days."""
    if end < start:
        raise ValueError("A period ends on or after the day it starts.")
    return Period(start, end, Grain.WHOLE)


def rolling(last: date) -> Period:
    """The twelve months that end with this day, which is the last of a month."""
    after = last + timedelta(days=1)
    return Period(after.replace(year=after.year - 1), last, Grain.ROLLING)


def spanning(first: date, last: date, grain: Grain) -> Period:
    """The period of this grain from the first to the last day. Days that are not one such period: `ValueError`."""
    if grain is Grain.WHOLE:
        return whole(first, last)
    period = containing(first, grain)
    if (period.start, period.end) != (first, last):
        raise ValueError("These days are not one period of this grain.")
    return period


def parse_period(text: str) -> Period:
    """Read a period from its code. Anything else is a `ValueError`."""
    if "/" in text:
        first, last = text.split("/")
        return whole(_iso_day(first), _iso_day(last))
    match = _CALENDAR_CODE.fullmatch(text)
    if match is None:
        raise ValueError("This is not a period.")
    year = int(match["year"])
    if match["quarter"]:
        return containing(date(year, int(match["quarter"]) * 3, 1), Grain.QUARTER)
    if match["month"]:
        return containing(date(year, int(match["month"]), 1), Grain.MONTH)
    return containing(date(year, 1, 1), Grain.YEAR)


def parse_day(text: str) -> date:
    """Read a day written as `2024-01-31`, and no other way."""
    return _iso_day(text)


_CALENDAR_CODE = re.compile(r"(?P<year>[0-9]{4})(-(?P<month>[0-9]{2})|-Q(?P<quarter>[1-4]))?")
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _iso_day(text: str) -> date:
    if not _ISO_DAY.fullmatch(text):
        raise ValueError("This is not a day.")
    return date.fromisoformat(text)


def _last_day(year: int, month: int) -> date:
    if month == 12:
        return date(year, 12, 31)
    return date(year, month + 1, 1) - timedelta(days=1)
