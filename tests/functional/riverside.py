"""Fills a small house, as a program: the named cast at Riverside, and what is measured there. See tests/cast.py."""

from __future__ import annotations

import django


def fill() -> None:
    """Needs the environment of a house, with the owner's login."""
    django.setup()
    from tests.cast import build
    from tests.metrics.importing import define

    define(build())


if __name__ == "__main__":
    fill()
