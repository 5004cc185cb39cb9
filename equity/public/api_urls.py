"""Addresses of the API. Whatever is not one of them is answered with a problem document, not with a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import path, re_path
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from drf_spectacular.views import SpectacularJSONAPIView

from equity.api.problems import nothing_here
from equity.public import api, inequality, views
from equity.tenancy.access import access
from equity.tenancy.personas import Persona

app_name = "api"


def _by_itself(view: Callable[..., Any]) -> Callable[..., Any]:
    """The view enters its persona itself: the key in the request decides which."""
    return access(Persona.CLIENT, by_itself=True)(csrf_exempt(gzip_page(view)))


openapi = SpectacularJSONAPIView.as_view(http_method_names=["get", "head"])

urlpatterns = [
    path("", views.api_docs, name="docs"),
    path("schema/", _by_itself(cache_control(public=True, max_age=300)(openapi)), name="schema"),
    path("observations", _by_itself(api.Observations.as_view()), name="observations"),
    path("findings", _by_itself(api.Findings.as_view()), name="findings"),
    path("inequality", _by_itself(inequality.Inequality.as_view()), name="inequality"),
    path("institutions", _by_itself(api.Institutions.as_view()), name="institutions"),
    re_path("", nothing_here, name="nothing"),
]
