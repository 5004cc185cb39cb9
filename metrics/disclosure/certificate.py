"""What a release stores to prove that no small count can be worked out from it.

A certificate is for the inside only: its witness tables are told as differences from the true counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from metrics.disclosure.cells import CellKey, Table

FORMAT = 1


class Reason(StrEnum):
    """Why a small count has no proof."""

    EXPOSED = "exposed"
    """What earlier releases show already gives it away."""
    UNDECIDED = "undecided"
    """The search ended at its limit without an answer."""


class Part(StrEnum):
    """What may be left out of a release that cannot be certified whole."""

    UNIT_INTERSECTIONS = "unit_intersections"
    INTERSECTIONS = "intersections"
    UNITS = "units"
    FINEST_PERIODS = "finest_periods"
    CONNECTED = "connected"
    """Every count that equations tie, however remotely, to one that has no proof."""


@dataclass(frozen=True, slots=True)
class Unproved:
    """A small count without a pair of witnesses."""

    key: CellKey
    reason: Reason


@dataclass(frozen=True, slots=True)
class Dropped:
    """A part left out, with how many of its counts and which unproved counts made it necessary."""

    part: Part
    cells: int
    because: tuple[Unproved, ...]


@dataclass(frozen=True, slots=True)
class Witness:
    """Another table that looks the same from outside, as differences from the true one."""

    moves: tuple[tuple[CellKey, int], ...]


class Effort(NamedTuple):
    """What the search took: how many small counts there were, how many witnesses were left to programmes over the
    whole table, and how many linear and integer programmes were solved in all."""

    small: int = 0
    left: int = 0
    linear: int = 0
    integer: int = 0


@dataclass(frozen=True, slots=True)
class Certificate:
    """Which cells are hidden, and the tables that prove it enough.

    Every small cell has a witness in which it reaches the threshold, and one in which it is at most 1 (the
    true table counts as a witness). ``hidden`` makes no difference between cells that are small themselves
    and cells that protect others: the public sees one mark.
    """

    threshold: int
    hidden: frozenset[CellKey]
    witnesses: tuple[Witness, ...]
    unproved: tuple[Unproved, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    effort: Effort = field(default=Effort(), compare=False)

    @property
    def proved(self) -> bool:
        """Every small count has both witnesses."""
        return not self.unproved

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, numbers and strings, equal for equal certificates; see :meth:`from_dict`."""
        keys = sorted(self.hidden.union(key for witness in self.witnesses for key, _ in witness.moves))
        number = {key: position for position, key in enumerate(keys)}
        return {
            "format": FORMAT,
            "threshold": self.threshold,
            "cells": [_from_key(key) for key in keys],
            "hidden": sorted(number[key] for key in self.hidden),
            "witnesses": [[[number[key], by] for key, by in witness.moves] for witness in self.witnesses],
            "effort": list(self.effort),
            "unproved": _from_unproved(self.unproved),
            "dropped": [
                {"part": drop.part.value, "cells": drop.cells, "because": _from_unproved(drop.because)}
                for drop in self.dropped
            ],
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Certificate:
        """:raises ValueError: the certificate was stored in a format this version does not know."""
        if stored.get("format") != FORMAT:
            raise ValueError(f"a certificate of format {stored.get('format')!r} cannot be read")
        keys = [_to_key(key) for key in stored["cells"]]
        return cls(
            threshold=stored["threshold"],
            hidden=frozenset(keys[number] for number in stored["hidden"]),
            witnesses=tuple(
                Witness(tuple((keys[number], by) for number, by in moves)) for moves in stored["witnesses"]
            ),
            effort=Effort(*stored.get("effort", ())),
            unproved=_to_unproved(stored["unproved"]),
            dropped=tuple(
                Dropped(Part(drop["part"]), drop["cells"], _to_unproved(drop["because"]))
                for drop in stored["dropped"]
            ),
        )


def witness_of(table: Table, cells: Iterable[int], by: Iterable[int]) -> Witness:
    """The witness in which these cells of a table differ by so much."""
    return Witness(
        tuple(sorted((table.keys[cell], int(change)) for cell, change in zip(cells, by, strict=True)))
    )


def _from_key(key: CellKey) -> list[Any]:
    return [key.place, key.period, [list(pair) for pair in key.stratum], key.outcome]


def _to_key(stored: list[Any]) -> CellKey:
    place, period, stratum, outcome = stored
    return CellKey(place, period, tuple((dimension, category) for dimension, category in stratum), outcome)


def _from_unproved(unproved: Iterable[Unproved]) -> list[list[Any]]:
    return [[_from_key(each.key), each.reason.value] for each in unproved]


def _to_unproved(stored: Iterable[list[Any]]) -> tuple[Unproved, ...]:
    return tuple(Unproved(_to_key(key), Reason(reason)) for key, reason in stored)
