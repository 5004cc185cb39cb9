"""What the groups' numbers would be if all had the same ages: for a figure that is compared by a group and by age at once.

Older people fare otherwise than younger ones, and groups differ in age. The rate of each age band is weighed by the share of
that band in the US standard population of 2000. Where one band of a group is hidden, or counts nobody, there is no number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.translation import gettext as _

from metrics.figures import Cell, Dimension, Figure, parts_of
from metrics.stats import words
from metrics.stats.adjusted import AgeGroup, age_adjusted
from metrics.stats.reliability import doubt_of_adjusted
from metrics.stats.standard import US_2000, Ages
from metrics.wording import decimals

BAND = re.compile(r"(\d{1,3})(?:-(\d{1,3}|up)|\+)")
EDGES = frozenset(first for first, _thousands in US_2000)


@dataclass(frozen=True, slots=True)
class AdjustedRow:
    """One group: its adjusted number with its range, or why there is none."""

    label: str
    value: str = ""
    low: str = ""
    high: str = ""
    unsteady: bool = False
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Adjusted:
    """All groups of the other dimension (`by`), in their order. `ages`: the bands that are weighed."""

    by: str
    ages: str
    rows: list[AdjustedRow]


def adjusted(figure: Figure) -> Adjusted | None:
    """None where it is not about shares or rates of people, or not by age and one other thing."""
    dimensions = figure.way.dimensions if figure.way else ()
    if (
        len(dimensions) != 2
        or figure.metric.kind not in {"proportion", "rate"}
        or not figure.metric.counts_people
    ):
        return None
    found = [(one, bands) for one in dimensions if (bands := bands_of(one))]
    if len(found) != 1:
        return None
    (age, bands), (other,) = found[0], (one for one in dimensions if one is not found[0][0])
    cells = {tuple(sorted(parts_of(line.key).items())): line.cell for line in figure.lines}
    rows = []
    for group in other.in_order:
        if group.missing:
            continue
        of_group = {
            code: cells.get(tuple(sorted({other.code: group.code, age.code: code}.items())))
            for codes in bands.values()
            for code in codes
        }
        if any(of_group.values()):
            rows.append(
                _row(
                    figure,
                    group.label,
                    [(span, [of_group[code] for code in codes]) for span, codes in bands.items()],
                )
            )
    spans = ", ".join(_span(ages) for ages in bands)
    return Adjusted(other.name, spans, rows) if rows else None


def bands_of(dimension: Dimension) -> dict[Ages, list[str]]:
    """Age bands that the standard population can be divided by → the categories that they join. Empty: these are no ages, or some are left out.

    Bands that begin where the standard does not are joined with those before; the last one is taken to have no end.
    """
    read = sorted(
        (int(match[1]), match[2], one.code)
        for one in dimension.categories.values()
        if not one.missing and (match := BAND.fullmatch(one.code))
    )
    answers = sum(not one.missing for one in dimension.categories.values())
    follow = all(last == str(after - 1) for (_, last, _), (after, _, _) in pairwise(read))
    if len(read) < 2 or len(read) != answers or read[0][0] not in EDGES or not follow:
        return {}
    joined: list[tuple[int, list[str]]] = []
    for first, _last, code in read:
        if first in EDGES:
            joined.append((first, [code]))
        else:
            joined[-1][1].append(code)
    ends: list[int | None] = [first - 1 for first, _codes in joined[1:]]
    return {Ages(first, end): codes for (first, codes), end in zip(joined, [*ends, None], strict=True)}


def _row(figure: Figure, label: str, bands: Sequence[tuple[Ages, list[Cell | None]]]) -> AdjustedRow:
    every = [cell for _ages, cells in bands for cell in cells]
    if any(cell is not None and cell.hidden for cell in every):
        return AdjustedRow(label, instead=_("None: the number of an age is hidden"))
    groups = list(_groups(bands))
    estimate = age_adjusted(groups, per=figure.metric.per) if len(groups) == len(bands) else None
    if estimate is None:
        return AdjustedRow(label, instead=_("None: at some age nobody was counted"))
    places = decimals(figure.metric)
    return AdjustedRow(
        label,
        words.number(estimate.value, places),
        words.number(estimate.low, places),
        words.number(estimate.high, places),
        unsteady=doubt_of_adjusted(estimate, sum(group.events for group in groups)) is not None,
    )


def _groups(bands: Sequence[tuple[Ages, list[Cell | None]]]) -> Iterator[AgeGroup]:
    for ages, cells in bands:
        counted = [cell for cell in cells if cell is not None and cell.shown]
        exposure = sum(cell.denominator or 0 for cell in counted)
        if exposure:
            yield AgeGroup(ages, sum(cell.numerator or 0 for cell in counted), exposure)


def _span(ages: Ages) -> str:
    if ages.last is None:
        return _("%(first)s and over") % {"first": ages.first}
    return _("%(first)s to %(last)s") % {"first": ages.first, "last": ages.last}
