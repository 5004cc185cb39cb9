"""The 2000 US standard population, by which rates of populations of different ages are made comparable.

Thousands of people by age: the US Census Bureau's projection for 2000 (P25-1130), as the National Center for Health
Statistics uses it. Anderson RN, Rosenberg HM (1998), National Vital Statistics Reports 47(3), table I, has the wide
bands; the five-year bands are those of the National Cancer Institute's SEER program, rounded to thousands; 15 to 17
and 18 to 19 follow from Klein RJ, Schoenborn CA (2001), Healthy People Statistical Notes 20, which gives 18 to 24
years (26,258). Each set adds up to the other, and all of them to 274,634.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

Thousands = tuple[tuple[int, int], ...]
"""First year of age and thousands of people, in order; each band ends where the next begins, the last never does."""

US_2000: Thousands = (
    (0, 3_795),
    (1, 15_192),
    (5, 19_920),
    (10, 20_057),
    (15, 11_819),
    (18, 8_001),
    (20, 18_257),
    (25, 17_722),
    (30, 19_511),
    (35, 22_180),
    (40, 22_479),
    (45, 19_806),
    (50, 17_224),
    (55, 13_307),
    (60, 10_654),
    (65, 9_410),
    (70, 8_726),
    (75, 7_415),
    (80, 4_900),
    (85, 4_259),
)


@dataclass(frozen=True, slots=True)
class Ages:
    """Years of age from `first` to `last`, both counted; without a last one, "and over"."""

    first: int
    last: int | None = None

    def __post_init__(self) -> None:
        if self.first < 0 or (self.last is not None and self.last < self.first):
            raise ValueError("An age band begins at 0 or later and does not end before it begins.")

    @property
    def end(self) -> float:
        """The first year of age that is no longer in the band."""
        return math.inf if self.last is None else self.last + 1


def standard_weights(bands: Sequence[Ages], standard: Thousands = US_2000) -> list[float]:
    """The share of the standard population in each band, of all people in the bands together: they add up to 1.

    So rates of adults are adjusted to the standard's adults. Raises ValueError for bands that overlap or leave years
    out between them, and for a band that begins or ends inside a band of the standard, whose people nobody can divide.
    """
    in_order = sorted(bands, key=lambda band: band.first)
    if not in_order:
        raise ValueError("There are no age bands.")
    for band, following in pairwise(in_order):
        if band.end != following.first:
            raise ValueError("Age bands must follow one another, without an overlap or a hole.")
    edges = {float(first) for first, _ in standard} | {math.inf}
    if not {edge for band in in_order for edge in (float(band.first), band.end)} <= edges:
        known = ", ".join(str(first) for first, _ in standard)
        raise ValueError(f"The standard population can be divided at these ages only: {known}.")
    people = [
        sum(thousands for first, thousands in standard if band.first <= first < band.end) for band in bands
    ]
    return [count / sum(people) for count in people]
