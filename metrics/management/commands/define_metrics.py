"""Define what an institution measures, and by which groups, from TOML files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from equity.errors import RuleBroken
from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona
from metrics.definitions import Defined, define_dimensions, define_metrics
from metrics.management.importer import institution as find


class Command(BaseCommand):
    help = "Defines dimensions and metrics of an institution. Safe to run again: what is the same stays."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("organisation", metavar="SLUG", help="The institution")
        parser.add_argument("--dimensions", type=Path, help="A TOML file with [[dimension]] tables")
        parser.add_argument("--metrics", type=Path, help="A TOML file with [[metric]] tables")
        parser.add_argument(
            "--institution",
            help="Take also metrics that name this institution in the file; by default the slug",
        )

    def handle(
        self,
        *args: Any,
        organisation: str,
        dimensions: Path | None,
        metrics: Path | None,
        institution: str | None,
        **options: Any,
    ) -> None:
        found = find(organisation)
        try:
            with acting_as(Persona.OPERATOR):
                if dimensions is not None:
                    text = dimensions.read_text(encoding="utf-8")
                    self._tell(
                        "Dimensions and categories", define_dimensions(organisation=found, text=text, by=None)
                    )
                if metrics is not None:
                    text = metrics.read_text(encoding="utf-8")
                    defined = define_metrics(
                        organisation=found, text=text, by=None, institution=institution or organisation
                    )
                    self._tell("Metrics", defined)
        except RuleBroken as broken:
            raise CommandError(broken.message) from broken

    def _tell(self, what: str, defined: Defined) -> None:
        self.stdout.write(
            f"{what}: {defined.created} new, {defined.changed} changed, {defined.unchanged} as before."
        )
