"""Staged counts become observations: what is missing behind them first, then all of them in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from metrics.ingest.staging import CELLS, SERIES_OF_PLACES, Stage

STRATA = """
INSERT INTO metrics_stratum (id, organisation_id, key, by)
SELECT uuidv7(), %(organisation)s, key, by FROM (SELECT DISTINCT key, by FROM place) AS needed
ON CONFLICT (organisation_id, key) DO NOTHING
"""

PARTS_OF_STRATA = """
INSERT INTO metrics_stratumpart (id, organisation_id, stratum_id, category_id)
SELECT uuidv7(), %(organisation)s, stratum.id, category.id
  FROM (SELECT DISTINCT ON (key) * FROM place ORDER BY key) AS place
  JOIN metrics_stratum AS stratum
    ON stratum.organisation_id = %(organisation)s AND stratum.key = place.key,
       LATERAL (VALUES {pairs}) AS part (dimension, category)
  JOIN metrics_dimension AS dimension
    ON dimension.organisation_id = %(organisation)s AND dimension.code = part.dimension
  JOIN metrics_category AS category
    ON category.organisation_id = %(organisation)s AND category.dimension_id = dimension.id
   AND category.code = part.category
ON CONFLICT (organisation_id, stratum_id, category_id) DO NOTHING
"""

SERIES = """
INSERT INTO metrics_series (organisation_id, metric_id, unit_id, stratum_id)
SELECT %(organisation)s, place.metric_id, place.unit_id, stratum.id
  FROM place JOIN metrics_stratum AS stratum
    ON stratum.organisation_id = %(organisation)s AND stratum.key = place.key
ON CONFLICT (organisation_id, metric_id, unit_id, stratum_id) DO NOTHING
"""

OBSERVATIONS = f"""
WITH written AS (
  INSERT INTO metrics_observation AS observation
         (organisation_id, series_id, grain, start, "end", numerator, denominator, squares, blank, batch_id)
  SELECT %(organisation)s, cell.series_id, cell.grain, cell.start, cell."end", cell.numerator, cell.denominator,
         cell.squares, cell.blank, %(batch)s
    FROM ({CELLS}) AS cell
   ORDER BY cell.series_id, cell.grain, cell.start
  ON CONFLICT (organisation_id, series_id, grain, start) DO UPDATE
     SET "end" = excluded."end", numerator = excluded.numerator, denominator = excluded.denominator,
         squares = excluded.squares, blank = excluded.blank, batch_id = excluded.batch_id
   WHERE (observation."end", observation.numerator, observation.denominator, observation.squares, observation.blank)
         IS DISTINCT FROM
         (excluded."end", excluded.numerator, excluded.denominator, excluded.squares, excluded.blank)
  RETURNING old.series_id IS NULL AS is_new)
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM written
"""
"""In the order of the index, which is then built from left to right; a cell that says the same stays untouched."""


@dataclass(frozen=True)
class Written:
    """How many cells were not there before, say something else now, or said the same already."""

    new: int
    changed: int
    unchanged: int


def write(stage: Stage, batch_id: UUID) -> Written:
    """Write every staged cell as an observation of this batch. Run twice, the second changes nothing."""
    for statement in (STRATA, PARTS_OF_STRATA, SERIES, SERIES_OF_PLACES):
        stage.run(statement)
    ((new, changed),) = stage.rows_of(OBSERVATIONS, batch=batch_id)
    return Written(new, changed, stage.rows - new - changed)
