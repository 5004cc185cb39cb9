"""The pages of an institution's own systems: which may send counts, with which keys, and who answers for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from equity.errors import RuleBroken
from equity.http import go, page
from equity.keys import queries
from equity.keys.actions import Handed, answer_for, make_key, open_system, revoke_key
from equity.keys.forms import KeyForm, SystemForm
from equity.roles import Permission
from equity.tenancy.access import needs

SAFE_OR_POST = ["GET", "HEAD", "POST"]


@needs(Permission.MANAGE_KEYS)
@require_safe
def systems(request: Any) -> HttpResponse:
    """Every system that was let in."""
    return page(request, "keys/list.html", {"systems": queries.systems(), **_told(request)})


@needs(Permission.MANAGE_KEYS)
@require_http_methods(SAFE_OR_POST)
def new(request: Any) -> HttpResponse:
    """Let a system in. Posting shows its first key, this once."""
    form = SystemForm(request.POST or None)

    def make() -> Handed:
        name = form.cleaned_data["name"]
        return open_system(
            organisation=request.organisation, name=name, lifetime=form.lifetime, by=request.person
        )

    return _hand_over(request, form, make, "keys/new.html", {})


@needs(Permission.MANAGE_KEYS)
@require_safe
def system(request: Any, pk: UUID) -> HttpResponse:
    """One system with its keys."""
    return page(request, "keys/system.html", {"shown": queries.system_for(pk), **_told(request)})


@needs(Permission.MANAGE_KEYS)
@require_http_methods(SAFE_OR_POST)
def another(request: Any, pk: UUID) -> HttpResponse:
    """One more key, to take the place of another. Posting shows it, this once."""
    found = queries.system_for(pk)
    form = KeyForm(request.POST or None)

    def make() -> Handed:
        return make_key(system=found.system, lifetime=form.lifetime, by=request.person)

    return _hand_over(request, form, make, "keys/another.html", {"shown": found})


def _hand_over(
    request: Any, form: KeyForm, make: Callable[[], Handed], template: str, more: dict[str, Any]
) -> HttpResponse:
    """The form; or, when it was sent and makes sense, the key. It is in this answer only: nothing keeps it."""
    if request.method == "POST" and form.is_valid():
        try:
            return page(request, "keys/handed.html", {"handed": make(), **_told(request)})
        except RuleBroken as broken:
            form.add_error(None, broken.message)
    status = 422 if request.method == "POST" else 200
    return page(request, template, {"form": form, **more}, status=status)


@needs(Permission.MANAGE_KEYS)
@require_http_methods(SAFE_OR_POST)
def revoke(request: Any, pk: UUID) -> HttpResponse:
    """What revoking a key means. Posting revokes it."""
    key = queries.key_for(pk)
    if request.method == "POST":
        revoke_key(key=key, by=request.person)
        return go(request, _address(request, key.system_id))
    return page(request, "keys/revoke.html", {"key": key})


@needs(Permission.MANAGE_KEYS)
@require_POST
def answer(request: Any, pk: UUID) -> HttpResponse:
    """From now on, whoever posts this answers for the system."""
    answer_for(system=queries.system_for(pk).system, by=request.person)
    return go(request, _address(request, pk))


def _address(request: Any, pk: UUID) -> str:
    return reverse("keys:system", kwargs={"institution": request.organisation.slug, "pk": pk})


def _told(request: Any) -> dict[str, str]:
    """Where a system sends counts."""
    path = reverse("sending:batches", args=[request.organisation.slug])
    return {"batches": request.build_absolute_uri(path)}
