"""Who may do what. Pure: read this table, or test it, without a database.

A role is held in one institution. A person may hold several; what they may do is the union.
"""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """The part a person plays for one institution."""

    EQUITY_LEAD = "equity_lead"
    COUNCIL_MEMBER = "council_member"
    PRACTICE_OWNER = "practice_owner"
    ANALYST = "analyst"
    REVIEWER = "reviewer"
    FACILITATOR = "facilitator"


class Permission(StrEnum):
    """One thing that can be done in an institution."""

    SEE_PROGRAMME = "see_programme"
    RUN_PROGRAMME = "run_programme"
    UPDATE_PRACTICE = "update_practice"
    SEE_DASHBOARDS = "see_dashboards"
    SEE_FULL_COUNTS = "see_full_counts"
    IMPORT_COUNTS = "import_counts"
    PREPARE_RELEASE = "prepare_release"
    PUBLISH_RELEASE = "publish_release"
    SEE_ROUNDS = "see_rounds"
    SCORE = "score"
    RUN_ROUND = "run_round"
    REPLY_TO_ROUND = "reply_to_round"
    SEE_AUDIT_TRAIL = "see_audit_trail"
    SEE_PEOPLE = "see_people"
    CHOOSE_METRICS = "choose_metrics"
    PROPOSE_METRIC = "propose_metric"
    AGREE_TO_FIGURES = "agree_to_figures"
    PROPOSE_GROUPS = "propose_groups"
    APPROVE_GROUPS = "approve_groups"
    MANAGE_UNITS = "manage_units"
    MANAGE_KEYS = "manage_keys"


_EVERYONE = frozenset(
    {Permission.SEE_PROGRAMME, Permission.SEE_DASHBOARDS, Permission.SEE_ROUNDS, Permission.SEE_PEOPLE}
)
_INSTITUTION = _EVERYONE | {Permission.UPDATE_PRACTICE, Permission.SEE_AUDIT_TRAIL}

MAY: dict[Role, frozenset[Permission]] = {
    Role.EQUITY_LEAD: _INSTITUTION
    | {
        Permission.RUN_PROGRAMME,
        Permission.SEE_FULL_COUNTS,
        Permission.IMPORT_COUNTS,
        Permission.PREPARE_RELEASE,
        Permission.PUBLISH_RELEASE,
        Permission.REPLY_TO_ROUND,
        Permission.CHOOSE_METRICS,
        Permission.PROPOSE_GROUPS,
        Permission.MANAGE_UNITS,
        Permission.MANAGE_KEYS,
    },
    Role.COUNCIL_MEMBER: _INSTITUTION
    | {
        Permission.RUN_PROGRAMME,
        Permission.SEE_FULL_COUNTS,
        Permission.CHOOSE_METRICS,
        Permission.PROPOSE_GROUPS,
    },
    Role.PRACTICE_OWNER: _INSTITUTION,
    Role.ANALYST: _INSTITUTION
    | {
        Permission.SEE_FULL_COUNTS,
        Permission.IMPORT_COUNTS,
        Permission.PREPARE_RELEASE,
        Permission.PROPOSE_GROUPS,
    },
    Role.REVIEWER: _EVERYONE
    | {
        Permission.SCORE,
        Permission.SEE_AUDIT_TRAIL,
        Permission.PROPOSE_METRIC,
        Permission.PROPOSE_GROUPS,
    },
    Role.FACILITATOR: _EVERYONE
    | {
        Permission.RUN_ROUND,
        Permission.SEE_AUDIT_TRAIL,
        Permission.PROPOSE_METRIC,
        Permission.AGREE_TO_FIGURES,
        Permission.PROPOSE_GROUPS,
        Permission.APPROVE_GROUPS,
    },
}

INSIDERS: frozenset[Role] = frozenset(role for role, may in MAY.items() if Permission.SEE_FULL_COUNTS in may)
"""Named insiders of the institution: the only people to whom a count of 1–10 is shown."""

COMMUNITY: frozenset[Role] = frozenset({Role.REVIEWER, Role.FACILITATOR})
"""Roles that belong to a governance body. They are never granted together with an insider's role."""


def permissions_of(roles: frozenset[Role]) -> frozenset[Permission]:
    """Everything that a person with these roles may do."""
    return frozenset().union(*(MAY[role] for role in roles)) if roles else frozenset()
