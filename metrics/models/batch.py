"""A file that came in: counted or read, then checked and applied as a whole."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from equity.tenancy.models import Person, TenantModel
from equity.tenancy.personas import Persona
from equity.tenancy.walls import IN_ORGANISATION, INSIDER, Policy, tenant_table


class Batch(TenantModel):
    """Counts from one file. `content` is the counts themselves as compressed CSV: a line list is counted while it is
    read, and no row about a patient ever comes here."""

    class Kind(models.TextChoices):
        LINE_LIST = "line_list", _("Line list, counted while read")
        COUNTS = "counts", _("Counts")
        TABLE = "table", _("Table, read by a mapping")
        REPORTS = "reports", _("FHIR measure reports")
        TYPED = "typed", _("Typed in")

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
    uploaded_at = models.DateTimeField(db_default=Now())
    applied_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-uploaded_at"]
        constraints = tenant_table(
            "metrics_batch",
            worker="SIU",
            policies=[Policy(Persona.MEMBER, "SI", f"{IN_ORGANISATION} AND {INSIDER}")],
            grants={Persona.MEMBER: "SI"},
        )

    def __str__(self) -> str:
        return self.name
