"""The list of reports that are due, one report with what it still lacks, and how measures and groups are matched."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from equity.errors import NotFound
from equity.http import go, page
from equity.mandates import actions, queries
from equity.mandates.assembling import assemble, crosswalks_of
from equity.mandates.exports import SHEET_NAMES
from equity.mandates.forms import GroupsForm, MeasuresForm, OpenForm
from equity.mandates.readiness import missing
from equity.mandates.views.writing import accepted, address
from equity.mandates.wording import tasks
from equity.roles import Permission
from equity.tenancy.access import needs
from metrics.models import Metric


@needs(Permission.SEE_PROGRAMME)
@require_safe
def report_list(request: Any) -> HttpResponse:
    """Every mandate with its years: due when, days left, begun or not, submitted or not."""
    found = queries.calendar(timezone.localdate())
    context = {
        "lines": [(due, due.binds(request.organisation)) for due in found],
        "waiting": [due for due in found if due.submission is None and due.binds(request.organisation)],
        "bound": any(due.binds(request.organisation) for due in found),
    }
    return page(request, "mandates/list.html", context)


@needs(Permission.PREPARE_RELEASE)
def open_report(request: Any) -> HttpResponse:
    """Begin a report. Opened by GET it leads back to the list."""
    if request.method != "POST":
        return redirect(address(request, "list"))
    form = OpenForm(request.POST)
    if not form.is_valid():
        raise NotFound("")
    made = actions.open_report(
        organisation=request.organisation,
        mandate=form.cleaned_data["mandate"],
        year=form.cleaned_data["year"],
        by=request.person,
    )
    messages.success(request, _("The report is begun. It is filled from what you have published."))
    return go(request, address(request, "report", pk=made.pk))


@needs(Permission.SEE_PROGRAMME)
@require_safe
def report(request: Any, pk: UUID) -> HttpResponse:
    """One report: what is missing, who reports, what can be looked at before it is submitted."""
    found = queries.report_for(pk)
    whole = assemble(found)
    submissions = [(one, list(queries.files_of(one))) for one in queries.submissions_of(found)]
    due = queries.due_of(found, timezone.localdate())
    lacking = missing(whole)
    context = {
        "report": found,
        "whole": whole,
        "due": due,
        "binds": due.binds(request.organisation),
        "lacking": len(lacking),
        "tasks": tasks(lacking, found),
        "submissions": submissions,
        "sheets": [(sheet.value, SHEET_NAMES[sheet]) for sheet, _columns in whole.template.sheets],
        "left_aside": [
            one
            for one in queries.reporters_of(found)
            if str(one.pk) not in {f.facts.id for f in whole.filled}
        ],
    }
    return page(request, "mandates/report.html", context)


@needs(Permission.PUBLISH_RELEASE)
def extension(request: Any, pk: UUID) -> HttpResponse:
    """Note the one extension."""
    found = queries.report_for(pk)
    if request.method == "POST":
        actions.note_extension(report=found, by=request.person)
        messages.success(request, _("The extension is noted."))
    return go(request, address(request, "report", pk=found.pk))


@needs(Permission.PREPARE_RELEASE)
def measures(request: Any, pk: UUID) -> HttpResponse:
    """Which of the institution's measures answers which of the report's."""
    found = queries.report_for(pk)
    template = queries.template_for(found.mandate, found.year)
    form = MeasuresForm(
        request.POST or None,
        template=template,
        metrics=list(Metric.objects.all()),
        links=queries.links_of(found.mandate),
    )
    if request.method == "POST" and accepted(
        form,
        lambda: actions.link_measures(
            organisation=request.organisation, template=template, chosen=form.chosen(), by=request.person
        ),
    ):
        messages.success(request, _("Saved."))
        return go(request, address(request, "report", pk=found.pk))
    context = {
        "report": found,
        "template": template,
        "form": form,
        "fields": [(one, form[f"measure-{one.code}"]) for one in template.counted],
    }
    return page(request, "mandates/measures.html", context, status=422 if form.errors else 200)


@needs(Permission.SEE_PROGRAMME)
@require_safe
def groups(request: Any, pk: UUID) -> HttpResponse:
    """How the institution's groups make up those of the report."""
    found = queries.report_for(pk)
    template = queries.template_for(found.mandate, found.year)
    own = queries.own_dimensions()
    tables = []
    for crosswalk in crosswalks_of(template):
        dimension = own.get(crosswalk.dimension)
        labels = {one.code: one.label for one in dimension.groups} if dimension else {}
        rows = [
            (group, [labels.get(code, code) for code in crosswalk.takes.get(group.code, ())])
            for group in crosswalk.stratification.groups
        ]
        tables.append((crosswalk, dimension, rows))
    return page(request, "mandates/groups.html", {"report": found, "template": template, "tables": tables})


@needs(Permission.PREPARE_RELEASE)
def group(request: Any, pk: UUID, by: str) -> HttpResponse:
    """Say which of the institution's groups make up the groups of one way to compare."""
    found = queries.report_for(pk)
    template = queries.template_for(found.mandate, found.year)
    stratification = queries.stratification_for(template, by)
    crosswalk = next(one for one in crosswalks_of(template) if one.stratification == stratification)
    form = GroupsForm(request.POST or None, stratification=stratification, crosswalk=crosswalk)
    if request.method == "POST" and accepted(
        form,
        lambda: actions.link_groups(
            organisation=request.organisation,
            template=template,
            stratification=stratification,
            chosen=form.chosen(),
            by=request.person,
        ),
    ):
        messages.success(request, _("Saved."))
        return go(request, address(request, "groups", pk=found.pk))
    context = {"report": found, "template": template, "crosswalk": crosswalk, "form": form}
    return page(request, "mandates/group.html", context, status=422 if form.errors else 200)
