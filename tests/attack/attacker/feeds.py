"""The API's JSON and the CSV files, row by row: each row says which release it came with."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.attack.attacker.told import Figure, Group, Place

WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Row:
    """A figure, the release that it came with, and what else its row tells about codes, words and time."""

    seq: int
    figure: Figure
    institution: str
    metric: Mapping[str, Any]
    unit: Mapping[str, Any]
    period: Mapping[str, Any]
    labels: Mapping[str, str]
    counted: tuple[str, ...] = ()
    """Of a sum over institutions, those that it counts."""


def json_rows(body: Mapping[str, Any]) -> Iterator[Row]:
    """The rows of one page of the API."""
    for row in body["data"]:
        yield Row(
            seq=row["seq"],
            figure=Figure(place_of(row["key"]), row["status"], row["numerator"], row["denominator"]),
            institution=row["institution"]["slug"],
            metric=row["metric"],
            unit=row["unit"] or {},
            period=row["period"],
            labels=row["labels"],
            counted=tuple((row.get("institutions") or {}).get("counted", ())),
        )


def csv_rows(text: str) -> Iterator[Row]:
    """The rows of a downloaded table: the same, flat."""
    for row in csv.DictReader(io.StringIO(text)):
        metric = {name: row[f"metric_{name}"] or None for name in ("code", "name", "kind", "better")}
        yield Row(
            seq=int(row["seq"]),
            figure=Figure(
                place_of(row["key"]), row["status"], _count(row["numerator"]), _count(row["denominator"])
            ),
            institution=row["institution_slug"],
            metric={**metric, "per": _count(row["per"])},
            unit={"code": row["unit_code"], "name": row["unit_name"], "root": row["unit_root"] == "true"},
            period={name: row[f"period_{name}"] or None for name in ("start", "end", "grain")},
            labels={},
            counted=tuple(one for one in row.get("institutions_counted", "").split(", ") if one),
        )


def _count(text: str) -> int | None:
    return int(text) if text else None


def place_of(key: str) -> Place:
    """`riverside|seen|east|2024-01-01..2024-03-31|lang=en&race=a` → where the count stands."""
    institution, metric, unit, period, group = key.split("|")
    return Place(f"{institution}/{metric}", unit, period, group_of(group))


def group_of(stratum: str) -> Group:
    """`lang=en&race=a` → its pairs."""
    return frozenset(
        (name, category) for name, _, category in (one.partition("=") for one in stratum.split("&")) if name
    )
