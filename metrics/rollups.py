"""Adding up: unit → institution, month → quarter → year and the twelve months that end with each, one institution at a time.

A unit's figure is the sum of the observations of itself and of every unit below it; a fact is observed at one unit only,
in periods of the length that its metric says. Numerators, denominators and squares are added, rates never. A sum is of what
is there: whether that is the whole of a period, `completeness` says. Twelve months that are not a calendar year are added
up only when all of them are there.

A metric that counts a person once over periods has no sum of periods: its quarters and years are observed like its months,
and stand as they were observed. One that counts a person once over units has no sum of units in the same way.

`roll_up` recomputes what was written since: PostgreSQL notes each observation that a statement wrote (`metrics_touched`), and
from there it is the units above × the periods around it, found by index, however large the rest is. `roll_up_again` does
the whole institution from nothing; it is for repair. Run twice, the second changes nothing, after either.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections

from equity.tenancy.acting import current
from metrics.models import Grain

LOCK = "SELECT pg_advisory_xact_lock(hashtext('metrics_rollup'), %(organisation)s::int)"
"""Two roll-ups of one institution follow one another; they would else wait on each other's rows in any order."""

MANY = 10_000
"""From so many touched observations on, nothing is looked up one by one any more."""

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
  FROM metrics_series AS series
  JOIN metrics_metric AS metric
    ON metric.organisation_id = series.organisation_id AND metric.id = series.metric_id AND NOT metric.once_over_units
  JOIN ancestors ON ancestors.unit_id = series.unit_id
 WHERE series.organisation_id = %(organisation)s {{among}}
ON CONFLICT (organisation_id, metric_id, unit_id, stratum_id) DO NOTHING
"""

SERIES_OF = """
   CROSS JOIN LATERAL (
         SELECT id FROM metrics_series
          WHERE organisation_id = %(organisation)s AND metric_id = {place}.metric_id
            AND unit_id = {place}.{unit} AND stratum_id = {place}.stratum_id
         OFFSET 0) AS {name}
"""
"""The series of each place, looked up by its key (OFFSET 0 keeps it from becoming a join).

Of series that this very transaction has made the planner knows nothing. It takes them for a handful, and would hold those
of every unit against those of every other: with 3,000 units a quarter of an hour, where looking up takes a second.
"""

DESTINATIONS = f"""
{ANCESTORS},
above AS MATERIALIZED (
  SELECT source.id AS source_id, source.metric_id, source.stratum_id, ancestors.ancestor_id, observed.grain
    FROM metrics_series AS source
    JOIN metrics_metric AS metric
      ON metric.organisation_id = source.organisation_id AND metric.id = source.metric_id
    JOIN (VALUES (0), (1), (3), (12)) AS observed (grain) ON observed.grain = metric.frequency
      OR (metric.once_over_periods AND metric.frequency > 0 AND observed.grain > metric.frequency)
    JOIN ancestors ON ancestors.unit_id = source.unit_id
     AND (NOT metric.once_over_units OR ancestors.ancestor_id = ancestors.unit_id)
   WHERE source.organisation_id = %(organisation)s {{among}}),
destination AS MATERIALIZED (
  SELECT above.source_id, target.id AS target_id, above.grain
    FROM above {SERIES_OF.format(place="above", unit="ancestor_id", name="target")})
"""
"""From each series with observations to all that they are counted in."""

COLUMNS = "series_id bigint, grain smallint, start date"
NUMBERS = 'numerator bigint, denominator bigint, squares numeric, "end" date'

SUMMED = f"CREATE TEMPORARY TABLE summed ({COLUMNS}, {NUMBERS}) ON COMMIT DROP"
INTO_SUMMED = 'INSERT INTO summed (series_id, grain, start, "end", numerator, denominator, squares)'
SUMS = "sum(numerator)::bigint, sum(denominator)::bigint, sum(squares)"

UP_THE_UNITS = f"""
WITH {DESTINATIONS.format(among="")}
{INTO_SUMMED}
SELECT destination.target_id, observation.grain, observation.start, observation."end", {SUMS}
  FROM metrics_observation AS observation
  JOIN destination ON destination.source_id = observation.series_id AND destination.grain = observation.grain
 WHERE observation.organisation_id = %(organisation)s AND observation.blank = ''
 GROUP BY destination.target_id, observation.grain, observation.start, observation."end"
"""

ONCE_OVER_PERIODS = """
(SELECT series.id FROM metrics_series AS series
   JOIN metrics_metric AS metric
     ON metric.organisation_id = %(organisation)s AND metric.id = series.metric_id AND metric.once_over_periods
  WHERE series.organisation_id = %(organisation)s)
"""
"""The series of which longer periods are observed themselves."""

ADDED_UP = f"""
SELECT * FROM {{parts}} WHERE grain IN (1, 3) AND series_id NOT IN {ONCE_OVER_PERIODS}
"""
"""What longer periods are made of: neither years, nor stated spans, nor people counted once."""

CALENDAR = f"""
SELECT series_id, longer.grain::smallint AS grain, longer.start::date AS start,
       (longer.start + longer.lasts - interval '1 day')::date AS "end",
       sum(numerator)::bigint AS numerator, sum(denominator)::bigint AS denominator, sum(squares) AS squares
  FROM ({ADDED_UP}) AS part,
       LATERAL (VALUES (3, date_trunc('quarter', part.start), interval '3 months'),
                       (12, date_trunc('year', part.start), interval '1 year')) AS longer (grain, start, lasts)
 WHERE longer.grain > part.grain
 GROUP BY series_id, longer.grain, longer.start, longer.lasts
"""

ROLLING = f"""
SELECT series_id, {Grain.ROLLING:d}::smallint AS grain, start, "end",
       numerator::bigint AS numerator, denominator::bigint AS denominator, squares
  FROM (SELECT series_id, (start - (12 - grain) * interval '1 month')::date AS start, "end",
               sum(numerator) OVER year AS numerator, sum(denominator) OVER year AS denominator,
               sum(squares) OVER year AS squares, count(*) OVER year * grain AS months
          FROM ({ADDED_UP}) AS part
         WHERE grain < 12
        WINDOW year AS (PARTITION BY series_id, grain ORDER BY start
                        RANGE BETWEEN interval '11 months' PRECEDING AND CURRENT ROW)) AS ending
 WHERE months = 12 AND extract(month FROM start) <> 1
"""
"""Twelve months in a row that are no calendar year, found at the part that ends them."""

INTO_ROLLUP = """
INSERT INTO metrics_rollup AS rollup
       (organisation_id, series_id, grain, start, "end", numerator, denominator, squares)
SELECT %(organisation)s, series_id, grain, start, "end", numerator, denominator, squares FROM summed
"""

UPSERT = f"""
{INTO_ROLLUP}
ON CONFLICT (organisation_id, series_id, grain, start) DO UPDATE
   SET numerator = excluded.numerator, denominator = excluded.denominator, squares = excluded.squares,
       "end" = excluded."end"
 WHERE (rollup.numerator, rollup.denominator, rollup.squares, rollup."end")
       IS DISTINCT FROM (excluded.numerator, excluded.denominator, excluded.squares, excluded."end")
"""
"""For few rows: each is looked up by the index."""

CHANGE = """
UPDATE metrics_rollup AS rollup
   SET numerator = summed.numerator, denominator = summed.denominator, squares = summed.squares, "end" = summed."end"
  FROM summed
 WHERE rollup.organisation_id = %(organisation)s AND rollup.series_id = summed.series_id
   AND rollup.grain = summed.grain AND rollup.start = summed.start
   AND (rollup.numerator, rollup.denominator, rollup.squares, rollup."end")
       IS DISTINCT FROM (summed.numerator, summed.denominator, summed.squares, summed."end")
"""

ADD = f"""
{INTO_ROLLUP}
 WHERE NOT EXISTS (
   SELECT 1 FROM metrics_rollup AS rollup
    WHERE rollup.organisation_id = %(organisation)s AND rollup.series_id = summed.series_id
      AND rollup.grain = summed.grain AND rollup.start = summed.start)
 ORDER BY series_id, grain, start
"""
"""In the order of the index, which is then built from left to right. Nothing comes in between: there is the lock."""

REMOVE = """
DELETE FROM metrics_rollup AS rollup {among}
 WHERE rollup.organisation_id = %(organisation)s {match}
   AND NOT EXISTS (SELECT 1 FROM summed WHERE summed.series_id = rollup.series_id
                      AND summed.grain = rollup.grain AND summed.start = rollup.start)
"""

# ---------------------------------------------------------------- what was touched, and what follows from it

TOUCHED = """
WITH taken AS (
  DELETE FROM metrics_touched WHERE organisation_id = %(organisation)s RETURNING series_id, grain, starts)
INSERT INTO touched SELECT DISTINCT series_id, grain, unnest(starts) FROM taken
"""

OF_TOUCHED = "AND {series}.id IN (SELECT series_id FROM touched)"

DUE = f"""
WITH {DESTINATIONS.format(among=OF_TOUCHED.format(series="source"))}
INSERT INTO due
SELECT DISTINCT destination.target_id, touched.grain, touched.start
  FROM touched JOIN destination ON destination.source_id = touched.series_id AND destination.grain = touched.grain
"""

FEEDING = f"""
CREATE TEMPORARY TABLE feeding ON COMMIT DROP AS
WITH {ANCESTORS},
stretch AS (SELECT series_id, grain, min(start) AS first, max(start) AS last FROM due GROUP BY series_id, grain),
place AS MATERIALIZED (
  SELECT stretch.*, target.metric_id, target.stratum_id, ancestors.unit_id
    FROM stretch
    JOIN metrics_series AS target ON target.organisation_id = %(organisation)s AND target.id = stretch.series_id
    JOIN metrics_metric AS metric ON metric.organisation_id = %(organisation)s AND metric.id = target.metric_id
    JOIN ancestors ON ancestors.ancestor_id = target.unit_id
     AND (NOT metric.once_over_units OR ancestors.ancestor_id = ancestors.unit_id))
SELECT place.series_id, place.grain, place.first, place.last, source.id AS source_id
  FROM place {SERIES_OF.format(place="place", unit="unit_id", name="source")}
"""
"""The series behind each one that is due, with the stretch of time in which to look."""

UP_THE_UNITS_AGAIN = f"""
{INTO_SUMMED}
SELECT due.series_id, due.grain, due.start, observation."end", {SUMS}
  FROM feeding
 CROSS JOIN LATERAL (
         SELECT * FROM metrics_observation
          WHERE organisation_id = %(organisation)s AND series_id = feeding.source_id AND grain = feeding.grain
            AND start BETWEEN feeding.first AND feeding.last AND blank = ''
         OFFSET 0) AS observation
  JOIN due ON due.series_id = feeding.series_id AND due.grain = feeding.grain AND due.start = observation.start
 GROUP BY due.series_id, due.grain, due.start, observation."end"
"""
"""Looked up series by series (OFFSET 0 keeps it from becoming a join), so that all other counts cost no time."""

AROUND = """
CREATE TEMPORARY TABLE around ON COMMIT DROP AS
SELECT rollup.series_id, rollup.grain, rollup.start, rollup."end", rollup.numerator, rollup.denominator, rollup.squares
  FROM (SELECT series_id, grain, min(start) AS first, max(start) AS last
          FROM due WHERE grain > 0 GROUP BY series_id, grain) AS stretch,
       LATERAL (
         SELECT * FROM metrics_rollup
          WHERE organisation_id = %(organisation)s AND series_id = stretch.series_id AND grain = stretch.grain
            AND start BETWEEN stretch.first - interval '12 months' AND stretch.last + interval '12 months'
         OFFSET 0) AS rollup
"""
"""The parts of every longer period that holds one that is due."""

LONGER_DUE = f"""
CREATE TEMPORARY TABLE longer_due ON COMMIT DROP AS
SELECT DISTINCT due.series_id, longer.grain::smallint AS grain, longer.start::date AS start
  FROM due,
       LATERAL (
         SELECT 3 AS grain, date_trunc('quarter', due.start) AS start
         UNION ALL SELECT 12, date_trunc('year', due.start)
         UNION ALL
         SELECT {Grain.ROLLING:d}, due.start - back * interval '1 month' FROM generate_series(0, 12 - due.grain, due.grain) AS back
          WHERE due.grain < 12) AS longer
 WHERE due.grain > 0 AND longer.grain > due.grain AND due.series_id NOT IN {ONCE_OVER_PERIODS}
"""

IS_DUE = """
(SELECT 1 FROM {due} AS due WHERE due.series_id = {row}.series_id AND due.grain = {row}.grain AND due.start = {row}.start)
"""

MEMORY = "SET LOCAL work_mem = '128MB'"

NO_LOOPS = "SET LOCAL enable_nestloop = off"
"""Series made in the same transaction have no statistics yet: PostgreSQL would loop over them row by row."""

LOOPS = "SET LOCAL enable_nestloop = on"
"""What there is little of finds the rest by index."""


def _longer(parts: str, due: str | None = None) -> list[str]:
    """The statements that add parts up to longer periods: all of them, or those that are due.

    The calendar's come last: when its quarters are in, they can no longer be told from observed ones.
    """
    only = "" if due is None else f" WHERE EXISTS {IS_DUE.format(due=due, row='found')}"
    select = 'SELECT series_id, grain, start, "end", numerator, denominator, squares FROM'
    return [
        f"{INTO_SUMMED} {select} ({found.format(parts=parts)}) AS found{only}"
        for found in (ROLLING, CALENDAR)
    ]


def _removal(due: str) -> str:
    match = "AND due.series_id = rollup.series_id AND due.grain = rollup.grain AND due.start = rollup.start"
    return REMOVE.format(among=f"USING {due} AS due", match=match)


def _everything() -> list[str]:
    return [
        MEMORY,
        NO_LOOPS,
        MISSING_SERIES.format(among=""),
        SUMMED,
        UP_THE_UNITS,
        "ANALYZE summed",
        *_longer("summed"),
        "ANALYZE summed",
        CHANGE,
        ADD,
        REMOVE.format(among="", match=""),
        "DROP TABLE summed",
    ]


def _what_is_due(touched: int) -> list[str]:
    write = [UPSERT] if touched < MANY else [CHANGE, ADD]
    return [
        MEMORY,
        NO_LOOPS,
        "ANALYZE touched",
        MISSING_SERIES.format(among=OF_TOUCHED.format(series="series")),
        f"CREATE TEMPORARY TABLE due ({COLUMNS}) ON COMMIT DROP",
        DUE,
        "ANALYZE due",
        FEEDING,
        LOOPS if touched < MANY else NO_LOOPS,
        SUMMED,
        UP_THE_UNITS_AGAIN,
        "ANALYZE summed",
        *write,
        _removal("due"),
        AROUND,
        LONGER_DUE,
        "ANALYZE around, longer_due",
        "TRUNCATE summed",
        *_longer("around", "longer_due"),
        "ANALYZE summed",
        *write,
        _removal("longer_due"),
        "DROP TABLE touched, due, feeding, summed, around, longer_due",
    ]


Tell = Callable[[int, int], None]
"""Hears how many steps of how many are done."""


@dataclass(frozen=True)
class RolledUp:
    """How many rows a roll-up wrote and removed; both 0 when nothing had changed."""

    written: int
    removed: int


def roll_up(organisation_id: int, tell: Tell | None = None) -> RolledUp:
    """Add up what was written since the last time. Runs as the worker persona, inside its transaction."""
    given = {"organisation": organisation_id}
    with connections[current().alias].cursor() as cursor:
        cursor.execute(LOCK, given)
        cursor.execute(f"CREATE TEMPORARY TABLE touched ({COLUMNS}) ON COMMIT DROP")
        cursor.execute(TOUCHED, given)
        if not cursor.rowcount:
            cursor.execute("DROP TABLE touched")
            return RolledUp(0, 0)
        return _run(cursor, _what_is_due(cursor.rowcount), given, tell)


def roll_up_again(organisation_id: int, tell: Tell | None = None) -> RolledUp:
    """Add up everything that an institution has, whatever stands there. Runs as `roll_up` does."""
    given = {"organisation": organisation_id}
    with connections[current().alias].cursor() as cursor:
        cursor.execute(LOCK, given)
        cursor.execute("DELETE FROM metrics_touched WHERE organisation_id = %(organisation)s", given)
        return _run(cursor, _everything(), given, tell)


def _run(cursor: Any, steps: Sequence[str], given: dict[str, int], tell: Tell | None) -> RolledUp:
    written = removed = 0
    for number, step in enumerate(steps):
        if tell is not None:
            tell(number, len(steps))
        cursor.execute(step, given)
        if step in (UPSERT, CHANGE, ADD):
            written += cursor.rowcount
        elif step.startswith(REMOVE[:20]):
            removed += cursor.rowcount
    return RolledUp(written, removed)
