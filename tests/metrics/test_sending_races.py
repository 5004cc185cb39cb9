"""The same document sent twice at one moment, with the logins as they are in service and transactions that really commit."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from equity.tenancy.acting import acting_as
from equity.tenancy.models import AuditEvent, Job
from equity.tenancy.personas import Persona
from metrics.api import batches
from metrics.models import Batch
from tests.cast import House
from tests.keys.systems import second_key, send, system
from tests.metrics.importing import define

pytestmark = pytest.mark.real_logins

DOCUMENT = {
    "counts": [
        {"metric": "pain-30-minutes", "unit": "east", "period": "2024-01", "numerator": 3, "denominator": 6}
    ]
}
OTHER = {"apply": "never", **DOCUMENT}


@pytest.fixture(autouse=True)
def nothing_stays_open(house: House) -> Iterator[None]:
    """The connection on which this thread sent; those of the others are closed where they end."""
    yield
    connections["outside"].close()


def send_at_once(monkeypatch: Any, *requests: tuple[str, Any]) -> list[Any]:
    """Each (key, document) in a thread of its own. None is kept before all were read."""
    all_were_read = threading.Barrier(len(requests))
    read = batches.from_document

    def together(*given: Any) -> Any:
        prepared = read(*given)
        all_were_read.wait(30)
        return prepared

    def post(request: tuple[str, Any]) -> Any:
        try:
            return send(*request)
        finally:
            connections.close_all()

    monkeypatch.setattr(batches, "from_document", together)
    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(post, requests))


def kept() -> tuple[int, int, int]:
    """How many batches, jobs and entries of the audit trail came of it."""
    with acting_as(Persona.OPERATOR):
        sent = AuditEvent.objects.filter(event="batch.send")
        return Batch.objects.count(), Job.objects.count(), sent.count()


def test_same_document_at_once_has_one_effect_and_one_answer(house: House, monkeypatch: Any) -> None:
    define(house)
    handed = system(house)
    rotated = second_key(house, handed)
    keys = [handed.secret, rotated.secret, handed.secret, rotated.secret]
    answers = send_at_once(monkeypatch, *((key, DOCUMENT) for key in keys))
    assert [answer.status_code for answer in answers] == [202] * 4
    assert len({answer.content for answer in answers}) == 1
    assert sorted(answer.headers.get("Idempotency-Replayed", "") for answer in answers) == ["", *["true"] * 3]
    assert kept() == (1, 1, 1)


def test_another_document_under_the_same_name_at_once_is_refused(house: House, monkeypatch: Any) -> None:
    define(house)
    key = system(house).secret
    answers = send_at_once(monkeypatch, (key, DOCUMENT), (key, OTHER))
    assert sorted(answer.status_code for answer in answers) == [202, 422]
    assert kept() == (1, 1, 1)


def test_refused_document_at_once_is_kept_once(house: House, monkeypatch: Any) -> None:
    """Nothing is defined here, so every code is unknown: an answer of 422 that leaves its batch behind."""
    key = system(house).secret
    answers = send_at_once(monkeypatch, (key, DOCUMENT), (key, DOCUMENT))
    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].content == answers[1].content
    assert kept() == (1, 0, 1)


def test_revoked_between_two_requests_sends_nothing_more(house: House) -> None:
    define(house)
    handed = system(house)
    assert send(handed.secret, DOCUMENT, "one").status_code == 202
    with acting_as(Persona.OPERATOR):
        type(handed.key).objects.filter(pk=handed.key.pk).update(revoked_at=handed.key.made_at)
    assert send(handed.secret, DOCUMENT, "two").status_code == 401
    assert kept() == (1, 1, 1)
