"""Counts that systems send: received once, checked as a file, applied or not, and told to nobody else."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from django.db import connections
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from equity.keys import secret
from equity.keys.actions import Handed, revoke_key
from equity.keys.models import KeyUse, SystemKey
from equity.keys.scopes import BRAND
from equity.tenancy.acting import acting_as
from equity.tenancy.models import AuditEvent, Job, Membership
from equity.tenancy.personas import Persona
from metrics.actions.imports import undo_batch
from metrics.models import Batch
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


# ---------------------------------------------------------------- keys × addresses
def _expired(house: House, handed: Handed) -> str:
    now = timezone.now()
    with acting_as(Persona.OPERATOR):
        SystemKey.objects.filter(pk=handed.key.pk).update(
            made_at=now - datetime.timedelta(days=9), expires_at=now - datetime.timedelta(seconds=1)
        )
    return handed.secret


def _revoked(house: House, handed: Handed) -> str:
    alice = house.person("alice")
    with acting_as(Persona.MEMBER, organisation=house.riverside, person=alice):
        revoke_key(key=handed.key, by=alice)
    return handed.secret


def _without_scope(house: House, handed: Handed) -> str:
    with acting_as(Persona.OPERATOR):
        SystemKey.objects.update(scopes=["something:else"])
    return handed.secret


def _left(house: House, handed: Handed) -> str:
    with acting_as(Persona.OPERATOR):
        Membership.objects.filter(person=house.person("alice")).update(ended_on=timezone.localdate())
    return handed.secret


def _demoted(house: House, handed: Handed) -> str:
    with acting_as(Persona.OPERATOR):
        Membership.objects.filter(person=house.person("alice")).update(role="practice_owner")
    return handed.secret


def _mistyped(house: House, handed: Handed) -> str:
    return handed.secret[:-9] + ("x" if handed.secret[-10] != "x" else "y") + handed.secret[-8:]


STATES: dict[str, tuple[Any, int, str, str]] = {
    "live": (lambda house, handed: handed.secret, 202, "", ""),
    "ended": (_expired, 401, "invalid-key", "This key has ended."),
    "revoked": (_revoked, 401, "invalid-key", "This key was revoked."),
    "unknown": (
        lambda house, handed: secret.generate(BRAND).secret,
        401,
        "invalid-key",
        "There is no such key.",
    ),
    "mistyped": (
        lambda house, handed: (
            handed.secret[:20] + ("b" if handed.secret[20] != "b" else "c") + handed.secret[21:]
        ),
        401,
        "invalid-key",
        "This key is mistyped",
    ),
    "of a department": (
        lambda house, handed: secret.generate("lh").secret,
        401,
        "invalid-key",
        "This is not the key of an institution’s system",
    ),
    "of another institution": (
        lambda house, handed: system(house, "Theirs", "walter").secret,
        404,
        "not-found",
        "There is nothing at this address for this key.",
    ),
    "without the scope": (_without_scope, 403, "missing-scope", "batches:write"),
    "whose person left": (_left, 403, "nobody-answers", "Alice answered for “Night export”"),
    "whose person may not": (_demoted, 403, "nobody-answers", "Alice answered for “Night export”"),
}


@pytest.mark.parametrize("method", ["post", "get"])
@pytest.mark.parametrize("state", STATES)
def test_every_state_of_a_key_at_every_address(house: House, handed: Handed, state: str, method: str) -> None:
    there = send(handed.secret, DOCUMENT, "before").headers["Location"]
    with acting_as(Persona.OPERATOR):
        events = AuditEvent.objects.filter(event__startswith="batch").count()
    make, status, kind, words = STATES[state]
    key = make(house, handed)
    response = send(key, DOCUMENT) if method == "post" else ask(key, there)
    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")
    assert response.headers["Cache-Control"] == "no-store"
    assert "RateLimit" in response.headers
    if not kind:
        assert response.status_code == (status if method == "post" else 200)
        return
    assert words in refusal(response, status, kind)["detail"]
    assert ("WWW-Authenticate" in response.headers) is (status == 401)
    with acting_as(Persona.OPERATOR):
        assert len(kept()) == 1
        assert AuditEvent.objects.filter(event__startswith="batch").count() == events


def test_no_key_is_refused_without_asking_the_database(house: House, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0, using="owner"):
        response = Browser().post(BATCHES, "{}", content_type="application/json")
    assert "This needs a key." in refusal(response, 401, "invalid-key")["detail"]


def test_being_signed_in_opens_nothing(house: House, client: Any, handed: Handed) -> None:
    client.force_login(house.accounts["alice"])
    response = client.post(BATCHES, json.dumps(DOCUMENT), content_type="application/json")
    refusal(response, 401, "invalid-key")


def test_foreign_institution_and_none_look_the_same(handed: Handed) -> None:
    theirs, nobodys = (
        send(handed.secret, DOCUMENT, address=f"/api/v1/organizations/{name}/batches")
        for name in ("elsewhere", "nowhere")
    )
    assert refusal(theirs, 404, "not-found") == refusal(nobodys, 404, "not-found")


def test_institution_is_named_by_slug_or_number(house: House, handed: Handed) -> None:
    by_number = f"/api/v1/organizations/{house.riverside.pk}/batches"
    response = send(handed.secret, DOCUMENT, address=by_number)
    assert response.status_code == 202
    assert ask(handed.secret, f"{by_number}/{response.json()['id']}").status_code == 200
    other = f"/api/v1/organizations/{house.elsewhere.pk}/batches"
    refusal(send(handed.secret, DOCUMENT, address=other), 404, "not-found")


def test_revoked_key_stops_with_the_next_request(house: House, handed: Handed) -> None:
    assert send(handed.secret, DOCUMENT, "one").status_code == 202
    _revoked(house, handed)
    assert send(handed.secret, DOCUMENT, "two").status_code == 401


def test_taking_over_lets_the_same_key_work_again(house: House, handed: Handed, client: Any) -> None:
    _left(house, handed)
    with acting_as(Persona.OPERATOR):
        Membership.objects.create(
            organisation=house.riverside, person=house.person("mona"), role="equity_lead"
        )
    assert send(handed.secret, DOCUMENT).status_code == 403
    client.force_login(house.accounts["mona"])
    client.post(f"/o/riverside/keys/{handed.key.system_id}/answer/")
    assert send(handed.secret, DOCUMENT).status_code == 202
    with acting_as(Persona.OPERATOR):
        assert "of Mona" in AuditEvent.objects.get(event="batch.send").by_name


def test_use_is_noted_to_the_minute(house: House, handed: Handed) -> None:
    send(handed.secret, WRONG)
    with acting_as(Persona.OPERATOR):
        first = KeyUse.objects.get(key=handed.key).at
    send(handed.secret, DOCUMENT, "two")
    with acting_as(Persona.OPERATOR):
        assert KeyUse.objects.get(key=handed.key).at == first
        long_ago = timezone.now() - datetime.timedelta(minutes=2)
        KeyUse.objects.update(at=long_ago)
    send(handed.secret, DOCUMENT, "three")
    with acting_as(Persona.OPERATOR):
        assert KeyUse.objects.get(key=handed.key).at > long_ago


def test_limit_is_counted_by_key(handed: Handed, settings: Any) -> None:
    settings.API_RATE_PER_MINUTE = 3
    answers = [send(handed.secret, DOCUMENT) for _ in range(8)]
    refused = next(answer for answer in answers if answer.status_code == 429)
    refusal(refused, 429, "too-many-requests")
    assert int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["RateLimit-Policy"] == '"minute";q=3;w=60'


def test_http_is_refused_and_not_redirected(handed: Handed, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    refusal(send(handed.secret, DOCUMENT), 403, "https-only")


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
