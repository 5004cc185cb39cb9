"""What the community said, from a finding of the ledger. Pure: the document carries every number, nothing is added up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from equity.publication.spread import LEVELS, Cell, Hidden, Median, Spread

FIRST_REASONS = 5
QUOTES = {"en": ("“", "”"), "es": ("«", "»")}


@dataclass(frozen=True, slots=True)
class Group:
    """A stakeholder group that is shown. `levels` are people at 3, 2, 1 and 0."""

    label: str
    replies: int
    levels: tuple[Cell, ...]
    not_enough: Cell
    recused: Cell
    median: Median | None
    lowest: int | None
    highest: int | None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody scored as they did, in their own words and language. `level` is empty where it is not told."""

    group: str
    level: str
    words: str
    language: str


class LowestMedian(NamedTuple):
    """A middle score, and the group whose it is."""

    level: int
    group: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One criterion or dashboard: how it was scored, why, and what the institution replied."""

    code: str
    title: str
    question: str
    anchors: tuple[str, ...]
    split: bool
    tally: Spread[Group]
    reasons: tuple[Reason, ...]
    reply: Mapping[str, str] | None

    @property
    def first_reasons(self) -> tuple[Reason, ...]:
        """Enough for a page of many items; each item has a page of its own with all of them."""
        return self.reasons[:FIRST_REASONS]

    @property
    def replied_on(self) -> date | None:
        return date.fromisoformat(self.reply["on"]) if self.reply else None

    @property
    def lowest_median(self) -> LowestMedian | None:
        """The lowest middle score among the shown groups; of an even number of scores the lower one."""
        scored = [LowestMedian(group.median.lower, group.label) for group in self.tally.shown if group.median]
        return min(scored, key=lambda one: one.level) if scored else None


def finding_of(document: Mapping[str, Any]) -> Finding:
    """A finding's document, ready to draw. Of a group that is not shown nothing but its name is taken."""
    groups = document["groups"]
    shown = tuple(_group(group) for group in groups if group["shown"])
    hidden = tuple(Hidden(group["group"], group["label"]) for group in groups if not group["shown"])
    item = document["item"]
    tally = Spread(shown, hidden, document["threshold"])
    return Finding(
        code=item["code"],
        title=item["title"],
        question=item["question"],
        anchors=tuple(item["anchors"]),
        split=tally.apart or any(group["split"] for group in groups if group["shown"]),
        tally=tally,
        reasons=tuple(_reason(reason) for reason in document["reasons"]),
        reply=document["reply"],
    )


def in_order(documents: Sequence[Mapping[str, Any]]) -> list[Finding]:
    """The items of one round: first those that people see differently, then in the order that the round has."""
    found = [
        finding_of(document) for document in sorted(documents, key=lambda document: document["position"])
    ]
    return sorted(found, key=lambda finding: not finding.split)


def _group(group: Mapping[str, Any]) -> Group:
    ascending = group["levels"]
    chosen = [level for level, people in enumerate(ascending) if people]
    return Group(
        label=group["label"],
        replies=group["replies"],
        levels=tuple(Cell(ascending[level]) for level in LEVELS),
        not_enough=Cell(group["not_enough"]),
        recused=Cell(group["recused"]),
        median=Median(group["median"][0], group["median"][-1]) if group["median"] else None,
        lowest=min(chosen, default=None),
        highest=max(chosen, default=None),
    )


def _reason(reason: Mapping[str, Any]) -> Reason:
    language = reason["language"]
    opening, closing = QUOTES.get(language, QUOTES["en"])
    level = reason["level"]
    return Reason(
        group=reason["group"] or "",
        level="" if level is None else str(level),
        words=f"{opening}{reason['text']}{closing}",
        language=language,
    )
