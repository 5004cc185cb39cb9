"""What every reader of counts keeps while it reads: what is wrong, what disagrees, what was left out, and why."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from metrics.reading.cells import CountRow
from metrics.reading.errors import ErrorLog, Problem, RowError
from metrics.reading.showing import shown

MOST_ERRORS_KEPT = 2_000
"""So many go into the table of errors that a person takes away; beyond it they are only counted."""


CHOICES = "choices"
"""The part of a sentence that lists what may be written: `listed` has made it short enough, between two words."""


class FileReader(ABC):
    """Reads one file. Its counts may be used only when the whole file was read without an error.

    Afterwards `rows_read` says how many rows (or reports) there are, `rows_below` how many rows follow the table, and
    `partly_blank` how many counts are blank although some of their cells had numbers.
    """

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._errors = ErrorLog(MOST_ERRORS_KEPT)
        self._flags = ErrorLog()
        self._left_out: Counter[str] = Counter()
        self._row = 0
        self.rows_read = 0
        self.rows_below = 0
        self.partly_blank = 0

    @property
    def errors(self) -> tuple[RowError, ...]:
        """The first errors met so far, in the order of the file."""
        return self._errors.shown

    @property
    def error_total(self) -> int:
        """How many errors were met so far."""
        return self._errors.total

    @property
    def flags(self) -> tuple[RowError, ...]:
        """The first places where the file disagrees with itself about a share. They stop nothing."""
        return self._flags.shown

    @property
    def flag_total(self) -> int:
        """How many such places there are."""
        return self._flags.total

    @property
    def sha256(self) -> str:
        """Of the bytes of the file as they came, compressed or not."""
        return self._digest.hexdigest()

    @property
    def rows_left_out(self) -> Mapping[str, int]:
        """How many rows each rule of the mapping left out, by the reason that the mapping states."""
        return dict(self._left_out)

    def read(self, chunks: Iterable[bytes]) -> Iterator[tuple[int, CountRow]]:
        """(row number, count) of every good count, as the rows come; what is wrong goes to `errors`."""
        noted = self._noted(chunks)
        yield from self._read(noted)
        for _rest in noted:
            pass

    @abstractmethod
    def _read(self, chunks: Iterator[bytes]) -> Iterator[tuple[int, CountRow]]:
        """The counts of the file; it may stop before the end of the file."""

    def _noted(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self._digest.update(chunk)
            yield chunk

    def _wrong(self, problem: Problem, column: str | None = None, **parts: str | int) -> None:
        shortened = {
            name: shown(part) if isinstance(part, str) and name != CHOICES else part
            for name, part in parts.items()
        }
        self._errors.add(RowError(problem, row=self._row or None, column=column or None, parts=shortened))
