"""The five steps, pure. Circular: after the fifth comes the first of the next cycle, and any step may come first."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class StepNumber(IntEnum):
    """The guide's order; overlapping and starting anywhere are allowed."""

    COMMIT = 1
    BUILD_CAPACITY = 2
    ASSESS = 3
    CHANGE = 4
    LEARN = 5


class StepState(StrEnum):
    """How far a step has come in this cycle."""

    NOT_STARTED = "not_started"
    UNDER_WAY = "under_way"
    DONE = "done"


TRANSITIONS: dict[StepState, frozenset[StepState]] = {
    StepState.NOT_STARTED: frozenset({StepState.UNDER_WAY}),
    StepState.UNDER_WAY: frozenset({StepState.DONE, StepState.NOT_STARTED}),
    StepState.DONE: frozenset({StepState.UNDER_WAY}),
}
"""A step may be taken up again: learning often shows that it was not done."""
