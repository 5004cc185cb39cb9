"""Load the guides that come with the code. Safe to run on every start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona
from practices.loading import CatalogueError, catalogue_files, load


class Command(BaseCommand):
    help = "Loads the guides into the catalogue. An edition that an institution uses is never changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "files", nargs="*", type=Path, help="Catalogue files; by default those that come with the code"
        )

    def handle(self, *args: Any, files: list[Path], **options: Any) -> None:
        try:
            with acting_as(Persona.OPERATOR):
                for path in files or catalogue_files():
                    guide, outcome = load(path)
                    self.stdout.write(
                        f"{guide.code} {guide.edition}: {outcome}, {guide.items.count()} items."
                    )
        except CatalogueError as error:
            raise CommandError(str(error)) from error
