"""Who sees what of a round, in which stage. Pure: plain values in, yes or no out.

Scores are not listed here: nobody ever sees another person's, and PostgreSQL keeps that (see `models/scores.py`).
"""

from __future__ import annotations

from accountability.workflow import HEARD, Stage
from equity.roles import Permission

REPLIES_ARE_OUT: frozenset[Stage] = HEARD - {Stage.REVEALED}


def sees_round(stage: Stage, permissions: frozenset[Permission]) -> bool:
    """A round that is being prepared is the facilitator's alone; the others are for everyone in the institution."""
    if stage is Stage.DRAFT:
        return Permission.RUN_ROUND in permissions
    return Permission.SEE_ROUNDS in permissions


def sees_results(stage: Stage, permissions: frozenset[Permission]) -> bool:
    """Distributions and reasons, from the reveal on; the institution sees them when the community does."""
    return stage in HEARD and Permission.SEE_ROUNDS in permissions


def sees_replies(stage: Stage, permissions: frozenset[Permission]) -> bool:
    """Those who reply see their words while they write them; everyone else when the institution has sent them."""
    if stage in REPLIES_ARE_OUT:
        return Permission.SEE_ROUNDS in permissions
    return stage is Stage.REVEALED and Permission.REPLY_TO_ROUND in permissions


def sees_whether_all_finished(stage: Stage, permissions: frozenset[Permission]) -> bool:
    """One word, yes or no, for the one person who needs it to reveal the round."""
    return stage is Stage.OPEN and Permission.RUN_ROUND in permissions
