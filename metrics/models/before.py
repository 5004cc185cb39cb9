"""What stood where a file wrote: so that the file can be undone."""

from __future__ import annotations

from typing import Any

from django.db import models

from equity.tenancy.models import TenantKey
from equity.tenancy.walls import tenant_table
from metrics.models.batch import Batch
from metrics.models.fact import Grain


class Before(models.Model):
    """One observation that a batch changed: what stood there before, and which batch had said so.

    An observation that a batch was the first to write has no row here, unless the file before it was undone: then
    `was_there` is false. For workers only; what is older than `KEPT_FOR_DAYS` goes when the next file is applied.
    """

    pk: Any = models.CompositePrimaryKey("organisation_id", "batch_id", "series_id", "grain", "start")
    # The batch carries the key to the institution: a second one would be checked for every row.
    organisation = models.ForeignKey(
        "tenancy.Organisation",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    batch = TenantKey(Batch, related_name="+", db_index=False)
    series = TenantKey("metrics.Series", related_name="+", db_index=False)
    grain = models.PositiveSmallIntegerField(choices=Grain.choices)
    start = models.DateField()
    was_there = models.BooleanField()
    end = models.DateField(null=True)
    numerator = models.BigIntegerField(null=True)
    denominator = models.BigIntegerField(null=True)
    squares = models.DecimalField(null=True, max_digits=40, decimal_places=0)
    blank = models.CharField(max_length=14, blank=True)
    batch_before = models.UUIDField(null=True)

    class Meta:
        constraints = tenant_table("metrics_before", worker="SIUD", derived=["batch", "series"], keyed=False)

    def __str__(self) -> str:
        return f"{self.series_id} {self.start}"
