"""How often somebody may ask: counted per key or per address, told in headers, and never a reason to fail."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client as Browser

from equity.publication.models import PullLog
from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona
from tests.public.conftest import World
from tests.public.test_keys import Department

OBSERVATIONS = "/api/v1/observations"
QUOTA = 3


@pytest.fixture(autouse=True)
def narrow(settings: Any) -> None:
    settings.API_RATE_PER_MINUTE_WITHOUT_KEY = QUOTA
    settings.API_RATE_PER_MINUTE = 2 * QUOTA


@pytest.fixture
def address() -> str:
    """An address that no other test has."""
    return str(uuid.uuid4())


def until_refused(quota: int, **headers: Any) -> Any:
    """The refusal, at the latest when a second minute has begun and its quota is used up too."""
    for _ in range(2 * quota + 1):
        response = Browser().get(OBSERVATIONS, **headers)
        if response.status_code == 429:
            return response
    raise AssertionError("Nobody was held back.")


def test_headers_tell_the_policy_and_what_is_left(published: World, address: str) -> None:
    response = Browser().get(OBSERVATIONS, REMOTE_ADDR=address)
    assert response.headers["RateLimit-Policy"] == f'"minute";q={QUOTA};w=60'
    left, reset = response.headers["RateLimit"].removeprefix('"minute";').split(";")
    assert left == f"r={QUOTA - 1}"
    assert 1 <= int(reset.removeprefix("t=")) <= 60


def test_address_that_asks_too_often_is_held_back_and_others_are_not(published: World, address: str) -> None:
    refused = until_refused(QUOTA, REMOTE_ADDR=address)
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json()["type"] == "/api/v1/#too-many-requests"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["RateLimit"].startswith('"minute";r=0;')
    assert Browser().get(OBSERVATIONS, REMOTE_ADDR=str(uuid.uuid4())).status_code == 200


def test_key_has_a_limit_of_its_own(published: World, address: str) -> None:
    ohio = Department("Ohio")
    until_refused(QUOTA, REMOTE_ADDR=address)
    header = {"HTTP_AUTHORIZATION": f"Bearer {ohio.secret}"}
    allowed = Browser().get(OBSERVATIONS, REMOTE_ADDR=address, **header)
    assert allowed.status_code == 200
    assert f"q={2 * QUOTA};" in allowed.headers["RateLimit-Policy"]
    assert until_refused(2 * QUOTA, REMOTE_ADDR=address, **header).status_code == 429


def test_refused_keys_count_against_the_address(published: World, address: str) -> None:
    assert until_refused(QUOTA, REMOTE_ADDR=address, HTTP_AUTHORIZATION="Bearer guess").status_code == 429


def test_caller_behind_our_proxy_is_the_last_address_it_wrote(
    published: World, settings: Any, address: str
) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    mine = {"REMOTE_ADDR": "proxy", "HTTP_X_FORWARDED_FOR": f"forged-{uuid.uuid4()}, {address}"}
    until_refused(QUOTA, **mine)
    other = mine | {"HTTP_X_FORWARDED_FOR": f"forged, {uuid.uuid4()}"}
    assert Browser().get(OBSERVATIONS, **other).status_code == 200


def test_forwarded_address_without_a_proxy_of_ours_is_not_believed(published: World, address: str) -> None:
    for _ in range(2 * QUOTA + 1):
        response = Browser().get(OBSERVATIONS, REMOTE_ADDR=address, HTTP_X_FORWARDED_FOR=str(uuid.uuid4()))
        if response.status_code == 429:
            return
    raise AssertionError("A forged header got around the limit.")


def test_nobody_is_held_back_when_the_cache_is_gone(published: World, settings: Any, address: str) -> None:
    gone = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": gone}
    for _ in range(2 * QUOTA + 1):
        assert Browser().get(OBSERVATIONS, REMOTE_ADDR=address).status_code == 200


def test_held_back_pull_is_not_written_down(published: World) -> None:
    ohio = Department("Ohio")
    answered = 0
    for _ in range(4 * QUOTA + 1):
        answered += ohio.get().status_code == 200
    with acting_as(Persona.OPERATOR):
        assert PullLog.objects.count() == answered < 4 * QUOTA + 1
