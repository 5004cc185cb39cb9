"""What an institution published about one measure, made comparable. Pure: documents of the ledger in, plain values out.

A cell is one row of the ledger: one measure, unit, period and group. Everything here is worked out from published counts
alone. A hidden cell has no number, so nothing that is drawn, compared or said can depend on one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from metrics.stats import Estimate, Gap, Group, Observed, Proportion, Rate, gap

Document = Mapping[str, Any]

PUBLISHED = "published"
HIDDEN = "hidden"
COMPARABLE = frozenset({"proportion", "rate"})
"""Kinds whose gap follows from published counts. An average would need its sum of squares, which is not published."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One group's figure. `value` and `estimate` are in the unit shown to the reader (in 100, per 1,000)."""

    key: str
    label: str
    missing: bool
    order: tuple[Any, ...]
    status: str
    numerator: int | None
    denominator: int | None
    value: float | None
    observed: Observed | None
    estimate: Estimate | None
    reliable: bool

    @property
    def hidden(self) -> bool:
        return self.status == HIDDEN

    @property
    def shown(self) -> bool:
        return self.status == PUBLISHED


@dataclass(frozen=True, slots=True)
class Comparison:
    """The groups of one way to compare, in the community's order; what nobody wrote down comes last."""

    metric: Document
    cells: tuple[Cell, ...]
    overall: Cell | None
    gap: Gap | None

    @property
    def scale(self) -> int:
        """What a difference is multiplied by to be in the unit shown: a share of 1 becomes "in 100"."""
        return int(self.metric["per"]) if self.metric["kind"] == "proportion" else 1

    @property
    def difference(self) -> Estimate | None:
        return self.gap.difference.scaled(self.scale) if self.gap else None

    @property
    def hidden(self) -> int:
        """How many groups of people are hidden to protect privacy."""
        return sum(cell.hidden for cell in self.cells if not cell.missing)

    @property
    def not_recorded(self) -> int:
        """How many the records put in no group, of those that are published: for example "race not recorded"."""
        return sum(cell.denominator or 0 for cell in self.cells if cell.missing and cell.shown)

    @property
    def clear(self) -> bool:
        return self.gap is not None and self.gap.clear


@dataclass(frozen=True, slots=True)
class Scope:
    """One measure in one unit and one period, as one of its rows tells; `size` is how many that row counts."""

    metric: Document
    unit: Document
    period: Document
    size: int

    @property
    def unit_code(self) -> str:
        return str(self.unit["code"])

    @property
    def period_code(self) -> str:
        return f"{self.period['start']}..{self.period['end']}"

    @property
    def prefix(self) -> str:
        """How the keys of all its rows begin."""
        return f"{self.metric['code']}|{self.unit_code}|{self.period_code}|"

    @property
    def last_day(self) -> str:
        return str(self.period["end"])

    @property
    def days(self) -> int:
        return (date.fromisoformat(self.period["end"]) - date.fromisoformat(self.period["start"])).days


def scope_of(document: Document) -> Scope:
    """The scope of a row."""
    size = document["denominator"] or document["numerator"] or 0
    return Scope(document["metric"], document["unit"], document["period"], size)


def usual_scope(scopes: Sequence[Scope]) -> Scope:
    """What to show first: the whole institution, else the unit with the most people counted; its period that ends last,
    of several the longest."""
    sizes: dict[str, int] = {}
    for scope in scopes:
        sizes[scope.unit_code] = sizes.get(scope.unit_code, 0) + scope.size
    roots = {scope.unit_code for scope in scopes if scope.unit.get("root")}
    unit = min(sizes, key=lambda code: (code not in roots, -sizes[code], code))
    return max(
        (scope for scope in scopes if scope.unit_code == unit), key=lambda scope: (scope.last_day, scope.days)
    )


def one_of_each_scope(keys: Iterable[str]) -> list[str]:
    """Of the rows' keys one for each measure, unit and period: everybody's where there is one, else the first."""
    chosen: dict[str, str] = {}
    for key in sorted(keys):
        chosen.setdefault(key.rpartition("|")[0], key)
    return list(chosen.values())


def dimensions_of(document: Document) -> tuple[str, ...]:
    """The codes of the dimensions that a row is cut by, sorted: () for everybody."""
    return tuple(sorted(document["dims"]))


def dimension_names(document: Document) -> list[str]:
    """The names of these dimensions, in the same order: ["Race and ethnicity"]."""
    return [str(document["labels"][code]["dimension"]) for code in dimensions_of(document)]


def cell_of(document: Document) -> Cell:
    """One row of the ledger as a cell. Of a row that is not published no number is taken, whatever it carries."""
    dimensions = dimensions_of(document)
    labels = [document["labels"][code] for code in dimensions]
    published = document["status"] == PUBLISHED and document["numerator"] is not None
    observed = _observed(document) if published else None
    return Cell(
        key="&".join(f"{code}={document['dims'][code]}" for code in dimensions),
        label=", ".join(str(label["category"]) for label in labels),
        missing=any(label["missing"] for label in labels),
        order=tuple((label["missing"], label["position"], label["category"]) for label in labels),
        status=document["status"],
        numerator=document["numerator"] if published else None,
        denominator=document["denominator"] if published else None,
        value=_value(document) if published else None,
        observed=observed,
        estimate=_estimate(document, observed) if published else None,
        reliable=bool(published and document["reliable"] is not False),
    )


def compare(documents: Iterable[Document], by: tuple[str, ...], metric: Document) -> Comparison:
    """The groups of the dimensions `by`, with everybody beside them, and the gap among the groups that are shown.

    Rows cut by other dimensions are left out. The gap is None when fewer than two groups are shown, or when the
    measure's kind has no gap that follows from counts.
    """
    cells, overall = [], None
    for document in documents:
        dimensions = dimensions_of(document)
        if not dimensions:
            overall = cell_of(document)
        elif dimensions == by:
            cells.append(cell_of(document))
    ordered = tuple(sorted(cells, key=lambda cell: (cell.missing, cell.order)))
    return Comparison(metric, ordered, overall, _gap(ordered, metric))


def width_order(comparison: Comparison) -> tuple[bool, bool, bool, float]:
    """Sort key: comparisons with a gap first, clear gaps before others, shares before rates, the widest first."""
    if comparison.gap is None:
        return (True, True, True, 0.0)
    return (
        False,
        not comparison.gap.clear,
        comparison.metric["kind"] != "proportion",
        -abs(comparison.gap.difference.value),
    )


def _observed(document: Document) -> Observed | None:
    """The counts as a statistic of people. A measure of money or meetings is a full count: chance has no part in it."""
    metric = document["metric"]
    if not metric["counts_people"] or document["denominator"] is None:
        return None
    if metric["kind"] == "proportion":
        return Proportion(document["numerator"], document["denominator"])
    if metric["kind"] == "rate":
        return Rate(document["numerator"], document["denominator"], metric["per"])
    return None


def _value(document: Document) -> float | None:
    """The number to show: from the counts, or the count itself where there is nothing to divide by."""
    numerator, denominator, metric = document["numerator"], document["denominator"], document["metric"]
    if metric["kind"] in ("count", "index") or denominator is None:
        return float(numerator)
    per = 1 if metric["kind"] == "mean" else metric["per"]
    return float(numerator * per / denominator) if denominator else None


def _estimate(document: Document, observed: Observed | None) -> Estimate | None:
    """With its likely range: from the counts; for an average, which counts do not settle, the published range."""
    if isinstance(observed, Proportion):
        estimate = observed.estimate()
        return estimate.scaled(document["metric"]["per"]) if estimate else None
    if observed is not None:
        return observed.estimate()
    metric = document["metric"]
    if metric["kind"] in COMPARABLE or not metric["counts_people"] or document["ci"] is None:
        return None
    return Estimate(document["rate"], *document["ci"])


def _gap(cells: Sequence[Cell], metric: Document) -> Gap | None:
    if metric["kind"] not in COMPARABLE:
        return None
    groups = [
        Group(cell.key, cell.label, cell.observed, cell.missing)
        for cell in cells
        if cell.hidden or cell.observed is not None
    ]
    return gap(groups, better="lower" if metric["better"] == "lower" else "higher")
