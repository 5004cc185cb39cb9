"""Targets as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Aim:
    """A target: the number to reach, in the unit that is shown, and by which day."""

    value: float
    by: date


Aims = Mapping[str, Aim]
"""The targets of a metric by the key of their stratum."""

NO_AIMS: Aims = {}
