"""Where a line breaks because something else is counted from then on. Pure."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from metrics.reading.periods import Period


@dataclass(frozen=True)
class Break:
    """From `first_day` on a metric counts something else: points before and after it are not one line."""

    number: int
    first_day: datetime.date
    reason: str


def segments(starts: Iterable[datetime.date], at: Iterable[Break]) -> list[int]:
    """For the first days of periods, in order: the number of the version that each belongs to.

    A period that begins before a break belongs to the version before it, though the break falls into it.
    """
    changes = sorted(at, key=lambda one: one.first_day)
    return [max((one.number for one in changes if one.first_day <= start), default=1) for start in starts]


def unbroken(periods: Iterable[Period], at: Iterable[Break]) -> list[Period]:
    """The periods that count the same as the latest: a change is told between such ones only."""
    found, cuts = list(periods), list(at)
    if not cuts or not found:
        return found
    versions = segments((period.start for period in found), cuts)
    last = max(versions)
    return [period for period, version in zip(found, versions, strict=True) if version == last]
