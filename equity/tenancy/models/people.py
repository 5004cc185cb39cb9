"""Accounts sign in; persons act. Only the sign-in persona reads an account."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from equity.roles import Role
from equity.tenancy.ids import uuid7
from equity.tenancy.models.base import TenantModel
from equity.tenancy.personas import Persona
from equity.tenancy.walls import (
    IN_ORGANISATION,
    ORGANISATION,
    PERSON,
    Policy,
    guarded_table,
    open_table,
    tenant_table,
)

SHARES_ORGANISATION = (
    f"id IN (SELECT person_id FROM tenancy_membership WHERE organisation_id = {ORGANISATION})"
)


class Person(models.Model):
    """Somebody who acts in the programme: a name and a language, visible to those who share an institution."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=200)
    language = models.CharField(max_length=8, default="en")

    class Meta:
        constraints = guarded_table(
            "tenancy_person",
            policies=[
                Policy(Persona.MEMBER, "S", f"id = {PERSON} OR {SHARES_ORGANISATION}"),
                Policy(Persona.MEMBER, "U", f"id = {PERSON}"),
                Policy(Persona.WORKER, "S", SHARES_ORGANISATION),
                Policy(Persona.SENDER, "S", f"id = {PERSON}"),
            ],
        )

    def __str__(self) -> str:
        return self.name


class AccountManager(BaseUserManager["Account"]):
    def create_user(self, email: str, password: str | None, *, person: Person) -> Account:
        """An account for a person; without a password until they set one."""
        account = self.model(email=self.normalize_email(email).lower(), person=person)
        account.set_password(password)
        account.save()
        return account

    def get_by_natural_key(self, username: str | None) -> Account:
        return self.get(email__iexact=username)


class Account(AbstractBaseUser):
    """Credentials and nothing else."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(unique=True)
    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="+")
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)
    letters_stopped_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when the person wants no weekly e-mail"
    )

    objects: ClassVar[Any] = AccountManager()
    USERNAME_FIELD = "email"

    class Meta:
        constraints = open_table("tenancy_account", grants={Persona.SIGNIN: "SU"})

    def __str__(self) -> str:
        return self.email


class Letter(models.Model):
    """That a person gets the e-mail of a kind in a week: written down before it is handed to the mail server, so that
    whatever happens then nobody gets two. Not sent: the worker died on the way, or the server refused it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    week = models.DateField(help_text="Its Monday")
    begun_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            *guarded_table(
                "tenancy_letter", policies=[Policy(Persona.MEMBER, "SIU", f"person_id = {PERSON}")]
            ),
            models.UniqueConstraint(fields=["person", "kind", "week"], name="tenancy_letter_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.week}"


class Membership(TenantModel):
    """A person holds a role in an institution, from a day until a day."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=[(role.value, role.value) for role in Role])
    since = models.DateField(auto_now_add=True)
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            *tenant_table(
                "tenancy_membership",
                policies=[
                    Policy(Persona.MEMBER, "S", f"{IN_ORGANISATION} OR person_id = {PERSON}"),
                    Policy(Persona.WORKER, "S", IN_ORGANISATION),
                    Policy(Persona.SENDER, "S", f"{IN_ORGANISATION} AND person_id = {PERSON}"),
                ],
            ),
            models.UniqueConstraint(
                fields=["organisation", "person", "role"],
                condition=models.Q(ended_on=None),
                name="tenancy_membership_once",
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=[role.value for role in Role]), name="tenancy_membership_role"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.person_id}"

    def label(self) -> str:
        return str(ROLE_LABELS[Role(self.role)])


ROLE_LABELS = {
    Role.EQUITY_LEAD: _("Equity lead"),
    Role.COUNCIL_MEMBER: _("Equity council member"),
    Role.PRACTICE_OWNER: _("Practice owner"),
    Role.ANALYST: _("Analyst"),
    Role.REVIEWER: _("Community reviewer"),
    Role.FACILITATOR: _("Community board facilitator"),
}
