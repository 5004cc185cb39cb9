"""From the groups of an institution to the groups that a report asks for.

A group of the report is made up of whole groups of the institution, all of them, or it is left blank: half a group is
another group. Institutions may say themselves which of theirs make it up; else the template's proposals are tried.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from equity.mandates.template import Group, Stratification


@dataclass(frozen=True, slots=True)
class OwnGroup:
    """A group of the institution. `missing`: a gap in records, not a group."""

    code: str
    label: str
    standard: str
    missing: bool


@dataclass(frozen=True, slots=True)
class OwnDimension:
    """A way to compare of the institution. `partition`: each person is in exactly one group."""

    code: str
    name: str
    partition: bool
    groups: tuple[OwnGroup, ...]


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """For one way to compare: which groups of the institution make up each group of the report (none: cannot be made).

    `dimension` is "" when the institution has no such way to compare. `left`: groups of people that go nowhere.
    """

    stratification: Stratification
    dimension: str
    partition: bool
    takes: Mapping[str, tuple[str, ...]]
    left: tuple[str, ...]


Chosen = Mapping[str, Sequence[str]]
"""Group of the report → groups of the institution, as its people said."""


def cross(
    stratification: Stratification, dimensions: Mapping[str, OwnDimension], chosen: Chosen | None = None
) -> Crosswalk:
    """The first dimension of the institution that the template names, group by group."""
    own = next((dimensions[code] for code in stratification.dimensions if code in dimensions), None)
    if own is None:
        return Crosswalk(stratification, "", True, {}, ())
    told = chosen or {}
    taken = {code for codes in told.values() for code in codes}
    takes = {
        group.code: tuple(told[group.code]) if told.get(group.code) else _proposed(group, own, taken)
        for group in stratification.groups
    }
    used = {code for codes in takes.values() for code in codes}
    left = tuple(one.label for one in own.groups if one.code not in used and not one.missing)
    return Crosswalk(stratification, own.code, own.partition, takes, left)


def _proposed(group: Group, own: OwnDimension, taken: Collection[str]) -> tuple[str, ...]:
    """The first list that the institution has in whole; else the one group with the same standard code.

    `taken`: groups that the institution put elsewhere itself. Nobody is counted twice.
    """
    free = {one.code for one in own.groups} - set(taken)
    whole = next((one for one in group.takes if one and free.issuperset(one)), None)
    if whole is not None:
        return whole
    if not group.standard:
        return ()
    return tuple(one.code for one in own.groups if one.standard == group.standard and one.code in free)[:1]
