"""The fields of a definition: which say what is counted, which say it well, and how two definitions differ. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from metrics.library.entries import LibraryMetric
from metrics.reading.periods import Grain

MEANING = ("numerator", "denominator", "exclusions", "better", "per", "composition", "source")
"""What is counted, of whom, and from where. Another answer here may be better words, or another version."""

COUNTED_ONCE = ("once_over_periods", "once_over_units")
"""Whether a person who comes again is counted again. What is counted once is not added up: it is given for the whole."""

FIXED_BY_COUNTS = ("kind", "frequency", "counts_people", *COUNTED_ONCE)
"""How a metric counts. Once there are counts they would be read wrongly, or small ones laid open: define another metric."""

HOW_COUNTED = (*FIXED_BY_COUNTS, "decimals")
"""With the decimals of its amounts, which a metric has beside its definition: stored whole, they would shift."""

WORDS = ("name", "level", "purpose", "why", "caution")
"""What it is called and why it is here."""

DEFINITION = (*WORDS, *FIXED_BY_COUNTS, *MEANING)

MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12, Grain.WHOLE: 0}


@dataclass(frozen=True)
class Difference:
    """One field that says something else: `was` in the original, `now` here."""

    field: str
    was: Any
    now: Any


def values_of(entry: LibraryMetric) -> dict[str, Any]:
    """A metric of the library as the fields of an institution's metric."""
    plain = {field: getattr(entry, field) for field in DEFINITION if field != "frequency"}
    words = {field: str(value) if isinstance(value, str) else value for field, value in plain.items()}
    return {**words, "frequency": MONTHS[entry.frequency]}


def definition_of(metric: Any) -> dict[str, Any]:
    """The same fields of anything that has them."""
    return {field: getattr(metric, field) for field in DEFINITION}


def differences(original: Mapping[str, Any], here: Mapping[str, Any]) -> list[Difference]:
    """Where two definitions differ, in the order of the fields."""
    return [
        Difference(field, original[field], here[field])
        for field in DEFINITION
        if field in original and original[field] != here[field]
    ]
