"""Opening an institution's account and inviting people: what an operator does on a shell."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from equity import audit
from equity.errors import RuleBroken
from equity.roles import COMMUNITY, Role
from equity.tenancy.acting import current
from equity.tenancy.models import Account, Membership, Organisation, Person, Unit


@dataclass(frozen=True)
class UnitFacts:
    """A part of an institution, as a file or a form gives it."""

    code: str
    name: str
    kind: str


def create_organisation(*, facts: dict[str, str], units: list[UnitFacts]) -> Organisation:
    """Open an institution with its tree of units: a root named “all” and its parts.

    `facts` are fields of Organisation. A part called “all” stands for the root itself.
    """
    with transaction.atomic(using=current().alias):
        organisation = Organisation.objects.create(**facts)
        root = Unit.objects.create(
            organisation=organisation, code="all", name=organisation.name, kind=Unit.Kind.INSTITUTION
        )
        Unit.objects.bulk_create(
            Unit(
                organisation=organisation,
                parent=root,
                code=unit.code,
                name=unit.name,
                kind=unit.kind,
                position=position,
            )
            for position, unit in enumerate((unit for unit in units if unit.code != "all"), start=1)
        )
        audit.record("organisation.open", by=None, target=root)
    return organisation


def add_person(*, name: str, email: str, password: str | None = None, language: str = "en") -> Person:
    """A person with an account. Without a password they set one through “Forgot your password?”."""
    if Account.objects.filter(email__iexact=email).exists():
        raise RuleBroken(_("There is already an account with that e-mail address."))
    with transaction.atomic(using=current().alias):
        person = Person.objects.create(name=name, language=language)
        Account.objects.create_user(email, password, person=person)
    return person


def grant_role(*, organisation: Organisation, person: Person, role: Role, by: Person | None) -> Membership:
    """Give a person a role. Nobody is an insider and a community reviewer of one institution at once."""
    with transaction.atomic(using=current().alias):
        held = Membership.objects.filter(organisation=organisation, person=person, ended_on=None)
        roles = {Role(membership.role) for membership in held}
        if roles and (role in COMMUNITY) != bool(roles & COMMUNITY):
            raise RuleBroken(_("Nobody can judge an institution and work for it: choose one side."))
        membership = Membership.objects.create(organisation=organisation, person=person, role=role.value)
        audit.record("membership.grant", by=by, target=membership, role=role.value, name=person.name)
    return membership
