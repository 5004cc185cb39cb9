"""Adding up: unit → institution, month → quarter → year, set by set, one institution at a time.

A unit's figure is the sum of the observations of itself and of every unit below it; a fact is observed at one unit only.
Numerators and denominators are added, rates never. A sum is of what is there: whether that is the whole of a period,
`completeness` says. The sums go to a temporary table, are analyzed, and then replace the roll-ups: what is new is inserted,
what differs updated, what no observation stands behind any more removed. Run twice, the second changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connections

from equity.tenancy.acting import current

LOCK = "SELECT pg_advisory_xact_lock(hashtext('metrics_rollup'), %(organisation)s::int)"
"""Two roll-ups of one institution follow one another; they would else wait on each other's rows in any order."""

ANCESTORS = """
ancestors AS (
  WITH RECURSIVE up (unit_id, ancestor_id) AS (
    SELECT id, id FROM tenancy_unit WHERE organisation_id = %(organisation)s
    UNION ALL
    SELECT up.unit_id, unit.parent_id FROM up JOIN tenancy_unit AS unit
      ON unit.organisation_id = %(organisation)s AND unit.id = up.ancestor_id AND unit.parent_id IS NOT NULL)
  SELECT unit_id, ancestor_id FROM up)
"""

MISSING_SERIES = f"""
WITH {ANCESTORS}
INSERT INTO metrics_series (organisation_id, metric_id, unit_id, stratum_id)
SELECT DISTINCT series.organisation_id, series.metric_id, ancestors.ancestor_id, series.stratum_id
  FROM metrics_series AS series JOIN ancestors ON ancestors.unit_id = series.unit_id
 WHERE series.organisation_id = %(organisation)s
ON CONFLICT (organisation_id, metric_id, unit_id, stratum_id) DO NOTHING
"""

UP_THE_UNITS = f"""
CREATE TEMPORARY TABLE summed ON COMMIT DROP AS
WITH {ANCESTORS},
destination AS MATERIALIZED (
  SELECT source.id AS source_id, target.id AS target_id
    FROM metrics_series AS source
    JOIN ancestors ON ancestors.unit_id = source.unit_id
    JOIN metrics_series AS target
      ON target.organisation_id = %(organisation)s AND target.metric_id = source.metric_id
     AND target.unit_id = ancestors.ancestor_id AND target.stratum_id = source.stratum_id
   WHERE source.organisation_id = %(organisation)s)
SELECT destination.target_id AS series_id, observation.grain, observation.start, observation."end",
       sum(observation.numerator)::bigint AS numerator, sum(observation.denominator)::bigint AS denominator,
       sum(observation.squares) AS squares
  FROM metrics_observation AS observation
  JOIN destination ON destination.source_id = observation.series_id
 WHERE observation.organisation_id = %(organisation)s AND observation.blank = ''
 GROUP BY destination.target_id, observation.grain, observation.start, observation."end"
"""

UP_THE_PERIODS = """
INSERT INTO summed (series_id, grain, start, "end", numerator, denominator, squares)
SELECT series_id, longer.grain, longer.start::date, (longer.start + longer.lasts - interval '1 day')::date,
       sum(numerator)::bigint, sum(denominator)::bigint, sum(squares)
  FROM summed,
       LATERAL (VALUES (3, date_trunc('quarter', summed.start), interval '3 months'),
                       (12, date_trunc('year', summed.start), interval '1 year')) AS longer (grain, start, lasts)
 WHERE summed.grain > 0 AND longer.grain > summed.grain
 GROUP BY series_id, longer.grain, longer.start, longer.lasts
"""

WRITE = """
INSERT INTO metrics_rollup AS rollup
       (organisation_id, series_id, grain, start, "end", numerator, denominator, squares)
SELECT %(organisation)s, series_id, grain, start, "end", numerator, denominator, squares FROM summed
ON CONFLICT (organisation_id, series_id, grain, start) DO UPDATE
   SET numerator = excluded.numerator, denominator = excluded.denominator, squares = excluded.squares,
       "end" = excluded."end"
 WHERE (rollup.numerator, rollup.denominator, rollup.squares, rollup."end")
       IS DISTINCT FROM (excluded.numerator, excluded.denominator, excluded.squares, excluded."end")
"""

REMOVE = """
DELETE FROM metrics_rollup AS rollup
 WHERE rollup.organisation_id = %(organisation)s
   AND NOT EXISTS (SELECT 1 FROM summed WHERE summed.series_id = rollup.series_id
                      AND summed.grain = rollup.grain AND summed.start = rollup.start)
"""

IN_SETS = (
    "SET LOCAL work_mem = '128MB'",
    # Series made in the same transaction have no statistics yet: PostgreSQL would loop over them row by row.
    "SET LOCAL enable_nestloop = off",
)
STEPS = (*IN_SETS, MISSING_SERIES, UP_THE_UNITS, UP_THE_PERIODS, "ANALYZE summed", WRITE)


@dataclass(frozen=True)
class RolledUp:
    """How many rows a roll-up wrote and removed; both 0 when nothing had changed."""

    written: int
    removed: int


def roll_up(organisation_id: int) -> RolledUp:
    """Rewrite the roll-ups of one institution. Runs as the worker persona, inside its transaction."""
    given = {"organisation": organisation_id}
    with connections[current().alias].cursor() as cursor:
        cursor.execute(LOCK, given)
        for step in STEPS:
            cursor.execute(step, given)
        written = cursor.rowcount
        cursor.execute(REMOVE, given)
        removed = cursor.rowcount
        cursor.execute("DROP TABLE summed")
    return RolledUp(written, removed)
