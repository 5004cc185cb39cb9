"""Reports that a law asks for, of one institution."""

from __future__ import annotations

from django.urls import path

from equity.mandates.views import reporters, reports, submissions

app_name = "mandates"
urlpatterns = [
    path("", reports.report_list, name="list"),
    path("open/", reports.open_report, name="open"),
    path("<uuid:pk>/", reports.report, name="report"),
    path("<uuid:pk>/extension/", reports.extension, name="extension"),
    path("<uuid:pk>/measures/", reports.measures, name="measures"),
    path("<uuid:pk>/groups/", reports.groups, name="groups"),
    path("<uuid:pk>/groups/<slug:by>/", reports.group, name="group"),
    path("<uuid:pk>/report.xlsx", submissions.workbook, name="workbook"),
    path("<uuid:pk>/<slug:sheet>.csv", submissions.sheet, name="sheet"),
    path("<uuid:pk>/submit/", submissions.submit, name="submit"),
    path("files/<uuid:pk>/", submissions.file, name="file"),
    path("reporters/<uuid:pk>/", reporters.reporter, name="reporter"),
    path("reporters/<uuid:pk>/facts/", reporters.facts, name="facts"),
    path("reporters/<uuid:pk>/answers/", reporters.answers, name="answers"),
    path("reporters/<uuid:pk>/statements/", reporters.statements, name="statements"),
    path("reporters/<uuid:pk>/plans/<slug:disparity>/", reporters.plan, name="plan"),
]
