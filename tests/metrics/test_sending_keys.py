"""Every state that a key can be in × every address for systems: who is let in, as whom, and that no session is made."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from equity.keys import secret
from equity.keys.actions import Handed, revoke_key
from equity.keys.models import KeyUse, SystemKey
from equity.keys.scopes import BRAND
from equity.tenancy.acting import acting_as
from equity.tenancy.models import AuditEvent, Membership
from equity.tenancy.personas import Persona
from metrics.models import Batch
from tests.cast import House
from tests.keys.systems import BATCHES, ask, send, system
from tests.metrics.importing import define
from tests.metrics.test_sending import DOCUMENT, WRONG, refusal


@pytest.fixture
def handed(house: House) -> Handed:
    """A key of a system of Riverside, which has definitions."""
    define(house)
    return system(house)


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
        assert Batch.objects.count() == 1
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
