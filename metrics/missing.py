"""How many did not answer, and why: unknown, not asked, chose not to. Pure.

Put beside every chart: a gap between groups means little when one in three has no group.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from metrics.figures import EVERYBODY, Cell

UNKNOWN = "unknown"
"""The kind of a gap whose reason nobody wrote down."""


@dataclass(frozen=True, slots=True)
class MissingShare:
    """Of `total` people, how many have no answer, by the kind of gap. `hidden`: some of them are not shown, so it is more."""

    total: int
    by_kind: Mapping[str, int] = field(default_factory=dict)
    hidden: bool = False

    @property
    def missing(self) -> int:
        return sum(self.by_kind.values())

    @property
    def in_100(self) -> float:
        """In 100 of all people; 0 when nobody was counted."""
        return 100 * self.missing / self.total if self.total else 0.0

    def kind_in_100(self, kind: str) -> float:
        """In 100 of all people, of one kind."""
        return 100 * self.by_kind.get(kind, 0) / self.total if self.total else 0.0


def missing_share(cells: Mapping[str, Cell], dimension: str, kinds: Mapping[str, str]) -> MissingShare | None:
    """The share of missing answers to a dimension, from the denominators of one metric, unit and period.

    `kinds`: code of each category that is a gap → its kind ("" is unknown). None: nothing to say, because everybody is
    not shown or has no denominator. Somebody without an answer is in one such category, also where people can give several
    answers, so these add up in every dimension.
    """
    everybody = cells.get(EVERYBODY)
    if everybody is None or everybody.denominator is None:
        return None
    by_kind: dict[str, int] = {}
    hidden = False
    for code, kind in kinds.items():
        cell = cells.get(f"{dimension}={code}")
        if cell is None:
            continue
        if cell.denominator is None:
            hidden |= cell.hidden
            continue
        by_kind[kind or UNKNOWN] = by_kind.get(kind or UNKNOWN, 0) + cell.denominator
    return MissingShare(everybody.denominator, by_kind, hidden)


def coarsen(
    cells: Mapping[str, Cell], dimension: str, groups: Iterable[tuple[str, Iterable[str]]], *, partition: bool
) -> dict[str, Cell]:
    """Fewer groups from finer cells of one dimension: (code, its categories) → the sums.

    A group has numbers only when every part of it that is there is shown: a sum with a hidden part would give it away, or
    be too small. Where people count under several answers sums would count them twice: only groups of one category stay.
    """
    found: dict[str, Cell] = {}
    for code, categories in groups:
        keys = [f"{dimension}={category}" for category in categories]
        parts = [cells[key] for key in keys if key in cells]
        if not parts or (len(keys) > 1 and not partition):
            continue
        found[code] = _sum(parts)
    return found


def _sum(parts: list[Cell]) -> Cell:
    if len(parts) == 1:
        return parts[0]
    unshown = next((part for part in parts if part.hidden), None) or next(
        (part for part in parts if not part.shown), None
    )
    if unshown is not None:
        return Cell(unshown.status)
    denominators = [part.denominator for part in parts if part.denominator is not None]
    whole = len(denominators) == len(parts)
    return Cell(
        parts[0].status, sum(part.numerator or 0 for part in parts), sum(denominators) if whole else None
    )
