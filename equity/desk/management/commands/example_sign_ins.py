"""Say how to sign in to the example."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from equity.desk.example.cast import password
from equity.desk.example.load import sign_ins


class Command(BaseCommand):
    help = "Print the example accounts. All have one password, which is different in every installation."

    def handle(self, *args: Any, **options: Any) -> None:
        for name, slug, players in sign_ins():
            self.stdout.write(f"{name}   {settings.BASE_URL}/o/{slug}/")
            for player, email in players:
                self.stdout.write(f"  {email:34} {player.shown}")
        self.stdout.write(f"\nPassword of all of them: {password()}")
