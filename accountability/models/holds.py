"""A permission as PostgreSQL sees it: written from `equity.roles`, so that the two cannot drift apart."""

from __future__ import annotations

from equity.roles import MAY, Permission
from equity.tenancy.walls import ORGANISATION, PERSON


def holds(permission: Permission) -> str:
    """SQL: whoever is asking holds a role here that allows `permission`. Evaluated once a statement."""
    roles = ", ".join(f"'{role.value}'" for role, may in MAY.items() if permission in may)
    return (
        "(SELECT EXISTS (SELECT 1 FROM tenancy_membership AS held"
        f" WHERE held.organisation_id = {ORGANISATION} AND held.person_id = {PERSON}"
        f" AND held.ended_on IS NULL AND held.role IN ({roles})))"
    )
