"""What PostgreSQL lets the holder of a key do, whatever a view says: somebody with raw SQL as the sender persona."""

from __future__ import annotations

import datetime
import json
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DatabaseError, connections, transaction
from django.utils import timezone

from equity.keys.actions import Handed
from equity.keys.models import SystemKey
from equity.tenancy.acting import acting_as, current
from equity.tenancy.grants import declared_grants
from equity.tenancy.models import Membership
from equity.tenancy.personas import Persona
from metrics.models import Batch
from tests.cast import House
from tests.keys.systems import ask, send, system
from tests.metrics.importing import applied, csv_of, define, run_jobs

COUNT = {"metric": "pain-30-minutes", "unit": "east", "period": "2024-01", "numerator": 30, "denominator": 60}

MAY = {
    "keys_keyuse": {"SELECT", "INSERT", "UPDATE"},
    "keys_system": {"SELECT"},
    "keys_systemkey": {"SELECT"},
    "metrics_batch": {"SELECT", "INSERT"},
    "metrics_category": {"SELECT"},
    "metrics_dimension": {"SELECT"},
    "metrics_metric": {"SELECT"},
    "tenancy_auditevent": {"SELECT", "INSERT"},
    "tenancy_job": {"SELECT", "INSERT"},
    "tenancy_membership": {"SELECT"},
    "tenancy_organisation": {"SELECT"},
    "tenancy_person": {"SELECT"},
    "tenancy_unit": {"SELECT"},
}
"""Every table that a sender touches, with what it may do there. None of them has a count in a column."""


@pytest.fixture
def handed(house: House) -> Handed:
    """A key of Riverside, where a file came in, and where two systems of two institutions have sent something."""
    define(house)
    applied(house, csv_of(["pain-30-minutes,west,2024-01,,41,61"]))
    send(system(house, "Payroll").secret, {"counts": [COUNT]})
    send(system(house, "Theirs", "walter").secret, {"counts": [COUNT]}, address=batches_of("elsewhere"))
    handed = system(house)
    send(handed.secret, {"counts": [COUNT]})
    return handed


def batches_of(slug: str) -> str:
    return f"/api/v1/organizations/{slug}/batches"


@contextmanager
def sender(handed: Handed, **other: Any) -> Iterator[None]:
    """As the request of the key's holder, or with something else told about it."""
    key = handed.key
    told = {
        "organisation": key.organisation_id,
        "person": key.made_by_id,
        "client": key.system_id,
        "credential": key.key_hash,
    }
    with acting_as(Persona.SENDER, **{**told, **other}):
        yield


def rows(sql: str, *given: Any) -> list[tuple[Any, ...]]:
    with connections[current().alias].cursor() as cursor:
        cursor.execute(sql, given)
        return list(cursor.fetchall()) if cursor.description else [(cursor.rowcount,)]


def refused(sql: str, *given: Any) -> bool:
    """Whether PostgreSQL refuses the statement; what it did is taken back."""
    try:
        with transaction.atomic(using=current().alias):
            rows(sql, *given)
            transaction.set_rollback(True, using=current().alias)
            return False
    except DatabaseError as error:
        return "permission denied" in str(error) or "row-level security" in str(error)


NEW_BATCH = (
    "INSERT INTO metrics_batch (id, organisation_id, kind, name, sha256, rows_read, content, state, report, system_id,"
    " idempotency_key) VALUES (%s, %s, 'sent', '', '', 0, '', 'uploaded', '{}', %s, 'again')"
)
NEW_JOB = (
    "INSERT INTO tenancy_job (id, organisation_id, kind, arguments, state, attempts, outcome)"
    " VALUES (%s, %s, %s, jsonb_build_object('system', %s::text), 'queued', 0, '{}')"
)


def test_sender_is_granted_this_and_nothing_else() -> None:
    granted = {
        table: set(verbs) for (table, role), verbs in declared_grants().items() if role == Persona.SENDER
    }
    assert granted == MAY


def test_no_table_of_counts_can_be_read(house: House, handed: Handed) -> None:
    with acting_as(Persona.OPERATOR):
        tables = [name for (name,) in rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    assert {"metrics_observation", "metrics_rollup", "metrics_before", "publication_ledgerentry"} <= set(
        tables
    )
    with sender(handed):
        open_to_it = {table for table in tables if not refused(f"SELECT FROM {table}")}
    assert open_to_it == MAY.keys()


def test_only_own_rows_are_seen(house: House, handed: Handed) -> None:
    key = handed.key
    with sender(handed):
        assert rows("SELECT DISTINCT system_id FROM metrics_batch") == [(key.system_id,)]
        assert rows("SELECT prefix FROM keys_systemkey") == [(key.prefix,)]
        assert rows("SELECT name FROM keys_system") == [("Night export",)]
        assert rows("SELECT slug FROM tenancy_organisation") == [("riverside",)]
        assert rows("SELECT name FROM tenancy_person") == [("Alice",)]
        assert rows("SELECT role FROM tenancy_membership") == [("equity_lead",)]
        assert rows("SELECT event FROM tenancy_auditevent") == [("batch.send",)]
        assert rows("SELECT kind FROM tenancy_job") == [("metrics.check_batch",)]


def test_what_is_told_beside_the_key_opens_no_other_batches(house: House, handed: Handed) -> None:
    """As if a view took institution and system from the address."""
    with acting_as(Persona.OPERATOR):
        theirs = Batch.objects.get(organisation=house.elsewhere)
        payroll = Batch.objects.get(system__name="Payroll")
    for told in (
        {"organisation": house.elsewhere, "client": theirs.system_id},
        {"client": payroll.system_id},
    ):
        with sender(handed, **told):
            seen = {system for (system,) in rows("SELECT system_id FROM metrics_batch")}
            assert seen <= {handed.key.system_id}
            for batch in (theirs, payroll):
                assert refused(NEW_BATCH, uuid.uuid4(), batch.organisation_id, batch.system_id)


@pytest.mark.parametrize("why", ["revoked", "ended", "without the scope", "nobody answers"])
def test_key_that_opens_nothing_inserts_nothing(house: House, handed: Handed, why: str) -> None:
    key = handed.key
    with sender(handed):
        assert not refused(NEW_BATCH, uuid.uuid4(), key.organisation_id, key.system_id)
    with acting_as(Persona.OPERATOR):
        changed = SystemKey.objects.filter(pk=key.pk)
        if why == "revoked":
            changed.update(revoked_at=timezone.now())
        elif why == "ended":
            day = datetime.timedelta(days=1)
            changed.update(made_at=timezone.now() - 2 * day, expires_at=timezone.now() - day)
        elif why == "without the scope":
            changed.update(scopes=["something:else"])
        else:
            Membership.objects.filter(person=house.person("alice")).update(role="practice_owner")
    with sender(handed):
        assert refused(NEW_BATCH, uuid.uuid4(), key.organisation_id, key.system_id)


def test_sender_without_a_key_sees_and_writes_nothing_of_systems(house: House, handed: Handed) -> None:
    with sender(handed, credential=None):
        for table in ("metrics_batch", "keys_system", "keys_systemkey", "keys_keyuse"):
            assert rows(f"SELECT 1 FROM {table}") == []
        assert refused(NEW_BATCH, uuid.uuid4(), handed.key.organisation_id, handed.key.system_id)


def test_key_cannot_prolong_itself_or_have_other_work_done(house: House, handed: Handed) -> None:
    key = handed.key
    with sender(handed):
        assert refused("UPDATE keys_systemkey SET expires_at = now() + interval '9 years'")
        assert refused("UPDATE keys_system SET answers_id = NULL")
        assert refused("UPDATE metrics_batch SET state = 'applied'")
        given = (uuid.uuid4(), key.organisation_id)
        assert not refused(NEW_JOB, *given, "metrics.check_batch", str(key.system_id))
        assert refused(NEW_JOB, *given, "metrics.apply_batch", str(key.system_id))
        assert refused(NEW_JOB, *given, "metrics.publish_release", str(key.system_id))
        assert refused(NEW_JOB, *given, "metrics.check_batch", str(uuid.uuid4()))


def test_person_cannot_send_in_the_name_of_a_system(house: House, handed: Handed) -> None:
    with acting_as(Persona.MEMBER, organisation=house.riverside, person=house.person("alice")):
        assert refused(NEW_BATCH, uuid.uuid4(), handed.key.organisation_id, handed.key.system_id)


def test_no_answer_says_what_stands_there(house: House, handed: Handed) -> None:
    """41 of 61 came in a file. A trial over the same place says that it would change, and not from what."""
    trial = {"apply": "never", "counts": [COUNT | {"unit": "west"}]}
    where = send(handed.secret, trial, "trial").headers["Location"]
    run_jobs(house)
    answer = ask(handed.secret, where)
    assert answer.json()["counts"]["changed"] == 1
    told = {
        name: value for name, value in answer.json().items() if name not in ("id", "received_at", "links")
    }
    assert not {"41", "61"} & set(re.findall(r"[0-9]+", json.dumps(told)))
