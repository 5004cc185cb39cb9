"""A file that came in: counted or read, then checked and applied as a whole."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from equity.keys.models import System, sends
from equity.keys.scopes import Scope
from equity.roles import Permission
from equity.tenancy.models import Person, TenantKey, TenantModel
from equity.tenancy.personas import Persona
from equity.tenancy.walls import IN_ORGANISATION, INSIDER, Policy, holds, tenant_table

OF_THE_SENDER = f"{IN_ORGANISATION} AND {sends(Scope.SEND_COUNTS)}"


class Batch(TenantModel):
    """Counts from one file, or from one document that a system sent. `content` is the counts themselves as compressed CSV: a line list is counted while it is
    read, and no row about a patient ever comes here."""

    class Kind(models.TextChoices):
        LINE_LIST = "line_list", _("Line list, counted while read")
        COUNTS = "counts", _("Counts")
        TABLE = "table", _("Table, read by a mapping")
        REPORTS = "reports", _("FHIR measure reports")
        TYPED = "typed", _("Typed in")
        SENT = "sent", _("Sent by a system")

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("Uploaded")
        REFUSED = "refused", _("Has errors")
        APPLIED = "applied", _("Applied")
        UNDONE = "undone", _("Undone")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    rows_read = models.PositiveIntegerField()
    content = models.BinaryField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.UPLOADED)
    report = models.JSONField(default=dict, help_text="New, changed, unchanged cells; or the errors")
    uploaded_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    system = TenantKey(System, null=True, related_name="+", help_text="Which system sent it, if one did")
    idempotency_key = models.CharField(
        max_length=255,
        blank=True,
        help_text="The name that the system gave it: sent again, it is the same batch",
    )
    uploaded_at = models.DateTimeField(db_default=Now())
    applied_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-uploaded_at"]
        constraints = [
            *tenant_table(
                "metrics_batch",
                worker="SIU",
                keys=["system"],
                policies=[
                    Policy(Persona.MEMBER, "S", f"{IN_ORGANISATION} AND {INSIDER}"),
                    Policy(Persona.MEMBER, "I", f"{IN_ORGANISATION} AND {INSIDER} AND system_id IS NULL"),
                    Policy(Persona.SENDER, "S", OF_THE_SENDER),
                    Policy(Persona.SENDER, "I", f"{OF_THE_SENDER} AND {holds(Permission.IMPORT_COUNTS)}"),
                ],
            ),
            models.UniqueConstraint(
                fields=["organisation", "system", "idempotency_key"],
                condition=models.Q(system__isnull=False),
                name="metrics_batch_sent_once",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="sent", system__isnull=False) & ~models.Q(idempotency_key="")
                | ~models.Q(kind="sent") & models.Q(system=None, idempotency_key=""),
                name="metrics_batch_sent_by_a_system",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def sender(self) -> str:
        """The person who sent it, or the system."""
        return str(self.system or self.uploaded_by or "")
