"""What the views that write have in common."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from equity.errors import RuleBroken

View = Callable[..., HttpResponse]


def address(request: Any, name: str, **kwargs: Any) -> str:
    """An address inside the institution one is in."""
    return reverse(f"practices:{name}", kwargs={"institution": request.organisation.slug, **kwargs})


def written_from(name: str) -> Callable[[View], View]:
    """An address that writes. Opened by GET (after signing in again, by a reload) it leads back to `name`."""

    def decorate(view: View) -> View:
        @wraps(view)
        def only_post(request: Any, **kwargs: Any) -> HttpResponse:
            if request.method != "POST":
                return redirect(address(request, name, **kwargs))
            return view(request, **kwargs)

        return only_post

    return decorate


def accepted(form: forms.Form, act: Callable[[dict[str, Any]], object]) -> bool:
    """Whether the form was whole and the act possible; if not, the form says why."""
    if not form.is_valid():
        return False
    try:
        act(form.cleaned_data)
    except RuleBroken as broken:
        form.add_error(None, broken.message)
        return False
    return True
