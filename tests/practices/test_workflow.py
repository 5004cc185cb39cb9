"""The status table, told a second time: what may follow what, and what a goal makes of its practices."""

from __future__ import annotations

import itertools

import pytest

from practices.workflow import PracticeStatus as S
from practices.workflow import Refusal, goal_status, reachable, refusal

ALLOWED = {
    ("not_started", "under_way"),
    ("not_started", "stuck"),
    ("not_started", "stopped"),
    ("under_way", "stuck"),
    ("under_way", "done"),
    ("under_way", "stopped"),
    ("stuck", "under_way"),
    ("stuck", "stopped"),
    ("done", "under_way"),
    ("stopped", "under_way"),
}


@pytest.mark.parametrize(("before", "after"), list(itertools.product(S, S)))
def test_move_with_evidence_is_allowed_only_when_the_table_says_so(before: S, after: S) -> None:
    allowed = before is after or (before.value, after.value) in ALLOWED
    assert refusal(before, after, has_evidence=True) is (None if allowed else Refusal.NO_SUCH_MOVE)


@pytest.mark.parametrize(("before", "after"), list(itertools.product(S, S)))
def test_move_without_evidence_differs_only_in_what_becomes_done(before: S, after: S) -> None:
    expected = refusal(before, after, has_evidence=True)
    if (before, after) == (S.UNDER_WAY, S.DONE):
        expected = Refusal.NO_EVIDENCE
    assert refusal(before, after, has_evidence=False) is expected


def test_news_of_a_done_practice_needs_no_new_evidence() -> None:
    assert refusal(S.DONE, S.DONE, has_evidence=False) is None


def test_reachable_keeps_the_order_of_statuses_and_the_present_one() -> None:
    assert reachable(S.UNDER_WAY) == [S.UNDER_WAY, S.STUCK, S.DONE, S.STOPPED]
    assert reachable(S.STOPPED) == [S.UNDER_WAY, S.STOPPED]


@pytest.mark.parametrize(
    ("practices", "goal"),
    [
        ([], S.NOT_STARTED),
        ([S.NOT_STARTED, S.NOT_STARTED], S.NOT_STARTED),
        ([S.NOT_STARTED, S.STOPPED], S.NOT_STARTED),
        ([S.UNDER_WAY], S.UNDER_WAY),
        ([S.NOT_STARTED, S.DONE], S.UNDER_WAY),
        ([S.UNDER_WAY, S.STUCK, S.DONE], S.STUCK),
        ([S.DONE, S.DONE], S.DONE),
        ([S.DONE, S.STOPPED], S.DONE),
        ([S.STOPPED, S.STOPPED], S.STOPPED),
    ],
)
def test_goal_status_follows_from_its_practices(practices: list[S], goal: S) -> None:
    assert goal_status(practices) is goal
