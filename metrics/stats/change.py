"""Whether a gap is closing: the same groups compared in an earlier and a later period, as a difference and as a ratio."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from metrics.stats.comparisons import difference
from metrics.stats.estimate import DEFAULT_LEVEL, Estimate, around
from metrics.stats.gaps import Better, Gap, Group, gap


class GapTrend(StrEnum):
    """What one cell of the goals table says. `notes.gap_trend` has the words."""

    CLOSING = "closing"
    GROWING = "growing"
    NO_CLEAR_CHANGE = "no_clear_change"
    TOO_FEW = "too_few"
    NOT_MEASURED = "not_measured"


@dataclass(frozen=True, slots=True)
class GapChange:
    """How the gap changed between two periods, among the groups that are shown in both.

    trend      what may be said of it: decided by the difference, never by the ratio
    earlier    the gap of the earlier period; None where there is no pair to compare
    later      the gap of the later one; its two groups may be others
    absolute   how much larger the later difference is than the earlier one, in its unit; below 0: the gap closed
    relative   how many times as large the later ratio is; below 1: the gap closed. None where a ratio is undefined
    left_out   groups of people that are shown in one of the periods only, or in neither
    """

    trend: GapTrend
    earlier: Gap | None = None
    later: Gap | None = None
    absolute: Estimate | None = None
    relative: Estimate | None = None
    left_out: int = 0

    @property
    def opposite(self) -> bool:
        """Whether difference and ratio moved in opposite directions: which of them one looks at decides.

        It happens where everybody's figure falls: from 20 and 10 to 9 and 3 the difference closes from 10 to 6 while
        the ratio grows from 2 to 3. It goes by the values, so beside "no clear change" it may be chance too.
        """
        if self.absolute is None or self.relative is None:
            return False
        return self.absolute.value * math.log(self.relative.value) < 0

    @property
    def reversed(self) -> bool:
        """Whether the gap now lies the other way round; only a gap from a declared reference can."""
        if self.earlier is None or self.later is None:
            return False
        return self.earlier.difference.value * self.later.difference.value < 0

    @property
    def other_pair(self) -> bool:
        """Whether the two groups that stand furthest apart are others than before."""
        if self.earlier is None or self.later is None:
            return False
        return _pair(self.earlier) != _pair(self.later)


def gap_change(
    earlier: Sequence[Group],
    later: Sequence[Group],
    *,
    better: Better,
    reference: str | None = None,
    level: float = DEFAULT_LEVEL,
) -> GapChange:
    """The change of the gap from the `earlier` period's groups to the `later` one's.

    Only groups shown in both periods are compared: a gap must not close because a group was hidden. The size of a gap
    is its difference without the sign; its change has the range that follows from the ranges of the two ("square and
    add", see `comparisons.difference`), and is clear when that range excludes 0. Periods count as separate people.

    not measured       a period has no group at all
    too few            no two groups (or not the reference) are shown in both, or one of the four figures is unsteady
    closing, growing   the difference became smaller, or larger, by more than chance makes
    no clear change    all else: it may have changed, but these numbers cannot tell

    Each period's own furthest pair is taken (or the one furthest from `reference`), so chance widens both gaps alike.
    Watching the widest gap of one year close in the next would mistake chance for progress.
    """
    both = _shown(earlier, level) & _shown(later, level)
    everyone = {group.key for group in (*earlier, *later) if not group.missing}
    if not earlier or not later:
        return GapChange(GapTrend.NOT_MEASURED, left_out=len(everyone))
    left_out = len(everyone - both)
    if reference is not None and reference not in both:
        return GapChange(GapTrend.TOO_FEW, left_out=left_out)
    before, after = (
        gap([group for group in groups if group.key in both], better=better, reference=reference, level=level)
        for groups in (earlier, later)
    )
    if before is None or after is None:
        return GapChange(GapTrend.TOO_FEW, left_out=left_out)
    absolute = difference(_size(after.difference), _size(before.difference))
    return GapChange(
        trend=_trend(absolute) if before.reliable and after.reliable else GapTrend.TOO_FEW,
        earlier=before,
        later=after,
        absolute=absolute,
        relative=_relative(before.ratio, after.ratio),
        left_out=left_out,
    )


def _shown(groups: Sequence[Group], level: float) -> set[str]:
    return {
        group.key
        for group in groups
        if not group.missing and group.observed is not None and group.observed.estimate(level) is not None
    }


def _pair(found: Gap) -> set[str]:
    return {found.first.key, found.second.key}


def _size(one: Estimate) -> Estimate:
    return one if one.value >= 0 else Estimate(-one.value, -one.high, -one.low)


def _trend(absolute: Estimate) -> GapTrend:
    if not absolute.excludes(0):
        return GapTrend.NO_CLEAR_CHANGE
    return GapTrend.CLOSING if absolute.value < 0 else GapTrend.GROWING


def _relative(before: Estimate | None, after: Estimate | None) -> Estimate | None:
    """The ratio of two ratios, each turned so that it is 1 or more; square and add on the scale of their logarithms."""
    if before is None or after is None:
        return None
    moved = difference(_size(_logarithm(after)), _size(_logarithm(before)))
    return around(math.exp(moved.value), math.exp(moved.low), math.exp(moved.high))


def _logarithm(ratio: Estimate) -> Estimate:
    return Estimate(math.log(ratio.value), math.log(ratio.low), math.log(ratio.high))
