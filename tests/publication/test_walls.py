"""What outside personas reach in raw SQL, whatever the code of a page asks: published rows and nothing else."""

from __future__ import annotations

import datetime
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from django.db import ProgrammingError, connections
from django.utils import timezone

from equity.publication.models import Agreement, Client
from equity.tenancy.acting import acting_as, current
from equity.tenancy.personas import Persona
from tests.public.conftest import World
from tests.public.published import certify

OUTSIDE = (Persona.PUBLIC, Persona.CLIENT)
CLOSED = (
    "tenancy_unit",
    "tenancy_organisation",
    "tenancy_person",
    "tenancy_account",
    "tenancy_membership",
    "tenancy_auditevent",
    "tenancy_job",
    "metrics_observation",
    "metrics_rollup",
    "metrics_certifiedcell",
    "metrics_certificate",
    "accountability_score",
    "django_session",
)
LEDGER = ("publication_ledgerentry", "publication_release")


def ask(sql: str, parameters: Any = ()) -> list[tuple[Any, ...]]:
    with connections[current().alias].cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


def numerators() -> set[int]:
    return {int(row[0]) for row in ask("SELECT document->>'numerator' FROM publication_ledgerentry")}


def open_client(name: str) -> UUID:
    with acting_as(Persona.OPERATOR):
        return Client.objects.create(name=name).pk


def agree(world: World, client: UUID, **values: Any) -> None:
    today = timezone.localdate()
    with acting_as(Persona.OPERATOR):
        Agreement.objects.create(
            organisation=world.house.riverside,
            client_id=client,
            starts_on=today - datetime.timedelta(days=1),
            ends_on=today + datetime.timedelta(days=1),
            **values,
        )


@pytest.mark.parametrize("table", CLOSED)
@pytest.mark.parametrize("persona", OUTSIDE)
def test_table_inside_is_closed_to_outside_personas(published: World, persona: Persona, table: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), acting_as(persona):
        ask(f"SELECT 1 FROM {table} LIMIT 1")


@pytest.mark.parametrize("persona", OUTSIDE)
def test_release_that_is_not_published_is_not_seen(published: World, persona: Persona) -> None:
    certify(published.house.riverside, published.house.person("alice"), title="Next year’s plans")
    with acting_as(persona):
        assert ask("SELECT title FROM publication_release") == [("Figures",)]


def test_agreed_row_is_not_public(published: World) -> None:
    with acting_as(Persona.PUBLIC):
        assert numerators() == {960}
    with acting_as(Persona.PUBLIC, client=open_client("Ohio")):
        assert numerators() == {960}


def test_agreed_row_opens_to_the_client_of_a_live_agreement_and_to_no_other(published: World) -> None:
    ohio, indiana, suspended = (open_client(name) for name in ("Ohio", "Indiana", "Kentucky"))
    agree(published, ohio)
    agree(published, suspended, suspended_at=timezone.now())
    with acting_as(Persona.CLIENT, client=ohio):
        assert numerators() == {960, 4321}
    for other in (indiana, suspended, None):
        with acting_as(Persona.CLIENT, client=other):
            assert numerators() == {960}


def test_agreement_with_another_institution_opens_nothing_here(published: World) -> None:
    ohio = open_client("Ohio")
    today = timezone.localdate()
    with acting_as(Persona.OPERATOR):
        Agreement.objects.create(
            organisation=published.house.elsewhere, client_id=ohio, starts_on=today, ends_on=today
        )
    with acting_as(Persona.CLIENT, client=ohio):
        assert numerators() == {960}


def test_client_sees_itself_its_agreements_and_its_pulls_only(published: World) -> None:
    ohio, indiana = open_client("Ohio"), open_client("Indiana")
    agree(published, ohio)
    with acting_as(Persona.CLIENT, client=ohio):
        ask(
            "INSERT INTO publication_pulllog (client_id, key_prefix, filters, rows) VALUES (%s, 'x', '{}', 0)",
            [ohio],
        )
    with acting_as(Persona.CLIENT, client=indiana):
        assert ask("SELECT name FROM publication_client") == [("Indiana",)]
        assert ask("SELECT 1 FROM publication_agreement") == []
        assert ask("SELECT 1 FROM publication_pulllog") == []
        assert ask("SELECT 1 FROM publication_apikey") == []


def test_client_cannot_write_a_pull_of_another(published: World) -> None:
    ohio, indiana = open_client("Ohio"), open_client("Indiana")
    with pytest.raises(ProgrammingError, match="row-level security"), acting_as(Persona.CLIENT, client=ohio):
        ask(
            "INSERT INTO publication_pulllog (client_id, key_prefix, filters, rows) VALUES (%s, 'x', '{}', 0)",
            [indiana],
        )


@pytest.mark.parametrize("statement", ["UPDATE {} SET key = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize("persona", list(Persona))
def test_published_row_cannot_be_changed_or_removed_by_anybody(
    published: World, persona: Persona, statement: str
) -> None:
    riverside, alice = published.house.riverside, published.house.person("alice")
    with pytest.raises(ProgrammingError, match="permission denied"):
        with acting_as(persona, organisation=riverside, person=alice):
            ask(statement.format("publication_ledgerentry"))
    with acting_as(Persona.WORKER, organisation=riverside):
        assert numerators() == {960, 4321}


@pytest.mark.parametrize("persona", [Persona.MEMBER, Persona.WORKER, *OUTSIDE])
def test_header_of_a_published_release_cannot_be_changed(published: World, persona: Persona) -> None:
    riverside, alice = published.house.riverside, published.house.person("alice")
    with suppress(ProgrammingError), acting_as(persona, organisation=riverside, person=alice):
        ask("UPDATE publication_release SET institution_name = 'Somebody else'")
    with acting_as(Persona.PUBLIC):
        assert ask("SELECT institution_name FROM publication_release") == [("Riverside Health",)]


def test_member_cannot_publish(published: World) -> None:
    riverside, alice = published.house.riverside, published.house.person("alice")
    with pytest.raises(ProgrammingError, match="permission denied"):
        with acting_as(Persona.MEMBER, organisation=riverside, person=alice):
            ask("SELECT publication_next_seq()")


@pytest.mark.real_logins
@pytest.mark.parametrize(
    "role", ["equity_member", "equity_worker", "equity_operator", "equity_signin", "equity_owner"]
)
def test_outside_login_cannot_become_somebody_inside(published: World, role: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied to set role"), acting_as(Persona.PUBLIC):
        ask(f"SET ROLE {role}")


@pytest.mark.real_logins
def test_outside_login_reads_the_ledger_through_its_own_connection(published: World) -> None:
    with acting_as(Persona.PUBLIC) as acting:
        assert acting.alias == "outside"
        assert ask("SELECT session_user, current_user") == [("equity_outside", "equity_public")]
        assert numerators() == {960}
