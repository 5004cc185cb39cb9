"""One hospital, or the whole system: its numbers, its widest disparities, and what people write about it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from equity.errors import NotFound
from equity.http import go, page
from equity.mandates import actions, queries
from equity.mandates.assembling import DOES_NOT_REPORT, assemble
from equity.mandates.forms import AnswersForm, FactsForm, PlanForm, StatementsForm
from equity.mandates.models import Reporter
from equity.mandates.report import Filled, Report
from equity.mandates.views.writing import accepted, address
from equity.mandates.wording import ratio_words, shown, shown_table
from equity.roles import Permission
from equity.tenancy.access import needs


def _filled(reporter: Reporter) -> tuple[Report, Filled]:
    """The report, and the part of it that is about this reporter."""
    whole = assemble(reporter.report)
    found = next((one for one in whole.filled if one.facts.id == str(reporter.pk)), None)
    if found is None:
        raise NotFound(_("This hospital does not report."))
    return whole, found


def _saved(request: Any, reporter: Reporter) -> HttpResponse:
    messages.success(request, _("Saved."))
    return go(request, address(request, "reporter", pk=reporter.pk))


@needs(Permission.SEE_PROGRAMME)
@require_safe
def reporter(request: Any, pk: UUID) -> HttpResponse:
    """Every measure with its groups, and the widest disparities with their plans."""
    found = queries.reporter_for(pk)
    whole, filled = _filled(found)
    disparities = [
        (
            one,
            ratio_words(float(one.ratio), None if one.width is None else float(one.width)),
            filled.plan_for(one),
        )
        for one in filled.ranking.widest
    ]
    context = {
        "reporter": found,
        "report": found.report,
        "whole": whole,
        "filled": filled,
        "disparities": disparities,
        "tables": [shown_table(table) for table in filled.tables],
        "structural": [(one, shown(one.value) if one.value else None) for one in filled.structural],
        "statements": [(one, filled.statements.get(one.code, "")) for one in whole.template.statements],
    }
    return page(request, "mandates/reporter.html", context)


@needs(Permission.PREPARE_RELEASE)
def facts(request: Any, pk: UUID) -> HttpResponse:
    """Which kind of hospital it is, and under which number the department knows it."""
    found = queries.reporter_for(pk)
    template = queries.template_for(found.report.mandate, found.report.year)
    form = FactsForm(request.POST or None, reporter=found, template=template)
    if request.method == "POST" and accepted(
        form, lambda: actions.describe_reporter(reporter=found, by=request.person, **form.cleaned_data)
    ):
        if found.kind == DOES_NOT_REPORT:
            messages.success(request, _("Saved."))
            return go(request, address(request, "report", pk=found.report_id))
        return _saved(request, found)
    context = {"reporter": found, "report": found.report, "template": template, "form": form}
    return page(request, "mandates/facts.html", context, status=422 if form.errors else 200)


@needs(Permission.PREPARE_RELEASE)
def answers(request: Any, pk: UUID) -> HttpResponse:
    """Yes or no to the structural measures."""
    found = queries.reporter_for(pk)
    whole, filled = _filled(found)
    form = AnswersForm(request.POST or None, filled=filled)
    if request.method == "POST" and accepted(
        form, lambda: actions.answer(reporter=found, answers=form.answers(), by=request.person)
    ):
        return _saved(request, found)
    context = {"reporter": found, "report": found.report, "template": whole.template, "form": form}
    return page(request, "mandates/answers.html", context, status=422 if form.errors else 200)


@needs(Permission.PREPARE_RELEASE)
def statements(request: Any, pk: UUID) -> HttpResponse:
    """What is done in each priority area."""
    found = queries.reporter_for(pk)
    whole, filled = _filled(found)
    form = StatementsForm(request.POST or None, template=whole.template, filled=filled)
    if request.method == "POST" and accepted(
        form, lambda: actions.state(reporter=found, texts=form.texts(), by=request.person)
    ):
        return _saved(request, found)
    context = {"reporter": found, "report": found.report, "template": whole.template, "form": form}
    return page(request, "mandates/statements.html", context, status=422 if form.errors else 200)


@needs(Permission.PREPARE_RELEASE)
def plan(request: Any, pk: UUID, disparity: str) -> HttpResponse:
    """What will be done about one disparity: of the ten, or one that had a plan before newer numbers came."""
    found = queries.reporter_for(pk)
    whole, filled = _filled(found)
    one = next((one for one in filled.ranking.widest if one.key == disparity), None)
    before = queries.plan_of(found, disparity)
    if one is None and before is None:
        raise NotFound("")
    form = PlanForm(
        request.POST or None,
        template=whole.template,
        plan=before,
        linked=queries.practices_of([found]).get(before.pk, []) if before else [],
        possible=queries.possible_practices(timezone.localdate()),
    )
    if request.method == "POST" and accepted(
        form,
        lambda: actions.plan(
            reporter=found,
            key=disparity,
            population=form.cleaned_data["population"],
            objective=form.cleaned_data["objective"],
            due=form.cleaned_data["by"],
            area=form.cleaned_data["area"],
            actions=form.cleaned_data["actions"],
            practices=form.practices_chosen(),
            by=request.person,
        ),
    ):
        return _saved(request, found)
    context = {
        "reporter": found,
        "report": found.report,
        "template": whole.template,
        "disparity": one,
        "ratio": ratio_words(float(one.ratio), None if one.width is None else float(one.width))
        if one
        else "",
        "form": form,
    }
    return page(request, "mandates/plan.html", context, status=422 if form.errors else 200)
