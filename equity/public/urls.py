"""Addresses of the public pages."""

from __future__ import annotations

from django.urls import path, re_path

from equity.api.problems import nothing_here
from equity.public import views

app_name = "public"

urlpatterns = [
    path("", views.front, name="front"),
    path("p/<slug:slug>/", views.institution, name="institution"),
    path("p/<slug:slug>/rounds/<int:number>/<str:code>/", views.finding, name="finding"),
    path("p/<slug:slug>/measures/<slug:metric>/", views.measure, name="measure"),
    path("p/<slug:slug>/data.csv", views.data, name="data"),
    path("how-we-count/", views.how_we_count, name="how_we_count"),
    path("access/", views.access_page, name="access"),
    path("privacy/", views.privacy, name="privacy"),
    path("help/", views.help_page, name="help"),
    re_path(r"^api/(?!v1/)", nothing_here, name="no_such_api"),
]
