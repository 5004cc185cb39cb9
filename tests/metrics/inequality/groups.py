"""Groups of subgroups for tests: the ones timed in the benchmark, and small ones by hand."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np

from metrics.inequality import Measured, Reason, Subgroups, measure, subgroups

GROUPS = Path(__file__).parent / "data" / "groups.csv"


def timed_groups(*, ordered: bool) -> Subgroups:
    """1,000 invented groups of four to eight subgroups, with order codes and a reference each."""
    with GROUPS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    def column(name: str) -> np.ndarray:
        return np.array([float(row[name]) for row in rows])

    group = column("group")
    starts = np.flatnonzero(np.diff(group, prepend=np.nan))
    return subgroups(
        [*starts, len(rows)],
        column("estimate"),
        se=column("se"),
        population=column("population"),
        order=column("subgroup_order"),
        reference=column("reference_subgroup") == 1,
        favourable=column("favourable_indicator")[starts] == 1,
        ordered=ordered,
        scale=column("indicator_scale")[starts],
    )


def one_group(estimate: list[float], **more: Any) -> Subgroups:
    """One group; adverse, unordered and in per cent unless said otherwise."""
    return subgroups([0, len(estimate)], estimate, **({"favourable": False} | more))


def ordered_group(estimate: list[float], **more: Any) -> Subgroups:
    """One group on an ordered dimension, the most disadvantaged first, 100 people each unless said otherwise."""
    given = {"order": range(1, len(estimate) + 1), "ordered": True, "population": 100.0} | more
    return one_group(estimate, **given)


def first_of(what: Subgroups, name: str, **more: Any) -> Measured:
    return measure(what, [name], **more)[name]


def value_of(what: Subgroups, name: str, **more: Any) -> float:
    return float(first_of(what, name, **more).value[0])


def refusal_of(what: Subgroups, name: str, **more: Any) -> Reason:
    return Reason(int(first_of(what, name, **more).refused[0]))
