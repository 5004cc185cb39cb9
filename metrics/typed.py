"""A year of one measure at one unit, as a person types it in: groups down the side, periods across.

What is typed becomes the text of a counts file, so that it goes the same way as any file: the same check, the same preview,
the same undoing. A field that is left empty says nothing, and changes nothing.
"""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from equity.tenancy.models import Unit
from metrics.amounts import amount, scales
from metrics.figures import period_of
from metrics.models import Category, Dimension, Grain, Metric, Observation
from metrics.reading.cells import BlankKind, MetricKind
from metrics.reading.periods import Grain as FileGrain
from metrics.reading.periods import Period, containing
from metrics.wording import period_label

MONTHS = range(1, 13)
FILE_GRAINS = {Grain.MONTH: FileGrain.MONTH, Grain.QUARTER: FileGrain.QUARTER, Grain.YEAR: FileGrain.YEAR}


@dataclass(frozen=True)
class Cell:
    """One field of the grid: the name that it has in the form, the words of its label, and what stands there now."""

    name: str
    label: str
    period: str
    numerator: str
    denominator: str


@dataclass(frozen=True)
class Line:
    """One group with its cells."""

    label: str
    cells: list[Cell]


@dataclass(frozen=True)
class Grid:
    """The fields to fill in. `dimension` is None where only everybody is counted."""

    metric: Metric
    unit: Unit
    year: int
    dimension: Dimension | None
    periods: list[Period]
    groups: list[tuple[str, str]]
    """(code of the category, label); the empty code is everybody."""

    there: Mapping[tuple[str, Period], tuple[int | None, int | None, str]]

    @property
    def needs_denominator(self) -> bool:
        """Whether the kind of the measure has a denominator."""
        return self.metric.kind != MetricKind.COUNT

    def lines(self, typed: Mapping[str, str] | None = None) -> Iterator[Line]:
        """The grid line by line, with what was typed, or else with what stands there."""
        for group, label in self.groups:
            yield Line(label, [self._cell(group, label, period, typed) for period in self.periods])

    def _cell(self, group: str, label: str, period: Period, typed: Mapping[str, str] | None) -> Cell:
        name = f"{group or 'all'}|{period.code}"
        numerator, denominator, blank = self.there.get((group, period), (None, None, ""))
        words = BlankKind(blank).words if blank else "" if numerator is None else str(numerator)
        below = "" if denominator is None else str(denominator)
        if typed is not None:
            words, below = typed.get(f"{name}|n", "").strip(), typed.get(f"{name}|d", "").strip()
        when = str(period_label(period))
        return Cell(name, f"{label}, {when}", when, words, below)

    def text(self, typed: Mapping[str, str]) -> str:
        """What was typed, as a counts file. Empty fields are left out."""
        held = io.StringIO()
        lines = csv.writer(held)
        dimensions = [self.dimension.code] if self.dimension else []
        lines.writerow(["metric", "unit", "period", *dimensions, "numerator", "denominator"])
        for (group, _label), line in zip(self.groups, self.lines(typed), strict=True):
            for period, cell in zip(self.periods, line.cells, strict=True):
                if cell.numerator or cell.denominator:
                    place = [self.metric.code, self.unit.code, period.code, *([group] if dimensions else [])]
                    lines.writerow([*place, cell.numerator, cell.denominator])
        return held.getvalue()


def grains_of(metric: Metric) -> list[int]:
    """The lengths of the periods that are given of a measure: its own, and where people are counted once all longer ones."""
    longer = [grain for grain in FILE_GRAINS if grain > metric.frequency] if metric.once_over_periods else []
    return [metric.frequency, *longer]


def grid_of(metric: Metric, unit: Unit, year: int, dimension: Dimension | None) -> Grid:
    """The grid of one measure, unit and year, by the groups of one dimension, with what stands there now."""
    grains = [grain for stored, grain in FILE_GRAINS.items() if stored in grains_of(metric)]
    periods = sorted(
        {containing(datetime.date(year, month, 1), grain) for grain in grains for month in MONTHS}
    )
    groups = [("", _("Everybody"))]
    if dimension is not None:
        groups += list(Category.objects.filter(dimension=dimension).values_list("code", "label"))
    return Grid(metric, unit, year, dimension, periods, groups, _there(metric, unit, year, dimension))


def _there(
    metric: Metric, unit: Unit, year: int, dimension: Dimension | None
) -> dict[tuple[str, Period], tuple[int | None, int | None, str]]:
    by = dimension.code if dimension else ""
    rows = Observation.objects.filter(
        organisation_id=metric.organisation_id,
        series__metric=metric,
        series__unit=unit,
        series__stratum__by__in=["", by],
        grain__in=grains_of(metric),
        start__year=year,
    ).values_list("series__stratum__key", "start", "end", "grain", "numerator", "denominator", "blank")
    of_numerator, of_denominator = scales(metric.kind, metric.decimals)
    return {
        (key.partition("=")[2], period_of(start, end, grain)): (
            amount(numerator, of_numerator),
            amount(denominator, of_denominator),
            blank,
        )
        for key, start, end, grain, numerator, denominator, blank in rows
    }
