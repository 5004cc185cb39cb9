"""The variables that the settings read, from what the caller has set and from what the embedded services offer.

A service that the caller names in the environment replaces the embedded one: DATABASE_URL with its three companions,
or REDIS_URL. All other variables are defaults that the caller may override.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from .errors import CannotStart
from .home import Home
from .postgres import PORT, Postgres
from .roles import DATABASE

LOGIN_OF_VARIABLE = {
    "DATABASE_URL": "equity_owner",
    "DATABASE_URL_INSIDE": "equity_inside",
    "DATABASE_URL_OUTSIDE": "equity_outside",
    "DATABASE_URL_WORK": "equity_work",
}


def own_database_is_set(environment: Mapping[str, str]) -> bool:
    """Whether the caller brings a PostgreSQL of their own.

    Raises CannotStart when some of its four addresses are set and others are not.
    """
    missing = [name for name in LOGIN_OF_VARIABLE if not environment.get(name)]
    if len(missing) == len(LOGIN_OF_VARIABLE):
        return False
    if missing:
        raise CannotStart(
            f"{' and '.join(missing)} must be set too: a PostgreSQL of your own needs the addresses of all four logins "
            f"({', '.join(LOGIN_OF_VARIABLE)}). Unset them all to use the embedded one."
        )
    return True


def own_broker_is_set(environment: Mapping[str, str]) -> bool:
    return bool(environment.get("REDIS_URL"))


def inherited_environment() -> dict[str, str]:
    """The caller's variables, without those that would turn a connection to PostgreSQL elsewhere (PGPORT, PGOPTIONS…)."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def database_variables(postgres: Postgres, passwords: Mapping[str, str]) -> dict[str, str]:
    """The addresses of the four logins on the embedded cluster."""
    place = f"host={quote(str(postgres.sockets), safe='/')}&port={PORT}"
    return {
        variable: f"postgres://{login}:{quote(passwords[login], safe='')}@/{DATABASE}?{place}"
        for variable, login in LOGIN_OF_VARIABLE.items()
    }


def broker_variables(socket_path: Path, password: str) -> dict[str, str]:
    return {"REDIS_URL": f"redis+socket://:{quote(password, safe='')}@{socket_path}"}


def default_variables(home: Home, base_url: str) -> dict[str, str]:
    """What the settings need beside the services, for a server that only this machine talks to."""
    return {
        "SECRET_KEY": home.secrets["SECRET_KEY"],
        "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
        "BASE_URL": base_url,
        "MEDIA_ROOT": str(home.subfolder("media")),
        "STATIC_ROOT": str(home.subfolder("static")),
        "DJANGO_SETTINGS_MODULE": "equity.project.settings",
        "PYTHONUNBUFFERED": "1",
    }
