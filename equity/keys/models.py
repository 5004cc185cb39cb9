"""An institution's own systems, and the keys with which they act.

A system is a program of the institution: its record system, its data warehouse. It acts as itself, and a person answers for it.
A key is one kind of credential of a system; others can stand beside it.
"""

from __future__ import annotations

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from equity.keys.scopes import Scope
from equity.roles import Permission
from equity.tenancy.models import Person, TenantKey, TenantModel
from equity.tenancy.personas import Persona
from equity.tenancy.walls import CREDENTIAL, IN_ORGANISATION, Policy, holds, tenant_table

KEEPS_KEYS = f"{IN_ORGANISATION} AND {holds(Permission.MANAGE_KEYS)}"
THIS_KEY = f"key_hash = {CREDENTIAL}"
LIVE = "revoked_at IS NULL AND expires_at > now()"


def sends(scope: Scope) -> str:
    """SQL: the row is of the system whose live key came with the request, and the key has the scope.

    Institution and system are read from the key itself, whatever else was told: only who has the secret can name its hash.
    """
    return (
        "(organisation_id, system_id) IN (SELECT organisation_id, system_id FROM public.keys_systemkey"
        f" WHERE {THIS_KEY} AND {LIVE} AND '{scope.value}' = ANY (scopes))"
    )


class System(TenantModel):
    """A program of the institution's own that acts by itself, and the person who answers for it."""

    name = models.CharField(max_length=80)
    answers = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Who answers for it. Its keys stop when that person may no longer do what it does",
    )
    opened_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["name"]
        constraints = [
            *tenant_table(
                "keys_system",
                worker="S",
                policies=[
                    Policy(Persona.MEMBER, "S", IN_ORGANISATION),
                    Policy(Persona.MEMBER, "IU", KEEPS_KEYS),
                    Policy(
                        Persona.SENDER,
                        "S",
                        f"id IN (SELECT system_id FROM public.keys_systemkey WHERE {THIS_KEY})",
                    ),
                ],
            ),
            models.UniqueConstraint(fields=["organisation", "name"], name="keys_system_name"),
        ]

    def __str__(self) -> str:
        return self.name


class SystemKey(TenantModel):
    """A credential of a system: prefix to tell it by, hash to know it by, scopes, an end within twelve months."""

    class State(models.TextChoices):
        LIVE = "live", _("Live")
        ENDED = "ended", _("Ended")
        REVOKED = "revoked", _("Revoked")

    system = TenantKey(System, related_name="keys")
    prefix = models.CharField(max_length=20, unique=True)
    key_hash = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=40))
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            *tenant_table(
                "keys_systemkey",
                keys=["system"],
                policies=[
                    Policy(Persona.MEMBER, "SI", KEEPS_KEYS),
                    # The only change there is: a live key is revoked, for good.
                    Policy(
                        Persona.MEMBER,
                        "U",
                        f"{KEEPS_KEYS} AND revoked_at IS NULL",
                        leaves=f"{KEEPS_KEYS} AND revoked_at IS NOT NULL",
                    ),
                    Policy(Persona.SENDER, "S", THIS_KEY),
                ],
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("made_at"))
                & models.Q(expires_at__lte=models.F("made_at") + timedelta(days=366)),
                name="keys_systemkey_ends_within_a_year",
            ),
            models.CheckConstraint(condition=~models.Q(scopes=[]), name="keys_systemkey_opens_something"),
        ]

    def __str__(self) -> str:
        return self.prefix

    @property
    def state(self) -> State:
        """Whether it opens anything now."""
        if self.revoked_at is not None:
            return self.State.REVOKED
        return self.State.LIVE if timezone.now() < self.expires_at else self.State.ENDED


class KeyUse(TenantModel):
    """When a key was last used, to the minute: the one thing that a key can write about itself."""

    key = TenantKey(SystemKey, related_name="uses")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            *tenant_table(
                "keys_keyuse",
                keys=["key"],
                policies=[
                    Policy(Persona.MEMBER, "S", KEEPS_KEYS),
                    Policy(
                        Persona.SENDER,
                        "SIU",
                        "(organisation_id, key_id) IN (SELECT organisation_id, id FROM public.keys_systemkey"
                        f" WHERE {THIS_KEY} AND {LIVE})",
                    ),
                ],
            ),
            models.UniqueConstraint(fields=["key"], name="keys_keyuse_once"),
        ]

    def __str__(self) -> str:
        return f"{self.key_id} {self.at}"
