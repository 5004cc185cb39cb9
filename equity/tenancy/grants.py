"""The role × table × verb table: what each persona may do, read from the models' own declarations."""

from __future__ import annotations

from django.apps import apps

from equity.tenancy.personas import Persona
from equity.tenancy.walls import verbs, walls_of

OUR_APPS = ("tenancy", "keys", "cycle", "publication", "practices", "metrics", "accountability", "mandates")

OTHERS: dict[str, dict[str, str]] = {
    "django_session": {Persona.SIGNIN: "SIUD"},
    "account_emailaddress": {Persona.SIGNIN: "SIUD", Persona.OPERATOR: "SIUD"},
    "account_emailconfirmation": {Persona.SIGNIN: "SIUD"},
    "django_migrations": {Persona.SIGNIN: "S"},
}
"""Tables of libraries. Any library table that is not named here is nobody's."""


def declared_grants() -> dict[tuple[str, str], frozenset[str]]:
    """(table, role) → verbs, for every table that any persona may touch."""
    table = {
        (name, str(role)): frozenset(verbs(letters))
        for name, roles in OTHERS.items()
        for role, letters in roles.items()
    }
    for label in OUR_APPS:
        for model in apps.get_app_config(label).get_models():
            walls = walls_of(model)
            for role, letters in (walls.grants if walls else {}).items():
                table[model._meta.db_table, role] = frozenset(verbs(letters))
    return table


def statements_for_others() -> list[str]:
    """GRANTs for the libraries' tables, used by a migration."""
    return [
        f"GRANT {', '.join(verbs(letters))} ON {name} TO {role}"
        for name, roles in OTHERS.items()
        for role, letters in roles.items()
    ]
