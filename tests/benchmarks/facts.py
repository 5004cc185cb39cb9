"""Invented observations of many institutions, and the same tables once more without policies and keys."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from uuid import uuid4

from django.db import connections

from equity.tenancy.acting import acting_as
from equity.tenancy.models import Organisation, Unit
from equity.tenancy.personas import Persona
from metrics.models import Batch, Metric

OBSERVATIONS = int(os.environ.get("BENCH_OBSERVATIONS", "2_000_000"))
"""How many to add up. The goal is set for 20,000,000, of 500 institutions; fewer are as many to each institution."""

PLAIN_TABLES = (
    "tenancy_unit",
    "metrics_metric",
    "metrics_series",
    "metrics_observation",
    "metrics_rollup",
    "metrics_touched",
)


@dataclass(frozen=True)
class Shape:
    """What each institution counts: every metric in every group and unit, over so many months."""

    metrics: int = 7
    groups: int = 8
    units: int = 12
    months: int = 60

    @property
    def series(self) -> int:
        return self.metrics * self.groups * self.units

    @property
    def observations(self) -> int:
        return self.series * self.months


OF_500 = Shape()
WIDE = Shape(metrics=10, groups=35)

MAKE = (
    "CREATE TEMPORARY TABLE filled ON COMMIT DROP AS SELECT unnest(%(ids)s::bigint[]) AS id",
    "INSERT INTO metrics_stratum (id, organisation_id, key, by)"
    " SELECT gen_random_uuid(), id, 'k=' || g, 'k' FROM filled, generate_series(1, %(groups)s) g",
    "INSERT INTO metrics_series (organisation_id, metric_id, unit_id, stratum_id)"
    " SELECT m.organisation_id, m.id, u.id, s.id FROM metrics_metric m JOIN tenancy_unit u USING (organisation_id)"
    " JOIN metrics_stratum s USING (organisation_id) WHERE u.parent_id IS NOT NULL"
    " AND organisation_id IN (SELECT id FROM filled) ORDER BY 1, 2, 3, 4",
    'INSERT INTO metrics_observation (organisation_id, series_id, grain, start, "end", numerator, denominator, blank,'
    " batch_id) SELECT s.organisation_id, s.id, 1, (date '2020-01-01' + g * interval '1 month')::date,"
    " (date '2020-01-01' + (g + 1) * interval '1 month' - interval '1 day')::date, (s.id * 7 + g) %% 40, 100, '', b.id"
    " FROM metrics_series s JOIN metrics_batch b USING (organisation_id), generate_series(0, %(months)s - 1) g"
    " WHERE s.organisation_id IN (SELECT id FROM filled) ORDER BY s.organisation_id, s.id, g",
)


def fill(organisations: int, shape: Shape = OF_500) -> list[int]:
    """Write the observations as the operator; returns the ids of the institutions. Nothing is noted as touched."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE metrics_observation DISABLE TRIGGER USER")
    with acting_as(Persona.OPERATOR), connections["owner"].cursor() as cursor:
        ids = define(organisations, shape)
        for statement in MAKE:
            cursor.execute(statement, {"ids": ids, **vars(shape)})
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE metrics_observation ENABLE TRIGGER USER")
    analyze()
    return ids


def define(many: int, shape: Shape) -> list[int]:
    """Institutions with a root and its units, and metrics that count people by month; returns the ids."""
    made = Organisation.objects.bulk_create(
        Organisation(slug=f"bench-{uuid4()}", name=f"Bench {number}", kind="hospital")
        for number in range(many)
    )
    roots = Unit.objects.bulk_create(
        Unit(organisation=one, code="all", name="all", kind="institution") for one in made
    )
    Unit.objects.bulk_create(
        Unit(
            organisation=root.organisation,
            parent=root,
            code=f"u{n}",
            name=f"u{n}",
            kind="hospital",
            position=n,
        )
        for root in roots
        for n in range(1, shape.units + 1)
    )
    told = {
        "level": "patient",
        "purpose": "impact",
        "kind": "proportion",
        "counts_people": True,
        "better": "lower",
    }
    told |= {"numerator": "n", "denominator": "d", "frequency": 1, "source": "s"}
    Metric.objects.bulk_create(
        Metric(organisation=one, code=f"m{n}", name="m", position=n, **told)
        for one in made
        for n in range(1, shape.metrics + 1)
    )
    Batch.objects.bulk_create(
        Batch(organisation=one, kind="counts", name="x", sha256="", rows_read=0, content=b"", state="applied")
        for one in made
    )
    return sorted(one.pk for one in made)


def analyze() -> None:
    with connections["owner"].cursor() as cursor:
        for table in ("tenancy_organisation", "metrics_stratum", *PLAIN_TABLES):
            cursor.execute(f"ANALYZE {table}")


@contextmanager
def plain_schema() -> Iterator[str]:
    """The same tables with the same indexes and rows in a schema without policies and keys, readable by the worker."""
    with acting_as(Persona.OPERATOR), connections["owner"].cursor() as cursor:
        cursor.execute("SELECT set_config('role', 'equity_owner', true)")
        cursor.execute("CREATE SCHEMA plain")
        for table in PLAIN_TABLES:
            cursor.execute(
                f"CREATE TABLE plain.{table} (LIKE public.{table} INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING INDEXES)"
            )
        cursor.execute("ALTER TABLE plain.metrics_series ALTER id RESTART WITH 1000000000")
        cursor.execute("GRANT USAGE ON SCHEMA plain TO equity_worker")
        cursor.execute("GRANT ALL ON ALL TABLES IN SCHEMA plain TO equity_worker, equity_operator")
        cursor.execute("GRANT USAGE ON SCHEMA plain TO equity_operator")
    with acting_as(Persona.OPERATOR), connections["owner"].cursor() as cursor:
        for table in PLAIN_TABLES:
            cursor.execute(f"INSERT INTO plain.{table} OVERRIDING SYSTEM VALUE SELECT * FROM public.{table}")
    with connections["owner"].cursor() as cursor:
        for table in PLAIN_TABLES:
            cursor.execute(f"ANALYZE plain.{table}")
    try:
        yield "plain"
    finally:
        with connections["owner"].cursor() as cursor:
            cursor.execute("DROP SCHEMA plain CASCADE")


@contextmanager
def timed(into: list[float]) -> Iterator[None]:
    started = time.perf_counter()
    yield
    into.append(time.perf_counter() - started)


def told(name: str, ours: list[float], bare: list[float], goal: float) -> None:
    """Print the ratio and the goal beside it. Machines are noisy: nothing fails here.

    The two took turns, so each pair met the same noise: the ratio is the median of those of the pairs.
    """
    ratios = [one / other for one, other in zip(ours, bare, strict=True)]
    print(f"\n{name}: {median(ratios):.2f} × the bare engine (goal ≤ {goal})")
    print(f"  ratios: {min(ratios):.2f} to {max(ratios):.2f}")
    print(f"  ours: {figures(ours)}")
    print(f"  bare: {figures(bare)}")


def figures(times: list[float], decimals: int = 2) -> str:
    """The median, and from the least to the most."""
    middle, least, most = (f"{one:.{decimals}f}" for one in (median(times), min(times), max(times)))
    return f"{middle} s ({least} to {most} s, {len(times)} times)"
