"""Addresses at which systems of an institution send counts, below /api/v1/organizations/."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt

from equity.tenancy.access import access
from equity.tenancy.personas import Persona
from metrics.api.batches import Batches, OneBatch

app_name = "sending"


def _by_itself(view: Callable[..., Any]) -> Callable[..., Any]:
    """The view enters its persona itself: the key in the request decides for which institution."""
    return access(Persona.SENDER, by_itself=True)(csrf_exempt(view))


urlpatterns: list[URLPattern] = [
    path("<slug:organization>/batches", _by_itself(Batches.as_view()), name="batches"),
    path("<slug:organization>/batches/<uuid:pk>", _by_itself(OneBatch.as_view()), name="batch"),
]
