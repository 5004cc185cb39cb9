"""Governance bodies and their seats. The body's own facilitator fills them: the institution cannot remove a reviewer.

Who sits where is known to whoever sits there and to the facilitator: beside the reasons it would say who wrote them.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accountability.models.rules import MINE, RUN_BY_ME
from accountability.tally import DEFAULT_THRESHOLD, LOWEST_THRESHOLD
from equity.tenancy.models import Person, TenantKey, TenantModel
from equity.tenancy.personas import Persona
from equity.tenancy.walls import Policy, tenant_table

THRESHOLD_RANGE = (LOWEST_THRESHOLD, DEFAULT_THRESHOLD)


class Group(models.TextChoices):
    """A stakeholder group. Its figures stand alone and are never added to another's."""

    LIVED_EXPERIENCE = "lived_experience", _("People with lived experience")
    COMMUNITY = "community", _("Community")
    STAFF = "staff", _("Staff")
    EXECUTIVE = "executive", _("Executives")


GROUP_LABELS = dict(Group.choices)


class Body(TenantModel):
    """A governance body that holds the institution to its word."""

    class Kind(models.TextChoices):
        COMMUNITY_BOARD = "community_board", _("Community board")
        PATIENT_COUNCIL = "patient_council", _("Patient and family council")
        JOINT_COUNCIL = "joint_council", _("Joint council")

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.COMMUNITY_BOARD)
    threshold = models.PositiveSmallIntegerField(
        default=DEFAULT_THRESHOLD, help_text="How many of a group must reply before its figures are shown"
    )

    class Meta:
        verbose_name_plural = "bodies"
        ordering = ["name"]
        constraints = [
            *tenant_table(
                "accountability_body",
                member="S",
                worker="S",
                policies=[Policy(Persona.MEMBER, "IU", RUN_BY_ME)],
            ),
            models.UniqueConstraint(fields=["organisation", "name"], name="accountability_body_name"),
            models.CheckConstraint(
                condition=models.Q(threshold__range=THRESHOLD_RANGE), name="accountability_body_threshold"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["community_board", "patient_council", "joint_council"]),
                name="accountability_body_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Seat(TenantModel):
    """A person's place in a body, for a stakeholder group, from a day until a day."""

    body = TenantKey(Body, related_name="seats")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    group = models.CharField(max_length=20, choices=Group.choices, db_column="group_code")
    since = models.DateField()
    until = models.DateField(null=True, blank=True, help_text="The last day of the seat")

    class Meta:
        ordering = ["since", "id"]
        constraints = [
            *tenant_table(
                "accountability_seat",
                worker="S",
                keys=["body"],
                policies=[Policy(Persona.MEMBER, "S", MINE), Policy(Persona.MEMBER, "SIU", RUN_BY_ME)],
            ),
            models.UniqueConstraint(
                fields=["organisation", "body", "person"],
                condition=models.Q(until=None),
                name="accountability_seat_one_each",
            ),
            models.CheckConstraint(
                condition=models.Q(group__in=Group.values), name="accountability_seat_group"
            ),
            models.CheckConstraint(
                condition=models.Q(until=None) | models.Q(until__gte=models.F("since")),
                name="accountability_seat_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_group_display()} seat"
