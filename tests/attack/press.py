"""A press without judgment: it publishes whatever it is given, in the forms that the product publishes in. For planted leaks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.attack.attacker import Attack, Finding, Material

Counts = Mapping[str, tuple[int, int]]
"""`unit|period|stratum` → numerator and denominator."""

NAMES = {
    "all": "Riverside Health",
    "east": "East Hospital",
    "west": "West Hospital",
    "north": "North Hospital",
}
DAYS = {
    "Q1": ("01-01", "03-31"),
    "Q2": ("04-01", "06-30"),
    "Q3": ("07-01", "09-30"),
    "Q4": ("10-01", "12-31"),
}
METRIC = {
    "code": "seen", "name": "Seen in time", "kind": "proportion", "better": "higher", "per": 100,
    "numerator": "Those seen in time", "denominator": "Everybody who came",
}  # fmt: skip


def days(period: str) -> tuple[str, str, str]:
    """`2025` or `2025-Q1` → first day, last day, grain."""
    year, _, quarter = period.partition("-")
    first, last = DAYS[quarter] if quarter else ("01-01", "12-31")
    return f"{year}-{first}", f"{year}-{last}", "quarter" if quarter else "year"


@dataclass
class Press:
    """Releases in order; `walk` is what the API gives to whoever begins at the beginning."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    seq: int = 0
    institution: str = "riverside"
    counted: tuple[str, ...] = ()
    """The institutions that the next rows are sums of."""

    def release(
        self,
        counts: Counts,
        *,
        hide: Iterable[str] = (),
        keep_denominator: Iterable[str] = (),
        metric: Mapping[str, Any] = METRIC,
    ) -> None:
        """Publish counts, some of them hidden; a hidden one of `keep_denominator` still tells its denominator."""
        self.seq += 1
        hidden, kept = set(hide), set(keep_denominator)
        for key, (numerator, denominator) in counts.items():
            shown = key not in hidden
            self._row(
                key,
                metric,
                status="published" if shown else "hidden",
                numerator=numerator if shown else None,
                denominator=denominator if shown or key in kept else None,
            )

    def withdraw(self, keys: Iterable[str]) -> None:
        """Tombstones; whoever pulled before keeps what was pulled."""
        self.seq += 1
        for key in keys:
            self._row(key, METRIC, op="delete", status="withdrawn", numerator=None, denominator=None)

    def walk(self, *, after: int = 0) -> str:
        """What the API gives after a release."""
        data = [row for row in self.rows if row["seq"] > after]
        return json.dumps({"data": data, "next": None, "as_of_seq": self.seq})

    def material(self) -> Material:
        """What a reader of the API knows."""
        material = Material()
        material.json(self.walk())
        return material

    def _row(self, key: str, metric: Mapping[str, Any], **more: Any) -> None:
        unit, period, stratum = key.split("|")
        start, end, grain = days(period)
        dims = dict(part.split("=") for part in stratum.split("&") if part)
        self.rows.append(
            {
                "seq": self.seq,
                "op": "upsert",
                "key": f"{self.institution}|{metric['code']}|{unit}|{start}..{end}|{stratum}",
                "institution": {"slug": self.institution},
                "metric": dict(metric),
                "unit": {"code": unit, "name": NAMES.get(unit, unit), "root": unit == "all"},
                "period": {"start": start, "end": end, "grain": grain, "label": period},
                "dims": dims,
                "institutions": {"counted": list(self.counted)} if self.counted else None,
                "labels": {name: category.upper() for name, category in dims.items()},
                **more,
            }
        )


def added(*tables: Counts) -> dict[str, tuple[int, int]]:
    """Counts of the same keys, added up."""
    total: dict[str, tuple[int, int]] = {}
    for table in tables:
        for key, (k, n) in table.items():
            before = total.get(key, (0, 0))
            total[key] = before[0] + k, before[1] + n
    return total


def at(unit: str, period: str, **groups: tuple[int, int]) -> dict[str, tuple[int, int]]:
    """Counts of one unit and period by race, with everybody."""
    table = {f"{unit}|{period}|race={name}": count for name, count in groups.items()}
    table[f"{unit}|{period}|"] = sum(k for k, _ in groups.values()), sum(n for _, n in groups.values())
    return table


def moved(counts: Counts, *, unit: str = "", period: str = "") -> dict[str, tuple[int, int]]:
    """The same counts under the name of another unit or period."""
    found = {}
    for key, count in counts.items():
        old_unit, old_period, stratum = key.split("|")
        found[f"{unit or old_unit}|{period or old_period}|{stratum}"] = count
    return found


def attacked(material: Material) -> list[Finding]:
    """What the attacker finds."""
    return Attack(material).findings()
