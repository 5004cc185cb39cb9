"""manage.py revoke_api_key lh_live_ab12cd34"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from equity.publication.actions import revoke_key
from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona


class Command(BaseCommand):
    """End an API key at once: the next request with it is refused."""

    help = "Revoke an API key by its prefix (lh_live_ and eight characters)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("prefix", help="How the key begins: lh_live_ and eight characters")

    def handle(self, *args: Any, **options: Any) -> None:
        with acting_as(Persona.OPERATOR):
            revoked = revoke_key(prefix=options["prefix"])
        if not revoked:
            raise CommandError("No live key has this prefix.")
        self.stdout.write(f"{options['prefix']} is revoked.")
