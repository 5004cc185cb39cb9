"""Who is told to look at what, to the day."""

from __future__ import annotations

import datetime

import pytest

from practices.urgency import Reason, reasons
from practices.workflow import PracticeStatus as S

TODAY = datetime.date(2026, 6, 15)


def day(offset: int) -> datetime.date:
    return TODAY + datetime.timedelta(days=offset)


@pytest.mark.parametrize(
    ("status", "due", "last_news", "expected"),
    [
        (S.UNDER_WAY, None, 0, ()),
        (S.UNDER_WAY, -1, 0, (Reason.OVERDUE,)),
        (S.UNDER_WAY, 0, 0, (Reason.DUE_SOON,)),
        (S.UNDER_WAY, 14, 0, (Reason.DUE_SOON,)),
        (S.UNDER_WAY, 15, 0, ()),
        (S.NOT_STARTED, None, -44, ()),
        (S.NOT_STARTED, None, -45, (Reason.NO_NEWS,)),
        (S.STUCK, None, 0, (Reason.STUCK,)),
        (S.STUCK, -3, -50, (Reason.OVERDUE, Reason.STUCK, Reason.NO_NEWS)),
        (S.DONE, -3, -50, ()),
        (S.STOPPED, -3, -50, ()),
    ],
)
def test_reasons_to_the_day(status: S, due: int | None, last_news: int, expected: tuple[Reason, ...]) -> None:
    due_day = None if due is None else day(due)
    assert reasons(status, due=due_day, last_news=day(last_news), today=TODAY) == expected
