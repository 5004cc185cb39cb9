"""The data dictionary and the role × table × verb table, written from the models so that they cannot go stale."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.db import models
from django.utils.translation import override

from equity.tenancy.grants import OUR_APPS, declared_grants
from equity.tenancy.personas import TALLY, Persona
from equity.tenancy.walls import VERBS, Derived, SameTenant, walls_of

HEAD = """# Data dictionary

Written by `python manage.py data_dictionary` from the models; a test compares them.

Letters: S select, I insert, U update, D delete. Row security narrows each of them to the rows that the persona's policy
names. The operator persona has BYPASSRLS and is never assumed by the web or the worker.
"""


def _field(field: models.Field) -> str:
    kind = field.get_internal_type()
    size = f"({field.max_length})" if getattr(field, "max_length", None) and kind != "UUIDField" else ""
    target = f" → {field.related_model._meta.db_table}" if isinstance(field.related_model, type) else ""
    empty = "may be empty" if field.null else ""
    notes = "; ".join(part for part in (empty, str(field.help_text)) if part)
    return f"| `{field.column}` | {kind}{size}{target} | {notes} |"


def _rules(model: type[models.Model]) -> Iterator[str]:
    for constraint in model._meta.constraints:
        if isinstance(constraint, SameTenant):
            yield f"- `{constraint.name}`: `{constraint.field}` is of the same institution"
        elif isinstance(constraint, Derived):
            yield f"- `{constraint.name}`: `{constraint.field}` is kept by the statement that writes the table"
        elif isinstance(constraint, models.CheckConstraint):
            yield f"- `{constraint.name}`: `{constraint.condition}`"
        elif isinstance(constraint, models.UniqueConstraint):
            yield f"- `{constraint.name}`: unique {', '.join(constraint.fields)}"


def _table(model: type[models.Model]) -> Iterator[str]:
    walls = walls_of(model)
    yield f"\n### `{model._meta.db_table}`\n\n{(model.__doc__ or '').strip()}\n"
    if walls and walls.grants:
        yield "Personas: " + ", ".join(
            f"{role.removeprefix('equity_')} {letters}" for role, letters in walls.grants.items()
        )
        yield ""
    yield "| column | type | notes |\n|---|---|---|"
    yield from (_field(field) for field in model._meta.concrete_fields if field.column)
    yield ""
    yield from _rules(model)


def _grants() -> Iterator[str]:
    personas = [*Persona, TALLY]
    granted = declared_grants()
    yield "\n## Role × table × verb\n"
    yield "| table | " + " | ".join(persona.removeprefix("equity_") for persona in personas) + " |"
    yield "|---" * (len(personas) + 1) + "|"
    letters = {verb: letter for letter, verb in VERBS.items()}
    for table in sorted({table for table, _ in granted}):
        cells = [granted.get((table, str(persona)), frozenset()) for persona in personas]
        yield (
            f"| `{table}` | "
            + " | ".join("".join(sorted((letters[v] for v in c), key="SIUD".index)) for c in cells)
            + " |"
        )


def dictionary() -> str:
    """The whole page."""
    with override("en"):
        lines = [HEAD]
        for label in OUR_APPS:
            app = apps.get_app_config(label)
            lines.append(f"\n## {app.verbose_name}")
            for model in app.get_models():
                lines += _table(model)
        lines += _grants()
    return "\n".join(lines).rstrip() + "\n"
