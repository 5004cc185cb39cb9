"""A figure as the ledger keeps it. Everything in a document follows from what is shown: a hidden count has no trace in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from equity.publication.ledger import Entry
from equity.publication.models import LedgerEntry
from equity.tenancy.models import Unit
from metrics.aims import Aim, Goal
from metrics.figures import Cell, Line, Vocabulary, in_amounts, line, parts_of
from metrics.models import Metric
from metrics.reading.periods import Period
from metrics.standing import comparability, meaning_at
from metrics.wording import period_label

DECIMALS = 4


class MadeOf(NamedTuple):
    """What an index was made of in a period: its parts by name, and how many times that, or a part, had changed, from 1."""

    composition: Mapping[str, Any]
    version: int


def entry(
    metric: Metric,
    unit: Unit,
    period: Period,
    stratum: str,
    cell: Cell,
    vocabulary: Vocabulary,
    institutions: Mapping[str, Any] | None = None,
    made_of: MadeOf | None = None,
    aim: Aim | None = None,
) -> Entry:
    """One row of the ledger. `stratum`: key, "" for everybody. The root of the units is the whole institution.

    `institutions`: of a sum over several, which it counts and how many took part then. `made_of`: of an index. `aim`: what the
    institution promised for this group when it published; only numbers that are shown have one.
    """
    return Entry(
        kind=LedgerEntry.Kind.OBSERVATION.value,
        key=f"{metric.code}|{unit.code}|{period.start}..{period.end}|{stratum}",
        metric=metric.code,
        period_start=period.start,
        period_end=period.end,
        document={
            "metric": _metric(metric, period, made_of),
            "unit": {
                "code": unit.code,
                "name": unit.name,
                "root": unit.parent_id is None,
                "parent": unit.parent.code if unit.parent else "",
            },
            "period": {
                "start": period.start.isoformat(),
                "end": period.end.isoformat(),
                "grain": period.grain.value,
                "label": period_label(period),
            },
            "dims": parts_of(stratum),
            "labels": _labels(stratum, vocabulary),
            **_numbers(line(metric, stratum, in_amounts(metric, cell), vocabulary)),
            **({"institutions": dict(institutions)} if institutions else {}),
            **({"target": _target(aim)} if aim and cell.shown else {}),
        },
    )


def _goal(goal: Goal) -> dict[str, Any]:
    """What is to be done about missing answers; of who answers for it only the role."""
    return {"at_most": goal.at_most, "by": goal.by.isoformat(), "role": goal.role}


def _target(aim: Aim) -> dict[str, Any]:
    return {"value": aim.value, "by": aim.by.isoformat()}


def _metric(metric: Metric, period: Period, made_of: MadeOf | None) -> dict[str, Any]:
    """The definition as it was when the period began, and whether others count the same."""
    told = ("code", "name", "level", "kind", "better", "purpose", "counts_people", "per")
    definition = {
        name: getattr(metric, name) for name in (*told, "numerator", "denominator", "source", "why")
    }
    then = {
        field: value
        for field, value in meaning_at(metric, period.start).items()
        if field not in {"exclusions", "composition"}
    }
    once = {"periods": metric.once_over_periods, "units": metric.once_over_units}
    return {
        **definition,
        **then,
        **({"version": made_of.version} if made_of else {}),
        "composition": made_of.composition if made_of else None,
        "counted_once": [over for over, is_once in once.items() if is_once],
        **comparability(metric),
    }


def _labels(stratum: str, vocabulary: Vocabulary) -> dict[str, Any]:
    labels = {}
    for code, chosen in parts_of(stratum).items():
        dimension = vocabulary[code]
        category = dimension.categories[chosen]
        labels[code] = {
            "dimension": dimension.name,
            "partition": dimension.partition,
            "category": category.label,
            "short": category.short,
            "missing": category.missing,
            "position": category.position,
            **({"goal": _goal(dimension.goal)} if dimension.goal else {}),
        }
    return labels


def _numbers(shown: Line) -> dict[str, Any]:
    cell, estimate = shown.cell, shown.estimate
    return {
        "status": cell.status,
        "numerator": cell.numerator if cell.shown else None,
        "denominator": cell.denominator,
        "rate": round(shown.value, DECIMALS) if shown.value is not None and _is_worked_out(cell) else None,
        "ci": None if estimate is None else [round(estimate.low, DECIMALS), round(estimate.high, DECIMALS)],
        "reliable": shown.observed.reliable if shown.observed is not None else None,
    }


def _is_worked_out(cell: Cell) -> bool:
    """Whether the number is more than its numerator, which stands there already."""
    return cell.denominator is not None or cell.score is not None
