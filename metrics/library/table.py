"""One table of a library file: as the tables of a mapping, and with entries that are named by their code."""

from __future__ import annotations

from enum import StrEnum
from math import isfinite
from typing import TypeVar

from metrics.reading.cells import is_code
from metrics.reading.errors import Problem
from metrics.reading.errors import gettext_noop as _
from metrics.reading.mapping_keys import code_of
from metrics.reading.toml_table import MISSING, NOT_A_TABLE, Table

Choice = TypeVar("Choice", bound=StrEnum)

LACKING = Problem(_("This key is missing."), _("Add it; the README of the library explains every key."))
NOT_A_TRUTH = Problem(_("This is neither true nor false."), _("Write true or false, without marks."))
NOT_A_NUMBER = Problem(
    _("This is not a whole number of 1 or more."), _("Write digits only, without marks, such as 100.")
)
NOT_AN_AMOUNT = Problem(
    _("This is not a number."), _("Write it as in 40 or 62.5, without marks and separators.")
)
NOT_CODES = Problem(
    _("This is not a list of texts."), _('Write it as in ["race_ethnicity", "language"]; [] is no entry.')
)


class LibraryTable(Table):
    """A table of a library file. What is wrong becomes a fault, and something harmless stands in its place."""

    def fault(self, key: str, problem: Problem, **parts: str | int) -> None:
        super().fault(key, LACKING if problem is MISSING else problem, **parts)

    def code(self, key: str = "code") -> str:
        """A code that other entries and other files can refer to."""
        return code_of(self, key)

    def truth(self, key: str, *, default: bool | None = None) -> bool:
        """true or false."""
        value = self._get(key, default)
        if isinstance(value, bool):
            return value
        if value is not None:
            self.fault(key, NOT_A_TRUTH)
        return bool(default)

    def number(self, key: str, *, default: int | None = None, least: int = 1) -> int:
        """A whole number, 1 or more unless it is said otherwise."""
        value = self._get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and value >= least:
            return value
        if value is not None:
            self.fault(key, NOT_A_NUMBER)
        return default or least

    def amount(self, key: str, *, default: int | float | None = None) -> int | float:
        """A number, with a fraction or below 0 too; where it is wrong, 0."""
        value = self._get(key, default)
        if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value):
            return value
        if value is not None:
            self.fault(key, NOT_AN_AMOUNT)
        return 0

    def choice(self, key: str, among: type[Choice]) -> Choice:
        """One of the words of a list; where it is wrong, the first."""
        words = list(among)
        return among(self.text_among(key, words) or words[0])

    def codes(self, key: str) -> tuple[str, ...]:
        """A list of codes in the order of the file; it may be empty."""
        value = self._get(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
            self.fault(key, NOT_CODES)
            return ()
        return tuple(value)

    def inner(self, key: str) -> LibraryTable:
        """The one table under this key; an empty one where there is none."""
        value = self._get(key)
        if isinstance(value, dict):
            return LibraryTable(value, self._dotted(key), self.faults)
        if value is not None:
            self.fault(key, NOT_A_TABLE)
        return LibraryTable({}, self._dotted(key), [])

    def entries(self, key: str) -> list[LibraryTable]:
        """The tables under this key, each named by its code and version, or by its number."""
        value = self._get(key, [])
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            self.fault(key, NOT_A_TABLE)
            return []
        return [
            LibraryTable(entry, f"{self._dotted(key)}.{_name(entry, number)}", self.faults)
            for number, entry in enumerate(value, start=1)
        ]


def _name(entry: dict[str, object], number: int) -> str:
    code = entry.get("code")
    if not isinstance(code, str) or not is_code(code):
        return str(number)
    return f"{code}@{entry['version']}" if "version" in entry else code
