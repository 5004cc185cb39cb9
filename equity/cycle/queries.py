"""The door to cycles and steps."""

from __future__ import annotations

from django.db.models import QuerySet

from equity.cycle.models import Cycle, CycleStep
from equity.errors import NotFound


def current_cycle() -> Cycle | None:
    """The latest cycle that has not ended, of the institution one is in."""
    return Cycle.objects.filter(ended_on=None).order_by("-number").first()


def cycles() -> QuerySet[Cycle]:
    """All cycles of the institution, newest first."""
    return Cycle.objects.order_by("-number")


def steps_of(cycle: Cycle) -> QuerySet[CycleStep]:
    """The five steps, in the guide's order."""
    return CycleStep.objects.filter(cycle=cycle).order_by("number")


def steps_under_way() -> list[CycleStep]:
    """The five steps of the current cycle, each with it; none before the first cycle has begun."""
    found = CycleStep.objects.filter(cycle__ended_on=None).select_related("cycle")
    steps = list(found.order_by("-cycle__number", "number"))
    return [step for step in steps if step.cycle_id == steps[0].cycle_id]


def step_for(number: int) -> CycleStep:
    """A step of the current cycle."""
    cycle = current_cycle()
    step = (
        CycleStep.objects.select_related("cycle").filter(cycle=cycle, number=number).first()
        if cycle
        else None
    )
    if step is None:
        raise NotFound("")
    return step
