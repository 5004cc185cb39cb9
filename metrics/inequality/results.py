"""Results of cases, as a plain structure that JSON can hold.

    {"cases": [{"name": "Returns by race", "results": {"D": {"value": 1.7, "se": 0.4, "lower": 0.9, "upper": 2.5,
                "ci": "analytic", "se_scale": "value"}, ...}}, ...]}

null means "not given"; `error` says why there is no value, `no_range` why there is no range, `note` what to bear
in mind. The texts inf, -inf and nan stand for those floats: the formula has no finite number for these estimates.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from metrics.inequality.cases import BadCases, Case, PeopleCase
from metrics.inequality.catalogue import applicable
from metrics.inequality.conventions import DECIDED, Conventions
from metrics.inequality.excess import excess_of_subgroups
from metrics.inequality.layout import FloatArray
from metrics.inequality.measured import Measured, RangeBy
from metrics.inequality.measures import measure
from metrics.inequality.people import measure_people, people
from metrics.inequality.reasons import Reason
from metrics.inequality.simulation import Draws
from metrics.inequality.subgroups import Subgroups, subgroups

Result = dict[str, Any]


def results_of(
    cases: Sequence[Case | PeopleCase],
    read_file: Callable[[str], str],
    *,
    draws: Draws | None = None,
    conventions: Conventions = DECIDED,
) -> list[Result]:
    """The results of each case, in the order of the cases. `read_file` gives the text of a named CSV file.

    Cases of subgroups have `results` by measure, cases of people `results_by_design`. Raises BadCases when
    records of people cannot be used.
    """
    found: dict[str, Result] = {}
    for ordered in (True, False):
        alike = [case for case in cases if isinstance(case, Case) and case.ordered is ordered]
        if alike:
            found |= _results(alike, applicable(ordered=ordered), draws, conventions)
    for case in cases:
        if isinstance(case, PeopleCase):
            found[case.name] = _results_by_design(case, read_file(case.data_file), conventions)
    return [found[case.name] for case in cases]


def subgroups_of(cases: Sequence[Case]) -> Subgroups:
    """The cases as one input for the measures, a group for each."""
    rows = [row for case in cases for row in case.rows]
    return subgroups(
        np.cumsum([0, *(len(case.rows) for case in cases)]),
        [row.estimate for row in rows],
        se=[row.se for row in rows],
        population=[row.population for row in rows],
        order=[row.order for row in rows],
        reference=[row.reference for row in rows],
        favourable=[case.favourable for case in cases],
        ordered=[case.ordered for case in cases],
        scale=[case.scale for case in cases],
        setting_average=[case.setting_average for case in cases],
        level=[case.level for case in cases],
        force=[case.force for case in cases],
    )


def as_result(measured: Measured, group: int) -> Result:
    """One measure of one group."""
    refused, rangeless = Reason(measured.refused[group]), Reason(measured.rangeless[group])
    simulated = measured.range_by is RangeBy.SIMULATION
    no_range = bool(refused or rangeless)
    result: Result = {
        "value": None if refused else _number(measured.value[group]),
        "se": None if no_range or simulated else _number(measured.se[group]),
        "lower": None if no_range else _number(measured.lower[group]),
        "upper": None if no_range else _number(measured.upper[group]),
        "ci": measured.range_by.value,
    }
    if not simulated:
        result["se_scale"] = measured.se_scale.value
    for name, values in (("se_log", measured.log_se), ("draws_sd", measured.draws_sd)):
        if values is not None:
            result[name] = None if no_range else _number(values[group])
    for name, reason in (
        ("error", refused),
        ("no_range", rangeless),
        ("note", Reason(measured.caution[group])),
    ):
        if reason:
            result[name] = reason.sentence
    return result


def _results(
    cases: Sequence[Case], names: Sequence[str], draws: Draws | None, conventions: Conventions
) -> dict[str, Result]:
    what = subgroups_of(cases)
    measured = measure(what, names, draws=draws, conventions=conventions)
    counts = excess_of_subgroups(what)
    found = {}
    for group, case in enumerate(cases):
        results = {name: as_result(one, group) for name, one in measured.items()}
        rows = slice(int(what.layout.offsets[group]), int(what.layout.offsets[group + 1]))
        if results["EXCESS"]["value"] is not None:
            results["EXCESS"]["subgroups"] = _excess_by_name(case, counts[rows])
        found[case.name] = {"name": case.name, "results": results}
    return found


def _excess_by_name(case: Case, counts: FloatArray) -> list[Result]:
    return [
        {"name": row.name, "value": None if math.isnan(count) else _number(count)}
        for row, count in zip(case.rows, counts, strict=True)
    ]


def _results_by_design(case: PeopleCase, text: str, conventions: Conventions) -> Result:
    by_design = {}
    try:
        columns = _columns(case, text)
        for name in case.designs:
            who = people(columns["outcome"], columns["order"], **_design_columns(columns, name))
            measured = measure_people(who, level=case.level, conventions=conventions)
            by_design[name] = {key: as_result(one, 0) for key, one in measured.items()}
    except ValueError as error:
        raise BadCases([f'Case "{case.name}", {case.data_file}: {error}']) from error
    return {"name": case.name, "results_by_design": by_design}


def _design_columns(columns: dict[str, Any], name: str) -> dict[str, Any]:
    if name == "unweighted":
        return {}
    if name == "weighted":
        return {"weight": columns["weight"]}
    return {"weight": columns["weight"], "unit": columns["psu"], "stratum": columns["strata"]}


def _columns(case: PeopleCase, text: str) -> dict[str, Any]:
    """The columns that the designs need, by what they are for. Raises ValueError naming what is missing."""
    reader = csv.DictReader(io.StringIO(text))
    needed = {"outcome": case.outcome, "order": "subgroup_order"}
    if case.designs != ("unweighted",):
        needed["weight"] = "weight"
    if "survey" in case.designs:
        needed |= {"psu": "psu", "strata": "strata"}
    missing = sorted(set(needed.values()) - set(reader.fieldnames or ()))
    if missing:
        raise ValueError(f"There is no column {', '.join(missing)}.")
    rows = list(reader)
    labels = {name: [row[column] for row in rows] for name, column in needed.items()}
    numeric = {name: _numbers(needed[name], labels[name]) for name in labels.keys() - {"psu", "strata"}}
    return labels | numeric


def _numbers(column: str, texts: Sequence[str | None]) -> FloatArray:
    """Numbers of a column, NaN for cells that are empty or say NA."""
    try:
        return np.array([math.nan if text in (None, "", "NA") else float(text) for text in texts])
    except ValueError:
        raise ValueError(f"The column {column} holds something that is not a number.") from None


def _number(value: float) -> float | str:
    return float(value) if math.isfinite(value) else str(float(value))
