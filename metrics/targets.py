"""Targets in words: which groups there are to aim for, and how a target changed, from old to new."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from metrics.figures import Vocabulary, parts_of
from metrics.models import Target


@dataclass(frozen=True)
class Told:
    """One decision about a target, with what stood there before."""

    group: str
    before: Target | None
    target: Target
    in_force: bool

    @property
    def was(self) -> str:
        return plain(self.before.value if self.before else None)

    @property
    def becomes(self) -> str:
        return plain(self.target.value)


def group_choices(words: Vocabulary) -> list[tuple[str, str]]:
    """Stratum key and words of every group of people; a gap in records is nobody to aim for."""
    return [
        (f"{dimension.code}={category.code}", f"{dimension.name}: {category.label}")
        for dimension in sorted(words.values(), key=lambda one: (one.position, one.code))
        for category in dimension.in_order
        if not category.missing
    ]


def group_words(stratum: str, words: Vocabulary) -> str:
    """A stratum key in words."""
    if not stratum:
        return _("Everybody")
    parts = (
        words[dimension].categories[category].label
        for dimension, category in parts_of(stratum).items()
        if dimension in words and category in words[dimension].categories
    )
    return ", ".join(parts) or stratum


def told(targets: Iterable[Target], words: Vocabulary) -> list[Told]:
    """Every decision, the latest first."""
    last: dict[str, Target] = {}
    found: list[Told] = []
    for target in targets:
        found.append(
            Told(group_words(target.stratum, words), last.get(target.stratum), target, in_force=False)
        )
        last[target.stratum] = target
    latest = {target.pk for target in last.values() if target.value is not None}
    marked = [Told(one.group, one.before, one.target, one.target.pk in latest) for one in found]
    return marked[::-1]


def plain(value: Decimal | None) -> str:
    """A target's number without needless zeros."""
    return "" if value is None else f"{value.normalize():f}"
