"""Invite somebody to an institution."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from equity.errors import DomainError
from equity.roles import Role
from equity.tenancy.acting import acting_as
from equity.tenancy.actions import add_person, grant_role
from equity.tenancy.models import Account, Organisation
from equity.tenancy.personas import Persona


class Command(BaseCommand):
    help = "Give a person a role in an institution, with an account if they have none."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("email")
        parser.add_argument("role", choices=[role.value for role in Role])
        parser.add_argument("--name", default="")
        parser.add_argument("--language", default="en")

    def handle(self, *args: Any, **options: Any) -> None:
        with acting_as(Persona.OPERATOR):
            organisation = Organisation.objects.filter(slug=options["slug"]).first()
            if organisation is None:
                raise CommandError(f"There is no institution at {options['slug']}.")
            account = Account.objects.select_related("person").filter(email__iexact=options["email"]).first()
            if account is None and not options["name"]:
                raise CommandError("This person is new here: give their name with --name.")
            try:
                person = (
                    account.person
                    if account
                    else add_person(
                        name=options["name"], email=options["email"], language=options["language"]
                    )
                )
                grant_role(organisation=organisation, person=person, role=Role(options["role"]), by=None)
            except DomainError as error:
                raise CommandError(error.message) from error
        self.stdout.write(f"{person.name} is now {options['role']} at {organisation.name}.")
        if account is None:
            self.stdout.write("They set their password with “Forgot your password?” on the sign-in page.")
