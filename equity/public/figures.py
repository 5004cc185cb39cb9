"""What an institution published about one measure, as figures that every page draws alike. Pure: documents of the ledger in.

Everything here is worked out from published counts alone. A hidden cell has no number, so nothing that is drawn, compared or
said can depend on one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from metrics import published
from metrics.aims import Aim, Goal
from metrics.figures import Category, Cell, Dimension, Figure, Vocabulary, Way, assemble
from metrics.reading.periods import Period
from metrics.spans import period_of_days

Document = Mapping[str, Any]

COMPARED_FIRST = "proportion"
"""Shares lead a list of gaps: the differences of other kinds have units of their own."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What a measure is, as the ledger says it: a `metrics.figures.Definition`."""

    code: str
    name: str
    level: str
    kind: str
    better: str
    counts_people: bool
    per: int
    numerator: str
    denominator: str
    source: str
    why: str
    once_over_periods: bool = False
    once_over_units: bool = False
    composition: Document | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """One measure in one unit and one period, as one of its rows tells; `size` is how many that row counts."""

    metric: str
    unit_code: str
    unit_name: str
    root: bool
    period: Period
    label: str
    size: int
    version: int = 1
    parent: str | None = None
    """Code of the unit above; the first rows do not tell it."""

    def is_below(self, other: Scope) -> bool:
        """Whether its unit is directly below the other's; where that is not told, below the whole."""
        if self.parent is None:
            return other.root and not self.root
        return self.parent == other.unit_code

    @property
    def period_code(self) -> str:
        return f"{self.period.start}..{self.period.end}"

    @property
    def prefix(self) -> str:
        """How the keys of all its rows begin."""
        return f"{self.metric}|{self.unit_code}|{self.period_code}|"

    @property
    def days(self) -> int:
        return (self.period.end - self.period.start).days


def counted_in(document: Document) -> list[tuple[str, str]]:
    """Of a sum over institutions, the short name and the name of each that it counts; the first rows told no names."""
    told = document.get("institutions") or {"counted": []}
    return list(zip(told["counted"], told.get("names") or told["counted"], strict=True))


def measure_of(document: Document) -> Measure:
    """The measure of a row."""
    told = document["metric"]
    plain = ("code", "name", "level", "kind", "better", "counts_people", "per")
    once = set(told.get("counted_once", ()))
    values: dict[str, Any] = {
        **{name: told[name] for name in plain},
        **{name: str(told[name]) for name in ("numerator", "denominator", "source", "why")},
        "once_over_periods": "periods" in once,
        "once_over_units": "units" in once,
        "composition": told.get("composition"),
    }
    return Measure(**values)


def scope_of(
    metric: str,
    unit: Document,
    period: Document,
    numerator: int | None,
    denominator: int | None,
    version: int | None = None,
) -> Scope:
    """The scope of a row, from its parts."""
    return Scope(
        metric=metric,
        unit_code=str(unit["code"]),
        unit_name=str(unit["name"]),
        root=bool(unit.get("root")),
        period=period_of_days(f"{period['start']}..{period['end']}"),
        label=str(period["label"]),
        size=denominator or numerator or 0,
        version=version or 1,
        parent=unit.get("parent"),
    )


def usual_scope(scopes: Sequence[Scope]) -> Scope:
    """What to show first: the whole institution, else the unit with the most people counted; its period that ends last,
    of several the longest."""
    sizes: dict[str, int] = defaultdict(int)
    for scope in scopes:
        sizes[scope.unit_code] += scope.size
    roots = {scope.unit_code for scope in scopes if scope.root}
    unit = min(sizes, key=lambda code: (code not in roots, -sizes[code], code))
    return max(
        (scope for scope in scopes if scope.unit_code == unit),
        key=lambda scope: (scope.period.end, scope.days),
    )


def way_code_of(document: Document) -> str:
    """The code of the way to compare that a row is cut by; "" for everybody."""
    return "*".join(sorted(document["dims"]))


def key_of(document: Document) -> str:
    """The key of the group that a row is about."""
    return "&".join(f"{name}={document['dims'][name]}" for name in sorted(document["dims"]))


def cell_of(document: Document) -> Cell:
    """A row as a cell. Of what is hidden not even the denominator is shown to the public."""
    cell = published.cell_of(
        document["metric"]["kind"],
        document["status"],
        document["numerator"],
        document["denominator"],
        document["ci"],
        document["rate"],
        reliable=document["reliable"] is not False,
    )
    return shown_to_all(cell)


def shown_to_all(cell: Cell) -> Cell:
    """A published cell without the denominator of what is hidden."""
    return replace(cell, denominator=None) if cell.hidden else cell


def aims_of(documents: Iterable[Document]) -> dict[str, Aim]:
    """The targets that were published with these rows, by the key of their group."""
    return {
        key_of(document): Aim(float(target["value"]), date.fromisoformat(target["by"]))
        for document in documents
        if (target := document.get("target"))
    }


def vocabulary_of(documents: Iterable[Document]) -> dict[str, Dimension]:
    """The dimensions and groups that these rows name. Whether nobody is in two groups is told by newer rows; older ones
    leave it open, and then it is not taken to be so."""
    names: dict[str, str] = {}
    apart: dict[str, bool] = {}
    goals: dict[str, Goal] = {}
    groups: dict[str, dict[str, Category]] = defaultdict(dict)
    for document in documents:
        for code, told in document["labels"].items():
            category, label = document["dims"][code], str(told["category"])
            names[code] = str(told["dimension"])
            apart[code] = bool(told.get("partition"))
            if goal := told.get("goal"):
                by = date.fromisoformat(goal["by"])
                goals[code] = Goal(float(goal["at_most"]), by, role=str(goal["role"]))
            groups[code][category] = Category(
                category, label, str(told.get("short") or label), bool(told["missing"]), told["position"]
            )
    # By name: in which order the institution has its dimensions is not published.
    return {
        code: Dimension(code, name, 0, apart[code], groups[code], goals.get(code))
        for code, name in names.items()
    }


def ways_of(codes: Iterable[str], words: Vocabulary) -> list[Way]:
    """These ways to compare: single dimensions first, by name."""
    ways = [Way(tuple(words[part] for part in code.split("*"))) for code in set(codes) - {""}]
    return sorted(ways, key=lambda way: (len(way.dimensions), way.name))


def figure_of(documents: Iterable[Document], scope: Scope, way: Way | None, words: Vocabulary) -> Figure:
    """The groups of a way to compare, with everybody beside them. Rows cut by other dimensions are left out."""
    rows = list(documents)
    wanted = {"", way.code if way else ""}
    cells = {key_of(row): cell_of(row) for row in rows if way_code_of(row) in wanted}
    return assemble(measure_of(rows[0]), (scope.unit_code, scope.unit_name), scope.period, way, cells, words)


def width_order(figure: Figure) -> tuple[bool, bool, bool, bool, float]:
    """Sort key: figures with a gap first, clear gaps before others, those that can be good or bad first, shares before
    rates, the widest first."""
    if figure.gap is None or figure.difference is None:
        return (True, True, True, True, 0.0)
    return (
        False,
        not figure.gap.clear,
        not figure.judged,
        figure.metric.kind != COMPARED_FIRST,
        -abs(figure.difference.value),
    )
