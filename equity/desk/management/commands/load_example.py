"""Load the example institutions, once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from equity.desk.example.load import load_example


class Command(BaseCommand):
    help = "Open the example institutions: one with real counts of a public study, the others invented."

    def handle(self, *args: Any, **options: Any) -> None:
        load_example(say=self.stdout.write)
