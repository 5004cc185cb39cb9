"""Runs roles.sql and database.sql on the embedded cluster, and sets the passwords of the logins."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import sql

DATABASE = "equity"
OWNER = "equity_owner"
LOGINS = (OWNER, "equity_inside", "equity_outside", "equity_work")

_FOLDER = Path(__file__).parent
ROLES_SQL = _FOLDER / "roles.sql"
DATABASE_SQL = _FOLDER / "database.sql"


def apply_roles(host: Path, port: int, passwords: Mapping[str, str]) -> None:
    """Bring roles, passwords, database and its grants to the state the two files describe.

    `host` is the folder of the server's socket; `passwords` has one for each of LOGINS. Can be repeated at any time.
    """
    with _connect_as_superuser(host, port, "postgres") as connection:
        connection.execute(_text(ROLES_SQL))
        for login in LOGINS:
            _set_password(connection, login, passwords[login])
        if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).rowcount:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
            )
    with _connect_as_superuser(host, port, DATABASE) as connection:
        connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(OWNER)))
        connection.execute(_text(DATABASE_SQL))


def let_owner_become_every_persona(host: Path, port: int) -> None:
    """For a throwaway cluster only: tests that roll back need all personas inside one transaction, so one login."""
    with _connect_as_superuser(host, port, "postgres") as connection:
        found = connection.execute(
            "SELECT rolname FROM pg_roles WHERE starts_with(rolname, 'equity_') AND NOT rolcanlogin"
        )
        personas = sql.SQL(", ").join(sql.Identifier(name) for (name,) in found)
        grant = sql.SQL("GRANT {} TO {} WITH INHERIT FALSE, SET TRUE")
        connection.execute(grant.format(personas, sql.Identifier(OWNER)))


def _connect_as_superuser(host: Path, port: int, database: str) -> psycopg.Connection:
    return psycopg.connect(
        host=str(host),
        port=port,
        user="postgres",
        dbname=database,
        autocommit=True,
        options="",
        connect_timeout=10,
    )


def _set_password(connection: psycopg.Connection, login: str, password: str) -> None:
    """Send the password hashed, so that it cannot end up in the server's log."""
    hashed = connection.pgconn.encrypt_password(password.encode(), login.encode(), b"scram-sha-256").decode()
    connection.execute(
        sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(login), sql.Literal(hashed))
    )


def _text(path: Path) -> sql.SQL:
    return sql.SQL(path.read_text())
