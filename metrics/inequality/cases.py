"""Cases for the measures, read from JSON: what is asked, checked field by field, with words for what is wrong.

    {"cases": [{"name": "Returns by race", "dimension_ordered": false, "favourable": false,
                "indicator_scale": 100,
                "subgroups": [{"name": "A", "estimate": 11.2, "se": 0.4, "population": 5120}, ...]}, ...]}

A case of `"kind": "individual"` names a CSV file of records instead of subgroups. Fields that are not known here
are passed over.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from metrics.inequality.fields import Fields
from metrics.stats.estimate import DEFAULT_LEVEL

MOST_PROBLEMS = 20

DESIGNS = ("survey", "weighted", "unweighted")


class BadCases(ValueError):
    """The file cannot be used; `problems` says why, one sentence for each fault."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        shown = self.problems[:MOST_PROBLEMS]
        if len(self.problems) > MOST_PROBLEMS:
            shown.append(f"... and {len(self.problems) - MOST_PROBLEMS} more.")
        super().__init__("\n".join(shown))


@dataclass(frozen=True, slots=True)
class Row:
    """One subgroup. Numbers that are not known are NaN."""

    name: str
    order: float
    estimate: float
    se: float
    population: float
    reference: bool


@dataclass(frozen=True, slots=True)
class Case:
    """One group of subgroups, see `subgroups.subgroups` for the fields."""

    name: str
    ordered: bool
    favourable: bool
    scale: float
    setting_average: float
    level: float
    force: bool
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class PeopleCase:
    """Records of people in a CSV file beside the cases: the outcome's column, and the designs to measure by."""

    name: str
    data_file: str
    outcome: str
    level: float
    designs: tuple[str, ...]


def read_cases(text: str) -> list[Case | PeopleCase]:
    """The cases of a JSON text. Raises BadCases."""
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadCases(
            [f"This is not JSON: {error.msg} in line {error.lineno}, column {error.colno}."]
        ) from error
    if not isinstance(content, dict):
        raise BadCases(['The file must hold an object with a list "cases".'])
    problems: list[str] = []
    cases = [_case(fields) for fields in Fields(content, "The file", problems).each("cases", "case")]
    problems += _repeated([case.name for case in cases])
    if problems:
        raise BadCases(problems)
    return cases


def _case(fields: Fields) -> Case | PeopleCase:
    name = fields.text("name")
    if name:
        fields = replace(fields, where=f'Case "{name}"')
    kind = fields.choice("kind", ("aggregate", "individual"), default="aggregate")
    level = fields.number("conf_level", default=DEFAULT_LEVEL)
    if not 0 < level < 1:
        fields.fault("conf_level", "must lie between 0 and 1, for example 0.95")
    return _people(fields, name, level) if kind == "individual" else _aggregate(fields, name, level)


def _aggregate(fields: Fields, name: str, level: float) -> Case:
    passed = fields.flag("setting_average_passed", default=True)
    average = fields.number("setting_average", default=math.nan)
    scale = fields.number("indicator_scale")
    if scale == 0:
        fields.fault("indicator_scale", "must be above 0: 1, 100, 1000 or 100000")
    rows = tuple(_row(one) for one in fields.each("subgroups", "subgroup"))
    if sum(row.reference for row in rows) > 1:
        fields.fault("subgroups", "can have one reference only")
    return Case(
        name=name,
        ordered=fields.flag("dimension_ordered"),
        favourable=fields.flag("favourable"),
        scale=scale,
        setting_average=average if passed else math.nan,
        level=level,
        force=fields.flag("force", default=False),
        rows=rows,
    )


def _row(fields: Fields) -> Row:
    return Row(
        name=fields.text("name", default=fields.where),
        order=fields.number("order", default=math.nan, least=-math.inf),
        estimate=fields.number("estimate", default=math.nan),
        se=fields.number("se", default=math.nan),
        population=fields.number("population", default=math.nan),
        reference=fields.flag("reference", default=False),
    )


def _people(fields: Fields, name: str, level: float) -> PeopleCase:
    file = fields.text("data_file")
    if PurePath(file).name != file:
        fields.fault("data_file", "must be the name of a file beside the cases")
    return PeopleCase(
        name=name,
        data_file=file,
        outcome=fields.text("outcome"),
        level=level,
        designs=fields.choices("designs", DESIGNS),
    )


def _repeated(names: list[str]) -> list[str]:
    return [
        f'Two cases are named "{name}".' for name in sorted({one for one in names if names.count(one) > 1})
    ]
