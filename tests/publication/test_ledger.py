"""Publishing and reading back: whole releases, what is in force, what came since."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.utils import timezone

from equity.publication import ledger, queries
from equity.publication.actions import client_named
from equity.publication.ledger import Entry
from equity.publication.models import Agreement, LedgerEntry, Release
from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona
from tests.public.conftest import World
from tests.public.published import certify, observation

FIRST, SECOND = observation(50, 400), observation(60, 400, race="black")


def in_force(world: World, **narrowed: object) -> dict[str, int]:
    with acting_as(Persona.PUBLIC):
        found = queries.in_force(world.house.riverside.pk, "observation", **narrowed)  # type: ignore[arg-type]  # test's own names
        return {entry.key: entry.document["numerator"] for entry in found}


def withdrawal(entry: Entry) -> Entry:
    return replace(entry, op="delete", document={})


def test_release_and_its_rows_share_one_number(world: World) -> None:
    seq = world.publish(FIRST, SECOND)
    with acting_as(Persona.PUBLIC):
        assert [(entry.seq, entry.n) for entry in LedgerEntry.objects.order_by("n")] == [(seq, 1), (seq, 2)]
        header = queries.institution_header("riverside")
        assert (header.seq, header.state, queries.last_seq()) == (seq, "published", seq)


def test_release_that_is_not_certified_is_not_published(world: World) -> None:
    riverside = world.house.riverside
    release = certify(riverside, world.house.person("alice"))
    with acting_as(Persona.WORKER, organisation=riverside):
        Release.objects.filter(pk=release.pk).update(state="refused")
        with pytest.raises(ValueError, match="certified"):
            ledger.publish(release, [FIRST])
    assert in_force(world) == {}


def test_release_is_published_once(world: World) -> None:
    riverside = world.house.riverside
    release = certify(riverside, world.house.person("alice"))
    with acting_as(Persona.WORKER, organisation=riverside):
        ledger.publish(release, [FIRST])
        with pytest.raises(ValueError, match="not yet published"):
            ledger.publish(release, [FIRST])


def test_release_without_rows_is_not_published(world: World) -> None:
    release = certify(world.house.riverside, world.house.person("alice"))
    with (
        acting_as(Persona.WORKER, organisation=world.house.riverside),
        pytest.raises(ValueError, match="without rows"),
    ):
        ledger.publish(release, [])


def test_latest_entry_of_a_key_is_in_force(world: World) -> None:
    world.publish(FIRST, SECOND)
    world.publish(observation(51, 400))
    assert in_force(world) == {FIRST.key: 51, SECOND.key: 60}


def test_withdrawn_key_is_not_in_force_until_it_is_published_again(world: World) -> None:
    world.publish(FIRST, SECOND)
    world.publish(withdrawal(FIRST), kind="withdrawal")
    assert in_force(world) == {SECOND.key: 60}
    with acting_as(Persona.PUBLIC):
        assert queries.keys_in_force(world.house.riverside.pk, "observation") == [SECOND.key]
        assert queries.keys_in_force(world.house.riverside.pk, "observation", metric="falls") == []
    world.publish(observation(52, 400))
    assert in_force(world) == {FIRST.key: 52, SECOND.key: 60}


def test_in_force_is_narrowed_by_metric_and_key(world: World) -> None:
    world.publish(FIRST, SECOND)
    assert in_force(world, keys=[FIRST.key]) == {FIRST.key: 50}
    assert in_force(world, keys=[]) == {}
    assert in_force(world, metric="falls") == {}
    assert in_force(world, prefixes=["nothing|", "readmission|all|"]) == {FIRST.key: 50, SECOND.key: 60}


def test_feed_leaves_out_what_was_withdrawn_even_after_its_bound(world: World) -> None:
    bound = world.publish(FIRST, SECOND)
    tombstone = world.publish(withdrawal(FIRST), kind="withdrawal")
    with acting_as(Persona.PUBLIC):
        before = [entry.key for entry in queries.feed("observation", after=(0, 0), up_to=bound)]
        after = [
            (entry.op, entry.key) for entry in queries.feed("observation", after=(bound, 99), up_to=tombstone)
        ]
    assert before == [SECOND.key]
    assert after == [("delete", FIRST.key)]


def test_tombstone_among_agreed_rows_hides_no_public_row_from_the_client(world: World) -> None:
    world.publish(FIRST)
    last = world.publish(replace(withdrawal(FIRST), audience="agreement"), kind="withdrawal")
    today = timezone.localdate()
    with acting_as(Persona.OPERATOR):
        ohio = client_named(name="Ohio")
        Agreement.objects.create(
            organisation=world.house.riverside, client=ohio, starts_on=today, ends_on=today
        )
    with acting_as(Persona.CLIENT, client=ohio):
        found = [entry.op for entry in queries.feed("observation", after=(0, 0), up_to=last)]
    assert found == ["upsert", "delete"]


def test_institutions_carry_their_latest_header(world: World) -> None:
    world.publish(FIRST)
    world.house.riverside.name = "Riverside Health Partners"
    world.publish(observation(51, 400))
    world.publish(observation(5, 40), of="elsewhere")
    with acting_as(Persona.PUBLIC):
        assert [header.institution_name for header in queries.institutions()] == [
            "Elsewhere Clinic",
            "Riverside Health Partners",
        ]
