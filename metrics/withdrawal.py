"""The life of a published table, and who may take it back. Pure.

A table is a measure in a period with all its units and groups. It is withdrawn whole: one row that vanishes would point at
the count behind it.

    unpublished → published → withdrawn → published

Back from withdrawn leads only a release, checked like every other: what was shown once counts as known, whoever kept it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from equity.roles import Permission


class State(StrEnum):
    """How a table stands."""

    UNPUBLISHED = "unpublished"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Move(StrEnum):
    """What brings a table to its next state."""

    RELEASE = "release"
    WITHDRAW = "withdraw"


@dataclass(frozen=True)
class Transition:
    """One arrow. `permission`: by who holds the measure, "institution" or "community"."""

    move: Move
    source: State
    target: State
    permission: Mapping[str, Permission]
    event: str


PUBLISHES = {"institution": Permission.PUBLISH_RELEASE, "community": Permission.PUBLISH_RELEASE}
"""The institution publishes; what the community holds it publishes with the community's word only (`metrics.consent`)."""
TAKES_BACK = {"institution": Permission.PUBLISH_RELEASE, "community": Permission.AGREE_TO_FIGURES}

TRANSITIONS = (
    Transition(Move.RELEASE, State.UNPUBLISHED, State.PUBLISHED, PUBLISHES, "release.publish"),
    Transition(Move.WITHDRAW, State.PUBLISHED, State.WITHDRAWN, TAKES_BACK, "release.withdraw"),
    Transition(Move.RELEASE, State.WITHDRAWN, State.PUBLISHED, PUBLISHES, "release.publish"),
)


def find(move: Move, state: State) -> Transition | None:
    """The arrow that `move` takes from `state`, if there is one."""
    return next((one for one in TRANSITIONS if one.move is move and one.source is state), None)


def may_withdraw(held_by: str, permissions: Collection[Permission]) -> bool:
    """Whether somebody with these permissions decides on what this side holds."""
    return TAKES_BACK[held_by] in permissions
