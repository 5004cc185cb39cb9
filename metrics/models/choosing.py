"""How a metric came here and what became of it: proposals, the community's word on publication, versions, targets."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from equity.publication.models import Release
from equity.roles import Permission
from equity.tenancy.models import Person, TenantKey, TenantModel
from equity.tenancy.personas import Persona
from equity.tenancy.walls import IN_ORGANISATION, PERSON, Policy, holds, tenant_table
from metrics.models.definition import Level, Metric

CHOOSERS = f"{IN_ORGANISATION} AND {holds(Permission.CHOOSE_METRICS)}"


def added_by_choosers(table: str, *, key: str) -> list[models.BaseConstraint]:
    """A table that everybody reads, to which who chooses the measures adds rows, and in which none is ever changed."""
    return tenant_table(
        table,
        worker="S",
        keys=[key],
        operator="SI",
        policies=[Policy(Persona.MEMBER, "S", IN_ORGANISATION), Policy(Persona.MEMBER, "I", CHOOSERS)],
    )


class MetricProposal(TenantModel):
    """What the community asks the institution to measure. It is answered once, with a reason, and never deleted."""

    class Answer(models.TextChoices):
        OPEN = "", _("Waits for an answer")
        ADOPTED = "adopted", _("Adopted")
        DECLINED = "declined", _("Declined")

    name = models.CharField(max_length=200)
    level = models.CharField(max_length=12, choices=Level.choices)
    purpose = models.CharField(max_length=14, choices=Metric.Purpose.choices)
    words = models.TextField(help_text="What to count, out of what, in the community's words")
    why = models.TextField()
    library_code = models.CharField(max_length=60, blank=True)
    community_holds = models.BooleanField(
        default=False, help_text="The community asks to decide on publication"
    )
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(db_default=Now())
    answer = models.CharField(max_length=8, choices=Answer.choices, blank=True, default=Answer.OPEN)
    reason = models.TextField(blank=True)
    metric = TenantKey(Metric, null=True, related_name="+")
    answered_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-proposed_at", "-id"]
        constraints = [
            *tenant_table(
                "metrics_metricproposal",
                worker="S",
                keys=["metric"],
                policies=[
                    Policy(Persona.MEMBER, "S", IN_ORGANISATION),
                    Policy(
                        Persona.MEMBER,
                        "I",
                        f"{IN_ORGANISATION} AND {holds(Permission.PROPOSE_METRIC)}"
                        f" AND proposed_by_id = {PERSON} AND answer = ''",
                    ),
                    Policy(
                        Persona.MEMBER,
                        "U",
                        f"{CHOOSERS} AND answer = ''",
                        leaves=f"{CHOOSERS} AND answer <> ''",
                    ),
                ],
                operator="SI",
            ),
            models.CheckConstraint(
                condition=models.Q(answer="", metric=None, answered_by=None)
                | models.Q(answer="adopted", metric__isnull=False, answered_by__isnull=False)
                | (
                    models.Q(answer="declined", metric=None, answered_by__isnull=False) & ~models.Q(reason="")
                ),
                name="metrics_metricproposal_answer",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PublicationConsent(TenantModel):
    """The community's word on publishing a metric that it holds, for one release. The latest counts."""

    release = TenantKey(Release, related_name="+")
    metric = TenantKey(Metric, related_name="+")
    agreed = models.BooleanField()
    reason = models.TextField(blank=True)
    given_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["given_at", "id"]
        constraints = [
            *tenant_table(
                "metrics_publicationconsent",
                worker="S",
                keys=["release", "metric"],
                operator="S",
                policies=[
                    Policy(Persona.MEMBER, "S", IN_ORGANISATION),
                    Policy(
                        Persona.MEMBER,
                        "I",
                        f"{IN_ORGANISATION} AND {holds(Permission.AGREE_TO_FIGURES)} AND given_by_id = {PERSON}",
                    ),
                ],
            ),
            models.CheckConstraint(
                condition=models.Q(agreed=True) | ~models.Q(reason=""),
                name="metrics_publicationconsent_refused_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric_id} {self.agreed}"


class MetricVersion(TenantModel):
    """What a metric counts from a day on, and why that changed. The first version has no first day."""

    metric = TenantKey(Metric, related_name="versions")
    number = models.PositiveSmallIntegerField()
    first_day = models.DateField(null=True)
    definition = models.JSONField(help_text="The fields that say what is counted")
    reason = models.TextField(blank=True)
    made_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["metric", "number"]
        constraints = [
            *added_by_choosers("metrics_metricversion", key="metric"),
            models.UniqueConstraint(
                fields=["organisation", "metric", "number"], name="metrics_metricversion_number"
            ),
            models.CheckConstraint(
                condition=models.Q(number=1, first_day=None)
                | (models.Q(number__gt=1, first_day__isnull=False) & ~models.Q(reason="")),
                name="metrics_metricversion_day_and_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric_id} {self.number}"


class Target(TenantModel):
    """What a metric should reach for everybody or for one group by a day, in the metric's own unit.

    Append-only: a later row for the same group replaces the earlier, and both stay to be seen. No value: given up.
    """

    metric = TenantKey(Metric, related_name="targets")
    stratum = models.CharField(max_length=300, blank=True, help_text="Key of the group; empty for everybody")
    value = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    by_date = models.DateField(null=True)
    reason = models.TextField()
    set_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["set_at", "id"]
        constraints = [
            *added_by_choosers("metrics_target", key="metric"),
            models.CheckConstraint(
                condition=models.Q(value=None, by_date=None)
                | models.Q(value__isnull=False, by_date__isnull=False),
                name="metrics_target_value_by_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stratum or 'everybody'} {self.value}"
