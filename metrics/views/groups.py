"""The groups by which an institution compares, and who decides on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_safe

from equity.errors import NotFound, RuleBroken
from equity.http import go, page
from equity.language import told
from equity.roles import Permission
from equity.tenancy.access import needs
from metrics import brought_over as older
from metrics import groups as door
from metrics.actions.groups import (
    adopt_dimension,
    decide_change,
    propose_change,
    set_missing_goal,
    write_dimension,
)
from metrics.forms.groups import CHANGE_FORMS, AdoptDimensionForm, MissingGoalForm, OwnDimensionForm
from metrics.group_versions import differences, standing
from metrics.group_words import told_change
from metrics.models import GroupChange
from metrics.stats import words
from metrics.views.choosing import SAFE_OR_POST, here
from metrics.wording import decimals, period_label, unit_words


@needs(Permission.SEE_DASHBOARDS)
@require_safe
def groups(request: Any) -> HttpResponse:
    """Every way to compare, what waits for the community, and what else there is."""
    found = door.dimensions()
    goals = door.goals()
    context = {
        "dimensions": [(one, goals.get(one.code), _people(one)) for one in found],
        "waiting": door.open_changes(),
        "offers": door.on_offer(),
    }
    return page(request, "metrics/groups/groups.html", context)


def _people(dimension: Any) -> str:
    return ", ".join(
        told(one.label) for one in dimension.categories.all() if not one.missing and not one.retired
    )


@needs(Permission.SEE_DASHBOARDS)
@require_safe
def dimension(request: Any, dimension: str) -> HttpResponse:
    """One way to compare: its groups, the goal for missing answers, who changed what."""
    found = door.dossier(dimension)
    context = {
        "of": found,
        "dimension": found.dimension,
        "kinds": GroupChange.Kind,
        "crosswalks": [(one, door.in_names(one)) for one in found.crosswalks],
        "waiting": [(one, told_change(one, found.groups)) for one in found.waiting],
        "decided": [(one, told_change(one, found.groups)) for one in found.decided],
    }
    return page(request, "metrics/groups/dimension.html", context)


@needs(Permission.SEE_DASHBOARDS)
@require_safe
def missing(request: Any, dimension: str) -> HttpResponse:
    """Whose answer is missing, measure by measure."""
    found = door.unanswered(dimension)
    gaps = door.gaps_in_records(request.organisation, request.permissions, found)
    context = {
        "dimension": found.dimension,
        "goal": found.goal,
        "gaps": [(one, period_label(one.period)) for one in gaps],
        "worst": max(gaps, key=lambda one: one.share.in_100, default=None),
    }
    return page(request, "metrics/groups/missing.html", context)


@needs(Permission.SEE_DASHBOARDS)
@require_safe
def brought(request: Any, dimension: str) -> HttpResponse:
    """Numbers of before by the newer groups."""
    found = door.dossier(dimension)
    before = older.brought(request.organisation, request.permissions, found)
    context = {
        "dimension": found.dimension,
        "before": [(one, period_label(one.period), unit_words(one.metric), _numbers(one)) for one in before],
    }
    return page(request, "metrics/groups/brought.html", context)


def _numbers(before: older.Before) -> list[tuple[older.Found, str]]:
    places = decimals(before.metric)
    return [
        (one, words.number(one.line.value, places) if one.line and one.line.value is not None else "")
        for one in before.groups
    ]


@needs(Permission.CHOOSE_METRICS)
@require_http_methods(SAFE_OR_POST)
def adopt(request: Any, entry: str) -> HttpResponse:
    """Take a dimension of the library over."""
    offered = door.library_dimension(entry)
    form = AdoptDimensionForm(_sent(request), entry=offered)

    def do() -> str:
        made = adopt_dimension(
            organisation=request.organisation, entry=offered, by=request.person, **form.cleaned_data
        )
        return here(request, "dimension", dimension=made.code)

    return _send(request, form, do, "metrics/groups/adopt.html", {"entry": offered})


@needs(Permission.CHOOSE_METRICS)
@require_http_methods(SAFE_OR_POST)
def own(request: Any) -> HttpResponse:
    """Groups of one's own."""
    form = OwnDimensionForm(_sent(request))

    def do() -> str:
        filled = form.cleaned_data
        made = write_dimension(
            organisation=request.organisation,
            code=slugify(filled["name"]).replace("-", "_")[:40] or "groups",
            by=request.person,
            **filled,
        )
        return here(request, "dimension", dimension=made.code)

    return _send(request, form, do, "metrics/groups/own.html", {})


@needs(Permission.PROPOSE_GROUPS)
@require_http_methods(SAFE_OR_POST)
def propose(request: Any, dimension: str, kind: str) -> HttpResponse:
    """Propose a change to the community."""
    if kind not in CHANGE_FORMS:
        raise NotFound("")
    found = door.dossier(dimension)
    form = CHANGE_FORMS[kind](_sent(request), groups=found.groups, reference=found.dimension.reference)

    def do() -> str:
        filled = form.becomes()
        propose_change(
            dimension=found.dimension,
            kind=kind,
            becomes=door.newer_list(found, filled) if kind == GroupChange.Kind.VERSION else filled,
            why=form.cleaned_data["why"],
            by=request.person,
        )
        return here(request, "dimension", dimension=dimension)

    more: dict[str, Any] = {"dimension": found.dimension, "kind": GroupChange.Kind(kind)}
    if kind == GroupChange.Kind.VERSION:
        now = standing(found.dimension, found.groups)
        more["differences"] = differences(found.dimension, now, door.newer_list(found))
    return _send(request, form, do, "metrics/groups/propose.html", more)


@needs(Permission.APPROVE_GROUPS)
@require_http_methods(SAFE_OR_POST)
def decide(request: Any, pk: UUID) -> HttpResponse:
    """Approve a change, or decline it with a reason."""
    change = door.change_for(pk)
    problem = ""
    if request.method == "POST":
        try:
            decide_change(
                change=change,
                approved=request.POST.get("word") == "approve",
                reason=request.POST.get("reason", ""),
                by=request.person,
            )
            return go(request, here(request, "dimension", dimension=change.dimension.code))
        except RuleBroken as broken:
            problem = broken.message
    found = door.dossier(change.dimension.code)
    context = {"change": change, "told": told_change(change, found.groups), "problem": problem}
    return page(request, "metrics/groups/decide.html", context, status=422 if problem else 200)


@needs(Permission.CHOOSE_METRICS)
@require_http_methods(SAFE_OR_POST)
def goal(request: Any, dimension: str) -> HttpResponse:
    """How few may be missing, by when, and who answers for it."""
    found = door.dimension_for(dimension)
    people = door.insiders()
    form = MissingGoalForm(_sent(request), people=people)

    def do() -> str:
        set_missing_goal(dimension=found, insiders=people, by=request.person, **form.cleaned_data)
        return here(request, "dimension", dimension=dimension)

    return _send(request, form, do, "metrics/groups/goal.html", {"dimension": found})


def _sent(request: Any) -> Any:
    return request.POST if request.method == "POST" else None


def _send(
    request: Any, form: forms.Form, do: Callable[[], str], template: str, more: dict[str, Any]
) -> HttpResponse:
    """A form on a page of its own: when its words make sense, do it and go where that leads."""
    if request.method == "POST" and form.is_valid():
        try:
            return go(request, do())
        except RuleBroken as broken:
            form.add_error(None, broken.message)
    return page(request, template, {"form": form, **more}, status=422 if request.method == "POST" else 200)
