"""A counts file in temporary tables.

`staged` holds its rows as they came, `place` each distinct metric × unit × group once with the ids behind its codes,
`used` each distinct metric × period once, `span` each distinct period once. A million rows have few places and periods,
so that resolving costs little; the rows themselves are read once by COPY, once for each of the lists, and once by each
statement that needs them.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connections
from psycopg import sql

from equity.tenancy.acting import current
from metrics.amounts import DENOMINATORS, NUMERATORS
from metrics.models import Grain
from metrics.reading.periods import Grain as FileGrain
from metrics.reading.periods import parse_period

LOCK = "SELECT pg_advisory_xact_lock(hashtext('metrics_ingest'), %(organisation)s::int)"
"""Two files of one institution follow one another: the second sees what the first has written."""

IN_SETS = "SET LOCAL work_mem = '128MB'; SET LOCAL enable_nestloop = off; SET LOCAL enable_mergejoin = off"
"""For the rest of the transaction: joins and the one sort stay in memory, and every join is made by hashing.

The planner does not know of series that this very transaction has made. It takes them for a handful and would look for
them one by one (minutes, where hashing takes a second), or sort a million rows by their texts. Adding up afterwards has
the same need.
"""

GRAINS = {
    FileGrain.MONTH: Grain.MONTH,
    FileGrain.QUARTER: Grain.QUARTER,
    FileGrain.YEAR: Grain.YEAR,
    FileGrain.WHOLE: Grain.SPAN,
}

TABLES = "staged, place, used, span"


@dataclass(frozen=True)
class Stage:
    """The staged file: whose it is, which dimensions it is split by (sorted), and a cursor that sees the tables."""

    organisation_id: int
    dimensions: tuple[str, ...]
    cursor: Any
    rows: int

    @property
    def parts(self) -> list[sql.Identifier]:
        """The columns of the dimensions, in their order."""
        return [sql.Identifier(f"part{number}") for number, _ in enumerate(self.dimensions)]

    @property
    def of_place(self) -> sql.Composable:
        """The columns that tell one place from another."""
        return sql.SQL(", ").join([sql.Identifier("metric"), sql.Identifier("unit"), *self.parts])

    def run(self, statement: str, **more: Any) -> int:
        """Run one statement; {place}, {parts} and {names} stand for the columns. Returns the rows it touched."""
        self.cursor.execute(self._composed(statement), {"organisation": self.organisation_id, **more})
        return int(self.cursor.rowcount)

    def rows_of(self, statement: str, **more: Any) -> list[tuple[Any, ...]]:
        """The rows that a statement gives."""
        self.run(statement, **more)
        return list(self.cursor.fetchall())

    def _composed(self, statement: str) -> sql.Composed:
        pairs: list[sql.Composable] = [
            sql.SQL("({}, {})").format(sql.Literal(name), part)
            for name, part in zip(self.dimensions, self.parts, strict=True)
        ]
        return sql.SQL(statement).format(
            place=self.of_place,
            numerator_scale=_scale(NUMERATORS),
            denominator_scale=_scale(DENOMINATORS),
            same_place=sql.SQL(" AND ").join(
                sql.SQL("staged.{0} = place.{0}").format(column)
                for column in (sql.Identifier("metric"), sql.Identifier("unit"), *self.parts)
            ),
            pairs=sql.SQL(", ").join(pairs or [sql.SQL("('', '')")]),
            key=_joined(
                "&",
                [
                    sql.SQL("nullif({} || {}, {})").format(
                        sql.Literal(f"{name}="), part, sql.Literal(f"{name}=")
                    )
                    for name, part in zip(self.dimensions, self.parts, strict=True)
                ],
            ),
            by=_joined(
                "*",
                [
                    sql.SQL("CASE WHEN {} <> '' THEN {} END").format(part, sql.Literal(name))
                    for name, part in zip(self.dimensions, self.parts, strict=True)
                ],
            ),
        )


def _scale(kinds: frozenset[str]) -> sql.Composable:
    """By how much larger the stored number of a metric of these kinds is than its amount."""
    listed = sql.SQL(", ").join(map(sql.Literal, sorted(kinds)))
    return sql.SQL("CASE WHEN metric.kind IN ({}) THEN 10::numeric ^ metric.decimals ELSE 1 END").format(
        listed
    )


def _joined(separator: str, texts: Sequence[sql.Composable]) -> sql.Composable:
    """The texts that are there, joined; the empty text when none is."""
    return sql.SQL("concat_ws({})").format(
        sql.SQL(", ").join([sql.Literal(separator), *texts, sql.SQL("NULL")])
    )


PLACES = """
CREATE TEMPORARY TABLE place ON COMMIT DROP AS
SELECT distinct_place.*, metric.id AS metric_id, unit.id AS unit_id, {key} AS key, {by} AS by, NULL::bigint AS series_id,
       {numerator_scale} AS numerator_scale, {denominator_scale} AS denominator_scale
  FROM (SELECT DISTINCT {place} FROM staged) AS distinct_place
  LEFT JOIN metrics_metric AS metric
    ON metric.organisation_id = %(organisation)s AND metric.code = distinct_place.metric
  LEFT JOIN tenancy_unit AS unit
    ON unit.organisation_id = %(organisation)s AND unit.code = distinct_place.unit
"""

SERIES_OF_PLACES = """
UPDATE place SET series_id = series.id
  FROM metrics_stratum AS stratum, metrics_series AS series
 WHERE stratum.organisation_id = %(organisation)s AND stratum.key = place.key
   AND series.organisation_id = %(organisation)s AND series.metric_id = place.metric_id
   AND series.unit_id = place.unit_id AND series.stratum_id = stratum.id AND place.series_id IS NULL
"""

CELLS = """
SELECT place.series_id, place.metric_id, place.metric, place.unit, staged.period, place.key, place.by,
       span.grain, span.start, span."end",
       CASE WHEN staged.numerator < 'a' THEN (staged.numerator::numeric * place.numerator_scale)::bigint END AS numerator,
       (staged.denominator * place.denominator_scale)::bigint AS denominator,
       (staged.sum_of_squares * place.numerator_scale ^ 2)::numeric(40) AS squares,
       CASE WHEN staged.numerator < 'a' THEN '' ELSE replace(staged.numerator, ' ', '_') END AS blank
  FROM staged
  JOIN place ON {same_place}
  JOIN span ON span.period = staged.period
"""
"""Every cell of the file, under its series if that is there. Digits sort before letters: a word is the kind of a blank.

Amounts become whole numbers here, and nowhere else.
"""

DIFFERS = """
(observation."end", observation.numerator, observation.denominator, observation.squares, observation.blank)
IS DISTINCT FROM (cell."end", cell.numerator, cell.denominator, cell.squares, cell.blank)
"""
"""The cell of the file says something else than the observation."""


@contextmanager
def staged(
    organisation_id: int, chunks: Iterable[bytes], on_bytes: Callable[[int], None] | None = None
) -> Iterator[Stage]:
    """Stage the chunks of a plain counts file, as `write_counts` writes it. `on_bytes` hears how many have gone in."""
    with connections[current().alias].cursor() as cursor:
        cursor.execute(LOCK, {"organisation": organisation_id})
        cursor.execute(IN_SETS)
        columns, rest = _header(iter(chunks))
        dimensions = tuple(columns[3 : columns.index("numerator")])
        stage = Stage(organisation_id, dimensions, cursor, _copied(cursor, columns, rest, on_bytes))
        stage.run("ANALYZE staged ({place}, period)")
        stage.run(PLACES)
        stage.run(SERIES_OF_PLACES)
        _write_spans(cursor)
        cursor.execute("ANALYZE place, used, span")
        yield stage
        cursor.execute(f"DROP TABLE {TABLES}")


def _header(chunks: Iterator[bytes]) -> tuple[list[str], Iterator[bytes]]:
    """The names in the first line, and what follows it."""
    head = b""
    while b"\n" not in head:
        head += next(chunks)
    line, _end, rest = head.partition(b"\n")
    (columns,) = csv.reader([line.decode().rstrip("\r")])

    def following() -> Iterator[bytes]:
        yield rest
        yield from chunks

    return columns, following()


def _copied(
    cursor: Any, columns: list[str], chunks: Iterator[bytes], on_bytes: Callable[[int], None] | None
) -> int:
    """COPY the rows into `staged`. An empty category is the empty text: nulls would not be equal in a join."""
    number_of_parts = columns.index("numerator") - 3
    names = ["metric", "unit", "period", *(f"part{number}" for number in range(number_of_parts))]
    texts = sql.SQL(", ").join(map(sql.Identifier, names))
    numbers = sql.SQL(", ").join(map(sql.Identifier, columns[columns.index("numerator") :]))
    cursor.execute(
        sql.SQL(
            'CREATE TEMPORARY TABLE staged ({}, numerator text COLLATE "C", denominator numeric,'
            " sum_of_squares numeric) ON COMMIT DROP"
        ).format(sql.SQL(", ").join(sql.SQL("{} text").format(name) for name in map(sql.Identifier, names)))
    )
    copy = sql.SQL("COPY staged ({}, {}) FROM STDIN (FORMAT csv, FORCE_NOT_NULL ({}))").format(
        texts, numbers, texts
    )
    sent = 0
    with cursor.copy(copy) as into:
        for chunk in chunks:
            into.write(chunk)
            sent += len(chunk)
            if on_bytes is not None:
                on_bytes(sent)
    return int(cursor.rowcount)


def _write_spans(cursor: Any) -> None:
    cursor.execute(
        'CREATE TEMPORARY TABLE span (period text, grain smallint, start date, "end" date) ON COMMIT DROP'
    )
    cursor.execute("CREATE TEMPORARY TABLE used ON COMMIT DROP AS SELECT DISTINCT metric, period FROM staged")
    cursor.execute("SELECT DISTINCT period FROM used")
    spans = [_span(code) for (code,) in cursor.fetchall()]
    cursor.executemany("INSERT INTO span VALUES (%s, %s, %s, %s)", spans)


def _span(code: str) -> tuple[str, int, date, date]:
    period = parse_period(code)
    return code, GRAINS[period.grain].value, period.start, period.end
