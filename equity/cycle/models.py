"""Cycles 1, 2, 3… of an institution's programme and their five steps."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from equity.cycle.steps import StepNumber, StepState
from equity.tenancy.models import TenantKey, TenantModel
from equity.tenancy.walls import tenant_table

STEP_NAMES = {
    StepNumber.COMMIT: _("Commit"),
    StepNumber.BUILD_CAPACITY: _("Build capacity"),
    StepNumber.ASSESS: _("Assess and strategize"),
    StepNumber.CHANGE: _("Change practice and policy"),
    StepNumber.LEARN: _("Learn"),
}
STATE_NAMES = {
    StepState.NOT_STARTED: _("Not started"),
    StepState.UNDER_WAY: _("Under way"),
    StepState.DONE: _("Done"),
}


class Cycle(TenantModel):
    """One round of the programme. Several may be under way; a closed one stays readable as it was."""

    number = models.PositiveSmallIntegerField()
    started_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            *tenant_table("cycle_cycle", member="SIU", worker="S"),
            models.UniqueConstraint(fields=["organisation", "number"], name="cycle_cycle_number"),
            models.CheckConstraint(
                condition=models.Q(ended_on=None) | models.Q(ended_on__gte=models.F("started_on")),
                name="cycle_cycle_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"Cycle {self.number}"


class CycleStep(TenantModel):
    """One of the five steps in one cycle."""

    cycle = TenantKey(Cycle, related_name="steps")
    number = models.PositiveSmallIntegerField(choices=[(n.value, STEP_NAMES[n]) for n in StepNumber])
    state = models.CharField(
        max_length=12,
        choices=[(s.value, STATE_NAMES[s]) for s in StepState],
        default=StepState.NOT_STARTED.value,
    )

    class Meta:
        ordering = ["number"]
        constraints = [
            *tenant_table("cycle_cyclestep", member="SIU", worker="S", keys=["cycle"]),
            models.UniqueConstraint(
                fields=["organisation", "cycle", "number"], name="cycle_cyclestep_number"
            ),
            models.CheckConstraint(
                condition=models.Q(number__range=(1, 5)) & models.Q(state__in=[s.value for s in StepState]),
                name="cycle_cyclestep_known",
            ),
        ]

    def __str__(self) -> str:
        return str(STEP_NAMES[StepNumber(self.number)])
