"""What may be shown outside the institution, and the proof."""

from __future__ import annotations

from django.db import models

from equity.publication.models import Release
from equity.tenancy.models import TenantKey
from equity.tenancy.personas import Persona
from equity.tenancy.walls import IN_ORGANISATION, INSIDER, Policy, tenant_table
from metrics.models.definition import Series
from metrics.models.fact import Grain


class CertifiedCell(models.Model):
    """One cell of a release as it may be shown: a hidden count is not here at all, only that it is hidden."""

    class Status(models.TextChoices):
        PUBLISHED = "published"
        HIDDEN = "hidden"
        NOT_COLLECTED = "not_collected"
        NOT_ASKED = "not_asked"
        NOT_YET_DUE = "not_yet_due"
        WITHHELD = "withheld"

    pk = models.CompositePrimaryKey("release_id", "series_id", "grain", "start")
    organisation = models.ForeignKey(
        "tenancy.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    release = TenantKey(Release, related_name="+", db_index=False)
    series = TenantKey(Series, related_name="+", db_index=False)
    grain = models.PositiveSmallIntegerField(choices=Grain.choices)
    start = models.DateField()
    end = models.DateField()
    status = models.CharField(max_length=14, choices=Status.choices)
    numerator = models.BigIntegerField(null=True)
    denominator = models.BigIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["organisation", "release"], name="metrics_certified_release")]
        constraints = [
            *tenant_table(
                "metrics_certifiedcell",
                member="S",
                worker="SI",
                keys=["release", "series"],
                keyed=False,
                operator="S",
            ),
            models.CheckConstraint(
                condition=models.Q(status="published", numerator__isnull=False)
                | (~models.Q(status="published") & models.Q(numerator=None)),
                name="metrics_certifiedcell_hidden_is_absent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.series_id} {self.start} {self.status}"


class Checked(models.Model):
    """What the check of some metrics of a release found, until all have been checked and the release is put together.

    Only workers read it.
    """

    pk = models.CompositePrimaryKey("release_id", "number")
    organisation = models.ForeignKey(
        "tenancy.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    release = TenantKey(Release, related_name="+", db_index=False)
    number = models.PositiveSmallIntegerField()
    content = models.BinaryField(help_text="Compressed JSON: cells as they may be shown, proofs, report")

    class Meta:
        verbose_name_plural = "checked"
        constraints = tenant_table(
            "metrics_checked", worker="SID", keys=["release"], keyed=False, operator="S"
        )

    def __str__(self) -> str:
        return f"{self.release_id} {self.number}"


class CheckReport(models.Model):
    """What the check of a release found, in figures. It says what was hard to hide, so it is for named insiders."""

    release = models.OneToOneField(
        Release, primary_key=True, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    organisation = models.ForeignKey(
        "tenancy.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    content = models.JSONField()

    class Meta:
        constraints = tenant_table(
            "metrics_checkreport",
            worker="SI",
            keys=["release"],
            keyed=False,
            operator="S",
            policies=[Policy(Persona.MEMBER, "S", f"{IN_ORGANISATION} AND {INSIDER}")],
        )

    def __str__(self) -> str:
        return str(self.release_id)


class Certificate(models.Model):
    """The witness tables of a release: for every small count one table where it is large and one where it is not there.

    They are built from the truth, so only workers and named insiders read them. Those of sums over institutions are built
    from the truth of all of them, and nobody is an insider of all.
    """

    release = models.OneToOneField(
        Release, primary_key=True, on_delete=models.PROTECT, related_name="certificate", db_constraint=False
    )
    organisation = models.ForeignKey(
        "tenancy.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    content = models.BinaryField(
        help_text="Compressed JSON: cells, equations' structure, hidden set, witnesses"
    )
    sha256 = models.CharField(max_length=64)
    over_institutions = models.BooleanField(default=False)

    class Meta:
        constraints = tenant_table(
            "metrics_certificate",
            worker="SI",
            keys=["release"],
            keyed=False,
            operator="S",
            policies=[
                Policy(Persona.MEMBER, "S", f"{IN_ORGANISATION} AND {INSIDER} AND NOT over_institutions")
            ],
            grants={Persona.MEMBER: "S"},
        )

    def __str__(self) -> str:
        return str(self.release_id)
