"""Excess counts: how many events there would not have been at the best group's rate. The gap as people.

For a measure of which more is better it is how many more there would have been: visits in time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from metrics.stats.comparisons import difference
from metrics.stats.estimate import DEFAULT_LEVEL, Estimate
from metrics.stats.gaps import Better, Group, checked_people, kind_of
from metrics.stats.observed import Proportion, Rate


@dataclass(frozen=True, slots=True)
class Share:
    """What one group adds to the excess, in events."""

    group: Group
    count: float


@dataclass(frozen=True, slots=True)
class Excess:
    """How many of the `events` in the groups that do worse than `best` are more than at its rate, with the range.

    `count` is in events (readmissions, falls), never below 0. `shares` has the groups that do worse, largest share
    first; the counts add up to `count`. `compared` groups were shown; `hidden` groups were not and are left out, so
    the true number may be larger. `reliable` says whether the best group's own figure is steady (it always is, unless
    it was declared the reference).
    """

    count: Estimate
    best: Group
    best_estimate: Estimate
    shares: tuple[Share, ...]
    events: int
    compared: int
    hidden: int
    reliable: bool

    @property
    def clear(self) -> bool:
        """Whether it is more than chance makes: the range begins above 0."""
        return self.count.low > 0


def excess_count(
    groups: Sequence[Group],
    *,
    better: Better,
    reference: str | None = None,
    level: float = DEFAULT_LEVEL,
) -> Excess | None:
    """The excess over the best rate among the groups that are shown and steady, or over the group `reference`.

    Proportions and rates only. None when there is nothing to compare: fewer than two groups shown, none of them
    steady, or the reference hidden or empty. "Not recorded" is never one of the groups, hidden ones never count. Groups
    that do better than the best one count 0 and do not lessen the excess of others: they are too small to be the
    measure of the rest, or better than the reference. Groups must not overlap, or people count twice. Raises ValueError for
    an unknown reference, keys used twice, or figures of different kinds.

    With N people in the groups that do worse, the excess is N times the difference between their common rate and the
    best one, and its range is N times the range of that difference (Newcombe's, see `comparisons.difference`), ended
    at 0. As with the gap, the best of several small groups is also best by chance, so the range is a little too sure.
    """
    people = checked_people(groups, reference)
    shown = list(_shown(people, level))
    if len({kind_of(one.observed) for one in shown}) > 1:
        raise ValueError("Only figures of one kind, in one unit, can be compared.")
    best = _best(shown, better) if reference is None else _named(shown, reference)
    if best is None or len(shown) < 2:
        return None
    worse = [one for one in shown if _is_worse(one, best, better)]
    return Excess(
        count=_count(worse, best, better, level),
        best=best.group,
        best_estimate=best.estimate,
        shares=_shares(worse, best),
        events=sum(_events(one.observed) for one in worse),
        compared=len(shown),
        hidden=sum(group.observed is None for group in people),
        reliable=best.observed.reliable,
    )


class _Shown(NamedTuple):
    group: Group
    observed: Proportion | Rate
    estimate: Estimate


def _shown(people: Sequence[Group], level: float) -> list[_Shown]:
    return [
        _Shown(group, group.observed, estimate)
        for group in people
        if isinstance(group.observed, Proportion | Rate) and (estimate := group.observed.estimate(level))
    ]


def _best(shown: Sequence[_Shown], better: Better) -> _Shown | None:
    """Of groups with the same rate the one with more people, then the first key, whatever the order of `shown`."""
    sign = 1 if better == "lower" else -1
    steady = [one for one in shown if one.observed.reliable]
    return min(
        steady,
        key=lambda one: (sign * one.estimate.value, -one.observed.size, one.group.key),
        default=None,
    )


def _named(shown: Sequence[_Shown], reference: str) -> _Shown | None:
    return next((one for one in shown if one.group.key == reference), None)


def _is_worse(one: _Shown, best: _Shown, better: Better) -> bool:
    if better == "lower":
        return one.estimate.value > best.estimate.value
    return one.estimate.value < best.estimate.value


def _count(worse: Sequence[_Shown], best: _Shown, better: Better, level: float) -> Estimate:
    together = _together([one.observed for one in worse])
    estimate = together.estimate(level) if together else None
    if together is None or estimate is None:
        return Estimate(0.0, 0.0, 0.0)
    apart = difference(estimate, best.estimate) if better == "lower" else difference(best.estimate, estimate)
    within = Estimate(apart.value, max(apart.low, 0.0), apart.high)
    return within.scaled(_units(together))


def _together(observed: Sequence[Proportion | Rate]) -> Proportion | Rate | None:
    rates = [one for one in observed if isinstance(one, Rate)]
    if rates:
        return Rate(sum(one.events for one in rates), sum(one.exposure for one in rates), rates[0].per)
    parts = [one for one in observed if isinstance(one, Proportion)]
    if not parts:
        return None
    return Proportion(sum(one.numerator for one in parts), sum(one.denominator for one in parts))


def _shares(worse: Sequence[_Shown], best: _Shown) -> tuple[Share, ...]:
    shares = [
        Share(one.group, abs(one.estimate.value - best.estimate.value) * _units(one.observed))
        for one in worse
    ]
    return tuple(sorted(shares, key=lambda share: (-share.count, share.group.key)))


def _units(observed: Proportion | Rate) -> float:
    """How many of the units that the estimate is given for: people, or times `per` units of person-time."""
    return observed.size / observed.per if isinstance(observed, Rate) else observed.size


def _events(observed: Proportion | Rate) -> int:
    return observed.events if isinstance(observed, Rate) else observed.numerator
