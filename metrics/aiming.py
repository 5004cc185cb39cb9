"""Targets in words, beside the numbers that are to reach them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from metrics.aims import Aim, Aims
from metrics.figures import EVERYBODY, Definition, Figure, Line
from metrics.stats import words
from metrics.wording import decimals, everybody, unit_words

SMALLEST = 4
"""Decimals that a target may have."""


@dataclass(frozen=True, slots=True)
class ToldAim:
    """A group's target: for whom, what by when, and how the group stands to it ("" where it has no number here)."""

    group: str
    aim: str
    standing: str


def aim_words(metric: Definition, aim: Aim) -> str:
    """ "80 in 100 by December 31, 2027"."""
    return _("%(value)s by %(day)s") % {
        "value": f"{aim_number(aim.value)} {unit_words(metric)}".strip(),
        "day": date_format(aim.by),
    }


def aim_number(value: float) -> str:
    """Without needless zeros: somebody chose this number, it was not worked out."""
    return words.number(
        value, next(n for n in range(SMALLEST + 1) if n == SMALLEST or round(value, n) == value)
    )


def told(figure: Figure, aims: Aims) -> list[ToldAim]:
    """The targets of the groups of this figure in their order, then everybody's."""
    return list(_told(figure, aims))


def _told(figure: Figure, aims: Aims) -> Iterator[ToldAim]:
    for line in (*figure.lines, figure.overall):
        if aim := aims.get(line.key):
            label = everybody(figure.metric).lower() if line.key == EVERYBODY else line.label
            yield ToldAim(label, aim_words(figure.metric, aim), _standing(figure.metric, line, aim))


def _standing(metric: Definition, line: Line, aim: Aim) -> str:
    """Only of a number that is shown: whether a hidden one has reached its target would tell of it."""
    if line.value is None or metric.better not in {"higher", "lower"}:
        return ""
    reached = line.value >= aim.value if metric.better == "higher" else line.value <= aim.value
    told = {"value": words.number(line.value, decimals(metric))}
    return (_("%(value)s now: reached") if reached else _("%(value)s now: not reached yet")) % told


def brief(aim: Aim) -> str:
    """Beside a drawing, where there is little room: "Target 80 by December 2027"."""
    return _("Target %(value)s by %(month)s") % {
        "value": aim_number(aim.value),
        "month": date_format(aim.by, "F Y"),
    }
