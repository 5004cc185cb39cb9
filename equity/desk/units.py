"""The pages of an institution's units: everybody sees the tree, the equity lead keeps it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from equity.desk.unit_forms import NameForm, ParentForm, UnitForm
from equity.errors import RuleBroken
from equity.http import go, page
from equity.roles import Permission
from equity.tenancy import units as tree
from equity.tenancy.access import needs
from metrics.queries import is_counted

SAFE_OR_POST = ["GET", "HEAD", "POST"]


@needs(Permission.SEE_PEOPLE)
@require_safe
def units(request: Any) -> HttpResponse:
    """The tree, with closed units marked."""
    return page(request, "desk/units.html", {"tree": tree.tree()})


@needs(Permission.MANAGE_UNITS)
@require_http_methods(SAFE_OR_POST)
def add(request: Any) -> HttpResponse:
    """A new unit."""
    form = UnitForm(_sent(request), parents=tree.parents_for(None))

    def do() -> None:
        tree.add_unit(organisation=request.organisation, by=request.person, **form.cleaned_data)

    return _send(request, form, do, "desk/unit_new.html", {})


@needs(Permission.MANAGE_UNITS)
@require_safe
def unit(request: Any, unit: str) -> HttpResponse:
    """One unit, with what can be done with it."""
    found = tree.unit_for(unit)
    return page(request, "desk/unit.html", {"unit": found, "counted": is_counted(found)})


@needs(Permission.MANAGE_UNITS)
@require_http_methods(SAFE_OR_POST)
def rename(request: Any, unit: str) -> HttpResponse:
    """Another name."""
    found = tree.unit_for(unit)
    form = NameForm(_sent(request), initial={"name": found.name})

    def do() -> None:
        tree.rename_unit(unit=found, by=request.person, **form.cleaned_data)

    return _send(request, form, do, "desk/unit_rename.html", {"unit": found})


@needs(Permission.MANAGE_UNITS)
@require_http_methods(SAFE_OR_POST)
def move(request: Any, unit: str) -> HttpResponse:
    """Part of another unit."""
    found = tree.unit_for(unit)
    form = _parent_form(found, _sent(request))

    def do() -> None:
        parent = form.cleaned_data["parent"]
        tree.move_unit(unit=found, parent=parent, counted=is_counted(found), by=request.person)

    return _send(request, form, do, "desk/unit_move.html", {"unit": found})


@needs(Permission.MANAGE_UNITS)
@require_POST
def close(request: Any, unit: str) -> HttpResponse:
    """It cares for nobody any more."""
    tree.close_unit(unit=tree.unit_for(unit), by=request.person)
    return go(request, _address(request))


@needs(Permission.MANAGE_UNITS)
@require_POST
def reopen(request: Any, unit: str) -> HttpResponse:
    """It is open after all."""
    tree.reopen_unit(unit=tree.unit_for(unit), by=request.person)
    return go(request, _address(request))


def _parent_form(unit: Any, sent: Any) -> ParentForm:
    initial = {"parent": unit.parent.code} if unit.parent else {}
    return ParentForm(sent, parents=tree.parents_for(unit), initial=initial)


def _sent(request: Any) -> Any:
    return request.POST if request.method == "POST" else None


def _address(request: Any) -> str:
    return reverse("desk:units", kwargs={"institution": request.organisation.slug})


def _send(
    request: Any, form: forms.Form, do: Callable[[], None], template: str, more: dict[str, Any]
) -> HttpResponse:
    """A form on a page of its own: when its words make sense, do it and go back to the tree."""
    if request.method == "POST" and form.is_valid():
        try:
            do()
            return go(request, _address(request))
        except RuleBroken as broken:
            form.add_error(None, broken.message)
    return page(request, template, {"form": form, **more}, status=422 if request.method == "POST" else 200)
