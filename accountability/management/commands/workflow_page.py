"""Write docs/workflow.md from the table of moves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from accountability import workflow

PAGE = Path(settings.BASE_DIR) / "docs" / "workflow.md"


class Command(BaseCommand):
    help = "Writes docs/workflow.md, the diagram of a review round, from accountability/workflow.py."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        PAGE.write_text(workflow.as_markdown(), encoding="utf-8")
        self.stdout.write(f"Wrote {PAGE.relative_to(settings.BASE_DIR)}")
