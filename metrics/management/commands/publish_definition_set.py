"""Publish a health department's set of definitions, which institutions can adopt unedited."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from equity.errors import RuleBroken
from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona
from metrics.definition_sets import load_set


class Command(BaseCommand):
    help = "Publishes an edition of a department's set. Safe to run again; an edition that is there never changes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="A TOML file: see metrics/definition_sets.py")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            with acting_as(Persona.OPERATOR):
                loaded = load_set(file.read_text(encoding="utf-8"))
        except (OSError, RuleBroken) as problem:
            raise CommandError(getattr(problem, "message", str(problem))) from problem
        told = "published" if loaded.created else "there already"
        self.stdout.write(f"{loaded.definition_set}: {told}.")
