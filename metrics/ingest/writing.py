"""Staged counts become observations: first what is missing behind them, then those that say something else, then new ones."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from metrics.ingest.staging import CELLS, DIFFERS, SERIES_OF_PLACES, Stage

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

THERE = """
SELECT there.*
  FROM (SELECT DISTINCT series_id FROM place) AS series,
       LATERAL (
         SELECT * FROM metrics_observation
          WHERE organisation_id = %(organisation)s AND series_id = series.series_id
            AND start BETWEEN (SELECT min(start) FROM span) AND (SELECT max(start) FROM span)
         OFFSET 0) AS there
"""
"""What stands in the database for the time of the file: for a new month, nothing.

Looked up in the index series by series (OFFSET 0 keeps it from becoming a join), so that many years of other counts, or
other institutions, cost no time.
"""

CELLS_BESIDE_THERE = f"""
INSERT INTO metrics_observation
       (organisation_id, series_id, grain, start, "end", numerator, denominator, squares, blank, batch_id)
SELECT %(organisation)s, cell.series_id, cell.grain, cell.start, cell."end", cell.numerator, cell.denominator,
       cell.squares, cell.blank, %(batch)s
  FROM ({CELLS}) AS cell
  LEFT JOIN ({THERE}) AS observation
    ON observation.series_id = cell.series_id AND observation.grain = cell.grain AND observation.start = cell.start
"""

IN_ORDER = "ORDER BY (cell.series_id << 22) + (cell.start - DATE '0001-01-01')"
"""The order of the index, which is then built from left to right: by series and day (one series has one grain). As a
single number, because it sorts more than twice as fast; 22 bits hold every day until the year 9999."""

CHANGED = f"""
WITH changed AS (
{CELLS_BESIDE_THERE}
 WHERE observation.series_id IS NOT NULL AND {DIFFERS}
{IN_ORDER}
ON CONFLICT (organisation_id, series_id, grain, start) DO UPDATE
   SET "end" = excluded."end", numerator = excluded.numerator, denominator = excluded.denominator,
       squares = excluded.squares, blank = excluded.blank, batch_id = excluded.batch_id
RETURNING old.*)
INSERT INTO metrics_before
       (organisation_id, batch_id, series_id, grain, start, was_there, "end", numerator, denominator, squares, blank,
        batch_before)
SELECT organisation_id, %(batch)s, series_id, grain, start, true, "end", numerator, denominator, squares, blank, batch_id
  FROM changed
"""
"""A cell that says the same stays untouched. What a changed one said before is kept, so that the file can be undone."""

NEW = f"""
{CELLS_BESIDE_THERE}
 WHERE observation.series_id IS NULL
{IN_ORDER}
"""
"""Without ON CONFLICT, which would write each row provisionally and then confirm it: half as long again. Files of one
institution follow one another, so nothing can come in between; if anything did, the key would refuse it."""


@dataclass(frozen=True)
class Written:
    """How many cells were not there before, say something else now, or said the same already."""

    new: int
    changed: int
    unchanged: int


def write(stage: Stage, batch_id: UUID) -> Written:
    """Write every staged cell as an observation of this batch. Run twice, the second changes nothing."""
    for statement in (STRATA, PARTS_OF_STRATA, SERIES, SERIES_OF_PLACES, "ANALYZE place"):
        stage.run(statement)
    changed = stage.run(CHANGED, batch=batch_id)
    new = stage.run(NEW, batch=batch_id)
    return Written(new, changed, stage.rows - new - changed)
