"""System checks: a table without walls, a reference that could leave its institution, a route that anybody could open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.checks import Error, Tags, register
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver

from equity.tenancy.access import access_of
from equity.tenancy.grants import OUR_APPS
from equity.tenancy.walls import Derived, SameTenant, walls_of


def _is_tenant(model: type[models.Model]) -> bool:
    return any(field.name == "organisation" for field in model._meta.fields)


def _faults(model: type[models.Model]) -> Iterator[Error]:
    walls = walls_of(model)
    if walls is None:
        yield Error(
            "No walls: declare tenant_table, guarded_table or open_table.", obj=model, id="tenancy.E001"
        )
    elif _is_tenant(model) and not walls.secured:
        yield Error("It has an institution but no row security.", obj=model, id="tenancy.E002")
    kept = {
        constraint.field
        for constraint in model._meta.constraints
        if isinstance(constraint, SameTenant | Derived)
    }
    for field in model._meta.fields:
        target = field.related_model
        if not isinstance(target, type) or not _is_tenant(target) or field.name == "organisation":
            continue
        if _is_tenant(model) and field.name not in kept:
            yield Error(
                f"'{field.name}' could refer to another institution's row: name it in tenant_table(keys=[...]).",
                obj=model,
                id="tenancy.E003",
            )


@register(Tags.models)
def every_table_has_walls(app_configs: Any, **kwargs: Any) -> list[Error]:
    return [
        fault
        for label in OUR_APPS
        for model in apps.get_app_config(label).get_models()
        for fault in _faults(model)
    ]


def routes(resolver: Any = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route of the site with its full pattern."""
    for pattern in (resolver or get_resolver()).url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, path)
        else:
            yield path, pattern


@register(Tags.urls)
def every_route_declares_access(app_configs: Any, **kwargs: Any) -> list[Error]:
    return [
        Error(f"Route '{path}' does not declare who may open it.", id="tenancy.E004")
        for path, pattern in routes()
        if access_of(pattern.callback) is None
    ]
