"""Releases of figures: prepare, look at exactly what would be public, publish."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from equity.errors import RuleBroken
from equity.http import go, page
from equity.publication.models import Release
from equity.roles import Permission
from equity.tenancy.access import needs
from equity.tenancy.models import Job
from metrics import releasing, withdrawing
from metrics.actions.releases import draft_figures, publish_figures
from metrics.forms.dashboards import FilterForm
from metrics.forms.releases import ReleaseForm
from metrics.silences import in_words
from metrics.views.dashboards import asked, entry

LEFT_OUT = "dropped", "waiting", "crossing", "incomplete", "refused", "unlike", "too_few", "contrary"
"""Why something of a measure may not be in a release."""

SAFE_OR_POST = ["GET", "HEAD", "POST"]


@needs(Permission.PREPARE_RELEASE)
@require_safe
def releases(request: Any) -> HttpResponse:
    """What was published, what is ready, what is being checked."""
    return page(request, "metrics/releases/list.html", {"releases": releasing.releases_of_figures()})


@needs(Permission.PREPARE_RELEASE)
@require_http_methods(SAFE_OR_POST)
def new(request: Any) -> HttpResponse:
    """Choose what to publish; posting it has it checked."""
    candidates = releasing.candidates(request.organisation)
    form = ReleaseForm(request.POST or None, candidates=candidates)
    if request.method == "POST" and form.is_valid():
        drafted = draft_figures(
            organisation=request.organisation,
            metrics=form.cleaned_data["metrics"],
            periods=form.chosen_periods(),
            title=form.cleaned_data["title"],
            by=request.person,
        )
        return go(request, _address(request, "release", drafted.release))
    status = 422 if request.method == "POST" else 200
    context = {
        "form": form,
        "anything": any(one.periods for one in candidates),
        "once": [one.metric.name for one in candidates if one.metric.once_over_periods],
        "incomplete": [(one.metric, in_words(one.silences)) for one in candidates if one.silences],
    }
    return page(request, "metrics/releases/new.html", context, status=status)


@needs(Permission.PREPARE_RELEASE)
@require_safe
def release(request: Any, pk: UUID) -> HttpResponse:
    """Exactly what is or will be public of it, what is hidden, and what was left out and why."""
    found = releasing.release_for(pk)
    job, report = releasing.latest_job(found), releasing.report_of(found)
    measures = report.get("metrics", [])
    context: dict[str, Any] = {
        "release": found,
        "report": report,
        "job": job if job and job.state in {Job.State.QUEUED, Job.State.RUNNING, Job.State.FAILED} else None,
        "told": [one for one in measures if one["cells"]],
        "left_out": [one for one in measures if any(one.get(name) for name in LEFT_OUT)],
        "stale": found.state == Release.State.CERTIFIED and releasing.is_stale(found, report),
        "may_publish": Permission.PUBLISH_RELEASE in request.permissions,
    }
    if found.state in {Release.State.CERTIFIED, Release.State.PUBLISHED}:
        preview = releasing.preview(found, asked(request))
        context |= {
            "form": FilterForm(preview),
            "entries": [entry(request, one) for one in preview.measured],
            "withdrawn": withdrawing.withdrawn_since(found),
        }
    return page(request, "metrics/releases/release.html", context, block="figures")


@needs(Permission.PUBLISH_RELEASE)
@require_http_methods(SAFE_OR_POST)
def publish(request: Any, pk: UUID) -> HttpResponse:
    """Ask once more, then publish."""
    found = releasing.release_for(pk)
    context = {
        "release": found,
        "report": releasing.report_of(found),
        "indexes": [one.name for one in releasing.indexes_with(found)],
    }
    if request.method != "POST":
        return page(request, "metrics/releases/publish.html", context)
    try:
        publish_figures(release=found, by=request.person)
    except RuleBroken as broken:
        problem = {"problem": broken.message}
        return page(request, "metrics/releases/publish.html", context | problem, status=422)
    return go(request, _address(request, "release", found))


def _address(request: Any, name: str, release: Release) -> str:
    return reverse(f"metrics:{name}", kwargs={"institution": request.organisation.slug, "pk": release.pk})
