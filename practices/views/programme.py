"""The programme of an institution: its cycle, steps and goals."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from equity.cycle import actions as cycles
from equity.cycle.queries import current_cycle, step_for
from equity.cycle.steps import StepState
from equity.errors import NotFound, RuleBroken
from equity.http import go, page
from equity.roles import Permission
from equity.tenancy.access import needs
from practices import actions, queries
from practices.forms import AdoptGoalForm, AdoptPracticeForm, CycleForm, LocalPracticeForm, MoveStepForm
from practices.models import AdoptedGoal, ItemKind
from practices.queries import Goal
from practices.views.writing import accepted, address, written_from


@needs(Permission.SEE_PROGRAMME)
def programme(request: Any) -> HttpResponse:
    return _programme_page(request)


def _programme_page(request: Any, form: CycleForm | None = None, status: int = 200) -> HttpResponse:
    steps = queries.steps_now()
    if not steps:
        return page(request, "practices/no_cycle.html", {"form": form or CycleForm()}, status=status)
    counts = sum((step.counts for step in steps), Counter())
    context = {
        "cycle": steps[0].record.cycle,
        "steps": steps,
        "counts": counts,
        "total": counts.total(),
        "goals": sum(len(step.adopted) for step in steps),
        "attention": queries.attention(timezone.localdate(), queries.practices_in(steps)),
    }
    return page(request, "practices/programme.html", context, status=status)


@needs(Permission.RUN_PROGRAMME)
@written_from("programme")
def open_cycle(request: Any) -> HttpResponse:
    form = CycleForm(request.POST)
    if current_cycle() is not None:
        raise RuleBroken(_("A cycle is under way already."))
    if not accepted(
        form,
        lambda data: cycles.open_cycle(
            organisation=request.organisation, started_on=data["started_on"], by=request.person
        ),
    ):
        return _programme_page(request, form, status=422)
    messages.success(request, _("The cycle has begun."))
    return go(request, address(request, "programme"))


@needs(Permission.SEE_PROGRAMME)
def step(request: Any, number: int) -> HttpResponse:
    return _step_page(request, number)


def _step_page(
    request: Any, number: int, form: MoveStepForm | None = None, status: int = 200
) -> HttpResponse:
    found = queries.step_with_goals(number)
    context = {
        "step": found,
        "move_form": form or MoveStepForm(step=found.record),
        "goals": [(goal, AdoptGoalForm(auto_id=f"goal-{goal.item.code}-%s")) for goal in found.goals],
    }
    return page(request, "practices/step.html", context, status=status)


@needs(Permission.RUN_PROGRAMME)
@written_from("step")
def move_step(request: Any, number: int) -> HttpResponse:
    record = step_for(number)
    form = MoveStepForm(request.POST, step=record)
    if not accepted(
        form, lambda data: cycles.move_step(step=record, to=StepState(data["to"]), by=request.person)
    ):
        return _step_page(request, number, form, status=422)
    messages.success(request, _("Saved."))
    return go(request, address(request, "step", number=number))


@needs(Permission.SEE_PROGRAMME)
def goal(request: Any, code: str) -> HttpResponse:
    return _goal_page(request, queries.goal_for(code))


def _goal_page(request: Any, found: Goal, status: int = 200, **forms: Any) -> HttpResponse:
    context = {"goal": found, "adopt_form": AdoptGoalForm(), "local_form": LocalPracticeForm(), **forms}
    return page(request, "practices/goal.html", context, status=status)


@needs(Permission.RUN_PROGRAMME)
@written_from("goal")
def adopt_goal(request: Any, code: str) -> HttpResponse:
    found, form = queries.goal_for(code), AdoptGoalForm(request.POST)
    cycle = current_cycle()
    if cycle is None:
        raise NotFound("")
    if not accepted(
        form,
        lambda data: actions.adopt_goal(
            cycle=cycle, item=found.item, reason=data["reason"], by=request.person
        ),
    ):
        return _goal_page(request, found, adopt_form=form, status=422)
    messages.success(request, _("The goal is adopted. Now choose what to do for it."))
    return go(request, address(request, "goal", code=code))


@needs(Permission.RUN_PROGRAMME)
@written_from("goal")
def adopt_practice(request: Any, code: str) -> HttpResponse:
    found, form = queries.goal_for(code), AdoptPracticeForm(request.POST)
    adopted = _adopted(found)
    if not form.is_valid():
        raise NotFound("")
    item = queries.item_for(found.item.guide, form.cleaned_data["code"], ItemKind.PRACTICE)
    practice = actions.adopt_practice(goal=adopted, item=item, by=request.person)
    messages.success(request, _("The practice is adopted. Say who answers for it, and by when."))
    return go(request, address(request, "practice", pk=practice.pk))


@needs(Permission.RUN_PROGRAMME)
@written_from("goal")
def add_local_practice(request: Any, code: str) -> HttpResponse:
    found, form = queries.goal_for(code), LocalPracticeForm(request.POST)
    adopted = _adopted(found)
    if not accepted(form, lambda data: actions.add_local_practice(goal=adopted, by=request.person, **data)):
        return _goal_page(request, found, local_form=form, status=422)
    messages.success(request, _("The practice is added."))
    return go(request, address(request, "goal", code=code))


def _adopted(goal: Goal) -> AdoptedGoal:
    if goal.adopted is None:
        raise RuleBroken(_("Adopt the goal first."))
    return goal.adopted
