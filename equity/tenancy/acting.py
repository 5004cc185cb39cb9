"""Acting as a persona: the only way to reach the database.

`acting_as` opens a transaction, tells PostgreSQL in one round trip who is asking (role, institution, person, client)
and puts the former answer back when it ends, so that nothing outlives the block: nested blocks, pooled connections
and tests cannot leak. The settings are transaction-local; a session-level setting survives in a pool (it was tried).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import connections, transaction

from equity.tenancy.personas import LOGIN_OF, Login, Persona

ALIASES: dict[Login, str] = {login: login.value for login in Login}


@dataclass(frozen=True)
class Acting:
    """Who is asking, for which institution, on which connection."""

    persona: Persona | None
    alias: str
    organisation_id: int | None = None
    person_id: UUID | None = None
    client_id: UUID | None = None
    credential: str | None = None

    def settings(self) -> list[str]:
        """Values of role, app.organisation, app.person, app.client and app.credential, in that order."""
        given = (self.organisation_id, self.person_id, self.client_id, self.credential)
        return [self.persona or "none", *("" if value is None else str(value) for value in given)]


class NoPersona(RuntimeError):
    """A query was tried without saying as whom."""


_stack: ContextVar[tuple[Acting, ...]] = ContextVar("acting", default=())


def current() -> Acting:
    """Who is acting now; refuses outside `acting_as`."""
    stack = _stack.get()
    if not stack:
        raise NoPersona("No persona: wrap this in acting_as(...).")
    return stack[-1]


def current_or_none() -> Acting | None:
    """Who is acting now, if anybody."""
    stack = _stack.get()
    return stack[-1] if stack else None


def _tell(acting: Acting) -> None:
    with connections[acting.alias].cursor() as cursor:
        cursor.execute(
            "SELECT set_config('role', %s, true), set_config('app.organisation', %s, true),"
            " set_config('app.person', %s, true), set_config('app.client', %s, true),"
            " set_config('app.credential', %s, true)",
            acting.settings(),
        )


@contextmanager
def _as(acting: Acting) -> Iterator[Acting]:
    connection = connections[acting.alias]
    outer = _stack.get()
    with transaction.atomic(using=acting.alias):
        _tell(acting)
        token = _stack.set((*outer, acting))
        try:
            yield acting
        finally:
            _stack.reset(token)
    # Only reached on success: a rolled-back savepoint puts the settings back by itself, a released one does not.
    if connection.in_atomic_block and not connection.needs_rollback:
        former = next((a for a in reversed(outer) if a.alias == acting.alias), Acting(None, acting.alias))
        _tell(former)


def _id(value: Any) -> Any:
    return getattr(value, "pk", value)


@contextmanager
def acting_as(
    persona: Persona,
    *,
    organisation: Any = None,
    person: Any = None,
    client: Any = None,
    credential: str | None = None,
) -> Iterator[Acting]:
    """Run one transaction as `persona`; objects or their ids are accepted.

    `credential` is the hash of an API key: with it, a client may find the one key that it holds.
    Nested blocks become savepoints of the same transaction when the login is the same.
    """
    acting = Acting(
        persona,
        ALIASES[LOGIN_OF[persona]],
        organisation_id=_id(organisation),
        person_id=_id(person),
        client_id=_id(client),
        credential=credential,
    )
    with _as(acting) as entered:
        yield entered


@contextmanager
def within(organisation: Any) -> Iterator[Acting]:
    """The same persona, now in this institution."""
    with _as(replace(current(), organisation_id=_id(organisation))) as entered:
        yield entered


class PersonaRouter:
    """Sends every query to the connection of whoever is acting."""

    def db_for_read(self, model: type, **hints: Any) -> str:
        return current().alias

    db_for_write = db_for_read

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == Login.OWNER.value
