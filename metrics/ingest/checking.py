"""What applying a staged file would do, what in it deserves a second look, and what stands against applying it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from equity.errors import RuleBroken
from metrics.amounts import amount, scales
from metrics.ingest.staging import CELLS, DIFFERS, Stage

SHOWN = 50
"""Changes and disagreements that a person can look at; the totals count all of them."""

BESIDE_OBSERVATIONS = f"""
  FROM ({CELLS}) AS cell
  JOIN metrics_metric AS metric ON metric.organisation_id = %(organisation)s AND metric.id = cell.metric_id
  LEFT JOIN metrics_observation AS observation
    ON observation.organisation_id = %(organisation)s AND observation.series_id = cell.series_id
   AND observation.grain = cell.grain AND observation.start = cell.start
"""

SMALL = """
metric.counts_people
AND (cell.numerator BETWEEN 1 AND 10 OR cell.denominator BETWEEN 1 AND 10
     OR (metric.kind = 'proportion' AND cell.denominator - cell.numerator BETWEEN 1 AND 10))
"""
"""A count about 1 to 10 people: those it reached, those it did not, or all of them."""

TOTALS = f"""
SELECT count(*) FILTER (WHERE observation.series_id IS NULL),
       count(*) FILTER (WHERE observation.series_id IS NOT NULL AND {DIFFERS}),
       count(*) FILTER (WHERE {SMALL})
{BESIDE_OBSERVATIONS}
"""

CHANGES = f"""
SELECT cell.metric, cell.unit, cell.period, cell.key, metric.kind, metric.decimals,
       observation.numerator, observation.denominator, observation.blank,
       cell.numerator, cell.denominator, cell.blank
{BESIDE_OBSERVATIONS}
 WHERE observation.series_id IS NOT NULL AND {DIFFERS}
 ORDER BY cell.metric, cell.unit, cell.start, cell.key
 LIMIT {SHOWN}
"""

SMALL_ONES = f"""
SELECT cell.metric, cell.unit, cell.period, cell.key, metric.kind, metric.decimals, cell.numerator, cell.denominator
{BESIDE_OBSERVATIONS}
 WHERE {SMALL}
 ORDER BY cell.metric, cell.unit, cell.start, cell.key
 LIMIT {SHOWN}
"""

DISAGREEMENTS = f"""
WITH cell AS MATERIALIZED ({CELLS}),
part AS (
  SELECT metric_id, metric, unit, period, by, sum(numerator) AS numerator, sum(denominator) AS denominator
    FROM cell
   WHERE by <> '' AND NOT EXISTS (
     SELECT 1 FROM metrics_dimension AS dimension
      WHERE dimension.organisation_id = %(organisation)s AND NOT dimension.partition
        AND dimension.code = ANY (string_to_array(cell.by, '*')))
   GROUP BY metric_id, metric, unit, period, by
  HAVING bool_and(blank = ''))
SELECT part.metric, part.unit, part.period, part.by, metric.kind, metric.decimals,
       part.numerator::bigint, part.denominator::bigint, whole.numerator, whole.denominator, count(*) OVER ()
  FROM part
  JOIN metrics_metric AS metric
    ON metric.organisation_id = %(organisation)s AND metric.id = part.metric_id
  JOIN cell AS whole ON whole.by = '' AND whole.blank = ''
   AND whole.metric = part.metric AND whole.unit = part.unit AND whole.period = part.period
 WHERE (part.numerator, part.denominator) IS DISTINCT FROM (whole.numerator, whole.denominator)
 ORDER BY part.metric, part.unit, part.period, part.by
 LIMIT {SHOWN}
"""
"""Where each person is in exactly one group and every group is given, the groups add up to everybody."""

UNKNOWN_CODES = """
SELECT metric FROM place WHERE metric_id IS NULL
UNION SELECT unit FROM place WHERE unit_id IS NULL
UNION SELECT part.category FROM place, LATERAL (VALUES {pairs}) AS part (dimension, category)
 WHERE part.category <> '' AND NOT EXISTS (
   SELECT 1 FROM metrics_dimension AS dimension
     JOIN metrics_category AS category
       ON category.organisation_id = %(organisation)s AND category.dimension_id = dimension.id
    WHERE dimension.organisation_id = %(organisation)s AND dimension.code = part.dimension
      AND category.code = part.category)
"""

RETIRED = """
SELECT DISTINCT metric.name
  FROM place
  JOIN metrics_metric AS metric
    ON metric.organisation_id = %(organisation)s AND metric.id = place.metric_id AND metric.retired_on IS NOT NULL
 ORDER BY metric.name
"""
"""When the file was read they were in use: rows of others did not come so far."""

WRONG_GRAINS = """
SELECT DISTINCT metric.name
  FROM used
  JOIN span ON span.period = used.period
  JOIN metrics_metric AS metric
    ON metric.organisation_id = %(organisation)s AND metric.code = used.metric AND metric.frequency <> span.grain
   AND NOT (metric.once_over_periods AND metric.frequency > 0 AND span.grain > metric.frequency)
 ORDER BY metric.name
"""

TWICE_IN_A_BRANCH = """
WITH RECURSIVE above (unit_id, ancestor_id) AS (
  SELECT id, parent_id FROM tenancy_unit WHERE organisation_id = %(organisation)s AND parent_id IS NOT NULL
  UNION ALL
  SELECT above.unit_id, unit.parent_id FROM above JOIN tenancy_unit AS unit
    ON unit.organisation_id = %(organisation)s AND unit.id = above.ancestor_id AND unit.parent_id IS NOT NULL),
given AS (SELECT DISTINCT metric_id, unit_id FROM place),
counted AS (
  SELECT metric_id, unit_id FROM given
  UNION
  SELECT series.metric_id, series.unit_id FROM metrics_series AS series
   WHERE series.organisation_id = %(organisation)s AND series.metric_id IN (SELECT metric_id FROM given)
     AND (SELECT EXISTS (
           SELECT 1 FROM metrics_observation AS observation
            WHERE observation.organisation_id = %(organisation)s AND observation.series_id = series.id)))
SELECT metric.name, lower_unit.name, upper_unit.name
  FROM above
  JOIN counted AS lower ON lower.unit_id = above.unit_id
  JOIN counted AS upper ON upper.unit_id = above.ancestor_id AND upper.metric_id = lower.metric_id
  JOIN metrics_metric AS metric
    ON metric.organisation_id = %(organisation)s AND metric.id = lower.metric_id AND NOT metric.once_over_units
  JOIN tenancy_unit AS lower_unit
    ON lower_unit.organisation_id = %(organisation)s AND lower_unit.id = lower.unit_id
  JOIN tenancy_unit AS upper_unit
    ON upper_unit.organisation_id = %(organisation)s AND upper_unit.id = upper.unit_id
 ORDER BY metric.name, lower_unit.name, upper_unit.name
"""
"""A unit's figure is the sum of all below it: counts of a unit and of one above it would be added up twice.

Whether a series has counts is asked series by series (the inner SELECT keeps it from becoming a join): one look into the
index each, where a join would read every count of the institution.
"""


class ObstacleKind(StrEnum):
    """Why a file as a whole cannot be applied."""

    UNKNOWN_CODE = "unknown_code"
    RETIRED = "retired"
    WRONG_GRAIN = "wrong_grain"
    TWICE_IN_A_BRANCH = "twice_in_a_branch"


WORDS = {
    ObstacleKind.UNKNOWN_CODE: gettext_noop(
        "“%(code)s” was defined when the file was read, and is not now. Send the file again."
    ),
    ObstacleKind.RETIRED: gettext_noop(
        "“%(metric)s” was retired after the file was read. Send the file again: the rest of it is taken in."
    ),
    ObstacleKind.WRONG_GRAIN: gettext_noop(
        "“%(metric)s” is not counted for periods of this length any more. Send the file again."
    ),
    ObstacleKind.TWICE_IN_A_BRANCH: gettext_noop(
        "“%(metric)s” has counts for %(lower)s and for %(upper)s, which it is part of. Its people would be counted"
        " twice. Give counts for one of the two only."
    ),
}


@dataclass(frozen=True)
class Obstacle:
    """One reason, with the names that fill its sentence."""

    kind: str
    parts: dict[str, str]

    @property
    def words(self) -> str:
        """The sentence, in the language of whoever reads it."""
        return _(WORDS[ObstacleKind(self.kind)]) % self.parts


@dataclass(frozen=True)
class Checked:
    """What applying would do. `changes`, `disagreements` and `small_ones` are the first ones; the counts are of all cells.

    `small`: cells about 1 to 10 people, which nobody outside the institution will see.
    """

    cells: int
    new: int
    changed: int
    small: int
    disagreement_total: int
    changes: list[dict[str, Any]] = field(default_factory=list)
    disagreements: list[dict[str, Any]] = field(default_factory=list)
    small_ones: list[dict[str, Any]] = field(default_factory=list)

    @property
    def unchanged(self) -> int:
        """Cells that say what is there already."""
        return self.cells - self.new - self.changed


def check(stage: Stage) -> Checked:
    """Compare the staged file with what is there. Writes nothing."""
    ((new, changed, small),) = stage.rows_of(TOTALS)
    changes = stage.rows_of(CHANGES) if changed else []
    disagreements = stage.rows_of(DISAGREEMENTS)
    return Checked(
        cells=stage.rows,
        new=new,
        changed=changed,
        small=small,
        disagreement_total=disagreements[0][-1] if disagreements else 0,
        changes=[_change(*row) for row in changes],
        disagreements=[_disagreement(*row[:-1]) for row in disagreements],
        small_ones=[_small_one(*row) for row in (stage.rows_of(SMALL_ONES) if small else [])],
    )


def _change(
    metric: str, unit: str, period: str, key: str, kind: str, decimals: int, *numbers: Any
) -> dict[str, Any]:
    old, new = (_amounts(kind, decimals, *three) for three in (numbers[:3], numbers[3:]))
    return {"metric": metric, "unit": unit, "period": period, "key": key, "old": old, "new": new}


def _small_one(
    metric: str, unit: str, period: str, key: str, kind: str, decimals: int, *numbers: Any
) -> dict[str, Any]:
    told = _amounts(kind, decimals, *numbers)
    return {"metric": metric, "unit": unit, "period": period, "key": key, "numbers": told}


def _amounts(kind: str, decimals: int, numerator: Any, denominator: Any, *more: Any) -> list[Any]:
    """Stored numbers as they were written in the file."""
    of_numerator, of_denominator = scales(kind, decimals)
    return [amount(numerator, of_numerator), amount(denominator, of_denominator), *more]


def _disagreement(
    metric: str, unit: str, period: str, by: str, kind: str, decimals: int, *numbers: Any
) -> dict[str, Any]:
    parts, whole = (_amounts(kind, decimals, *two) for two in (numbers[:2], numbers[2:]))
    return {
        "metric": metric,
        "unit": unit,
        "period": period,
        "by": by,
        "parts": parts,
        "whole": whole,
    }


def obstacles(stage: Stage) -> list[Obstacle]:
    """Everything that stands against applying the staged file."""
    return [
        *(Obstacle(ObstacleKind.UNKNOWN_CODE, {"code": code}) for (code,) in stage.rows_of(UNKNOWN_CODES)),
        *(Obstacle(ObstacleKind.RETIRED, {"metric": name}) for (name,) in stage.rows_of(RETIRED)),
        *(Obstacle(ObstacleKind.WRONG_GRAIN, {"metric": name}) for (name,) in stage.rows_of(WRONG_GRAINS)),
        *(
            Obstacle(ObstacleKind.TWICE_IN_A_BRANCH, {"metric": metric, "lower": lower, "upper": upper})
            for metric, lower, upper in stage.rows_of(TWICE_IN_A_BRANCH)
        ),
    ]


def refuse_obstacles(stage: Stage) -> None:
    """Stop here, in words, when something stands against applying."""
    found = obstacles(stage)
    if found:
        raise RuleBroken(" ".join(obstacle.words for obstacle in found))
