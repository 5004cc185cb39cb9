"""Typed reading of one JSON object: a value of the right kind, or a sentence that says what is wrong."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

REQUIRED: Final[Any] = object()


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of `raw`. Faults go to `problems`, named after `where`, and reading goes on with a stand-in.

    A field that is absent or null takes its default; without one that is a fault.
    """

    raw: dict[str, Any]
    where: str
    problems: list[str]

    def fault(self, name: str, what: str) -> None:
        self.problems.append(f'{self.where}: "{name}" {what}.')

    def text(self, name: str, default: str = REQUIRED) -> str:
        value = self._value(name, default)
        if isinstance(value, str) and value.strip():
            return value
        self.fault(name, "must be a text")
        return ""

    def flag(self, name: str, default: bool = REQUIRED) -> bool:
        value = self._value(name, default)
        if isinstance(value, bool):
            return value
        self.fault(name, "must be true or false")
        return False

    def number(self, name: str, default: float = REQUIRED, least: float = 0.0) -> float:
        """A finite number, not below `least`. Not true or false, and not a text that looks like a number."""
        value = self._value(name, default)
        if value is default and default is not REQUIRED:
            return default
        number = _finite(value)
        if number is not None and number >= least:
            return number
        limit = "a number" if least == -math.inf else f"a number of {least:g} or more"
        self.fault(name, f"must be {limit}{'' if default is REQUIRED else ', or null'}")
        return 1.0

    def choice(self, name: str, among: Sequence[str], default: str) -> str:
        value = self._value(name, default)
        if value in among:
            return str(value)
        self.fault(name, f"must be one of: {', '.join(among)}")
        return default

    def choices(self, name: str, among: Sequence[str]) -> tuple[str, ...]:
        """Several of `among` (by default all), from a list or the keys of an object, in the order of `among`."""
        value = self._value(name, list(among))
        if isinstance(value, (list, dict)) and value and all(one in among for one in value):
            return tuple(one for one in among if one in value)
        self.fault(name, f"must name some of: {', '.join(among)}")
        return tuple(among)

    def each(self, name: str, called: str) -> Iterator[Fields]:
        """The objects of a list that is not empty, each `called` so and numbered in what it reports."""
        value = self._value(name, REQUIRED)
        if not isinstance(value, list) or not value:
            self.fault(name, "must be a list that is not empty")
            return
        for number, one in enumerate(value, start=1):
            where = f"{self.where}, {called} {number}"
            if isinstance(one, dict):
                yield Fields(one, where, self.problems)
            else:
                self.problems.append(f"{where}: must be an object.")

    def _value(self, name: str, default: Any) -> Any:
        value = self.raw.get(name)
        return default if value is None else value


def _finite(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
