"""What a reader says when a file cannot be counted: where it is, what is wrong, how to mend it.

Sentences are templates with named parts, so that the screens can translate them (`translated`).
An error about a line list never carries the value of a cell: the cell may be about a patient.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


def gettext_noop(sentence: str) -> str:
    """Mark a sentence for the translators; the screens translate it when they show it."""
    return sentence


@dataclass(frozen=True, slots=True)
class Problem:
    """One way in which a file can be wrong. Both sentences may hold named parts, as `%(name)s`."""

    reason: str
    how_to_mend: str


@dataclass(frozen=True, slots=True)
class Fault:
    """One problem met in one place; `parts` fills the named parts of its sentences."""

    problem: Problem
    parts: Mapping[str, str | int] = field(default_factory=dict, kw_only=True)

    @property
    def reason(self) -> str:
        """What is wrong, in English."""
        return self.problem.reason % self.parts

    @property
    def how_to_mend(self) -> str:
        """What the person can do about it, in English."""
        return self.problem.how_to_mend % self.parts

    def translated(self, translate: Callable[[str], str]) -> tuple[str, str]:
        """The reason and the way to mend it, through a `gettext`-like function."""
        return translate(self.problem.reason) % self.parts, translate(self.problem.how_to_mend) % self.parts


@dataclass(frozen=True, slots=True)
class RowError(Fault):
    """A fault in a data file. Rows are numbered as a spreadsheet does: the header is row 1."""

    row: int | None = field(default=None, kw_only=True)
    column: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class KeyFault(Fault):
    """A fault in a mapping file, at a dotted key such as `period.format`."""

    key: str = field(kw_only=True)


class UnreadableFile(Exception):
    """The file cannot be read any further: its bytes, its text or its quotation marks are broken."""

    def __init__(self, problem: Problem, **parts: str | int) -> None:
        self.fault = Fault(problem, parts=parts)
        super().__init__(self.fault.reason)


class MappingError(ValueError):
    """A mapping file is wrong. `faults` names every key that needs mending, not only the first."""

    def __init__(self, faults: Sequence[KeyFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(f"{fault.key}: {fault.reason} {fault.how_to_mend}" for fault in faults))


class ErrorLog:
    """Counts every error of a file and keeps the first ones to show."""

    def __init__(self, shown_at_most: int = 100) -> None:
        self._shown_at_most = shown_at_most
        self._shown: list[RowError] = []
        self.total = 0

    def add(self, error: RowError) -> None:
        """Note one error; beyond the limit only the total grows."""
        self.total += 1
        if len(self._shown) < self._shown_at_most:
            self._shown.append(error)

    @property
    def shown(self) -> tuple[RowError, ...]:
        """The first errors, in the order of the file."""
        return tuple(self._shown)
