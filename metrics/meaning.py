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


def meaning_of(metric: Metric) -> str:
    """A digest of how a measure is counted: the same for two institutions that took the same definition, unedited."""
    told = json.dumps([getattr(metric, name) for name in WHAT_COUNTS], ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()
