"""The shape of a count: which stratum it is about, and the whole numbers that it holds.

Percentages are never stored and never read: a count is a numerator and a denominator.
"""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from metrics.reading.periods import Period

Stratum = tuple[tuple[str, str], ...]
"""(dimension code, category code) pairs, sorted by dimension; the empty tuple is everybody (overall)."""

OVERALL: Stratum = ()

_CODE = re.compile(r"[a-z0-9][a-z0-9_-]*")

LARGEST_NUMBER = 2**63 - 1
"""What the database's whole numbers can hold."""


def is_code(text: str) -> bool:
    """Codes are lower-case letters, digits, hyphens and underscores: safe in a file, a URL and a formula."""
    return _CODE.fullmatch(text) is not None


def stratum_of(*pairs: tuple[str, str]) -> Stratum:
    """The stratum of these (dimension, category) pairs, in its one canonical order."""
    return tuple(sorted(pairs))


class MetricKind(StrEnum):
    """What the two numbers of a metric mean, and so which numbers are possible."""

    PROPORTION = "proportion"
    """A part (numerator) of a whole (denominator)."""
    RATE = "rate"
    """Events (numerator) per exposure (denominator): there may be more events than exposure."""
    MEAN = "mean"
    """A sum (numerator) over a number of values (denominator), with their sum of squares."""
    INDEX = "index"
    """A value (numerator) and the weight (denominator) that it has when indexes are put together."""
    COUNT = "count"
    """A number of things (numerator), out of nothing in particular: no denominator."""


class BlankKind(StrEnum):
    """Why there is no number. Zero is a number, and a hidden count is never read from a file."""

    NOT_COLLECTED = "not_collected"
    NOT_ASKED = "not_asked"
    WITHHELD = "withheld"
    NOT_YET_DUE = "not_yet_due"

    @property
    def words(self) -> str:
        """How files write it."""
        return self.value.replace("_", " ")


class Count(NamedTuple):
    """How many of how many."""

    numerator: int
    denominator: int


class CellKey(NamedTuple):
    """Where a count belongs, within one metric."""

    unit: str
    period: Period
    stratum: Stratum


class CountRow(NamedTuple):
    """One row of a counts file. Either the numbers are there, or `blank` says why they are not."""

    metric: str
    unit: str
    period: Period
    stratum: Stratum
    numerator: int | Decimal | None = None
    denominator: int | Decimal | None = None
    sum_of_squares: int | Decimal | None = None
    blank: BlankKind | None = None
