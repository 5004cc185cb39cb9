"""Every address of the site."""

from __future__ import annotations

from django.urls import include, path

from equity.project.health import health
from practices.urls import catalogue_urlpatterns

urlpatterns = [
    path("", include("equity.public.urls")),
    path("guides/", include((catalogue_urlpatterns, "catalogue"))),
    path("api/v1/organizations/", include("metrics.api_urls")),
    path("api/v1/", include("equity.public.api_urls")),
    path("accounts/", include("allauth.account.urls")),
    path("health/", health, name="health"),
    path("", include("equity.desk.urls")),
    path("o/<slug:institution>/programme/", include("practices.urls")),
    path("o/<slug:institution>/measures/", include("metrics.urls")),
    path("o/<slug:institution>/community/", include("accountability.urls")),
    path("o/<slug:institution>/keys/", include("equity.keys.urls")),
    path("o/<slug:institution>/reports/", include("equity.mandates.urls")),
]

handler400 = "equity.http.bad_request"
handler403 = "equity.http.forbidden"
handler404 = "equity.http.not_found"
handler500 = "equity.http.server_error"
