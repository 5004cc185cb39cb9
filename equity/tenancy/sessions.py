"""Sessions in PostgreSQL, read and written as the sign-in persona, whoever else is acting at that moment."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona


class SessionStore(DatabaseStore):
    """Every touch of the session table goes through here."""

    @classmethod
    def get_model_class(cls) -> Any:
        from django.contrib.sessions.models import Session

        return Session

    def load(self) -> Any:
        with acting_as(Persona.SIGNIN):
            return super().load()

    def exists(self, session_key: str) -> bool:
        with acting_as(Persona.SIGNIN):
            return super().exists(session_key)

    def save(self, must_create: bool = False) -> None:
        with acting_as(Persona.SIGNIN):
            super().save(must_create=must_create)

    def delete(self, session_key: str | None = None) -> None:
        with acting_as(Persona.SIGNIN):
            super().delete(session_key)

    @classmethod
    def clear_expired(cls) -> None:
        with acting_as(Persona.SIGNIN):
            super().clear_expired()
