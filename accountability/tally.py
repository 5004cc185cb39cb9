"""How a round's scores are shown: for each criterion, each stakeholder group's distribution and median.

The rules, in the programme's words:

- Groups are never merged: there is no total over groups, and no figure from which one could be worked out.
- A group is shown on a criterion when at least `threshold` of its people replied to that criterion: scored,
  said "I do not have enough to say", or stepped back. Below it we say "fewer than five replies" and nothing
  else, so that no reply, one and four look the same.
- The threshold is met by the group as a whole. Within a shown group every count is exact and may be small:
  of five replies, four may be scores and one a person who stepped back. People know that they stood among
  few; the threshold protects a group from being read person by person, not the parts of a shown group.
- Each criterion is judged alone. A group shown on one and hidden on the next gives nothing away, because no
  figure spans criteria. Whoever publishes must not print a total of replies over all groups: less the shown
  groups, it would be the hidden one.
- What compares groups or orders criteria looks at shown groups only: a hidden group moves nothing.
- Five people who all give the same score can each be named with it. No threshold prevents that; the body is
  told so before it scores.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from equity.publication.spread import LEVELS, Cell, Hidden, Median, Spread

LOWEST_THRESHOLD = 3
DEFAULT_THRESHOLD = 5

LOWER_HALF = (0, 1)

# A group is split when each half of the scale holds at least this share of its scores.
SPLIT_SHARE = Fraction(1, 3)


class State(StrEnum):
    """A reply that is not a score. It is counted on its own and never lowers or raises a median."""

    NOT_ENOUGH = "not_enough"
    RECUSED = "recused"


class Agreement(StrEnum):
    """How far the shown groups see a criterion alike: SAME is one level for everybody who scored."""

    SPLIT = "split"
    MOSTLY = "mostly"
    SAME = "same"
    NO_SCORES = "no_scores"


class Answer(NamedTuple):
    """One person's current reply to one criterion, without the person: a level 0-3 or a `State`."""

    item: str
    group: str
    value: int | str


@dataclass(frozen=True, slots=True)
class Shown:
    """A group with enough replies. `levels` holds a cell for each of LEVELS, in that order."""

    key: str
    label: str
    levels: tuple[Cell, ...]
    not_enough: Cell
    recused: Cell

    @property
    def scored(self) -> int:
        return sum(cell.count for cell in self.levels)

    @property
    def replies(self) -> int:
        return self.scored + self.not_enough.count + self.recused.count

    @property
    def median(self) -> Median | None:
        """None when nobody scored."""
        scores = self._scores()
        if not scores:
            return None
        return Median(scores[(len(scores) - 1) // 2], scores[len(scores) // 2])

    @property
    def lowest(self) -> int | None:
        return min(self._scores(), default=None)

    @property
    def highest(self) -> int | None:
        return max(self._scores(), default=None)

    @property
    def smaller_side(self) -> Fraction:
        """The share of scores on the side of the scale (0-1 or 2-3) that holds fewer: 0 to 1/2."""
        if not self.scored:
            return Fraction(0)
        low = sum(score in LOWER_HALF for score in self._scores())
        return Fraction(min(low, self.scored - low), self.scored)

    @property
    def split(self) -> bool:
        return self.smaller_side >= SPLIT_SHARE

    def _scores(self) -> list[int]:
        return sorted(level for level, cell in zip(LEVELS, self.levels, strict=True) for _ in cell.dots)


@dataclass(frozen=True, slots=True)
class ItemTally(Spread[Shown]):
    """One criterion as it may be shown."""

    item: str

    @property
    def smaller_side(self) -> Fraction:
        return max((group.smaller_side for group in self.shown), default=Fraction(0))

    @property
    def split(self) -> bool:
        """Whether "We see this differently" stands above the criterion.

        Either within a group, when at least a third of its scores lie at 0 or 1 and at least a third at 2 or
        3; or between groups, when two medians lie two levels or more apart. By a third, one voice among five
        scores is not yet a split, and two are.
        """
        return self.apart or any(group.split for group in self.shown)

    @property
    def agreement(self) -> Agreement:
        scored = [group for group in self.shown if group.scored]
        if not scored:
            return Agreement.NO_SCORES
        if self.split:
            return Agreement.SPLIT
        levels = {level for group in scored for level in (group.lowest, group.highest)}
        return Agreement.SAME if len(levels) == 1 else Agreement.MOSTLY


def tally(
    answers: Iterable[Answer],
    *,
    items: Sequence[str],
    groups: Mapping[str, str],
    threshold: int = DEFAULT_THRESHOLD,
) -> tuple[ItemTally, ...]:
    """Count a round: one ItemTally for each of `items`, the most split first.

    `answers` holds one reply a person and criterion, the current one where a score was revised. `groups` maps
    each group's key to its name, in the order to show them, groups without replies included. A threshold
    below 3 is refused. Raises ValueError for an item, group or value that is not known.
    """
    if threshold < LOWEST_THRESHOLD:
        raise ValueError(f"The threshold cannot be below {LOWEST_THRESHOLD}.")
    counts: dict[tuple[str, str], Counter[int | str]] = {
        (item, group): Counter() for item in items for group in groups
    }
    for answer in answers:
        _check(answer, counts)
        counts[answer.item, answer.group][answer.value] += 1
    return most_split_first(_item_tally(item, counts, groups, threshold) for item in items)


def most_split_first(tallies: Iterable[ItemTally]) -> tuple[ItemTally, ...]:
    """What we see differently comes first; then the larger dissenting side, then the more distant medians.

    Ties keep the given order. Criteria without a shown score come last.
    """
    return tuple(
        sorted(
            tallies,
            key=lambda one: (
                one.agreement is Agreement.NO_SCORES,
                not one.split,
                -one.smaller_side,
                -one.distance,
            ),
        )
    )


def _check(answer: Answer, counts: Mapping[tuple[str, str], Counter[int | str]]) -> None:
    if (answer.item, answer.group) not in counts:
        raise ValueError("An answer names a criterion or a group that is not part of this round.")
    if answer.value not in LEVELS and answer.value not in tuple(State):
        raise ValueError("A score is 0, 1, 2 or 3, or says why there is none.")


def _item_tally(
    item: str,
    counts: Mapping[tuple[str, str], Counter[int | str]],
    groups: Mapping[str, str],
    threshold: int,
) -> ItemTally:
    shown, hidden = [], []
    for key, label in groups.items():
        found = counts[item, key]
        if found.total() < threshold:
            hidden.append(Hidden(key, label))
            continue
        levels = tuple(Cell(found[level]) for level in LEVELS)
        shown.append(Shown(key, label, levels, Cell(found[State.NOT_ENOUGH]), Cell(found[State.RECUSED])))
    return ItemTally(tuple(shown), tuple(hidden), threshold, item)
