"""Compare an institution's stored sums with its observations, and put them right if asked."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from equity.tenancy.acting import acting_as
from equity.tenancy.models import Organisation
from equity.tenancy.personas import Persona
from metrics.consistency import SAMPLE, check
from metrics.management.importer import institution
from metrics.rollups import roll_up_again

SHOWN = 20


class Command(BaseCommand):
    help = "Compares stored sums with the observations. With --repair everything is added up anew where one differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "organisation", metavar="SLUG", nargs="*", help="Institutions; all, if none is named"
        )
        parser.add_argument("--all-sums", action="store_true", help="Every sum, not a sample")
        parser.add_argument("--repair", action="store_true", help="Add up anew where a sum differs")

    def handle(
        self, *args: Any, organisation: list[str], all_sums: bool, repair: bool, **options: Any
    ) -> None:
        wrong = [
            one.slug
            for one in _chosen(organisation)
            if not self._is_right(one, all_sums=all_sums, repair=repair)
        ]
        if wrong:
            raise CommandError(f"Sums differ: {', '.join(wrong)}.")

    def _is_right(self, organisation: Organisation, *, all_sums: bool, repair: bool) -> bool:
        with acting_as(Persona.OPERATOR):
            found = check(organisation.pk, None if all_sums else SAMPLE)
            self.stdout.write(
                f"{organisation.slug}: {found.cells:,} sums compared, {len(found.differences):,} differ."
            )
            for one in found.differences[:SHOWN]:
                self.stdout.write(f"  {one.metric} {one.place}: {one.stored}, should be {one.right}")
            if not found.differences or not repair:
                return not found.differences
            result = roll_up_again(organisation.pk)
            self.stdout.write(f"  Added up anew: {result.written:,} written, {result.removed:,} removed.")
            return not check(organisation.pk, None).differences


def _chosen(slugs: list[str]) -> list[Organisation]:
    if slugs:
        return [institution(slug) for slug in slugs]
    with acting_as(Persona.OPERATOR):
        return list(Organisation.objects.order_by("slug"))
