"""What adding up costs: beside the bare engine, beside DuckDB, and for one late correction."""

from __future__ import annotations

from statistics import median

import duckdb
import pytest
from django.db import connections

from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona
from metrics.rollups import roll_up, roll_up_again
from tests.benchmarks.facts import (
    OBSERVATIONS,
    OF_500,
    Shape,
    analyze,
    figures,
    fill,
    plain_schema,
    timed,
    told,
)

pytestmark = pytest.mark.real_logins

IN_TURN = 10
"""Institutions that one side adds up before the other's turn."""

CORRECTIONS = 15

IN_DUCKDB = """
CREATE TABLE rollup AS
WITH part AS (
  SELECT target.id AS series_id, start, sum(numerator) AS numerator, sum(denominator) AS denominator, sum(squares) AS squares
    FROM observation
    JOIN series AS source ON source.id = observation.series_id
    JOIN above ON above.unit_id = source.unit_id
    JOIN series AS target
      ON target.metric_id = source.metric_id AND target.unit_id = above.ancestor_id AND target.stratum_id = source.stratum_id
   GROUP BY ALL),
rolling AS (
  SELECT series_id, start - INTERVAL 11 MONTH AS start, sum(numerator) OVER year AS numerator,
         sum(denominator) OVER year AS denominator, sum(squares) OVER year AS squares, count(*) OVER year AS months
    FROM part
  WINDOW year AS (PARTITION BY series_id ORDER BY start RANGE BETWEEN INTERVAL 11 MONTH PRECEDING AND CURRENT ROW))
SELECT 1 AS grain, * FROM part
UNION ALL
SELECT 3, series_id, date_trunc('quarter', start), sum(numerator), sum(denominator), sum(squares) FROM part GROUP BY ALL
UNION ALL
SELECT 12, series_id, date_trunc('year', start), sum(numerator), sum(denominator), sum(squares) FROM part GROUP BY ALL
UNION ALL
SELECT 112, series_id, start, numerator, denominator, squares FROM rolling WHERE months = 12 AND month(start) <> 1
"""
COPIED = {
    "observation": "SELECT series_id, start, numerator, denominator, squares FROM metrics_observation",
    "series": "SELECT id, metric_id, unit_id, stratum_id FROM metrics_series",
    "above": "SELECT id AS unit_id, id AS ancestor_id FROM tenancy_unit"
    " UNION ALL SELECT id, parent_id FROM tenancy_unit WHERE parent_id IS NOT NULL",
}


def roll_up_all(organisations, schema, how=roll_up_again):
    for organisation in organisations:
        with acting_as(Persona.WORKER, organisation=organisation):
            with connections["work"].cursor() as cursor:
                cursor.execute("SELECT set_config('search_path', %s, true)", [f"{schema}, public"])
            how(organisation)


def test_roll_up(tmp_path):
    """Everything the first time, and again when nothing has changed; then the same rows in DuckDB."""
    organisations = fill(max(2, OBSERVATIONS // OF_500.observations))
    many = len(organisations) * OF_500.observations
    in_turn = min(IN_TURN, len(organisations) // 2)
    ours, bare = [], []
    with plain_schema() as plain:
        for number, first in enumerate(range(0, len(organisations), in_turn)):
            some = organisations[first : first + in_turn]
            order = [("public", ours), (plain, bare)]
            for schema, into in order if number % 2 else reversed(order):
                with timed(into):
                    roll_up_all(some, schema)
        told(f"roll-up of {many:,} observations of {len(organisations)} institutions", ours, bare, 1.05)
        in_all = sum(ours)
        print(f"  in all: {in_all:.1f} s, {many / in_all:,.0f} observations a second")
        ours, bare = [], []
        for first in range(0, min(len(organisations), 4 * in_turn), in_turn):
            some = organisations[first : first + in_turn]
            for schema, into in (("public", ours), (plain, bare)):
                with timed(into):
                    roll_up_all(some, schema)
        told("the same again, nothing changed", ours, bare, 1.05)
    beside_duckdb(tmp_path, in_all)


def beside_duckdb(folder, in_postgresql):
    """The same sums of the same rows, all institutions at once, by an engine that keeps columns and nothing safe."""
    with duckdb.connect(str(folder / "bench.duckdb")) as database:
        database.execute("SET threads = 2")
        for table, query in COPIED.items():
            copied = folder / f"{table}.csv"
            with (
                acting_as(Persona.OPERATOR),
                connections["owner"].cursor() as cursor,
                copied.open("wb") as file,
            ):
                with cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv, HEADER)") as out:
                    for block in out:
                        file.write(block)
            types = ", types = {'squares': 'HUGEINT'}" if table == "observation" else ""
            database.execute(f"CREATE TABLE {table} AS SELECT * FROM read_csv('{copied}'{types})")
            copied.unlink()
        theirs = []
        with timed(theirs):
            database.execute(IN_DUCKDB)
        rows = database.execute("SELECT count(*), sum(numerator), sum(denominator) FROM rollup").fetchone()
    with acting_as(Persona.OPERATOR), connections["owner"].cursor() as cursor:
        cursor.execute("SELECT count(*), sum(numerator), sum(denominator) FROM metrics_rollup")
        assert tuple(map(int, cursor.fetchone())) == tuple(map(int, rows))
    print(f"\nroll-up beside DuckDB on the same rows: {in_postgresql / theirs[0]:.1f} × ({theirs[0]:.2f} s)")


def test_correction():
    """A late correction costs what hangs on it, not what else is there."""
    small = fill(1)[0]
    large = fill(1, Shape(metrics=28, groups=25))[0]
    for organisation in (small, large):
        roll_up_all([organisation], "public")
    analyze()
    print("\none corrected month, then added up:")
    times = {name: corrected(one, 1) for name, one in (("small", small), ("large", large))}
    whole = []
    for organisation in (small, large):
        with timed(whole):
            roll_up_all([organisation], "public")
    for (name, taken), all_of_it in zip(times.items(), whole, strict=True):
        print(f"  in the {name} institution: {figures(taken, 4)}; everything of it: {all_of_it:.2f} s")
    print(f"  large / small: {median(times['large']) / median(times['small']):.2f} ×")
    for many in (10, 100, 1_000, 10_000):
        print(f"  {many:,} corrected at once: {figures(corrected(large, many, 3), 4)}")


def corrected(organisation, many, times=CORRECTIONS):
    """How long it takes to add up after a correction of so many observations, each of another series."""
    taken = []
    for _ in range(times):
        with acting_as(Persona.WORKER, organisation=organisation), connections["work"].cursor() as cursor:
            cursor.execute(
                "UPDATE metrics_observation SET numerator = numerator + 1 WHERE organisation_id = %s AND start = '2022-05-01'"
                " AND series_id IN (SELECT series_id FROM metrics_observation WHERE organisation_id = %s"
                "  AND start = '2022-05-01' ORDER BY series_id LIMIT %s)",
                [organisation, organisation, many],
            )
        with timed(taken):
            roll_up_all([organisation], "public", roll_up)
    return taken
