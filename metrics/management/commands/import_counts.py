"""Take in a file of counts for an institution."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from metrics.known import definitions_of
from metrics.management.importer import ImportCommand, blocks_of, importer
from metrics.mappings import COUNTS, Choice, checked_mapping
from metrics.preparing import from_counts
from metrics.reading.errors import MappingError


class Command(ImportCommand):
    help = "Reads a file of counts and checks it; with --apply its counts become observations."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--mapping",
            type=Path,
            help="The TOML file that says how to read a table laid out by others, or FHIR measure reports",
        )

    def handle(
        self,
        *args: Any,
        file: Path,
        mapping: Path | None,
        organisation: str,
        by: str,
        apply: bool,
        **options: Any,
    ) -> None:
        who = importer(organisation, by)
        with who.acting():
            known = definitions_of(who.organisation)
        self.tell(f"Reading {file.name}")
        if mapping is None:
            prepared = from_counts(blocks_of(file), known)
        else:
            text = mapping.read_text(encoding="utf-8")
            try:
                rules = checked_mapping(text, known)
            except MappingError as error:
                raise CommandError(str(error)) from None
            choice = Choice(mapping.stem, rules.source.name, text, rules)
            if choice.kind not in COUNTS:
                raise CommandError("This mapping is for a line list: use count_line_list.")
            prepared = choice.prepared(blocks_of(file), known)
        self.take_in(who, prepared, file, apply=apply)
