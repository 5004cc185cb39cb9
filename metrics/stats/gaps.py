"""The gap: how far apart the two groups are that stand furthest apart, or the furthest one from a reference.

Which two groups, as WHO's Health Equity Assessment Toolkit chooses them for groups without a natural order:

    reference   less is better (returns)           more is better (visits in time)
    none        highest - lowest                   highest - lowest
    declared    highest of the others - reference  reference - lowest of the others

So the gap is above 0 whenever care is unequal in the expected direction; with a reference it is below 0 when
every other group fares better than the reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from metrics.stats.comparisons import difference
from metrics.stats.estimate import DEFAULT_LEVEL, Estimate
from metrics.stats.observed import Observed, Rate, ratio

Better = Literal["higher", "lower"]


@dataclass(frozen=True, slots=True)
class Group:
    """One category of a dimension, with what was observed in it.

    `observed` is None when the number is hidden to protect privacy: hidden numbers never reach this module.
    `missing` marks a gap in records ("not recorded", "not asked"), which is not a group of people.
    """

    key: str
    label: str
    observed: Observed | None
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """Two groups and the distance between them: `difference` is first - second, `ratio` is first / second.

    Units are those of the estimates: 0 to 1 for proportions (scale by 100 to show them), per `per` for rates.
    `ratio` is None where it is undefined. `compared` groups were shown and could have been chosen; `hidden`
    groups could not, and the page says so: the gap covers the shown groups only.
    """

    first: Group
    second: Group
    first_estimate: Estimate
    second_estimate: Estimate
    difference: Estimate
    ratio: Estimate | None
    better: Better
    reference: str | None
    compared: int
    hidden: int
    reliable: bool

    @property
    def clear(self) -> bool:
        """Whether the interval of the difference excludes 0. Overlapping group intervals never decide."""
        return self.difference.excludes(0)

    @property
    def extreme(self) -> bool:
        """Whether the pair was picked from several for lying furthest apart (see `gap` on what that does)."""
        return self.compared > 2

    @property
    def worse_off(self) -> Group:
        """The group the institution serves less well. With equal values, the one the rule expects to be."""
        if self.better == "lower":
            return self.second if self.difference.value < 0 else self.first
        return self.first if self.difference.value < 0 else self.second

    @property
    def better_off(self) -> Group:
        return self.first if self.worse_off is self.second else self.second


def gap(
    groups: Sequence[Group],
    *,
    better: Better,
    reference: str | None = None,
    level: float = DEFAULT_LEVEL,
) -> Gap | None:
    """The gap among the shown groups, or from the group whose key is `reference` to the furthest other.

    None when there is no pair to compare: fewer than two groups shown, or the reference itself hidden or
    empty. "Not recorded" is never one of the pair. Of groups with the same value the one with more people
    (more person-time) is taken, then the first key in alphabetical order, whatever the order of `groups`.
    Raises ValueError for an unknown reference, keys used twice, or figures of different kinds.

    Picking the extremes makes the gap look larger than it is: of several groups with the same true rate,
    some lie high and some low by chance alone, and we look at the highest and the lowest. The interval and
    `clear` treat the pair as if it had been named beforehand, so with more groups a clear gap is more often
    a false alarm. The more groups and the fewer people in each, the more this matters; `words.caution` says
    it on the page. Naming a reference beforehand lessens it; comparing two named groups removes it.
    """
    people = checked_people(groups, reference)
    shown = list(_shown(people, level))
    if len({kind_of(one.observed) for one in shown}) > 1:
        raise ValueError("Only figures of one kind, in one unit, can be compared.")
    pair = _furthest_apart(shown) if reference is None else _furthest_from(reference, shown, better)
    if pair is None:
        return None
    first, second = pair
    return Gap(
        first=first.group,
        second=second.group,
        first_estimate=first.estimate,
        second_estimate=second.estimate,
        difference=difference(first.estimate, second.estimate),
        ratio=ratio(first.observed, second.observed, level),
        better=better,
        reference=reference,
        compared=len(shown),
        hidden=sum(group.observed is None for group in people),
        reliable=first.observed.reliable and second.observed.reliable,
    )


class _Shown(NamedTuple):
    group: Group
    observed: Observed
    estimate: Estimate


def checked_people(groups: Sequence[Group], reference: str | None) -> list[Group]:
    """The groups that are groups of people. Raises ValueError for an unknown reference and keys used twice."""
    people = [group for group in groups if not group.missing]
    if len({group.key for group in groups}) < len(groups):
        raise ValueError("Two groups have the same key.")
    if reference is not None and reference not in {group.key for group in people}:
        raise ValueError("The reference is not one of the groups of people compared.")
    return people


def _shown(people: Sequence[Group], level: float) -> Iterator[_Shown]:
    """The groups that can be compared: not hidden, and with somebody counted."""
    for group in people:
        if group.observed is not None and (estimate := group.observed.estimate(level)):
            yield _Shown(group, group.observed, estimate)


def kind_of(observed: Observed) -> tuple[type, int]:
    """What must be alike for two figures to be compared: the kind of figure, and what a rate is per."""
    return type(observed), observed.per if isinstance(observed, Rate) else 1


def _furthest_apart(shown: Sequence[_Shown]) -> tuple[_Shown, _Shown] | None:
    if len(shown) < 2:
        return None
    highest = min(shown, key=_from_highest)
    lowest = min((one for one in shown if one is not highest), key=_from_lowest)
    return highest, lowest


def _furthest_from(reference: str, shown: Sequence[_Shown], better: Better) -> tuple[_Shown, _Shown] | None:
    named = next((one for one in shown if one.group.key == reference), None)
    others = [one for one in shown if one is not named]
    if named is None or not others:
        return None
    if better == "lower":
        return min(others, key=_from_highest), named
    return named, min(others, key=_from_lowest)


def _from_highest(one: _Shown) -> tuple[float, float, str]:
    return -one.estimate.value, -one.observed.size, one.group.key


def _from_lowest(one: _Shown) -> tuple[float, float, str]:
    return one.estimate.value, -one.observed.size, one.group.key
