"""The ten personas and the logins that may assume them. Pure.

A persona is a database role without a password. Every transaction runs as exactly one. A login is a role
with a password and no rights of its own, able to assume its own personas only, so that even a hole in a public
page cannot become a member.
"""

from __future__ import annotations

from enum import StrEnum


class Persona(StrEnum):
    """Who the database believes is asking."""

    SIGNIN = "equity_signin"
    PUBLIC = "equity_public"
    CLIENT = "equity_client"
    INTAKE = "equity_intake"
    MEMBER = "equity_member"
    SENDER = "equity_sender"
    WORKER = "equity_worker"
    SCHEDULER = "equity_scheduler"
    OPERATOR = "equity_operator"


class Login(StrEnum):
    """A connection's own role; the value is its alias in DATABASES."""

    INSIDE = "default"
    OUTSIDE = "outside"
    WORK = "work"
    OWNER = "owner"


TALLY = "equity_tally"
"""Owns the functions that count scores after the reveal. Nobody can assume it; only its functions run as it."""

LOGIN_OF: dict[Persona, Login] = {
    Persona.SIGNIN: Login.INSIDE,
    Persona.MEMBER: Login.INSIDE,
    Persona.PUBLIC: Login.OUTSIDE,
    Persona.CLIENT: Login.OUTSIDE,
    Persona.INTAKE: Login.OUTSIDE,
    Persona.SENDER: Login.OUTSIDE,
    Persona.WORKER: Login.WORK,
    Persona.SCHEDULER: Login.WORK,
    Persona.OPERATOR: Login.OWNER,
}

LOGIN_ROLES: dict[Login, str] = {
    Login.INSIDE: "equity_inside",
    Login.OUTSIDE: "equity_outside",
    Login.WORK: "equity_work",
    Login.OWNER: "equity_owner",
}
