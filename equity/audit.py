"""The audit trail: every action writes one row in its own transaction. Who reads it: `equity.tenancy.trail`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from equity.tenancy.models import AuditEvent, Person


@dataclass(frozen=True)
class Actor:
    """Whoever is not a person and acts as itself: an institution's own system, with its key in its name."""

    pk: UUID
    name: str


def record(event: str, *, by: Person | Actor | None, target: Any, **details: Any) -> AuditEvent:
    """Write that `by` (nobody: the system) did `event` to `target`, a row of an institution.

    `event` is "noun.verb", as in "practice.adopt". `details` hold plain values: what changed, from what to what.
    """
    return AuditEvent.objects.create(
        organisation_id=target.organisation_id,
        event=event,
        by_person=by.pk if by else None,
        by_name=by.name if by else "",
        target_kind=target._meta.model_name,
        target_id=str(target.pk),
        target_name=str(target)[:300],
        details=details,
    )
