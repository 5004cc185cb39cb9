"""Count a line list for an institution. No row of it is stored."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from metrics.known import definitions_of
from metrics.management.importer import ImportCommand, blocks_of, importer
from metrics.mappings import checked_line_list
from metrics.preparing import from_line_list
from metrics.reading.errors import MappingError
from metrics.reading.linelist_source import LineListSource


class Command(ImportCommand):
    help = "Counts a line list while reading it and checks the counts; with --apply they become observations."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--mapping", required=True, type=Path, help="The TOML file that says how to count"
        )

    def handle(
        self, *args: Any, file: Path, mapping: Path, organisation: str, by: str, apply: bool, **options: Any
    ) -> None:
        who = importer(organisation, by)
        text = mapping.read_text(encoding="utf-8")
        with who.acting():
            known = definitions_of(who.organisation)
        try:
            rules = checked_line_list(text, known)
        except MappingError as error:
            raise CommandError(str(error)) from None
        counter = LineListSource(
            rules, known_units=known.codes.units, on_progress=lambda rows: self.tell(f"{rows:,} rows counted")
        )
        for block in blocks_of(file):
            counter.feed(block)
        more = {"mapping": {"name": rules.source.name, "text": text}}
        self.take_in(who, from_line_list(counter.finish(), **more), file, apply=apply)
