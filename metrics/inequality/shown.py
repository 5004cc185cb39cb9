"""The measures over groups as pages and the API have them: observed counts in, all measures out.

Groups that are hidden, empty or "not recorded" take no part, so nothing that is worked out here says anything about them:
whoever may see the counts of the shown groups may see this, and can work it out alone.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from metrics.figures import Figure
from metrics.inequality.cases import Case, Row
from metrics.inequality.catalogue import MEASURES
from metrics.inequality.conventions import DECIDED, Conventions
from metrics.inequality.results import Result, results_of
from metrics.inequality.simulation import Draws
from metrics.reading.counts_writer import safe_text
from metrics.reading.groups_table import PastedGroup
from metrics.stats import Group, Mean, Observed, Proportion, Rate, Score
from metrics.stats.estimate import DEFAULT_LEVEL
from metrics.stats.intervals import sample_variance
from metrics.stats.words import Translate

Order = Literal["none", "rising", "falling"]
"""Whether the groups stand in an order: none, from the most disadvantaged up, or from the most advantaged down."""

OF_A_SCALE = frozenset({"PAR", "PAF", "EXCESS", "SII", "RII", "ACI_BOUNDED", "RCI_WAGSTAFF", "RCI_ERREYGERS"})
"""Measures that ask how many people had the event, or for an upper limit: averages have neither."""

OF_A_BEST = frozenset({"PAR", "PAF", "EXCESS", "MDBU", "MDBW"})
"""Measures against the best group: where neither way is better there is none."""


@dataclass(frozen=True, slots=True)
class Told:
    """One measure as a page shows it. Numbers are None, or one of the texts inf, -inf and nan; `why` says why."""

    name: str
    title: str
    unit: str
    equal: int
    value: float | str | None
    se: float | str | None
    low: float | str | None
    high: float | str | None
    simulated: bool
    why: str


def as_order(text: str) -> Order:
    """The order of this name. Raises ValueError for any other."""
    match text:
        case "none" | "rising" | "falling":
            return text
    raise ValueError("An order is none, rising or falling.")


def case_of(
    groups: Sequence[Group],
    *,
    per: int,
    favourable: bool,
    order: Order = "none",
    reference: str | None = None,
    level: float = DEFAULT_LEVEL,
) -> Case | None:
    """The shown groups as a case for the measures, in their order; None with fewer than two.

    `per`: what a share is given per (100: "in 100"). Populations are the people, stays or person-time counted; standard
    errors are those of a share, a Poisson rate or a mean. `reference`: a group's key; an order needs none and takes none.
    """
    shown = [
        (group, group.observed)
        for group in groups
        if not group.missing and group.observed is not None and group.observed.size > 0
    ]
    if len(shown) < 2:
        return None
    ordered = order != "none"
    places = range(1, len(shown) + 1)
    codes = reversed(places) if order == "falling" else places
    return Case(
        name="",
        ordered=ordered,
        favourable=favourable,
        scale=float(_per(shown[0][1], per)),
        setting_average=math.nan,
        level=level,
        force=False,
        rows=tuple(
            Row(
                name=group.label,
                order=float(code) if ordered else math.nan,
                estimate=value,
                se=se,
                population=observed.size,
                reference=not ordered and group.key == reference,
            )
            for (group, observed), code in zip(shown, codes, strict=True)
            for value, se in (_estimate(observed, per),)
        ),
    )


def case_of_table(
    groups: Sequence[PastedGroup],
    *,
    scale: int,
    favourable: bool,
    ordered: bool,
    level: float = DEFAULT_LEVEL,
    force: bool = False,
) -> Case:
    """A pasted table as a case. Where events were pasted, they and the population give estimate and standard error."""
    return Case(
        name="",
        ordered=ordered,
        favourable=favourable,
        scale=float(scale),
        setting_average=math.nan,
        level=level,
        force=force,
        rows=tuple(_row(group, scale, ordered) for group in groups),
    )


def of_figure(figure: Figure, *, order: Order, reference: str | None, draws: int) -> dict[str, Result]:
    """All measures over the shown groups of a figure that make sense for it; none with fewer than two groups.

    Of an index there are none: it counts nobody who could be weighed. Averages have no measures that count people, metrics of which neither way is better none against the best group, and
    where one person may be in several groups there is no excess count.
    """
    case = case_of(
        figure.groups,
        per=figure.metric.per,
        favourable=figure.better == "higher",
        order=order,
        reference=reference,
    )
    if case is None or figure.way is None or figure.metric.kind == "index":
        return {}
    senseless: set[str] = set()
    if figure.metric.kind == "mean":
        senseless |= OF_A_SCALE
    if not figure.judged:
        senseless |= OF_A_BEST
    if not all(dimension.partition for dimension in figure.way.dimensions):
        senseless.add("EXCESS")
    found = measures_of(case, draws=draws)
    return {name: one for name, one in found.items() if name not in senseless}


def measures_of(case: Case, *, draws: int = 1_000, conventions: Conventions = DECIDED) -> dict[str, Result]:
    """All measures of one case by name, as `results.as_result` has them."""
    made = results_of([case], _no_file, draws=Draws(draws) if draws else None, conventions=conventions)
    results: dict[str, Result] = made[0]["results"]
    return results


def told(results: Mapping[str, Result], gettext: Translate = str) -> list[Told]:
    """The measures with their words."""
    return [
        Told(
            name=name,
            title=gettext(MEASURES[name].title),
            unit=gettext(MEASURES[name].unit),
            equal=MEASURES[name].equal,
            value=one["value"],
            se=one["se"],
            low=one["lower"],
            high=one["upper"],
            simulated=one["ci"] == "simulation",
            why=" ".join(gettext(one[key]) for key in ("error", "no_range", "note") if key in one),
        )
        for name, one in results.items()
    ]


def as_csv(told: Sequence[Told]) -> str:
    """One line a measure under a line of headings; a blank has no number, and the last column says why."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(
        ("measure", "title", "unit", "no_inequality", "value", "se", "lower", "upper", "range_by", "note")
    )
    for one in told:
        writer.writerow(_cells(one))
    return "\ufeff" + out.getvalue()


def _cells(one: Told) -> Iterator[Any]:
    yield from map(safe_text, (one.name, one.title, one.unit))
    yield one.equal
    yield from ("" if number is None else number for number in (one.value, one.se, one.low, one.high))
    yield "" if one.low is None else "draws" if one.simulated else "formula"
    yield safe_text(one.why)


def _row(group: PastedGroup, scale: int, ordered: bool) -> Row:
    estimate, se = group.estimate, group.se
    if math.isnan(estimate) and group.population > 0:
        share = group.events / group.population
        estimate = scale * share
        if math.isnan(se):
            se = scale * math.sqrt(share * (1 - share if share <= 1 else 1) / group.population)
    return Row(group.name, group.order, estimate, se, group.population, group.reference and not ordered)


def _per(observed: Observed, per: int) -> int:
    return observed.per if isinstance(observed, Rate) else per


def _estimate(observed: Observed, per: int) -> tuple[float, float]:
    """Value and standard error, in the unit shown."""
    match observed:
        case Proportion(numerator, denominator):
            share = numerator / denominator
            return per * share, per * math.sqrt(share * (1 - share) / denominator)
        case Rate(events, exposure, of):
            return of * events / float(exposure), of * math.sqrt(events) / float(exposure)
        case Score(value):
            return value, math.nan
        case Mean(total, squares, count):
            variance = sample_variance(total, squares, count)
            return float(total) / count, math.nan if variance is None else math.sqrt(variance / count)


def _no_file(name: str) -> str:
    raise ValueError("Groups are not read from files.")
