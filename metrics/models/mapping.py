"""How an institution reads the files of one source: remembered, so that the next such file needs no answer."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from equity.tenancy.models import Person, TenantModel
from equity.tenancy.personas import Persona
from equity.tenancy.walls import IN_ORGANISATION, INSIDER, Policy, tenant_table


class SavedMapping(TenantModel):
    """A mapping as text. A table whose columns have the names behind `header` is read with it without asking."""

    name = models.CharField(max_length=120)
    header = models.CharField(
        max_length=64, blank=True, help_text="Fingerprint of the column names; empty: chosen by hand"
    )
    text = models.TextField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            *tenant_table(
                "metrics_savedmapping",
                policies=[Policy(Persona.MEMBER, "SIUD", f"{IN_ORGANISATION} AND {INSIDER}")],
            ),
            models.UniqueConstraint(
                fields=["organisation", "header"],
                condition=~models.Q(header=""),
                name="metrics_savedmapping_header",
            ),
        ]

    def __str__(self) -> str:
        return self.name
