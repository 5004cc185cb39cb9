"""What the institution did, and when: notes that stand beside numbers over time.

Measures know nothing of practices. Whoever stands above both registers a provider when the site starts, and pages ask here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from equity.tenancy.models import Organisation

MOST = 8
"""More notes than this on one chart cannot be told apart: the latest are kept."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was done: the day, what it was in words, and where it stands (an address, or nothing)."""

    on: date
    words: str
    address: str = ""


Provider = Callable[[Organisation, str, str, date, date], Sequence[Note]]
"""Institution, code of the metric, its level, first and last day → notes in these days. One query at most."""

_providers: list[Provider] = []


def register(provider: Provider) -> Provider:
    """Ask this provider, too, from now on."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def notes(organisation: Organisation, code: str, level: str, start: date, end: date) -> list[Note]:
    """Everything that is known to have been done in these days about a metric of this level, in its order."""
    found = [note for provider in _providers for note in provider(organisation, code, level, start, end)]
    return sorted(found, key=lambda note: (note.on, note.words))[-MOST:]
