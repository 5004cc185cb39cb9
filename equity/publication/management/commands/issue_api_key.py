"""manage.py issue_api_key "Ohio Department of Health" --scope observations:read --days 365"""

from __future__ import annotations

import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from equity.publication import keys
from equity.publication.actions import client_named, issue_key
from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona


class Command(BaseCommand):
    """Make an API key for whoever pulls the ledger. The secret is printed once and kept nowhere."""

    help = "Issue an API key: prints the secret once. Only its hash is kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "client", help="Who pulls: a department, a newspaper, anybody. Opened when it is new."
        )
        parser.add_argument("--contact", default="", help="Whom to write to (a new client only)")
        parser.add_argument(
            "--scope", action="append", choices=sorted(keys.SCOPES), help="What it may pull; repeatable"
        )
        parser.add_argument(
            "--days", type=int, default=365, help="How long it lives: 1 to 365 (default: 365)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["client"].strip()
        if not name:
            raise CommandError("Say who pulls.")
        with acting_as(Persona.OPERATOR):
            try:
                secret = issue_key(
                    client=client_named(name=name, contact=options["contact"]),
                    scopes=options["scope"] or sorted(keys.SCOPES),
                    lifetime=datetime.timedelta(days=options["days"]),
                )
            except ValueError as error:
                raise CommandError(str(error)) from error
        self.stderr.write(f"A key for {name}. It is shown this once:")
        self.stdout.write(secret)
