"""What can be done to a cycle."""

from __future__ import annotations

import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from equity import audit
from equity.cycle.models import Cycle, CycleStep
from equity.cycle.steps import TRANSITIONS, StepNumber, StepState
from equity.errors import RuleBroken
from equity.tenancy.acting import current
from equity.tenancy.models import Organisation, Person


def open_cycle(*, organisation: Organisation, started_on: datetime.date, by: Person | None) -> Cycle:
    """Begin the next cycle with its five steps, none of them started."""
    with transaction.atomic(using=current().alias):
        last = Cycle.objects.filter(organisation=organisation).order_by("-number").first()
        cycle = Cycle.objects.create(
            organisation=organisation, number=last.number + 1 if last else 1, started_on=started_on
        )
        CycleStep.objects.bulk_create(
            CycleStep(organisation=organisation, cycle=cycle, number=number.value) for number in StepNumber
        )
        audit.record("cycle.open", by=by, target=cycle, number=cycle.number)
    return cycle


def move_step(*, step: CycleStep, to: StepState, by: Person) -> CycleStep:
    """Say how far a step has come."""
    with transaction.atomic(using=current().alias):
        locked = CycleStep.objects.select_for_update().get(pk=step.pk)
        if to not in TRANSITIONS[StepState(locked.state)]:
            raise RuleBroken(
                _("A step that is “%(state)s” cannot become that.") % {"state": locked.get_state_display()}
            )
        before, locked.state = locked.state, to.value
        locked.save(update_fields=["state"])
        audit.record("step.move", by=by, target=locked, before=before, after=to.value)
    return locked
