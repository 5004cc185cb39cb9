"""Which derived figures may be shown: those that anybody outside could compute from what they see.

A rate, a difference or an inequality measure with a hidden input gives the input back. So every function here
takes a :class:`View`, which holds visible counts only, and passes nothing else on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from metrics.disclosure.cells import CellKey, Count, Dimension, Group

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class View:
    """What is seen outside: counts that are shown, and the marks of those that are hidden."""

    shown: Mapping[CellKey, int]
    hidden: frozenset[CellKey]

    def count(self, group: Group) -> Count | None:
        """The counts of a group, or ``None`` unless both numerator and denominator are visible."""
        numerator = self.shown.get(CellKey(*group, "numerator"))
        denominator = self.shown.get(CellKey(*group, "denominator"))
        if numerator is None or denominator is None:
            return None
        return Count(numerator, denominator)

    def is_hidden(self, group: Group) -> bool:
        """Whether the group has a hidden mark where its numerator or denominator would stand."""
        return not self.hidden.isdisjoint({CellKey(*group, "numerator"), CellKey(*group, "denominator")})


@dataclass(frozen=True, slots=True)
class VisibleGroups:
    """The groups of one dimension, in the order of its categories.

    ``hidden`` have people whose counts are not shown, ``empty`` have nobody, and those without a row are in
    none of the three.
    """

    shown: Mapping[str, Count]
    hidden: tuple[str, ...]
    empty: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Derived(Generic[Value]):
    """A figure over several groups, with the categories it covers and those it leaves out as hidden."""

    value: Value
    covers: tuple[str, ...]
    leaves_out: tuple[str, ...]


def rate(view: View, group: Group) -> float | None:
    """The share of a group with the outcome; ``None`` if a count is hidden, absent, or nobody is counted."""
    count = view.count(group)
    return count.numerator / count.denominator if count and count.denominator else None


def compare(view: View, group: Group, other: Group, measure: Callable[[Count, Count], Value]) -> Value | None:
    """A difference or ratio of two groups; ``None`` unless both are visible and have people."""
    count, other_count = view.count(group), view.count(other)
    if not (count and count.denominator and other_count and other_count.denominator):
        return None
    return measure(count, other_count)


def visible_groups(view: View, whole: Group, dimension: Dimension) -> VisibleGroups:
    """How a dimension divides a group, as far as it is shown."""
    shown: dict[str, Count] = {}
    hidden: list[str] = []
    empty: list[str] = []
    for category in dimension.categories:
        part = whole.within(dimension.name, category)
        count = view.count(part)
        if view.is_hidden(part):
            hidden.append(category)
        elif count and count.denominator:
            shown[category] = count
        elif count:
            empty.append(category)
    return VisibleGroups(shown, tuple(hidden), tuple(empty))


def derive(
    groups: VisibleGroups, measure: Callable[[Mapping[str, Count]], Value], *, at_least: int = 2
) -> Derived[Value] | None:
    """A measure over the groups that are shown, saying which it leaves out; ``None`` if too few are shown."""
    if len(groups.shown) < at_least:
        return None
    return Derived(measure(groups.shown), tuple(groups.shown), groups.hidden)
