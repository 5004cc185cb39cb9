"""Who reads which entry of the audit trail. The only place that says so; PostgreSQL enforces it (`AuditEvent`'s policy).

An entry is for everybody who may read the trail, unless it tells what one side prepares. That is for those who prepare
it, and stays so: a question that the board thought about and dropped is not a finding. The act that ends the preparing
(`round.open`, `round.reply`) is an entry for everybody and says what came of it.

Who sits in a governance body, and who was asked to, is the body's own too: beside the reasons of a round it would help
to tell who wrote them. Scoring needs no rule, because it leaves no entry.
"""

from __future__ import annotations

from collections.abc import Mapping

from equity.roles import COMMUNITY, Permission
from equity.tenancy.walls import IN_ORGANISATION, holds

READ_WITH: Mapping[Permission, frozenset[str]] = {
    Permission.RUN_ROUND: frozenset({"round.plan", "round.change_plan", "seat.fill", "seat.end"}),
    Permission.REPLY_TO_ROUND: frozenset({"reply.write", "reply.change"}),
}
"""Entries that are read with the permission to do what they tell, and not otherwise."""

OF_A_ROLE = frozenset({"membership.grant", "membership.end"})
"""Entries whose details name a role: of a role in a governance body they are read with RUN_ROUND."""


def _listed(words: frozenset[str]) -> str:
    return ", ".join(f"'{word}'" for word in sorted(words))


def readable() -> str:
    """SQL: the rows of the audit trail that whoever is asking may read; nobody writes one that they could not."""
    of_the_body = f"event IN ({_listed(OF_A_ROLE)}) AND details->>'role' IN ({_listed(COMMUNITY)})"
    kept = {permission: f"event IN ({_listed(events)})" for permission, events in READ_WITH.items()}
    kept[Permission.RUN_ROUND] += f" OR {of_the_body}"
    rules = [f"(({rows}) IS FALSE OR {holds(permission)})" for permission, rows in kept.items()]
    return " AND ".join([IN_ORGANISATION, *rules])
