"""An applied batch taken back, in sets: what it changed says again what it said before, and what it brought is gone.

A cell that a later batch changed, or said again, stays: it is that batch's now. Should that one be undone too, the cell
says what it said before both. So the files that are not undone make what stands there, in whatever order others are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import connections

from equity.tenancy.acting import current
from metrics.ingest.staging import CELLS, DIFFERS, LOCK, Stage

KEPT_FOR_DAYS = 30
KEPT_FOR = timedelta(days=KEPT_FOR_DAYS)

SAID_AGAIN = f"""
WITH said_again AS (
  UPDATE metrics_observation AS observation SET batch_id = %(later)s
    FROM ({CELLS}) AS cell
   WHERE observation.organisation_id = %(organisation)s AND observation.series_id = cell.series_id
     AND observation.grain = cell.grain AND observation.start = cell.start
     AND observation.batch_id = %(batch)s AND NOT ({DIFFERS})
  RETURNING old.*)
INSERT INTO metrics_before
       (organisation_id, batch_id, series_id, grain, start, was_there, "end", numerator, denominator, squares, blank,
        batch_before)
SELECT organisation_id, %(later)s, series_id, grain, start, true, "end", numerator, denominator, squares, blank, batch_id
  FROM said_again
"""

METRICS = """
SELECT DISTINCT metric.code
  FROM metrics_observation AS observation
  JOIN metrics_series AS series ON series.organisation_id = %(organisation)s AND series.id = observation.series_id
  JOIN metrics_metric AS metric ON metric.organisation_id = %(organisation)s AND metric.id = series.metric_id
 WHERE observation.organisation_id = %(organisation)s AND observation.batch_id = %(batch)s
 ORDER BY metric.code
"""
"""Of the cells that are still the batch's: those that will be restored or removed."""

RESTORED = """
UPDATE metrics_observation AS observation
   SET "end" = before."end", numerator = before.numerator, denominator = before.denominator,
       squares = before.squares, blank = before.blank, batch_id = before.batch_before
  FROM metrics_before AS before
 WHERE before.organisation_id = %(organisation)s AND before.batch_id = %(batch)s AND before.was_there
   AND observation.organisation_id = before.organisation_id AND observation.series_id = before.series_id
   AND observation.grain = before.grain AND observation.start = before.start
   AND observation.batch_id = %(batch)s
"""

REMOVED = """
DELETE FROM metrics_observation WHERE organisation_id = %(organisation)s AND batch_id = %(batch)s
"""
"""After the others were restored these are the ones that the batch was the first to write."""

LATER_ONES_GO_BACK_FURTHER = """
UPDATE metrics_before AS later
   SET was_there = COALESCE(before.was_there, false), "end" = before."end", numerator = before.numerator,
       denominator = before.denominator, squares = before.squares, blank = COALESCE(before.blank, ''),
       batch_before = before.batch_before
  FROM metrics_before AS itself
  LEFT JOIN metrics_before AS before
    ON before.organisation_id = itself.organisation_id AND before.batch_id = %(batch)s
   AND before.series_id = itself.series_id AND before.grain = itself.grain AND before.start = itself.start
 WHERE itself.organisation_id = %(organisation)s AND itself.batch_before = %(batch)s
   AND later.organisation_id = itself.organisation_id AND later.batch_id = itself.batch_id
   AND later.series_id = itself.series_id AND later.grain = itself.grain AND later.start = itself.start
"""
"""A batch that changed what this one had said would bring that back when it is undone: now it skips it."""

FORGOTTEN = "DELETE FROM metrics_before WHERE organisation_id = %(organisation)s AND batch_id = %(batch)s"

TOO_OLD = """
DELETE FROM metrics_before AS before USING metrics_batch AS batch
 WHERE before.organisation_id = %(organisation)s AND batch.organisation_id = before.organisation_id
   AND batch.id = before.batch_id AND batch.applied_at < now() - make_interval(days => %(kept)s)
"""


@dataclass(frozen=True)
class Undone:
    """How many cells say again what they said before, how many are gone, and of which metrics they are."""

    restored: int
    removed: int
    metrics: list[str]


def pass_on(stage: Stage, batch_id: UUID, later: UUID) -> int:
    """Give a later batch, which is staged, the cells that it said again. Returns how many."""
    return stage.run(SAID_AGAIN, batch=batch_id, later=later)


def undo(organisation_id: int, batch_id: UUID) -> Undone:
    """Take back what a batch wrote and no later one has. Runs as the worker persona, inside its transaction."""
    given: dict[str, int | UUID] = {"organisation": organisation_id, "batch": batch_id}
    counted = []
    with connections[current().alias].cursor() as cursor:
        cursor.execute(LOCK, given)
        cursor.execute(METRICS, given)
        metrics = [code for (code,) in cursor.fetchall()]
        for statement in (RESTORED, REMOVED, LATER_ONES_GO_BACK_FURTHER, FORGOTTEN):
            cursor.execute(statement, given)
            counted.append(cursor.rowcount)
    restored, removed, *_rest = counted
    return Undone(restored, removed, metrics)


def forget_what_is_too_old(organisation_id: int) -> None:
    """Delete what no undoing can ask for any more."""
    with connections[current().alias].cursor() as cursor:
        cursor.execute(TOO_OLD, {"organisation": organisation_id, "kept": KEPT_FOR_DAYS})
