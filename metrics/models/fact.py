"""Counts: as they came in, and added up. Seen by named insiders of the institution and by its workers, by nobody else."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from equity.tenancy.models import TenantKey
from equity.tenancy.personas import Persona
from equity.tenancy.walls import IN_ORGANISATION, INSIDER, Policy, tenant_table
from metrics.models.batch import Batch
from metrics.models.definition import Series

FOR_INSIDERS = Policy(Persona.MEMBER, "S", f"{IN_ORGANISATION} AND {INSIDER}")


class Grain(models.IntegerChoices):
    """How long a period lasts, in months; SPAN is a stretch of its own, which nothing adds up.

    ROLLING are twelve months that may begin with any (“112”: 12, from month 1, 2, …): only ever added up, never observed.
    """

    SPAN = 0
    MONTH = 1
    QUARTER = 3
    YEAR = 12
    ROLLING = 112


class Blank(models.TextChoices):
    """Why there is no number. A blank is never a zero."""

    NONE = "", ""
    NOT_COLLECTED = "not_collected"
    NOT_ASKED = "not_asked"
    NOT_YET_DUE = "not_yet_due"
    WITHHELD = "withheld"


class _Fact(models.Model):
    pk: Any
    # Its series carries the key to the institution: a second one would be checked for every row.
    organisation = models.ForeignKey(
        "tenancy.Organisation",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    series = TenantKey(Series, related_name="+", db_index=False)
    grain = models.PositiveSmallIntegerField(choices=Grain.choices)
    start = models.DateField()
    end = models.DateField(help_text="Last day")
    numerator = models.BigIntegerField(null=True)
    denominator = models.BigIntegerField(null=True)
    squares = models.DecimalField(
        null=True, max_digits=40, decimal_places=0, help_text="Sum of squares, for averages"
    )

    class Meta:
        abstract = True


class Observation(_Fact):
    """Metric × unit × period × stratum → counts as they came in. Percentages are never stored.

    Triggers look after each statement that writes here: they refuse a series that the institution has not, and note in
    `Touched` what was written.
    """

    pk = models.CompositePrimaryKey("organisation_id", "series_id", "grain", "start")
    blank = models.CharField(max_length=14, choices=Blank.choices, default=Blank.NONE, blank=True)
    batch = TenantKey(Batch, related_name="+", db_index=False)

    class Meta:
        constraints = [
            *tenant_table(
                "metrics_observation",
                worker="SIUD",
                derived=["batch", "series"],
                keyed=False,
                policies=[FOR_INSIDERS],
                grants={Persona.MEMBER: "S"},
            ),
            models.CheckConstraint(
                condition=(models.Q(blank="") & models.Q(numerator__isnull=False))
                | (~models.Q(blank="") & models.Q(numerator=None, denominator=None)),
                name="metrics_observation_blank_or_number",
            ),
            models.CheckConstraint(
                condition=models.Q(denominator=None) | models.Q(denominator__gte=0),
                name="metrics_observation_denominator",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.series_id} {self.start}"


class Touched(models.Model):
    """Observations that were written and not yet added up: one row a statement and series. PostgreSQL itself notes them."""

    organisation = models.ForeignKey(
        "tenancy.Organisation", on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    series = TenantKey(Series, related_name="+", db_index=False)
    grain = models.PositiveSmallIntegerField(choices=Grain.choices)
    starts = ArrayField(models.DateField())

    class Meta:
        constraints = tenant_table("metrics_touched", worker="SID", derived=["series"], keyed=False)

    def __str__(self) -> str:
        return f"{self.series_id} {len(self.starts)}"


class Rollup(_Fact):
    """What there is of observations, added up: unit → institution, month → quarter → year and rolling twelve months."""

    pk = models.CompositePrimaryKey("organisation_id", "series_id", "grain", "start")

    class Meta:
        constraints = tenant_table(
            "metrics_rollup",
            worker="SIUD",
            derived=["series"],
            keyed=False,
            policies=[FOR_INSIDERS],
            grants={Persona.MEMBER: "S"},
        )

    def __str__(self) -> str:
        return f"{self.series_id} {self.start}"
