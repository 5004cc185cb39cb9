"""Counts that systems send: received once, checked as a file, applied or not, and told to nobody else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connections
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from equity.keys.actions import Handed
from equity.tenancy.acting import acting_as
from equity.tenancy.models import AuditEvent, Job
from equity.tenancy.personas import Persona
from metrics.actions.choosing import retire_metric
from metrics.actions.imports import undo_batch
from metrics.models import Batch, Metric
from tests.cast import House
from tests.keys.systems import BATCHES, ask, headers, second_key, send, system
from tests.metrics.importing import applied, as_member, csv_of, define, observations, run_jobs

COUNT = {"metric": "pain-30-minutes", "unit": "east", "period": "2024-01", "numerator": 30, "denominator": 60}
BLACK = COUNT | {"stratum": {"race_ethnicity": "black"}, "numerator": 12, "denominator": 20}
DOCUMENT = {"name": "January", "counts": [COUNT, BLACK]}
WRONG = {"counts": [COUNT | {"numerator": 61}, COUNT | {"unit": "moon", "period": "soon"}]}


@pytest.fixture
def handed(house: House) -> Handed:
    """A key of a system of Riverside, which has definitions."""
    define(house)
    return system(house)


def kept() -> list[Batch]:
    with acting_as(Persona.OPERATOR):
        return list(Batch.objects.order_by("uploaded_at"))


def refusal(response: Any, status: int, kind: str) -> dict[str, Any]:
    assert response.headers["Content-Type"] == "application/problem+json"
    document = dict(response.json())
    told = (response.status_code, document["status"], document["type"])
    assert told == (status, status, f"/api/v1/#{kind}"), document
    return document


# ---------------------------------------------------------------- the way of a document
def test_document_is_received_checked_and_applied(house: House, handed: Handed) -> None:
    response = send(handed.secret, DOCUMENT)
    assert response.status_code == 202, response.content
    where = response.headers["Location"]
    assert where == f"{BATCHES}/{response.json()['id']}"
    assert response.json()["state"] == "received"
    assert response.headers["Retry-After"] == "2"
    waiting = ask(handed.secret, where)
    assert (waiting.json()["state"], waiting.json()["finished"]) == ("received", False)
    assert waiting.headers["Retry-After"] == "2"
    run_jobs(house)
    assert ask(handed.secret, where).json()["state"] == "applying"
    assert observations(house) == set()
    run_jobs(house)
    done = ask(handed.secret, where)
    assert "Retry-After" not in done.headers
    assert done.json()["counts"] == {
        "read": 2,
        "new": 2,
        "changed": 0,
        "unchanged": 0,
        "errors": 0,
        "left_out": 0,
        "not_adding_up": 1,
    }
    assert (done.json()["state"], done.json()["finished"], done.json()["name"]) == (
        "applied",
        True,
        "January",
    )
    assert observations(house) == {
        ("east", "2024-01-01", "", 30, 60, ""),
        ("east", "2024-01-01", "race_ethnicity=black", 12, 20, ""),
    }


def retire(house: House) -> None:
    with as_member(house, "alice"):
        metric = Metric.objects.get(organisation=house.riverside, code="pain-30-minutes")
        retire_metric(metric=metric, reason="Another took its place.", by=house.person("alice"))


def test_counts_of_a_retired_measure_are_left_out_and_told(house: House, handed: Handed) -> None:
    retire(house)
    other = {"metric": "policy-positions", "unit": "all", "period": "2024-Q1", "numerator": 2}
    where = send(handed.secret, {"counts": [other, COUNT]}).headers["Location"]
    run_jobs(house)
    run_jobs(house)
    told = ask(handed.secret, where).json()
    assert (told["state"], told["counts"]["new"], told["counts"]["left_out"]) == ("applied", 1, 1)
    (one,) = told["left_out"]
    assert (one["pointer"], one["value"]) == ("/counts/1/metric", "pain-30-minutes")
    assert "This row was left out." in one["reason"]


def test_document_of_retired_measures_only_is_refused(house: House, handed: Handed) -> None:
    retire(house)
    (error,) = refusal(send(handed.secret, DOCUMENT), 422, "refused-counts")["errors"]
    assert error["reason"].startswith("This file holds counts for retired measures only")
    assert observations(house) == set()


def test_trial_changes_nothing_and_nobody_can_apply_it(house: House, handed: Handed, client: Any) -> None:
    where = send(handed.secret, DOCUMENT | {"apply": "never"}).headers["Location"]
    run_jobs(house)
    run_jobs(house)
    told = ask(handed.secret, where).json()
    assert (told["state"], told["finished"], told["counts"]["new"]) == ("checked", True, 2)
    assert observations(house) == set()
    client.force_login(house.accounts["bea"])
    page = f"/o/riverside/measures/imports/{told['id']}/"
    assert "This was a trial" in client.get(page).content.decode()
    assert "<button" not in client.get(page).content.decode().partition("<main")[2]
    assert client.post(page).status_code == 422
    run_jobs(house)
    assert observations(house) == set()


def test_wrong_counts_are_refused_all_of_them(house: House, handed: Handed) -> None:
    response = send(handed.secret, WRONG)
    document = refusal(response, 422, "refused-counts")
    assert document["error_total"] == 3
    assert document["errors"][0] == {
        "pointer": "/counts/0/numerator",
        "value": "61",
        "reason": "The numerator 61 is greater than the denominator 60.",
        "mend": "The numerator is a part of the denominator. Check that the two were not swapped.",
    }
    assert [error["pointer"] for error in document["errors"][1:]] == ["/counts/1/unit", "/counts/1/period"]
    told = ask(handed.secret, response.headers["Location"]).json()
    assert (told["state"], told["finished"], told["counts"]["errors"]) == ("refused", True, 3)
    assert told["errors"] == document["errors"]
    assert observations(house) == set()
    with acting_as(Persona.OPERATOR):
        assert not Job.objects.filter(kind="metrics.check_batch").exists()


def test_what_stands_against_applying_refuses_the_batch(house: House, handed: Handed) -> None:
    applied(house, csv_of(["pain-30-minutes,all,2024-01,,90,180"]))
    where = send(handed.secret, DOCUMENT).headers["Location"]
    run_jobs(house)
    run_jobs(house)
    told = ask(handed.secret, where).json()
    assert (told["state"], told["finished"], told["counts"]["errors"]) == ("refused", True, 1)
    assert "counted twice" in told["errors"][0]["reason"]
    assert len(observations(house)) == 1


def test_errors_come_in_pages(handed: Handed) -> None:
    counts = [COUNT | {"period": f"{year}-01", "numerator": 61} for year in range(1900, 2105)]
    response = send(handed.secret, {"counts": counts})
    assert len(refusal(response, 422, "refused-counts")["errors"]) == 100
    where, seen = response.headers["Location"], []
    while where:
        page = ask(handed.secret, where).json()
        seen += [error["pointer"] for error in page["errors"]]
        where = page["next"]
    assert seen == [f"/counts/{number}/numerator" for number in range(205)]
    beyond = ask(handed.secret, f"{response.headers['Location']}?page=9").json()
    assert (beyond["errors"], beyond["next"]) == ([], None)


def test_people_undo_what_a_system_sent(house: House, handed: Handed) -> None:
    applied(house, csv_of(["pain-30-minutes,east,2024-01,,20,60"]))
    where = send(handed.secret, DOCUMENT).headers["Location"]
    run_jobs(house)
    run_jobs(house)
    assert ask(handed.secret, where).json()["counts"]["changed"] == 1
    with as_member(house):
        undo_batch(batch=Batch.objects.get(kind="sent"), by=house.person("bea"))
    run_jobs(house)
    assert ask(handed.secret, where).json()["state"] == "undone"
    assert observations(house) == {("east", "2024-01-01", "", 20, 60, "")}


def test_failed_work_is_told(house: House, handed: Handed) -> None:
    where = send(handed.secret, DOCUMENT).headers["Location"]
    with acting_as(Persona.OPERATOR):
        Job.objects.update(state="failed", outcome={"error": "It was interrupted."})
    told = ask(handed.secret, where).json()
    assert (told["state"], told["finished"], told["detail"]) == ("failed", True, "It was interrupted.")


def test_system_acts_as_itself_in_the_audit_trail(house: House, handed: Handed, client: Any) -> None:
    send(handed.secret, DOCUMENT)
    run_jobs(house)
    prefix, pk = handed.key.prefix, handed.key.system_id
    with acting_as(Persona.OPERATOR):
        events = AuditEvent.objects.filter(event__startswith="batch.").order_by("at", "pk")
        told = [(event.event, event.by_person, event.by_name, event.details["key"]) for event in events]
        jobs = set(Job.objects.values_list("asked_by", flat=True))
    name = f"Night export (key {prefix}, of Alice)"
    assert told == [("batch.send", pk, name, prefix), ("batch.apply", pk, name, prefix)]
    assert jobs == {None}
    client.force_login(house.accounts["alice"])
    assert name in client.get("/o/riverside/history/").content.decode()
    assert "Night export" in client.get("/o/riverside/measures/imports/").content.decode()
    page = f"/o/riverside/measures/imports/{kept()[0].pk}/"
    assert "Sent by Night export" in client.get(page).content.decode()


# ---------------------------------------------------------------- once
def test_same_name_and_document_have_one_effect_and_one_answer(house: House, handed: Handed) -> None:
    first, body = send(handed.secret, DOCUMENT), json.dumps(DOCUMENT).encode()
    run_jobs(house)
    run_jobs(house)
    again = send(handed.secret, body)
    assert (again.status_code, again.content, again.headers["Location"]) == (
        first.status_code,
        first.content,
        first.headers["Location"],
    )
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(kept()) == 1


def test_refusal_is_answered_again(handed: Handed) -> None:
    first, again = send(handed.secret, WRONG), send(handed.secret, WRONG)
    assert (again.status_code, again.content) == (422, first.content)
    assert len(kept()) == 1


def test_same_name_with_another_document_is_refused(handed: Handed) -> None:
    send(handed.secret, DOCUMENT)
    refusal(send(handed.secret, DOCUMENT | {"apply": "never"}), 422, "idempotency-key-reused")
    assert len(kept()) == 1


def test_name_belongs_to_the_system_not_to_its_key(house: House, handed: Handed) -> None:
    first = send(handed.secret, DOCUMENT)
    rotated = second_key(house, handed)
    assert send(rotated.secret, DOCUMENT).content == first.content
    assert ask(rotated.secret, first.headers["Location"]).status_code == 200
    other = system(house, "Payroll")
    assert send(other.secret, DOCUMENT).json()["id"] != first.json()["id"]
    assert len(kept()) == 2


def test_same_counts_under_another_name_change_nothing(house: House, handed: Handed) -> None:
    for name in ("first", "second"):
        where = send(handed.secret, DOCUMENT, name).headers["Location"]
        run_jobs(house)
        run_jobs(house)
    counts = ask(handed.secret, where).json()["counts"]
    assert (counts["new"], counts["changed"], counts["unchanged"]) == (0, 0, 2)


# ---------------------------------------------------------------- what is not taken
def post(key: str, body: bytes = b"{}", kind: str = "application/json", **more: str) -> Any:
    given = headers(key, "name", **more)
    return Browser().post(BATCHES, body, content_type=kind, headers=given)


@pytest.mark.parametrize("name", ["", " ", "x" * 256, "ü"])
def test_name_is_needed(handed: Handed, name: str) -> None:
    response = Browser().post(
        BATCHES,
        json.dumps(DOCUMENT),
        content_type="application/json",
        headers={**headers(handed.secret), "Idempotency-Key": name},
    )
    refusal(response, 400, "idempotency-key")


@pytest.mark.parametrize("kind", ["text/csv", "multipart/form-data; boundary=x", "application/x-ndjson"])
def test_other_kinds_of_content_are_refused(handed: Handed, kind: str) -> None:
    refusal(post(handed.secret, kind=kind), 415, "unsupported")


def test_compressed_content_is_refused(handed: Handed) -> None:
    refusal(post(handed.secret, **{"Content-Encoding": "gzip"}), 415, "unsupported")


def test_large_document_is_refused_with_the_limit(handed: Handed, settings: Any) -> None:
    settings.API_LARGEST_DOCUMENT = 100
    document = refusal(post(handed.secret, b" " * 101), 413, "too-large")
    assert document["limit"] == 100
    assert post(handed.secret, b" " * 100).status_code == 400


def test_document_without_a_length_is_refused(handed: Handed) -> None:
    response = Browser().generic(
        "POST",
        BATCHES,
        b"",
        headers=headers(handed.secret, "x"),
        CONTENT_TYPE="application/json",
        CONTENT_LENGTH="",
    )
    refusal(response, 411, "length-required")


def test_document_over_the_limit_of_forms_is_read(handed: Handed, settings: Any) -> None:
    """Django's own limit is for forms and would answer 400 without words."""
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    assert send(handed.secret, DOCUMENT).status_code == 202


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (b"{", 400, "not-json"),
        (b"{}", 422, "wrong-document"),
        (b'{"counts": [], "x": 1}', 422, "wrong-document"),
    ],
)
def test_other_documents_are_refused_and_not_kept(
    handed: Handed, body: bytes, status: int, kind: str
) -> None:
    refusal(post(handed.secret, body), status, kind)
    assert kept() == []


def test_unknown_parameter_and_page_are_refused(handed: Handed) -> None:
    where = send(handed.secret, WRONG).headers["Location"]
    assert refusal(ask(handed.secret, where, pages=1), 400, "unknown-parameter")["allowed"] == ["page"]
    for page in ("0", "-1", "x", "1" * 30, "²"):
        refusal(ask(handed.secret, where, page=page), 400, "invalid-parameter")
    refusal(send(handed.secret, DOCUMENT, address=f"{BATCHES}?dry_run=1"), 400, "unknown-parameter")


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_other_methods_are_refused(handed: Handed, method: str) -> None:
    response = getattr(Browser(), method)(BATCHES, headers=headers(handed.secret, "x"))
    assert refusal(response, 405, "method-not-allowed")
    assert response.headers["Allow"] == "POST"


# ---------------------------------------------------------------- how much is asked of the database
def statements(do: Any) -> int:
    with CaptureQueriesContext(connections["owner"]) as captured:
        do()
    told = [query["sql"] for query in captured.captured_queries]
    return len(
        [sql for sql in told if not sql.startswith(("SAVEPOINT", "RELEASE")) and "set_config" not in sql]
    )


def test_statements_do_not_grow_with_the_document(handed: Handed) -> None:
    many = {
        "counts": [
            COUNT | {"period": f"{year}-{month:02}"} for year in range(2000, 2020) for month in range(1, 13)
        ]
    }
    send(handed.secret, DOCUMENT)
    one = statements(lambda: send(handed.secret, {"counts": [COUNT]}, "a"))
    assert one == statements(lambda: send(handed.secret, many, "b")) == 13
    where = send(handed.secret, DOCUMENT).headers["Location"]
    assert statements(lambda: ask(handed.secret, where)) == 7
