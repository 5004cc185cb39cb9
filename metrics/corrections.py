"""Corrections: what can be learned by subtracting what is published from what would follow it.

A correction is a second look at the same people: whoever keeps the first number can subtract. So a changed figure goes out
again only when every difference is 0 or at least the threshold: of each figure, and of what its shown parts leave of it.
That holds for every state that was ever published, not the last alone: 20 more and then 15 fewer are 5.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from metrics.figures import HIDDEN, PUBLISHED
from metrics.linking import divisions
from metrics.questions import Address, Count, Question
from metrics.reading.periods import Period

Change = tuple[int, int]
"""By how much numerator and denominator differ from what is published."""


def changed(question: Question, periods: list[Period]) -> list[Address]:
    """Where a number that is published is not the true one any more."""
    return [
        where
        for where in question.earlier
        if where.period in periods and change_of(question, where) not in {None, (0, 0)}
    ]


def change_of(question: Question, where: Address) -> Change | None:
    """None: nothing is published of it. What has vanished has changed by all that it was."""
    cell, count = question.earlier.get(where), question.counts.get(where)
    if cell is None or cell.status not in {PUBLISHED, HIDDEN}:
        return None
    if cell.numerator is None and cell.denominator is None:
        return None
    now = count or Count(0, 0)
    by = 0
    if cell.denominator is not None and now.denominator is not None:
        by = now.denominator - cell.denominator
    return (now.numerator - cell.numerator if cell.numerator is not None else 0), by


def may_be_published(question: Question, replaced: set[Period]) -> bool:
    """Whether all that is learned from the figures of these periods is about nobody, or about enough people."""
    return all(
        by == 0 or abs(by) >= question.threshold
        for state in states(question)
        for change in _changes(state, replaced)
        for by in (*change, change[1] - change[0])
    )


def states(question: Question) -> Iterator[Question]:
    """The same question as somebody asks who remembers what stood published once: now, and before each correction."""
    yield question
    for earlier in question.former:
        yield replace(question, earlier=earlier)


def _changes(question: Question, replaced: set[Period]) -> Iterator[Change]:
    known = {
        where: change
        for where in question.earlier
        if where.period in replaced and (change := change_of(question, where)) is not None
    }
    yield from known.values()
    for whole, change in known.items():
        for parts in divisions(question, whole, list(replaced)):
            told = [known[part] for part in parts if part in known]
            if told:
                yield change[0] - sum(one[0] for one in told), change[1] - sum(one[1] for one in told)
