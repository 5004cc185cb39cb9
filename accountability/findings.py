"""What a round found on one question, and the document that is published of it. Pure.

A finding holds nothing that names a person: groups that reached the threshold, and reasons in an order that tells nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accountability.tally import ItemTally, Shown, State
from equity.publication.spread import Hidden


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody answered as they did.

    `group`, a label, and `level` are both None when their group is hidden, or when this reason has to cover for those of
    a hidden group: a reason without a label could always be of two groups or more.
    """

    group: str | None
    level: int | str | None
    text: str
    language: str

    @property
    def is_scored(self) -> bool:
        return isinstance(self.level, int)


@dataclass(frozen=True, slots=True)
class Finding:
    """One question of a round with what may be shown of the answers to it."""

    tally: ItemTally
    reasons: tuple[Reason, ...]

    def document(
        self, *, round: dict[str, Any], item: dict[str, Any], position: int, reply: dict[str, Any] | None
    ) -> dict[str, Any]:
        """The public record of this finding.

        {"round", "item", "position", "groups": [...], "threshold", "reasons": [...], "reply": {...} | None}; a hidden group
        has its code, its label and nothing that was counted.
        """
        return {
            "round": round,
            "item": item,
            "position": position,
            "groups": [_shown(group) for group in self.tally.shown]
            + [_hidden(group) for group in self.tally.hidden],
            "threshold": self.tally.threshold,
            "reasons": [
                {"group": one.group, "level": one.level, "text": one.text, "language": one.language}
                for one in self.reasons
            ],
            "reply": reply,
        }


def _shown(group: Shown) -> dict[str, Any]:
    median = group.median
    return {
        "group": group.key,
        "label": group.label,
        "shown": True,
        "replies": group.replies,
        "levels": [cell.count for cell in reversed(group.levels)],
        "not_enough": group.not_enough.count,
        "recused": group.recused.count,
        "median": None
        if median is None
        else [median.lower]
        if median.single
        else [median.lower, median.upper],
        "split": group.split,
    }


def _hidden(group: Hidden) -> dict[str, Any]:
    counted = ("replies", "levels", "not_enough", "recused", "median", "split")
    return {"group": group.key, "label": group.label, "shown": False, **dict.fromkeys(counted)}


def level_of(answer: str | None, level: int | None) -> int | str | None:
    """What an answer counts as: its level, the state that it is, or None when it is not shown."""
    if answer is None:
        return None
    return level if level is not None else State(answer).value
