"""An index in words: its parts with their weights and the ends of their scales, and how they become one number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from metrics.composition import composition_of
from metrics.definition_fields import Difference
from metrics.stats.composite import Aggregation
from metrics.stats.words import number


@dataclass(frozen=True, slots=True)
class PartRow:
    """One part, as a line of a table. `address`: its own page, "" where there is none."""

    name: str
    address: str
    weight: str
    worst: str
    best: str


@dataclass(frozen=True, slots=True)
class MadeOf:
    """The parts, and the formula in a sentence."""

    rows: list[PartRow]
    formula: str


def made_of(
    stored: Mapping[str, Any] | None,
    name_of: Callable[[str], str],
    address_of: Callable[[str], str] | None = None,
) -> MadeOf | None:
    """What a definition says of an index; None of every other measure."""
    told = composition_of(stored or {})
    if told is None:
        return None
    rows = [
        PartRow(
            name_of(one.measure),
            address_of(one.measure) if address_of else "",
            _share(share),
            _plain(float(one.worst)),
            _plain(float(one.best)),
        )
        for one, share in zip(told.components, told.shares, strict=True)
    ]
    return MadeOf(rows, _formula(told.aggregation))


def _formula(aggregation: Aggregation) -> str:
    first = _(
        "Each part is put on a scale from 0, its worst value, to 1, its best; what lies beyond stays at the end. "
    )
    if aggregation is Aggregation.GEOMETRIC:
        return first + _(
            "The parts are multiplied, each to the power of its weight: a part at its worst makes the index 0, and no other"
            " makes up for it."
        )
    return first + _("The parts are added up by their weights: a good part makes up for a bad one.")


def _share(share: float) -> str:
    return _("%(share)s in 100") % {"share": number(100 * share)}


def _plain(value: float) -> str:
    return number(value, 0 if value.is_integer() else 2)


def in_words(difference: Difference, name_of: Callable[[str], str]) -> Difference:
    """A difference as a table shows it: of the parts of an index each with its weight and the ends of its scale."""
    if difference.field != "composition":
        return difference
    return replace(difference, was=_listed(difference.was, name_of), now=_listed(difference.now, name_of))


def _listed(stored: Mapping[str, Any], name_of: Callable[[str], str]) -> str:
    told = made_of(stored, name_of)
    if told is None:
        return ""
    parts = [
        _("%(name)s: %(weight)s, from %(worst)s to %(best)s")
        % {"name": row.name, "weight": row.weight, "worst": row.worst, "best": row.best}
        for row in told.rows
    ]
    return "; ".join([*parts, told.formula])
