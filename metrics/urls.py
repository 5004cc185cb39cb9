"""Addresses of measures, imports and releases, below /o/<institution>/measures/."""

from __future__ import annotations

from django.urls import URLPattern, path

from metrics.views import columns, dashboards, imports, joinings, releases, typed, uploads

app_name = "metrics"
urlpatterns: list[URLPattern] = [
    path("", dashboards.levels, name="levels"),
    path("releases/", releases.releases, name="releases"),
    path("releases/new/", releases.new, name="release_new"),
    path("releases/<uuid:pk>/", releases.release, name="release"),
    path("releases/<uuid:pk>/publish/", releases.publish, name="release_publish"),
    path("sums/", joinings.sums, name="sums"),
    path("sums/taking-part/", joinings.taking_part, name="taking_part"),
    path("sums/taking-part/<uuid:pk>/leave/", joinings.leave, name="leave_sums"),
    path("imports/", imports.imports, name="imports"),
    path("imports/line-list/", uploads.line_list, name="import_line_list"),
    path("imports/line-list/<uuid:upload>/", uploads.upload_progress, name="import_progress"),
    path("imports/counts/", uploads.counts, name="import_counts"),
    path("imports/table/", uploads.table, name="import_table"),
    path("imports/look/", columns.look_at_table, name="import_look"),
    path("imports/columns/", columns.columns, name="import_columns"),
    path("imports/mappings/", columns.saved_mappings, name="import_mappings"),
    path("imports/mappings/<uuid:pk>/", columns.saved_mapping, name="import_mapping"),
    path("imports/typed/", typed.typed, name="import_typed"),
    path("imports/template.csv", uploads.template, name="import_template"),
    path("imports/<uuid:pk>/", imports.batch, name="import_batch"),
    path("imports/<uuid:pk>/errors.csv", imports.errors, name="import_errors"),
    path("imports/<uuid:pk>/errors.xlsx", imports.errors_workbook, name="import_errors_workbook"),
    path("imports/<uuid:pk>/undo/", imports.undo, name="import_undo"),
    path("<slug:level>/", dashboards.level, name="level"),
    path("<slug:level>/<slug:metric>/", dashboards.metric, name="metric"),
    path("<slug:level>/<slug:metric>/data.csv", dashboards.metric_csv, name="metric_csv"),
]
