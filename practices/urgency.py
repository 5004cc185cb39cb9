"""Which practices need somebody now. Pure: dates and statuses in, reasons out."""

from __future__ import annotations

import datetime
from enum import StrEnum

from practices.workflow import OPEN, PracticeStatus

SOON = datetime.timedelta(days=14)
QUIET = datetime.timedelta(days=45)


class Reason(StrEnum):
    """Why a practice needs somebody, the most pressing first."""

    OVERDUE = "overdue"
    STUCK = "stuck"
    DUE_SOON = "due_soon"
    NO_NEWS = "no_news"


def days_late(status: PracticeStatus, due: datetime.date | None, today: datetime.date) -> int:
    """Days since a practice that is still owed was due; 0 when it is not late."""
    return max((today - due).days, 0) if due is not None and status in OPEN else 0


def reasons(
    status: PracticeStatus, *, due: datetime.date | None, last_news: datetime.date, today: datetime.date
) -> tuple[Reason, ...]:
    """Every reason to look at a practice today, the most pressing first. What is done or stopped has none.

    A practice is due soon from 14 days before its day up to that day. It has had no news when the last was
    45 days ago or more.
    """
    if status not in OPEN:
        return ()
    found = {
        Reason.OVERDUE: days_late(status, due, today) > 0,
        Reason.STUCK: status is PracticeStatus.STUCK,
        Reason.DUE_SOON: due is not None and today <= due <= today + SOON,
        Reason.NO_NEWS: today - last_news >= QUIET,
    }
    return tuple(reason for reason in Reason if found[reason])
