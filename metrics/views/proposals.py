"""What the community asks to measure, what the institution answers, and the community's word on publication."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from equity.errors import NotFound, RuleBroken
from equity.http import go, page
from equity.roles import Permission
from equity.tenancy.access import needs
from metrics import choice, releasing
from metrics import consent as held
from metrics.actions.proposals import consent_to_publication, decline_proposal, propose_metric
from metrics.forms.choosing import ProposalForm, ReasonForm
from metrics.queries import Asked
from metrics.views.choosing import SAFE_OR_POST, here
from metrics.views.dashboards import entry


@needs(Permission.SEE_DASHBOARDS)
@require_safe
def proposals(request: Any) -> HttpResponse:
    """Everything that was proposed, with its answer. Nothing ever leaves this page."""
    found = choice.proposals()
    context = {"proposals": found, "waiting": sum(not one.answer for one in found)}
    return page(request, "metrics/choose/proposals.html", context)


@needs(Permission.PROPOSE_METRIC)
@require_http_methods(SAFE_OR_POST)
def new(request: Any) -> HttpResponse:
    """Propose a metric, in one's own words or from the library (`?library=code`)."""
    entry = choice.library_metric(request.GET.get("library", ""))
    initial = (
        {
            "name": entry.name,
            "words": f"{entry.numerator}. {entry.denominator}".strip(),
            "level": entry.level.value,
            "purpose": entry.purpose.value,
            "library_code": entry.code,
        }
        if entry
        else {}
    )
    form = ProposalForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        told = dict(form.cleaned_data)
        if choice.library_metric(told["library_code"]) is None:
            told["library_code"] = ""
        try:
            made = propose_metric(organisation=request.organisation, by=request.person, **told)
            return go(request, here(request, "proposal", pk=made.pk))
        except RuleBroken as broken:
            form.add_error(None, broken.message)
    context = {"form": form, "entry": entry}
    return page(request, "metrics/choose/proposal_new.html", context, status=422 if form.errors else 200)


@needs(Permission.SEE_DASHBOARDS)
@require_safe
def proposal(request: Any, pk: UUID) -> HttpResponse:
    """One proposal, with its answer or with what can be answered."""
    found = choice.proposal_for(pk)
    context = {"proposal": found, "entry": choice.library_metric(found.library_code)}
    return page(request, "metrics/choose/proposal.html", context)


@needs(Permission.CHOOSE_METRICS)
@require_http_methods(SAFE_OR_POST)
def decline(request: Any, pk: UUID) -> HttpResponse:
    """Say no, and why."""
    found = choice.proposal_for(pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            decline_proposal(proposal=found, reason=form.cleaned_data["reason"], by=request.person)
            return go(request, here(request, "proposal", pk=pk))
        except RuleBroken as broken:
            form.add_error(None, broken.message)
    context = {"form": form, "proposal": found}
    return page(request, "metrics/choose/decline.html", context, status=422 if form.errors else 200)


@needs(Permission.AGREE_TO_FIGURES)
@require_http_methods(SAFE_OR_POST)
def consent(request: Any, pk: UUID) -> HttpResponse:
    """What a release would show of the metrics that the community holds; agree to each, or say why not."""
    release = releasing.release_for(pk)
    found = held.held_in(release)
    if not found:
        raise NotFound("")
    problem = ""
    if request.method == "POST":
        wanted = next((one for one in found if one.metric.code == request.POST.get("metric")), None)
        if wanted is None:
            raise NotFound("")
        try:
            consent_to_publication(
                release=release,
                metric=wanted.metric,
                agreed=request.POST.get("word") == "agree",
                reason=request.POST.get("reason", ""),
                by=request.person,
            )
            return go(request, here(request, "release_consent", pk=pk))
        except RuleBroken as broken:
            problem = broken.message
    of_these = {"metrics": [{"code": one.metric.code, "cells": 1} for one in found]}
    preview = releasing.preview(release, of_these, Asked())
    shown = {one.metric.code: entry(request, one) for one in preview.measured}
    context = {
        "release": release,
        "held": [(one, shown.get(one.metric.code)) for one in found],
        "open": sum(not one.agreed for one in found),
        "problem": problem,
    }
    return page(request, "metrics/choose/consent.html", context, status=422 if problem else 200)
