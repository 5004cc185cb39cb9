"""Sums over several institutions: who takes part, what each gives, and which sums a health department has published.

What an institution gives are counts, small ones among them. They are read by the workers that give them and by those of the
department that adds them up; by no person, on either side.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from equity.publication.models import Release
from equity.tenancy.models import Organisation, TenantKey, TenantModel
from equity.tenancy.personas import Persona
from equity.tenancy.walls import IN_ORGANISATION, ORGANISATION, Policy, tenant_table
from metrics.models.fact import Grain

IN_DEPARTMENT = f"department_id = {ORGANISATION}"


class Joining(TenantModel):
    """An institution takes part in the sums of a health department, with the measures that it names.

    Ending it stops what is given from then on; sums that are published stay, and what they rest on is kept.
    """

    department = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    institution_slug = models.SlugField()
    institution_name = models.CharField(max_length=200)
    metrics = ArrayField(models.SlugField(max_length=60))
    joined_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["institution_name"]
        constraints = [
            *tenant_table(
                "metrics_joining",
                policies=[
                    Policy(Persona.MEMBER, "SIU", IN_ORGANISATION),
                    Policy(Persona.MEMBER, "S", IN_DEPARTMENT),
                    Policy(Persona.WORKER, "S", f"{IN_ORGANISATION} OR {IN_DEPARTMENT}"),
                ],
            ),
            models.UniqueConstraint(
                fields=["organisation", "department"],
                condition=models.Q(ended_at=None),
                name="metrics_joining_once",
            ),
        ]

    def __str__(self) -> str:
        return self.institution_name


class Contribution(TenantModel):
    """That an institution has given a measure in a period. People of the department see this, and no count.

    `meaning`: a digest of how the measure is defined. Only what means the same is added up.
    `overlapping`: dimensions of which the institution counts a person in several groups.
    """

    joining = TenantKey(Joining, related_name="contributions")
    department = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    metric = models.SlugField(max_length=60)
    meaning = models.CharField(max_length=64)
    overlapping = ArrayField(models.SlugField(max_length=40), default=list)
    grain = models.PositiveSmallIntegerField(choices=Grain.choices)
    start = models.DateField()
    end = models.DateField()
    withdrawn = models.BooleanField(
        default=False,
        help_text="The institution has taken it back: it stays known and is not added up any more",
    )

    class Meta:
        indexes = [models.Index(fields=["department", "metric"], name="metrics_contribution_to")]
        constraints = [
            *tenant_table(
                "metrics_contribution",
                keys=["joining"],
                policies=[
                    Policy(Persona.WORKER, "SIUD", IN_ORGANISATION),
                    Policy(Persona.WORKER, "S", IN_DEPARTMENT),
                    Policy(Persona.MEMBER, "S", f"{IN_ORGANISATION} OR {IN_DEPARTMENT}"),
                ],
            ),
            models.UniqueConstraint(
                fields=["organisation", "joining", "metric", "grain", "start"],
                name="metrics_contribution_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.start}"


class ContributedCell(models.Model):
    """A count that is given, and what of it is public: the whole table of a release, down to the units."""

    pk = models.CompositePrimaryKey("contribution_id", "unit", "stratum")
    organisation = models.ForeignKey(
        "tenancy.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    department = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    contribution = TenantKey(Contribution, related_name="cells", db_index=False)
    unit = models.SlugField()
    parent = models.SlugField(blank=True, help_text="The unit above; none above the whole institution")
    stratum = models.CharField(max_length=300, blank=True)
    numerator = models.BigIntegerField()
    denominator = models.BigIntegerField(null=True)
    shows_numerator = models.BooleanField(help_text="The institution has published it")
    shows_denominator = models.BooleanField()

    class Meta:
        constraints = tenant_table(
            "metrics_contributedcell",
            keys=["contribution"],
            keyed=False,
            policies=[
                Policy(Persona.WORKER, "SID", IN_ORGANISATION),
                Policy(Persona.WORKER, "S", IN_DEPARTMENT),
            ],
        )

    def __str__(self) -> str:
        return f"{self.unit} {self.stratum}"


class Total(TenantModel):
    """A sum that a release of a health department holds: whose counts it adds up. It is never made again."""

    release = TenantKey(Release, related_name="totals")
    metric = models.SlugField(max_length=60)
    grain = models.PositiveSmallIntegerField(choices=Grain.choices)
    start = models.DateField()
    end = models.DateField()
    institutions = ArrayField(models.SlugField(), help_text="Those that are counted")
    joined = models.PositiveIntegerField(help_text="How many took part in the department's sums then")

    class Meta:
        constraints = [
            *tenant_table("metrics_total", member="S", worker="SI", keys=["release"], operator="SI"),
            models.UniqueConstraint(
                fields=["organisation", "release", "metric", "grain", "start"], name="metrics_total_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.start}"
