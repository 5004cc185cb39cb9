"""Institutions and their units."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from equity.roles import Permission
from equity.tenancy.models.base import TenantKey, TenantModel
from equity.tenancy.personas import Persona
from equity.tenancy.walls import (
    IN_ORGANISATION,
    ORGANISATION,
    PERSON,
    Policy,
    guarded_table,
    holds,
    tenant_table,
)

MINE = f"id IN (SELECT organisation_id FROM tenancy_membership WHERE person_id = {PERSON})"

A_DEPARTMENT = "kind = 'health_department'"
"""Every institution can find the departments whose sums it could take part in."""


class Organisation(models.Model):
    """The tenant: a health system, hospital, physician group or clinic. In words to people: an institution.

    A health department is one too: it publishes sums over the institutions that take part, and holds no counts itself.
    """

    class Kind(models.TextChoices):
        HEALTH_SYSTEM = "health_system", _("Health system")
        HOSPITAL = "hospital", _("Hospital")
        PHYSICIAN_GROUP = "physician_group", _("Physician group")
        CLINIC = "clinic", _("Clinic")
        HEALTH_DEPARTMENT = "health_department", _("Health department")

    id = models.BigAutoField(primary_key=True)
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    ccn = models.CharField(max_length=6, blank=True, help_text=_("CMS certification number"))
    state = models.CharField(max_length=2, blank=True)
    county_fips = models.CharField(max_length=5, blank=True)
    sample_note = models.TextField(
        blank=True,
        help_text=_("Shown on every page of an institution that is not real: what is real and what is not."),
    )
    joined_on = models.DateField(auto_now_add=True)

    class Meta:
        constraints = guarded_table(
            "tenancy_organisation",
            policies=[
                Policy(Persona.MEMBER, "S", f"id = {ORGANISATION} OR {MINE} OR {A_DEPARTMENT}"),
                Policy(Persona.WORKER, "S", f"id = {ORGANISATION}"),
                Policy(Persona.SCHEDULER, "S", "true"),
                Policy(Persona.SENDER, "S", f"id = {ORGANISATION}"),
            ],
        )

    def __str__(self) -> str:
        return self.name


class Unit(TenantModel):
    """A part of an institution: the whole, a hospital or clinic, a department. Parts add up to their parent."""

    class Kind(models.TextChoices):
        INSTITUTION = "institution", _("Whole institution")
        HOSPITAL = "hospital", _("Hospital")
        CLINIC = "clinic", _("Clinic")
        DEPARTMENT = "department", _("Department")

    parent = TenantKey("self", null=True, blank=True, related_name="children")
    code = models.SlugField()
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    position = models.PositiveSmallIntegerField(default=0)
    closed_on = models.DateField(null=True, blank=True, help_text="Its last day; its counts stay")

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            *tenant_table(
                "tenancy_unit",
                worker="S",
                keys=["parent"],
                policies=[
                    Policy(Persona.SENDER, "S", IN_ORGANISATION),
                    Policy(Persona.MEMBER, "S", IN_ORGANISATION),
                    Policy(Persona.MEMBER, "IU", f"{IN_ORGANISATION} AND {holds(Permission.MANAGE_UNITS)}"),
                ],
            ),
            models.UniqueConstraint(fields=["organisation", "code"], name="tenancy_unit_code"),
            models.UniqueConstraint(
                fields=["organisation"], condition=models.Q(parent=None), name="tenancy_unit_one_root"
            ),
        ]

    def __str__(self) -> str:
        return self.name
