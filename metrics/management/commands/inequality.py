"""Measure inequality in cases from a file, for analysts. Reads and writes files only; no database is needed."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from metrics.inequality.cases import BadCases, read_cases
from metrics.inequality.conventions import DECIDED, HEALTHEQUAL
from metrics.inequality.results import results_of
from metrics.inequality.simulation import DEFAULT_DRAWS, DEFAULT_SEED, Draws


class Command(BaseCommand):
    help = "Computes the summary measures of health inequality for the cases of a JSON file, and writes JSON."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("cases", metavar="CASES.json", type=Path, help="The cases")
        parser.add_argument("--output", type=Path, help="Write to this file instead of the standard output")
        parser.add_argument(
            "--draws",
            type=int,
            default=DEFAULT_DRAWS,
            help="Draws for simulated ranges; 0 leaves these ranges out (default: %(default)s)",
        )
        parser.add_argument(
            "--seed", type=int, default=DEFAULT_SEED, help="Seed of the draws (default: %(default)s)"
        )
        parser.add_argument(
            "--reference",
            choices=("best", "declared"),
            default="best",
            help="What PAR and PAF of an unordered dimension compare with (default: %(default)s)",
        )
        parser.add_argument(
            "--as-healthequal",
            action="store_true",
            help="Follow the conventions of WHO's healthequal 1.0.1 where ours differ",
        )

    def handle(
        self,
        *args: Any,
        cases: Path,
        output: Path | None,
        draws: int,
        seed: int,
        reference: Any,
        as_healthequal: bool,
        **options: Any,
    ) -> None:
        conventions = HEALTHEQUAL if as_healthequal else DECIDED
        try:
            found = results_of(
                read_cases(_text(cases)),
                lambda name: _text(cases.parent / name),
                draws=Draws(draws, seed) if draws else None,
                conventions=replace(conventions, impact_reference=reference),
            )
        except BadCases as error:
            raise CommandError(f"{cases} cannot be used:\n{error}") from error
        except ValueError as error:
            raise CommandError(str(error)) from error
        meta = {"conventions": "healthequal" if as_healthequal else "decided", "draws": draws, "seed": seed}
        self._write(json.dumps({"meta": meta, "cases": found}, ensure_ascii=False, indent=1), output)

    def _write(self, text: str, output: Path | None) -> None:
        if output is None:
            self.stdout.write(text)
            return
        try:
            output.write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}.") from error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{path} is not a text file in UTF-8.") from error
