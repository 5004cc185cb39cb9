"""Write docs/data-dictionary.md."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from equity.tenancy.dictionary import dictionary


class Command(BaseCommand):
    help = "Write docs/data-dictionary.md from the models."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        page = settings.BASE_DIR / "docs" / "data-dictionary.md"
        page.write_text(dictionary())
        self.stdout.write(f"Wrote {page}")
