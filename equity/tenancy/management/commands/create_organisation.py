"""Open an institution."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from equity.tenancy.acting import acting_as
from equity.tenancy.actions import UnitFacts, create_organisation
from equity.tenancy.models import Organisation, Unit
from equity.tenancy.personas import Persona


class Command(BaseCommand):
    help = "Open an institution with its units. Needs the owner's login (DATABASE_URL)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("name")
        parser.add_argument("--kind", choices=Organisation.Kind.values, default=Organisation.Kind.HOSPITAL)
        parser.add_argument("--ccn", default="", help="CMS certification number")
        parser.add_argument("--state", default="", help="two letters")
        parser.add_argument("--county-fips", default="", help="five digits")
        parser.add_argument(
            "--unit",
            action="append",
            default=[],
            metavar="CODE=NAME",
            help="a hospital of it; may be repeated",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        units = []
        for given in options["unit"]:
            code, separator, name = given.partition("=")
            if not separator:
                raise CommandError(f"Write a unit as CODE=NAME, not {given!r}.")
            units.append(UnitFacts(code, name, Unit.Kind.HOSPITAL))
        facts = {key: options[key] for key in ("slug", "name", "kind", "ccn", "state", "county_fips")}
        with acting_as(Persona.OPERATOR):
            if Organisation.objects.filter(slug=facts["slug"]).exists():
                raise CommandError(f"There is already an institution at {facts['slug']}.")
            organisation = create_organisation(facts=facts, units=units)
        self.stdout.write(f"Opened {organisation.name} at /o/{organisation.slug}/ with {len(units)} units.")
