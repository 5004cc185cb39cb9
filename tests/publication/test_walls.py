"""What outside personas reach in raw SQL, whatever the code of a page asks: published rows and nothing else."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, ProgrammingError, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from equity.publication import queries
from equity.publication.models import Agreement, Client
from equity.tenancy.acting import acting_as, current
from equity.tenancy.personas import Persona
from tests.public.conftest import World
from tests.public.published import certify, observation

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


def keys(persona: Persona, **acting: Any) -> set[tuple[str, str]]:
    """Operation and key of every row that a persona reads in raw SQL."""
    with acting_as(persona, **acting):
        return set(ask("SELECT op, key FROM publication_ledgerentry"))


READERS = ("public", "client", "client with an agreement", "equity lead", "reviewer")


def as_reader(world: World, reader: str) -> tuple[Persona, dict[str, Any]]:
    if reader == "public":
        return Persona.PUBLIC, {}
    if reader.startswith("client"):
        ohio = open_client("Ohio")
        if reader == "client with an agreement":
            agree(world, ohio)
        return Persona.CLIENT, {"client": ohio}
    name = {"equity lead": "alice", "reviewer": "carmen"}[reader]
    return Persona.MEMBER, {"organisation": world.house.riverside, "person": world.house.person(name)}


@pytest.mark.parametrize("audience", ["public", "agreement"])
@pytest.mark.parametrize("reader", READERS)
def test_withdrawn_row_is_shown_to_nobody_and_its_tombstone_is(
    world: World, reader: str, audience: str
) -> None:
    gone = observation(333, 4000, race="black", audience=audience)
    stays = observation(960, 8000)
    world.publish(stays, gone)
    world.publish(replace(gone, document=observation(334, 4000, race="black").document))
    persona, acting = as_reader(world, reader)
    sees_both = audience == "public" or reader not in ("public", "client")
    assert (("upsert", gone.key) in keys(persona, **acting)) is sees_both
    world.publish(replace(gone, op="delete", document={"reason": "privacy"}), kind="withdrawal")
    expected = {("upsert", stays.key)} | ({("delete", gone.key)} if sees_both else set())
    assert keys(persona, **acting) == expected
    with acting_as(persona, **acting):
        documents = ask("SELECT document::text FROM publication_ledgerentry")
    assert not any("333" in document or "334" in document for (document,) in documents)


def test_row_of_another_key_audience_or_institution_still_stands(world: World) -> None:
    gone = observation(333, 4000, race="black")
    world.publish(gone, observation(334, 4000, race="white"))
    world.publish(gone, of="elsewhere")
    world.publish(replace(gone, audience="agreement"))
    world.publish(replace(gone, op="delete", document={}, audience="agreement"), kind="withdrawal")
    with acting_as(Persona.PUBLIC):
        assert sorted(numerators()) == [333, 334]
    world.publish(replace(gone, op="delete", document={}), kind="withdrawal")
    with acting_as(Persona.PUBLIC):
        found = ask("SELECT organisation_id, key FROM publication_ledgerentry WHERE op = 'upsert'")
    assert set(found) == {
        (world.house.riverside.pk, observation(0, 1, race="white").key),
        (world.house.elsewhere.pk, gone.key),
    }


def test_row_published_again_after_its_withdrawal_is_shown(world: World) -> None:
    gone = observation(333, 4000, race="black")
    world.publish(gone)
    world.publish(replace(gone, op="delete", document={}), kind="withdrawal")
    world.publish(observation(335, 4000, race="black"))
    with acting_as(Persona.PUBLIC):
        assert ask("SELECT op, document->>'numerator' FROM publication_ledgerentry ORDER BY seq") == [
            ("delete", None),
            ("upsert", "335"),
        ]


@pytest.mark.parametrize("persona", list(Persona))
def test_withdrawal_cannot_be_taken_back_by_anybody(world: World, persona: Persona) -> None:
    gone = observation(333, 4000)
    world.publish(gone)
    world.publish(replace(gone, op="delete", document={}), kind="withdrawal")
    riverside, alice = world.house.riverside, world.house.person("alice")
    with pytest.raises(ProgrammingError, match="permission denied"):
        with acting_as(persona, organisation=riverside, person=alice):
            ask("DELETE FROM publication_withdrawnentry")
    with acting_as(Persona.PUBLIC):
        assert ask("SELECT count(*) FROM publication_withdrawnentry") == [(1,)]


def test_worker_of_another_institution_withdraws_nothing_here(world: World) -> None:
    seq = world.publish(observation(333, 4000))
    with pytest.raises(ProgrammingError, match="row-level security"):
        with acting_as(Persona.WORKER, organisation=world.house.elsewhere):
            ask(
                "INSERT INTO publication_withdrawnentry (seq, n, organisation_id, tombstone_seq, tombstone_n)"
                " VALUES (%s, 1, %s, 9, 1)",
                [seq, world.house.riverside.pk],
            )


@pytest.mark.parametrize(
    ("op", "document"),
    [
        ("delete", {"numerator": 3}),
        ("delete", {"reason": "The count was 3."}),
        ("delete", {"reason": "privacy", "numerator": 3}),
        ("remove", {}),
    ],
)
def test_tombstone_holds_a_reason_and_no_content(world: World, op: str, document: dict[str, Any]) -> None:
    world.publish(observation(333, 4000))
    with pytest.raises(IntegrityError, match="publication_ledger_tombstone"):
        world.publish(replace(observation(333, 4000), op=op, document=document), kind="withdrawal")


@pytest.mark.parametrize("seq", [1, None])
def test_row_cannot_come_before_its_release_is_published(world: World, seq: int | None) -> None:
    """In raw SQL as the worker, who alone may add rows: the number has to be that of a published release."""
    published = world.publish(observation(960, 8000))
    release = certify(world.house.riverside, world.house.person("alice"), title="Next year’s plans")
    with pytest.raises(IntegrityError, match="publication_ledgerentry_release_same_tenant"):
        with acting_as(Persona.WORKER, organisation=world.house.riverside):
            ask(
                "INSERT INTO publication_ledgerentry"
                " (seq, n, organisation_id, release_id, kind, op, audience, key, metric, document)"
                " VALUES (%s, 99, %s, %s, 'observation', 'upsert', 'public', 'x', '', '{}')",
                [published if seq is None else published + seq, world.house.riverside.pk, release.pk],
            )


def plan_of(persona: Persona, read: Callable[[], object]) -> list[str]:
    """How PostgreSQL answers the last statement of `read` in a ledger that is too long to be read as a whole."""
    with acting_as(Persona.OPERATOR) as acting, connections[acting.alias].cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    with acting_as(persona) as acting:
        with CaptureQueriesContext(connections[acting.alias]) as captured:
            read()
        return [line for (line,) in ask("EXPLAIN (COSTS OFF) " + captured.captured_queries[-1]["sql"])]


@pytest.mark.parametrize("persona", OUTSIDE)
def test_page_of_the_feed_walks_its_index_and_looks_withdrawn_places_up(
    published: World, persona: Persona
) -> None:
    plan = plan_of(persona, lambda: list(queries.feed("observation", after=(0, 5), up_to=9)[:100]))
    (withdrawn,) = (line for line in plan if "publication_withdrawnentry" in line)
    assert re.search(r"Index (Only )?Scan", withdrawn)
    assert any("publication_ledger_feed" in line for line in plan)
    assert not any("Sort" in line for line in plan)


@pytest.mark.parametrize("persona", OUTSIDE)
def test_keys_that_begin_alike_are_found_in_the_index_under_row_security(
    published: World, persona: Persona
) -> None:
    riverside = published.house.riverside.pk
    plan = plan_of(persona, lambda: queries.in_force(riverside, "observation", prefixes=["falls|all|"]))
    conditions = [line for line in plan if "Index Cond" in line and "falls|all|" in line]
    assert conditions, plan


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
