"""What row security costs on a dashboard's queries, as a ratio to the bare engine measured in the same run."""

from __future__ import annotations

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from equity.tenancy.acting import acting_as
from equity.tenancy.models import Membership, Person
from equity.tenancy.personas import Persona
from metrics.models import Metric
from metrics.queries import reporters_in, units
from metrics.reading.periods import Grain
from metrics.rollups import roll_up_again
from metrics.sources import FullCounts
from tests.benchmarks.facts import WIDE, analyze, fill, timed, told

pytestmark = pytest.mark.real_logins

ROUNDS = 5


def test_dashboard():
    """The statements of a level page for one metric: its series, its periods, a quarter of all groups, the blanks.

    They are recorded from the page's own source and sent again as they were, so that neither side pays for Django.
    """
    organisation = fill(4, WIDE)[3]
    with acting_as(Persona.WORKER, organisation=organisation):
        roll_up_again(organisation)
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
    assert len(cells["m3"]) == WIDE.groups
    statements = [query["sql"] for query in caught.captured_queries]
    assert all(f'organisation_id" = {organisation}' in statement for statement in statements)
    return statements


def send(alias, statements, into):
    with connections[alias].cursor() as cursor, timed(into):
        for _ in range(ROUNDS):
            for statement in statements:
                cursor.execute(statement)
                cursor.fetchall()
