"""Addresses of an institution's own systems, below /o/<institution>/keys/."""

from __future__ import annotations

from django.urls import URLPattern, path

from equity.keys import views

app_name = "keys"
urlpatterns: list[URLPattern] = [
    path("", views.systems, name="systems"),
    path("new/", views.new, name="new"),
    path("<uuid:pk>/", views.system, name="system"),
    path("<uuid:pk>/key/", views.another, name="another"),
    path("<uuid:pk>/answer/", views.answer, name="answer"),
    path("revoke/<uuid:pk>/", views.revoke, name="revoke"),
]
