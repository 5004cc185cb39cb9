"""One metric of the institution: where it comes from, its versions and targets, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from equity.errors import RuleBroken
from equity.http import go, page
from equity.roles import Permission
from equity.tenancy.access import needs
from metrics import choice, queries
from metrics.actions import choosing
from metrics.actions.versions import has_counts, new_version, reword_metric, set_target
from metrics.definition_fields import definition_of
from metrics.due import who_may_answer
from metrics.forms.choosing import ChangeForm, ReasonForm, TargetForm, WhenDueForm
from metrics.forms.indexes import ChangeIndexForm
from metrics.index_words import in_words, made_of
from metrics.models import Metric
from metrics.targets import group_choices, told
from metrics.views.choosing import SAFE_OR_POST, here
from metrics.vocabulary import vocabulary
from metrics.wording import unit_words


@needs(Permission.SEE_DASHBOARDS)
@require_safe
def kept(request: Any, metric: str) -> HttpResponse:
    """All there is to know about a definition."""
    found = choice.kept_for(metric)
    words = vocabulary()
    name_of = _names() if found.metric.composition else str
    context = {
        "kept": found,
        "metric": found.metric,
        "entry": choice.library_metric(found.metric.library_code),
        "differences": [(FIELD_WORDS[one.field], in_words(one, name_of)) for one in found.differences],
        "made_of": made_of(found.metric.composition, name_of),
        "targets": told(found.targets, words),
        "unit": unit_words(found.metric),
    }
    return page(request, "metrics/choose/kept.html", context)


def _names() -> Callable[[str], str]:
    """The name of a measure here by its code."""
    names = {one.code: one.name for one in queries.definitions()}
    return lambda code: names.get(code, code)


FIELD_WORDS = {
    "name": gettext_lazy("What it is called"),
    "level": gettext_lazy("Level"),
    "purpose": gettext_lazy("Question"),
    "why": gettext_lazy("Why it matters"),
    "caution": gettext_lazy("How it can mislead"),
    "kind": gettext_lazy("Kind of number"),
    "frequency": gettext_lazy("How often"),
    "counts_people": gettext_lazy("Counts people"),
    "numerator": gettext_lazy("Counted"),
    "denominator": gettext_lazy("Out of"),
    "exclusions": gettext_lazy("Left out"),
    "better": gettext_lazy("Which way is better"),
    "per": gettext_lazy("Shown for each"),
    "composition": gettext_lazy("Its parts"),
    "once_over_periods": gettext_lazy("Counted once in a year"),
    "once_over_units": gettext_lazy("Counted once in the whole"),
    "source": gettext_lazy("Source"),
}


def _send(
    request: Any, form: forms.Form, do: Callable[[], Any], template: str, more: dict[str, Any]
) -> HttpResponse:
    """A form on a page of its own: when its words make sense, do it and go back to the metric."""
    metric: Metric = more["metric"]
    if request.method == "POST" and form.is_valid():
        try:
            do()
            return go(request, here(request, "kept", metric=metric.code))
        except RuleBroken as broken:
            form.add_error(None, broken.message)
    status = 422 if request.method == "POST" else 200
    return page(request, template, {"form": form, **more}, status=status)


def _sent(request: Any) -> Any:
    return request.POST if request.method == "POST" else None


def _change_form(sent: Any, metric: Metric) -> ChangeForm:
    definition = definition_of(metric)
    if metric.kind == Metric.Kind.INDEX:
        return ChangeIndexForm(sent, metrics=queries.definitions(), initial=ChangeIndexForm.of(definition))
    return ChangeForm(sent, initial=ChangeForm.of(definition))


@needs(Permission.CHOOSE_METRICS)
@require_http_methods(SAFE_OR_POST)
def change(request: Any, metric: str) -> HttpResponse:
    """Better words, or another version from a day on."""
    found = choice.kept_for(metric).metric
    form = _change_form(_sent(request), found)

    def do() -> None:
        told_now = form.cleaned_data
        if told_now["meaning"] == "other":
            new_version(
                metric=found,
                values=form.values(),
                first_day=told_now["first_day"],
                reason=told_now["reason"],
                by=request.person,
            )
        else:
            reword_metric(metric=found, values=form.values(), by=request.person)

    more = {"metric": found, "counted": has_counts(found)}
    return _send(request, form, do, "metrics/choose/change.html", more)


@needs(Permission.CHOOSE_METRICS)
@require_http_methods(SAFE_OR_POST)
def retire(request: Any, metric: str) -> HttpResponse:
    """Ask for no new counts."""
    found = choice.kept_for(metric).metric
    form = ReasonForm(_sent(request))

    def do() -> None:
        choosing.retire_metric(metric=found, reason=form.cleaned_data["reason"], by=request.person)

    return _send(request, form, do, "metrics/choose/retire.html", {"metric": found})


@needs(Permission.CHOOSE_METRICS)
@require_http_methods(SAFE_OR_POST)
def when_due(request: Any, metric: str) -> HttpResponse:
    """Who answers for its counts, and until when they are to be here."""
    found = choice.kept_for(metric).metric
    given = {"owner": str(found.owner_id or ""), "due_days": found.due_days}
    form = WhenDueForm(_sent(request), people=who_may_answer(), initial=given)

    def do() -> None:
        choosing.set_when_due(metric=found, by=request.person, **form.cleaned_data)

    return _send(request, form, do, "metrics/choose/when_due.html", {"metric": found})


@needs(Permission.CHOOSE_METRICS)
@require_http_methods(SAFE_OR_POST)
def target(request: Any, metric: str) -> HttpResponse:
    """Set a target for everybody or for a group."""
    found = choice.kept_for(metric).metric
    form = TargetForm(
        _sent(request), groups=group_choices(vocabulary()), unit=unit_words(found) or _("A number")
    )

    def do() -> None:
        set_target(metric=found, by=request.person, **form.cleaned_data)

    return _send(request, form, do, "metrics/choose/target.html", {"metric": found})


@needs(Permission.CHOOSE_METRICS)
@require_POST
def give_to_community(request: Any, metric: str) -> HttpResponse:
    """Let the community decide on publication."""
    choosing.give_to_community(metric=choice.kept_for(metric).metric, by=request.person)
    return go(request, here(request, "kept", metric=metric))


@needs(Permission.AGREE_TO_FIGURES)
@require_POST
def give_back(request: Any, metric: str) -> HttpResponse:
    """The community lets the institution decide again."""
    choosing.give_back(metric=choice.kept_for(metric).metric, by=request.person)
    return go(request, here(request, "kept", metric=metric))
