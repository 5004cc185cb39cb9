"""Take in a counts file for an institution."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from metrics.known import definitions_of
from metrics.management.importer import ImportCommand, blocks_of, importer
from metrics.preparing import from_counts


class Command(ImportCommand):
    help = "Reads a counts file and checks it; with --apply its counts become observations."

    def handle(self, *args: Any, file: Path, organisation: str, by: str, apply: bool, **options: Any) -> None:
        who = importer(organisation, by)
        with who.acting():
            known = definitions_of(who.organisation)
        self.tell(f"Reading {file.name}")
        self.take_in(who, from_counts(blocks_of(file), known), file, apply=apply)
