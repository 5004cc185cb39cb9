"""What the views that write have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.urls import reverse

from equity.errors import RuleBroken


def address(request: Any, name: str, **kwargs: Any) -> str:
    """An address of this app inside the institution one is in."""
    return reverse(f"mandates:{name}", kwargs={"institution": request.organisation.slug, **kwargs})


def accepted(form: forms.Form, act: Callable[[], object]) -> bool:
    """Whether the form was whole and the act possible; if not, the form says why."""
    if not form.is_valid():
        return False
    try:
        act()
    except RuleBroken as broken:
        form.add_error(None, broken.message)
        return False
    return True
