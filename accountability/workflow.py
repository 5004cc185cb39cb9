"""The life of a review round, pure: which stage follows which, who may move it on, and when.

    draft → open (blind) → revealed → replied → ratified → published → superseded

No move lets the institution see early, edit, remove or unpublish: it can only reply.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from equity.roles import Permission


class Stage(StrEnum):
    """Where a round stands."""

    DRAFT = "draft"
    OPEN = "open"
    REVEALED = "revealed"
    REPLIED = "replied"
    RATIFIED = "ratified"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


class Move(StrEnum):
    """What brings a round to its next stage."""

    OPEN = "open"
    REVEAL = "reveal"
    REPLY = "reply"
    RATIFY = "ratify"
    PUBLISH = "publish"
    SUPERSEDE = "supersede"


class When(StrEnum):
    """What must be so before a move. The value says it in words, for the diagram."""

    ALWAYS = "at any time"
    READY = "there are questions, and people hold seats"
    HEARD = "every reviewer has finished, or the day set for it has come"
    ANSWERED_IN_TIME = "there is at least one reply, and the reply clock still runs"
    CLOCK_RAN_OUT = "the reply clock has run out"
    NEXT_PUBLISHED = "the body publishes a later round"


@dataclass(frozen=True)
class Facts:
    """What a move may depend on. `everyone_finished` is a yes or a no; how many have finished is told to nobody."""

    today: datetime.date
    questions: int
    seats: int
    reveal_from: datetime.date
    everyone_finished: bool
    replies: int
    reply_due_on: datetime.date | None
    later_published: bool = False

    @property
    def clock_ran_out(self) -> bool:
        """The last day of the clock still belongs to the institution."""
        return self.reply_due_on is not None and self.today > self.reply_due_on


IS_SO: dict[When, Callable[[Facts], bool]] = {
    When.ALWAYS: lambda _facts: True,
    When.READY: lambda facts: facts.questions > 0 and facts.seats > 0,
    When.HEARD: lambda facts: facts.everyone_finished or facts.today >= facts.reveal_from,
    When.ANSWERED_IN_TIME: lambda facts: facts.replies > 0 and not facts.clock_ran_out,
    When.CLOCK_RAN_OUT: lambda facts: facts.clock_ran_out,
    When.NEXT_PUBLISHED: lambda facts: facts.later_published,
}


@dataclass(frozen=True)
class Transition:
    """One arrow. `permission` None: no person makes this move, it follows from another."""

    move: Move
    source: Stage
    target: Stage
    permission: Permission | None
    when: When
    event: str


TRANSITIONS: tuple[Transition, ...] = (
    Transition(Move.OPEN, Stage.DRAFT, Stage.OPEN, Permission.RUN_ROUND, When.READY, "round.open"),
    Transition(Move.REVEAL, Stage.OPEN, Stage.REVEALED, Permission.RUN_ROUND, When.HEARD, "round.reveal"),
    Transition(
        Move.REPLY,
        Stage.REVEALED,
        Stage.REPLIED,
        Permission.REPLY_TO_ROUND,
        When.ANSWERED_IN_TIME,
        "round.reply",
    ),
    Transition(Move.RATIFY, Stage.REPLIED, Stage.RATIFIED, Permission.RUN_ROUND, When.ALWAYS, "round.ratify"),
    Transition(
        Move.RATIFY, Stage.REVEALED, Stage.RATIFIED, Permission.RUN_ROUND, When.CLOCK_RAN_OUT, "round.ratify"
    ),
    Transition(
        Move.PUBLISH, Stage.RATIFIED, Stage.PUBLISHED, Permission.RUN_ROUND, When.ALWAYS, "round.publish"
    ),
    Transition(
        Move.SUPERSEDE, Stage.PUBLISHED, Stage.SUPERSEDED, None, When.NEXT_PUBLISHED, "round.supersede"
    ),
)

HEARD: frozenset[Stage] = frozenset(Stage) - {Stage.DRAFT, Stage.OPEN}
"""Stages in which everybody has been heard: nothing can be scored any more, and results may be read."""


def find(move: Move, stage: Stage) -> Transition | None:
    """The arrow that `move` takes from `stage`, if there is one."""
    return next((one for one in TRANSITIONS if one.move is move and one.source is stage), None)


def open_to(stage: Stage, permissions: frozenset[Permission]) -> list[Transition]:
    """The moves that a person with these permissions could ever make from `stage`, whether or not it is time."""
    return [one for one in TRANSITIONS if one.source is stage and one.permission in permissions]


def is_time(transition: Transition, facts: Facts) -> bool:
    """Whether what must be so before the move is so."""
    return IS_SO[transition.when](facts)


def mermaid() -> str:
    """The diagram of this table, for `docs/workflow.md`."""
    lines = ["stateDiagram-v2", f"    [*] --> {Stage.DRAFT}"]
    for one in TRANSITIONS:
        who = one.permission or "nobody: it follows"
        lines.append(f"    {one.source} --> {one.target}: {one.move} ({who})")
    return "\n".join(lines)


def as_markdown() -> str:
    """The whole page `docs/workflow.md`: the diagram, then who, when and what the audit trail says."""
    rows = [
        f"| {one.move} | {one.source} | {one.target} | {one.permission or 'nobody: it follows'} | {one.when} | `{one.event}` |"
        for one in TRANSITIONS
    ]
    return "\n".join(
        [
            "# The life of a review round",
            "",
            "Written by `python manage.py workflow_page` from `accountability/workflow.py`; a test compares them.",
            "",
            "```mermaid",
            mermaid(),
            "```",
            "",
            "| move | from | to | permission | when | audit event |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
            "The institution can only reply. Nobody can edit or remove a score, in any stage.",
            "",
        ]
    )
