"""What the walls cost, as ratios to the bare engine measured in the same run."""

from __future__ import annotations

import csv
import io
from contextlib import ExitStack

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from equity.tenancy.acting import acting_as
from equity.tenancy.models import Membership, Person
from equity.tenancy.personas import Persona
from metrics import rollups
from metrics.ingest import refuse_obstacles, staged, write
from metrics.models import Batch, Metric
from metrics.queries import reporters_in, units
from metrics.reading.periods import Grain
from metrics.sources import FullCounts
from tests.benchmarks.facts import GROUPS, analyze, figures, fill, plain_schema, timed, told

pytestmark = pytest.mark.real_logins

ROUNDS = 5
IMPORTED = 1_000_000
IMPORTS = 5


def roll_up_all(organisations, schema):
    for organisation in organisations:
        with acting_as(Persona.WORKER, organisation=organisation):
            with connections["work"].cursor() as cursor:
                cursor.execute("SELECT set_config('search_path', %s, true)", [f"{schema}, public"])
            rollups.roll_up(organisation)


def test_roll_up():
    """Roll-up of five million observations: the first time, and again when nothing has changed."""
    organisations = fill()
    ours, bare = [], []
    with plain_schema() as plain:
        for number in range(0, len(organisations), 2):
            pair = organisations[number : number + 2]
            order = [("public", ours), (plain, bare)]
            for schema, into in order if number % 4 else reversed(order):
                with timed(into):
                    roll_up_all(pair, schema)
        told("roll-up of 5 million observations", ours, bare, 1.05)
        ours, bare = [], []
        for number in range(0, 6, 2):
            pair = organisations[number : number + 2]
            for schema, into in (("public", ours), (plain, bare)):
                with timed(into):
                    roll_up_all(pair, schema)
        told("the same again, nothing changed", ours, bare, 1.05)
        dashboard(organisations[3])


def dashboard(organisation):
    """The statements of a level page for one metric: its series, its periods, a quarter of all groups, the blanks.

    They are recorded from the page's own source and sent again as they were, so that neither side pays for Django.
    """
    with acting_as(Persona.OPERATOR):
        person = Person.objects.create(name="Insider")
        Membership.objects.create(organisation_id=organisation, person=person, role="analyst")
        analyze()
    with acting_as(Persona.MEMBER, organisation=organisation, person=person):
        statements = statements_of_a_level_page(organisation)
    ours, bare = [], []
    for _ in range(40):
        with acting_as(Persona.MEMBER, organisation=organisation, person=person):
            send("default", statements, ours)
        with acting_as(Persona.OPERATOR):
            send("owner", statements, bare)
    told("row security on a dashboard's queries, against their explicit WHERE", ours, bare, 1.1)


def statements_of_a_level_page(organisation):
    places = units()
    reporters = reporters_in(places[0], places)
    metrics = list(Metric.objects.filter(organisation_id=organisation, code="m3"))
    with CaptureQueriesContext(connections["default"]) as caught:
        source = FullCounts(organisation, places[0].pk, reporters, metrics)
        quarter = next(one for one in source.periods("m3") if one.grain is Grain.QUARTER)
        cells = source.cells({"m3": (quarter, "k")})
    assert len(cells["m3"]) == GROUPS
    statements = [query["sql"] for query in caught.captured_queries]
    assert all(f'organisation_id" = {organisation}' in statement for statement in statements)
    return statements


def send(alias, statements, into):
    with connections[alias].cursor() as cursor, timed(into):
        for _ in range(ROUNDS):
            for statement in statements:
                cursor.execute(statement)
                cursor.fetchall()


def counts_file(organisation):
    """A million cells of metrics, units and strata that are there, in a period that is not."""
    with acting_as(Persona.OPERATOR), connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT m.code, u.code, split_part(t.key, '=', 2) FROM metrics_series s JOIN metrics_metric m ON m.id = s.metric_id"
            " JOIN tenancy_unit u ON u.id = s.unit_id JOIN metrics_stratum t ON t.id = s.stratum_id"
            " WHERE s.organisation_id = %s AND u.parent_id IS NOT NULL ORDER BY s.id",
            [organisation],
        )
        places = cursor.fetchall()
    months = -(-IMPORTED // len(places))
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
    with acting_as(Persona.OPERATOR), connections["owner"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO metrics_dimension (id, organisation_id, code, name, partition, position)"
            " VALUES (gen_random_uuid(), %s, 'k', 'k', true, 0) RETURNING id",
            [organisation],
        )
        dimension = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO metrics_category (id, organisation_id, dimension_id, code, label, short_label, missing,"
            " standard_system, standard_code, position) SELECT gen_random_uuid(), %s, %s, g::text, g::text, '', false, '', '', g"
            f" FROM generate_series(1, {GROUPS}) g",
            [organisation, dimension],
        )


def test_import():
    """A million counts through staging, checks and upsert, against COPY of the finished rows into the same indexes.

    Each institution in turn takes the file in, and then the bare table takes in what became of it.
    """
    organisations = fill(organisations=IMPORTS)
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
