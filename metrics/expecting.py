"""Which periods a unit still has to give its counts for, and until when. Pure.

| what the unit has said of the period                   | is it waited for?                                      |
|--------------------------------------------------------|--------------------------------------------------------|
| a number, "not collected", "not asked" or "withheld"   | no: it is answered                                     |
| "not due yet"                                          | yes: a promise is no answer                            |
| nothing, and its last word before was "not asked"      | no: it is not asked until it speaks again              |
| nothing, and it has spoken before                      | yes                                                    |
| nothing, and it speaks later only                      | no: it is asked from its first word on                 |
| nothing, ever, while another unit has spoken           | no, for the same reason                                |
| nothing, and no unit ever has                          | yes, from the day on that the measure is asked for     |
| anything, and the period is not over                   | no                                                     |
| nothing, and the unit closed before the period began   | no                                                     |

So a unit is asked as `completeness` says: what is waited for here is what keeps a total from being whole there, except for a
blank that was given on purpose, which stays a gap but is nobody's duty any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from metrics.completeness import Said
from metrics.reading.cells import BlankKind
from metrics.reading.periods import Grain, Period, containing

LONGEST_DUE_DAYS = 366


def waited_for(said: Said, *, today: date, closed_on: date | None = None) -> list[Period]:
    """The periods that a unit which has spoken still owes, in order. All that it said has one grain."""
    if not said:
        return []
    first = min(said)
    found, asked = [], True
    for period in _over(first, today):
        word = said.get(period)
        if word is not None:
            asked = word != BlankKind.NOT_ASKED
        if asked and word in (None, BlankKind.NOT_YET_DUE) and not _is_closed(period, closed_on):
            found.append(period)
    return found


def never_given(grain: Grain, *, asked_from: date, today: date) -> list[Period]:
    """The periods that a measure of which nobody has said anything is waited for, in order."""
    return list(_over(containing(asked_from, grain), today))


def due_on(period: Period, due_days: int) -> date:
    """The last day on which its counts are in time."""
    return period.end + timedelta(days=due_days)


def _over(first: Period, today: date) -> Iterator[Period]:
    """This period and those that follow it, as long as they are over."""
    if first.grain is Grain.WHOLE:
        return
    period = first
    while period.end < today:
        yield period
        period = containing(period.end + timedelta(days=1), first.grain)


def _is_closed(period: Period, closed_on: date | None) -> bool:
    return closed_on is not None and period.start > closed_on
