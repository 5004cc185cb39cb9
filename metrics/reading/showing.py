"""How much of a file an error repeats: values and lists of choices, neither longer than a person reads."""

from __future__ import annotations

from collections.abc import Collection

_LONGEST_VALUE = 60
_MOST_CHOICES = 20


def shown(text: str) -> str:
    """A value as an error repeats it: not longer than a line."""
    return text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "…"


def listed(choices: Collection[str]) -> str:
    """The first choices, in the order of the alphabet."""
    found = sorted(choices)
    return ", ".join(found[:_MOST_CHOICES]) + (", …" if len(found) > _MOST_CHOICES else "")
