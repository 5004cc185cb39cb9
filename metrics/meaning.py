"""Whether two measures mean the same. Pure."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metrics.models import Metric

WHAT_COUNTS = (
    "code",
    "kind",
    "better",
    "per",
    "decimals",
    "counts_people",
    "frequency",
    "numerator",
    "denominator",
    "exclusions",
)
"""What two institutions must have in common for their counts to be added up or put beside each other."""


UNLESS_USUAL = ("once_over_periods", "once_over_units", "composition")
"""These too, where they are said. A definition that does not speak of them keeps the digest that it had before."""


ADDED_UP = frozenset({"proportion", "rate", "mean", "count"})
"""Kinds of which counts of several institutions make a sum."""


def adds_up(metric: Metric) -> bool:
    """Whether counts of several institutions make a sum. Who is counted once over units may come to two of them."""
    return metric.kind in ADDED_UP and not metric.once_over_units


def meaning_of(metric: Metric) -> str:
    """A digest of how a measure is counted: the same for two institutions that took the same definition, unedited."""
    said = [[name, value] for name in UNLESS_USUAL if (value := getattr(metric, name))]
    told = json.dumps([getattr(metric, name) for name in WHAT_COUNTS] + said, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()
