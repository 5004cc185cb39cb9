"""Who decides on the groups of a dimension: changes with their decisions, coarser groupings, goals for missing answers."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from equity.roles import Permission
from equity.tenancy.models import Person, TenantKey, TenantModel
from equity.tenancy.personas import Persona
from equity.tenancy.walls import IN_ORGANISATION, PERSON, Policy, holds, tenant_table
from metrics.models.choosing import added_by_choosers
from metrics.models.definition import ADDED_BY_INSTITUTION, CHANGED_BY_COMMUNITY, Dimension

PROPOSERS = f"{IN_ORGANISATION} AND {holds(Permission.PROPOSE_GROUPS)}"
APPROVERS = f"{IN_ORGANISATION} AND {holds(Permission.APPROVE_GROUPS)}"


class Grouping(TenantModel):
    """A coarser way to show a dimension: its categories joined into fewer groups, each category in one of them."""

    dimension = TenantKey(Dimension, related_name="groupings")
    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=100)
    explanation = models.TextField(blank=True)
    groups = models.JSONField(help_text="[{code, label, categories}], in order")

    class Meta:
        ordering = ["dimension", "code"]
        constraints = [
            *tenant_table(
                "metrics_grouping",
                worker="S",
                keys=["dimension"],
                policies=[
                    Policy(Persona.MEMBER, "S", IN_ORGANISATION),
                    ADDED_BY_INSTITUTION,
                    Policy(Persona.MEMBER, "I", APPROVERS),
                    CHANGED_BY_COMMUNITY,
                ],
            ),
            models.UniqueConstraint(
                fields=["organisation", "dimension", "code"], name="metrics_grouping_code"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class GroupChange(TenantModel):
    """A change of labels, order, groupings or the reference group: proposed by either side, decided by the community.

    Applied when it is approved. The rows are the log: who, when, from what to what.
    """

    class Kind(models.TextChoices):
        LABEL = "label", _("What a group is called")
        ORDER = "order", _("The order of the groups")
        REFERENCE = "reference", _("The group that others are compared with")
        GROUPING = "grouping", _("Groups joined into fewer")
        VERSION = "version", _("A newer list of groups")

    class Decision(models.TextChoices):
        OPEN = "", _("Waits for the community")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")

    dimension = TenantKey(Dimension, related_name="changes")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    was = models.JSONField()
    becomes = models.JSONField()
    why = models.TextField()
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(db_default=Now())
    decision = models.CharField(max_length=8, choices=Decision.choices, blank=True, default=Decision.OPEN)
    reason = models.TextField(blank=True)
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-proposed_at", "-id"]
        constraints = [
            *tenant_table(
                "metrics_groupchange",
                worker="S",
                keys=["dimension"],
                operator="SI",
                policies=[
                    Policy(Persona.MEMBER, "S", IN_ORGANISATION),
                    Policy(
                        Persona.MEMBER, "I", f"{PROPOSERS} AND proposed_by_id = {PERSON} AND decision = ''"
                    ),
                    Policy(
                        Persona.MEMBER,
                        "U",
                        f"{APPROVERS} AND decision = ''",
                        leaves=f"{APPROVERS} AND decision <> ''",
                    ),
                ],
            ),
            models.CheckConstraint(
                condition=models.Q(decision="", decided_by=None)
                | models.Q(decision="approved", decided_by__isnull=False)
                | (models.Q(decision="declined", decided_by__isnull=False) & ~models.Q(reason="")),
                name="metrics_groupchange_decision",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.dimension_id}"


class DimensionVersion(TenantModel):
    """Which groups a dimension has from a day on, and why that changed. The first version has no first day.

    `bridge`: numbers of before are read by these groups, where everybody in a group can be found.
    """

    dimension = TenantKey(Dimension, related_name="versions")
    number = models.PositiveSmallIntegerField()
    library_version = models.PositiveSmallIntegerField(null=True)
    first_day = models.DateField(null=True)
    groups = models.JSONField(help_text="[{code, label, short}], in order")
    bridge = models.BooleanField(default=False)
    reason = models.TextField(blank=True)
    made_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["dimension", "number"]
        constraints = [
            *tenant_table(
                "metrics_dimensionversion",
                worker="S",
                keys=["dimension"],
                operator="SI",
                policies=[
                    Policy(Persona.MEMBER, "S", IN_ORGANISATION),
                    Policy(Persona.MEMBER, "I", APPROVERS),
                ],
            ),
            models.UniqueConstraint(
                fields=["organisation", "dimension", "number"], name="metrics_dimensionversion_number"
            ),
            models.CheckConstraint(
                condition=models.Q(number=1, first_day=None)
                | (models.Q(number__gt=1, first_day__isnull=False) & ~models.Q(reason="")),
                name="metrics_dimensionversion_day_and_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dimension_id} {self.number}"


class MissingGoal(TenantModel):
    """How many in 100 may be missing from a dimension at most, by when, and who answers for it. The latest row counts."""

    dimension = TenantKey(Dimension, related_name="missing_goals")
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at_most = models.DecimalField(max_digits=4, decimal_places=1, help_text="In 100")
    by_date = models.DateField()
    set_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["set_at", "id"]
        constraints = [
            *added_by_choosers("metrics_missinggoal", key="dimension"),
            models.CheckConstraint(
                condition=models.Q(at_most__gte=0, at_most__lte=100), name="metrics_missinggoal_of_100"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dimension_id} {self.at_most}"
