"""Whose rows of a round are whose, as PostgreSQL checks it: the policies that several tables of a round share."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models

from accountability.workflow import Stage
from equity.roles import Permission
from equity.tenancy.personas import TALLY, Persona
from equity.tenancy.walls import IN_ORGANISATION, PERSON, Policy, holds, tenant_table

MINE = f"{IN_ORGANISATION} AND person_id = {PERSON}"
RUN_BY_ME = f"{IN_ORGANISATION} AND {holds(Permission.RUN_ROUND)}"
ANSWERED_BY_ME = f"{IN_ORGANISATION} AND {holds(Permission.REPLY_TO_ROUND)}"
OF_A_ROUND_I_SEE = f"{IN_ORGANISATION} AND round_id IN (SELECT id FROM accountability_round)"
"""PostgreSQL asks the policy of the round itself: a round that is being prepared is its facilitator's alone."""


def in_stage(*stages: Stage) -> str:
    """SQL: the row's round stands in one of `stages`."""
    among = ", ".join(f"'{stage.value}'" for stage in sorted(stages))
    return f"round_id IN (SELECT id FROM accountability_round WHERE stage IN ({among}))"


def counted_table(
    table: str, *, keys: Iterable[str], written: str, counted: str = IN_ORGANISATION
) -> list[models.BaseConstraint]:
    """Constraints of a table that is added to and never changed, that each person reads their own rows of, and that
    nobody but the functions of `equity_tally` reads as a whole.

    `written`: the rows that a member may add; `counted`: those that the functions see.
    """
    return tenant_table(
        table,
        keys=keys,
        operator="SI",
        policies=[
            Policy(Persona.MEMBER, "S", MINE),
            Policy(Persona.MEMBER, "I", written),
            Policy(TALLY, "S", counted),
        ],
    )
