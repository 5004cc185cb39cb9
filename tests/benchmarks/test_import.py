"""What an import costs beside COPY of the finished rows into the same indexes, and how much memory it takes."""

from __future__ import annotations

import csv
import io
import threading
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from django.db import connections

from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona
from metrics.ingest import refuse_obstacles, staged, write
from metrics.models import Batch, Category, Dimension
from tests.benchmarks.facts import WIDE, figures, fill, plain_schema, timed, told

pytestmark = pytest.mark.real_logins

IMPORTED = 1_000_000
IMPORTS = 5
TIMES_AS_LONG = 3


def counts_file(organisation, wanted=IMPORTED):
    """So many cells of metrics, units and strata that are there, in a period that is not."""
    with acting_as(Persona.OPERATOR), connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT m.code, u.code, split_part(t.key, '=', 2) FROM metrics_series s JOIN metrics_metric m ON m.id = s.metric_id"
            " JOIN tenancy_unit u ON u.id = s.unit_id JOIN metrics_stratum t ON t.id = s.stratum_id"
            " WHERE s.organisation_id = %s AND u.parent_id IS NOT NULL ORDER BY s.id",
            [organisation],
        )
        places = cursor.fetchall()
    months = -(-wanted // len(places))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["metric", "unit", "period", "k", "numerator", "denominator"])
    for month in range(months):
        period = f"{1900 + month // 12}-{month % 12 + 1:02}"
        writer.writerows(
            [metric, unit, period, category, month % 40, 100] for metric, unit, category in places
        )
    return text.getvalue().encode(), months * len(places)


def define_categories(organisation):
    with acting_as(Persona.OPERATOR):
        dimension = Dimension.objects.create(organisation_id=organisation, code="k", name="k")
        Category.objects.bulk_create(
            Category(organisation_id=organisation, dimension=dimension, code=str(n), label=str(n), position=n)
            for n in range(1, WIDE.groups + 1)
        )


def test_import():
    """A million counts through staging, checks and upsert, against COPY of the finished rows into the same indexes.

    Each institution in turn takes the file in, and then the bare table takes in what became of it.
    """
    organisations = fill(IMPORTS, WIDE)
    content, rows = counts_file(organisations[0])
    bare, phases = [], {"staging": [], "checks": [], "writing": []}
    with plain_schema() as plain:
        for organisation in organisations:
            define_categories(organisation)
            with acting_as(Persona.WORKER, organisation=organisation):
                import_counts(organisation, content, phases)
                finished = finished_rows(organisation)
            with acting_as(Persona.WORKER, organisation=organisation):
                with connections["work"].cursor() as cursor, timed(bare):
                    with cursor.copy(f"COPY {plain}.metrics_observation FROM STDIN") as into:
                        into.write(finished)
    ours = [sum(times) for times in zip(*phases.values(), strict=True)]
    told(f"import of {rows:,} counts", ours, bare, 3.5)
    for name, times in phases.items():
        print(f"  {name}: {figures(times)}")


def import_counts(organisation, content, phases):
    """What the job does that applies a batch, up to the roll-up."""
    batch = Batch.objects.values_list("pk", flat=True)[0]
    chunks = [content[at : at + 1_000_000] for at in range(0, len(content), 1_000_000)]
    with ExitStack() as stack:
        with timed(phases["staging"]):
            stage = stack.enter_context(staged(organisation, chunks))
        with timed(phases["checks"]):
            refuse_obstacles(stage)
        with timed(phases["writing"]):
            written = write(stage, batch)
            stack.close()
    assert (written.new, written.changed, written.unchanged) == (stage.rows, 0, 0)


def finished_rows(organisation):
    finished = io.BytesIO()
    where = f"organisation_id = {organisation} AND start < '2020-01-01'"
    with connections["work"].cursor() as cursor:
        with cursor.copy(f"COPY (SELECT * FROM metrics_observation WHERE {where}) TO STDOUT") as out:
            for block in out:
                finished.write(block)
    return finished.getvalue()


def test_memory_of_an_import():
    """The process that reads the file and PostgreSQL's for it, with a file and with one three times as long."""
    small, large = fill(2, WIDE)
    for organisation, wanted in ((small, IMPORTED), (large, TIMES_AS_LONG * IMPORTED)):
        define_categories(organisation)
        content, rows = counts_file(organisation, wanted)
        with acting_as(Persona.WORKER, organisation=organisation):
            with connections["work"].cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                backend = cursor.fetchone()[0]
            with most_memory("self", backend) as most:
                import_counts(organisation, content, {"staging": [], "checks": [], "writing": []})
        print(
            f"\nimport of {rows:,} counts: {most['self']:.0f} MB more in Python, {most[backend]:.0f} MB more in PostgreSQL"
        )


@contextmanager
def most_memory(*processes):
    """The most memory of their own, in MB, that processes have had meanwhile, beyond what they had before."""
    before = {process: own_megabytes(process) for process in processes}
    most, done = dict.fromkeys(processes, 0.0), threading.Event()

    def look():
        while not done.wait(0.02):
            for process in processes:
                most[process] = max(most[process], own_megabytes(process) - before[process])

    looking = threading.Thread(target=look)
    looking.start()
    yield most
    done.set()
    looking.join()


def own_megabytes(process):
    """What the kernel says; 0 where it says nothing (not Linux)."""
    status = Path(f"/proc/{process}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return sum(int(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon:"))
