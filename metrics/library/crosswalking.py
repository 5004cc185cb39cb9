"""Reading counts by one list of groups as counts by another, where that is honest. Pure.

A group of the new list gets a number only when everybody in it can be found: each old group that flows into it flows
nowhere else. Several old groups are added only where each person counts once; where people count under every answer
they gave, adding would count some of them twice, so there is no number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from metrics.library.entries import Crosswalk, Relation


@dataclass(frozen=True, slots=True)
class Brought:
    """A group of the new list: its number, or None; what is lost; and whether it is exactly the old group."""

    number: int | None
    same: bool
    lost: tuple[str, ...]


def bring_over(counts: Mapping[str, int], crosswalk: Crosswalk, *, partition: bool) -> dict[str, Brought]:
    """New group → its number from the `counts` of old groups (people or events; a group that is not there is not 0).

    `partition`: each person is in exactly one old group.
    """
    targets: dict[str, set[str]] = defaultdict(set)
    sources: dict[str, list[str]] = defaultdict(list)
    lost: dict[str, list[str]] = defaultdict(list)
    same: dict[str, bool] = defaultdict(lambda: True)
    for link in crosswalk.links:
        targets[link.source].add(link.target)
        sources[link.target].append(link.source)
        same[link.target] &= link.relation is Relation.SAME
        if link.lost:
            lost[link.target].append(link.lost)
    return {
        target: Brought(
            _number(counts, old, targets, partition), same[target] and len(old) == 1, tuple(lost[target])
        )
        for target, old in sources.items()
    }


def _number(
    counts: Mapping[str, int], old: list[str], targets: Mapping[str, set[str]], partition: bool
) -> int | None:
    if any(len(targets[group]) > 1 or group not in counts for group in old):
        return None
    if len(old) > 1 and not partition:
        return None
    return sum(counts[group] for group in old)
