"""The text that a person sees in a cell, but for its ornaments: days as 2024-01-31, whole numbers as digits.

A workbook stores a day as a number of days and 78% as 0.78; how the cell is formatted says which it is. Decimals are
kept also where the format hides them: what is rounded on the screen is not a count.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import NamedTuple


class Look(Enum):
    """What a number format makes of a number."""

    PLAIN = "plain"
    PERCENT = "percent"
    PADDED = "padded"
    DAY = "day"
    MOMENT = "moment"
    TIME = "time"
    DURATION = "duration"


class NumberLook(NamedTuple):
    """A look; `digits` is how many digits a padded number has at least."""

    look: Look
    digits: int = 0


PLAIN = NumberLook(Look.PLAIN)

_BUILT_IN = {
    9: NumberLook(Look.PERCENT),
    10: NumberLook(Look.PERCENT),
    **dict.fromkeys((14, 15, 16, 17), NumberLook(Look.DAY)),
    **dict.fromkeys((18, 19, 20, 21, 45, 47), NumberLook(Look.TIME)),
    22: NumberLook(Look.MOMENT),
    46: NumberLook(Look.DURATION),
    **dict.fromkeys((*range(27, 32), 36, *range(50, 59)), NumberLook(Look.DAY)),
    **dict.fromkeys((32, 33, 34, 35), NumberLook(Look.TIME)),
}
"""Formats that a workbook names by number only; 27 to 36 and 50 to 58 are dates and times of East Asia."""

_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_NOT_THE_FORMAT = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_NUMBER = re.compile(r"[-+]?[0-9]{1,400}(\.[0-9]{0,400})?([eE][-+]?[0-9]{1,3})?")
_PADDED = re.compile(r"0{2,}")
_MOST_DIGITS_OF_A_FLOAT = 15
_LARGEST_EXACT = 10**_MOST_DIGITS_OF_A_FLOAT


def built_in_look(number: int) -> NumberLook:
    """The look of a format that the workbook names by its number."""
    return _BUILT_IN.get(number, PLAIN)


def look_of_format(code: str) -> NumberLook:
    """The look of a format code such as `0.0%`, `00000`, `m/d/yyyy` or `#,##0`."""
    if _ELAPSED.search(code):
        return NumberLook(Look.DURATION)
    bare = _NOT_THE_FORMAT.sub("", code.split(";")[0]).lower()
    if bare in ("general", "@"):
        return PLAIN
    if "%" in bare:
        return NumberLook(Look.PERCENT)
    if _PADDED.fullmatch(bare):
        return NumberLook(Look.PADDED, len(bare))
    has_time = "h" in bare or "s" in bare
    has_day = "y" in bare or "d" in bare or ("m" in bare and not has_time)
    if has_day:
        return NumberLook(Look.MOMENT if has_time else Look.DAY)
    return NumberLook(Look.TIME) if has_time else PLAIN


def seen(number: str, look: NumberLook, *, from_1904: bool = False) -> str:
    """The number of a cell as its look shows it. A number that is none, or no day, is left as it stands."""
    if look.look is Look.PLAIN and number.isdigit():
        return number
    if _NUMBER.fullmatch(number) is None:
        return number
    value = float(number)
    match look.look:
        case Look.PLAIN:
            return _plain(value)
        case Look.PERCENT:
            return _plain(float(Decimal(repr(value)) * 100)) + "%"
        case Look.PADDED:
            return _plain(value).zfill(look.digits)
    return _on_the_clock(value, look.look, from_1904=from_1904) or _plain(value)


def _plain(value: float) -> str:
    """As many digits as a workbook keeps, so that 0.1 + 0.2 is 0.3 here as it is on the screen."""
    if value.is_integer() and abs(value) < _LARGEST_EXACT:
        return str(int(value))
    return format(value, f".{_MOST_DIGITS_OF_A_FLOAT}g")


def _on_the_clock(days: float, look: Look, *, from_1904: bool) -> str | None:
    if look is Look.DURATION:
        return _duration(days)
    moment = _moment(days, from_1904=from_1904)
    if moment is None:
        return None
    if look is Look.TIME:
        return moment.time().isoformat("seconds")
    if look is Look.DAY or moment.time() == datetime.min.time():
        return moment.date().isoformat()
    return moment.isoformat(" ", "seconds")


def _duration(days: float) -> str | None:
    try:
        seconds = round(days * 86_400)
    except (OverflowError, ValueError):
        return None
    if seconds < 0:
        return None
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _moment(days: float, *, from_1904: bool) -> datetime | None:
    """Spreadsheets count days from 1900 and believe that there was a 29 February 1900 (day 60)."""
    if from_1904:
        first = datetime(1904, 1, 1)
    else:
        first = datetime(1899, 12, 31) if days < 60 else datetime(1899, 12, 30)
    if not days >= 0:
        return None
    try:
        return first + timedelta(seconds=round(days * 86_400))
    except (OverflowError, ValueError):
        return None
