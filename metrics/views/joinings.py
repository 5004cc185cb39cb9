"""Sums over institutions: an institution takes part; a health department adds up."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from equity.errors import RuleBroken
from equity.http import go, page
from equity.roles import Permission
from equity.tenancy.access import needs
from metrics import joinings, queries
from metrics.actions.joinings import draft_totals, end, take_part
from metrics.forms.joinings import SumsForm, TakePartForm
from metrics.meaning import adds_up
from metrics.questions import LEAST_INSTITUTIONS
from metrics.wording import period_label

SAFE_OR_POST = ["GET", "HEAD", "POST"]


@needs(Permission.PUBLISH_RELEASE)
@require_http_methods(SAFE_OR_POST)
def taking_part(request: Any) -> HttpResponse:
    """Whose sums the institution takes part in; posting joins one."""
    departments = joinings.departments(request.organisation)
    every = queries.definitions()
    metrics = [one for one in every if adds_up(one)]
    form = TakePartForm(
        request.POST or None,
        departments=departments,
        metrics=metrics,
        locked=joinings.locked(departments, metrics),
    )
    refusal = ""
    if request.method == "POST" and form.is_valid():
        try:
            take_part(
                organisation=request.organisation,
                department=joinings.department_for(form.cleaned_data["department"]),
                metrics=form.cleaned_data["metrics"],
                by=request.person,
            )
            return go(request, _address(request, "taking_part"))
        except RuleBroken as broken:
            refusal = broken.message
    own = joinings.taking_part(request.organisation)
    names = {metric.code: metric.name for metric in every}
    context = {
        "form": form,
        "departments": departments,
        "taking_part": [(one, [names.get(code, code) for code in one.metrics]) for one in own],
        "refusal": refusal,
    }
    return page(
        request, "metrics/joinings/taking_part.html", context, status=422 if request.method == "POST" else 200
    )


@needs(Permission.PUBLISH_RELEASE)
@require_POST
def leave(request: Any, pk: UUID) -> HttpResponse:
    """Give nothing from now on."""
    end(joining=joinings.joining_for(request.organisation, pk), by=request.person)
    return go(request, _address(request, "taking_part"))


@needs(Permission.PREPARE_RELEASE)
@require_http_methods(SAFE_OR_POST)
def sums(request: Any) -> HttpResponse:
    """For a health department: what has been given, and by whom; posting has sums checked."""
    if request.organisation.kind != joinings.IS_DEPARTMENT:
        return page(request, "metrics/joinings/no_department.html", {})
    found = joinings.to_be_added_up(request.organisation)
    form = SumsForm(request.POST or None, sums=found)
    if request.method == "POST" and form.is_valid():
        drafted = draft_totals(
            department=request.organisation,
            metrics=form.cleaned_data["metrics"],
            periods=form.chosen_periods(),
            title=form.cleaned_data["title"],
            by=request.person,
        )
        return go(request, _address(request, "release", pk=drafted.release.pk))
    names = {metric.code: metric.name for metric in queries.definitions()}
    context = {
        "form": form,
        "sums": [(one, period_label(one.period)) for one in found],
        "anything": any(one.enough for one in found),
        "joined": joinings.joined(request.organisation),
        "least": LEAST_INSTITUTIONS,
        "shaken": [
            (code, names.get(code, code), period_label(period), by)
            for code, period, by in joinings.resting_on_withdrawn(request.organisation)
        ],
    }
    return page(
        request, "metrics/joinings/sums.html", context, status=422 if request.method == "POST" else 200
    )


def _address(request: Any, name: str, **kwargs: Any) -> str:
    return reverse(f"metrics:{name}", kwargs={"institution": request.organisation.slug, **kwargs})
