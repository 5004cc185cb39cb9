"""How an adopted practice moves from promise to proof. Pure."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum


class PracticeStatus(StrEnum):
    """How far a practice has come."""

    NOT_STARTED = "not_started"
    UNDER_WAY = "under_way"
    STUCK = "stuck"
    DONE = "done"
    STOPPED = "stopped"


class Refusal(StrEnum):
    """Why a practice may not take a status now."""

    NO_SUCH_MOVE = "no_such_move"
    NO_EVIDENCE = "no_evidence"


TRANSITIONS: dict[PracticeStatus, frozenset[PracticeStatus]] = {
    PracticeStatus.NOT_STARTED: frozenset(
        {PracticeStatus.UNDER_WAY, PracticeStatus.STUCK, PracticeStatus.STOPPED}
    ),
    PracticeStatus.UNDER_WAY: frozenset({PracticeStatus.STUCK, PracticeStatus.DONE, PracticeStatus.STOPPED}),
    PracticeStatus.STUCK: frozenset({PracticeStatus.UNDER_WAY, PracticeStatus.STOPPED}),
    PracticeStatus.DONE: frozenset({PracticeStatus.UNDER_WAY}),
    PracticeStatus.STOPPED: frozenset({PracticeStatus.UNDER_WAY}),
}
"""What is stuck or stopped must be under way again before it can be done; done can be taken up anew."""

OPEN: frozenset[PracticeStatus] = frozenset(
    {PracticeStatus.NOT_STARTED, PracticeStatus.UNDER_WAY, PracticeStatus.STUCK}
)
"""Still owed. Only an open practice can be late."""


def reachable(before: PracticeStatus) -> list[PracticeStatus]:
    """What news may say next: the same status, or one a single move away, in the order of the statuses."""
    return [status for status in PracticeStatus if status is before or status in TRANSITIONS[before]]


def refusal(before: PracticeStatus, after: PracticeStatus, *, has_evidence: bool) -> Refusal | None:
    """Why news may not say `after` of a practice that is `before`; None when it may.

    News that changes nothing is always welcome. Nothing becomes done without evidence.
    """
    if after is before:
        return None
    if after not in TRANSITIONS[before]:
        return Refusal.NO_SUCH_MOVE
    if after is PracticeStatus.DONE and not has_evidence:
        return Refusal.NO_EVIDENCE
    return None


def goal_status(practices: Collection[PracticeStatus]) -> PracticeStatus:
    """How far a goal has come, from the statuses of its practices.

    One stuck practice makes the goal stuck. It is done when nothing is owed and something was done,
    and stopped when everything was stopped. A goal without practices has not started.
    """
    found = set(practices)
    if not found or found == {PracticeStatus.NOT_STARTED}:
        return PracticeStatus.NOT_STARTED
    if PracticeStatus.STUCK in found:
        return PracticeStatus.STUCK
    if not found & OPEN:
        return PracticeStatus.DONE if PracticeStatus.DONE in found else PracticeStatus.STOPPED
    return (
        PracticeStatus.NOT_STARTED
        if found <= {PracticeStatus.NOT_STARTED, PracticeStatus.STOPPED}
        else PracticeStatus.UNDER_WAY
    )
