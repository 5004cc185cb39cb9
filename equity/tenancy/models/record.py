"""The audit trail and the jobs: what was done, and what is being done."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from equity.tenancy.models.base import TenantModel
from equity.tenancy.personas import Persona
from equity.tenancy.trail import readable
from equity.tenancy.walls import IN_ORGANISATION, SENDER, Policy, tenant_table

SENT_WORK = "metrics.check_batch"
"""The only work that an institution's own system can have done: what it sends is checked, and the check decides on the rest."""

OF_THE_SENDER = f"{IN_ORGANISATION} AND arguments->>'system' = {SENDER}"


class AuditEvent(TenantModel):
    """Who did what, when. Append-only; no foreign keys, so that it outlives what it speaks of.

    Who reads which entry, `equity.tenancy.trail` says.
    """

    at = models.DateTimeField(db_default=Now())
    event = models.CharField(max_length=60)
    by_person = models.UUIDField(null=True, help_text="Nobody: the system itself")
    by_name = models.CharField(max_length=200)
    target_kind = models.CharField(max_length=60)
    target_id = models.CharField(max_length=60)
    target_name = models.CharField(max_length=300)
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["organisation", "-at"], name="tenancy_audit_at"),
            models.Index(fields=["organisation", "target_id"], name="tenancy_audit_target"),
        ]
        constraints = tenant_table(
            "tenancy_auditevent",
            worker="SI",
            operator="SI",
            policies=[
                Policy(Persona.MEMBER, "SI", readable()),
                Policy(Persona.SENDER, "SI", f"{IN_ORGANISATION} AND details->>'system' = {SENDER}"),
            ],
        )

    def __str__(self) -> str:
        return f"{self.event} {self.target_name}"


class Job(TenantModel):
    """Long work with a lease: what a dead worker left is taken up again by another."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    kind = models.CharField(max_length=60)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    queued_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    outcome = models.JSONField(default=dict, help_text="Figures of a finished job, or why it failed")
    asked_by = models.UUIDField(null=True)

    class Meta:
        ordering = ["-queued_at"]
        indexes = [
            models.Index(
                fields=["queued_at"],
                condition=models.Q(state__in=["queued", "running"]),
                name="tenancy_job_open",
            )
        ]
        constraints = [
            *tenant_table(
                "tenancy_job",
                member="SI",
                worker="SIU",
                policies=[
                    Policy(Persona.SCHEDULER, "SU", "true"),
                    Policy(Persona.SENDER, "S", OF_THE_SENDER),
                    Policy(Persona.SENDER, "I", f"{OF_THE_SENDER} AND kind = '{SENT_WORK}'"),
                ],
            ),
            models.CheckConstraint(
                condition=~models.Q(state="running") | models.Q(lease_until__isnull=False),
                name="tenancy_job_leased",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    @property
    def is_interrupted(self) -> bool:
        """Whoever did it has died, and nobody has taken it up yet."""
        return (
            self.state == self.State.RUNNING
            and self.lease_until is not None
            and self.lease_until < timezone.now()
        )

    @property
    def reference(self) -> str:
        """What a person can read to an operator, who finds it in the log: the end of the id, which is random."""
        return str(self.pk)[-8:]
