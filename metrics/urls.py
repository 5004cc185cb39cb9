"""Addresses of measures, imports and releases, below /o/<institution>/measures/."""

from __future__ import annotations

from django.urls import URLPattern, path

from metrics.views import analysis, dashboards, imports, releases

app_name = "metrics"
urlpatterns: list[URLPattern] = [
    path("", dashboards.levels, name="levels"),
    path("analysis/", analysis.pasted, name="analysis"),
    path("releases/", releases.releases, name="releases"),
    path("releases/new/", releases.new, name="release_new"),
    path("releases/<uuid:pk>/", releases.release, name="release"),
    path("releases/<uuid:pk>/publish/", releases.publish, name="release_publish"),
    path("imports/", imports.imports, name="imports"),
    path("imports/line-list/", imports.line_list, name="import_line_list"),
    path("imports/line-list/<uuid:upload>/", imports.upload_progress, name="import_progress"),
    path("imports/counts/", imports.counts, name="import_counts"),
    path("imports/template.csv", imports.template, name="import_template"),
    path("imports/<uuid:pk>/", imports.batch, name="import_batch"),
    path("imports/<uuid:pk>/errors.csv", imports.errors, name="import_errors"),
    path("<slug:level>/", dashboards.level, name="level"),
    path("<slug:level>/<slug:metric>/", dashboards.metric, name="metric"),
    path("<slug:level>/<slug:metric>/data.csv", dashboards.metric_csv, name="metric_csv"),
    path("<slug:level>/<slug:metric>/inequality/", analysis.of_metric, name="metric_inequality"),
    path("<slug:level>/<slug:metric>/inequality.csv", analysis.of_metric_csv, name="metric_inequality_csv"),
]
