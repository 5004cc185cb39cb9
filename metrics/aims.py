"""Targets, and goals for missing answers, as plain values."""

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


@dataclass(frozen=True, slots=True)
class Goal:
    """How many in 100 may be missing from a dimension at most, by when, and who answers for it.

    `owner` is a name, which stays inside; `role` is the part this person plays, which everybody may know.
    """

    at_most: float
    by: date
    owner: str = ""
    role: str = ""
