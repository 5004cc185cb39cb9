"""API keys: which are taken, what they open, what is written down, and that no session is ever made."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from equity.publication import keys
from equity.publication.actions import client_named, issue_key, revoke_key
from equity.publication.models import Agreement, ApiKey, Client, PullLog
from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona
from tests.public.conftest import World
from tests.public.published import observation

OBSERVATIONS = "/api/v1/observations"


class Department:
    """A client with a key."""

    def __init__(self, name: str, scopes: tuple[str, ...] = ("observations:read",)) -> None:
        with acting_as(Persona.OPERATOR):
            self.client = client_named(name=name)
            self.secret = issue_key(client=self.client, scopes=["observations:read"])
            ApiKey.objects.filter(prefix=self.prefix).update(scopes=list(scopes))

    @property
    def prefix(self) -> str:
        return self.secret.rsplit("_", 2)[0]

    def get(self, address: str = OBSERVATIONS, parameters: Any = None, **headers: str) -> Any:
        return Browser().get(
            address, parameters, headers={"Authorization": f"Bearer {self.secret}", **headers}
        )

    def numerators(self) -> set[int | None]:
        return {row["numerator"] for row in self.get().json()["data"]}


@pytest.fixture
def ohio(published: World) -> Department:
    return Department("Ohio Department of Health")


def change_key(department: Department, **values: Any) -> None:
    with acting_as(Persona.OPERATOR):
        ApiKey.objects.filter(prefix=department.prefix).update(**values)


def agree(world: World, department: Department, **values: Any) -> None:
    today = timezone.localdate()
    days = {
        "starts_on": today - datetime.timedelta(days=1),
        "ends_on": today + datetime.timedelta(days=1),
    } | values
    with acting_as(Persona.OPERATOR):
        Agreement.objects.create(organisation=world.house.riverside, client=department.client, **days)


def test_valid_key_reads(ohio: Department) -> None:
    response = ohio.get()
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert "Authorization" in response.headers["Vary"]


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer nonsense",
        "Basic YTpi",
        "Bearer lh_live_aaaaaaaa_" + "a" * 43 + "_00000000",
        "Bearer " + "ü" * 20,
        keys.generate().secret,
    ],
    ids=["nothing", "nonsense", "another scheme", "wrong check digits", "not ASCII", "without the scheme"],
)
def test_malformed_key_is_refused_without_asking_the_database(
    published: World, header: str, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0, using="owner"):
        response = Browser().get(OBSERVATIONS, headers={"Authorization": header})
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="api"'
    assert response.json()["type"] == "/api/v1/#invalid-key"


def test_unknown_key_is_refused(published: World) -> None:
    response = Browser().get(OBSERVATIONS, headers={"Authorization": f"Bearer {keys.generate().secret}"})
    assert (response.status_code, response.json()["detail"]) == (401, "There is no such API key.")


def test_ended_key_is_refused(ohio: Department) -> None:
    now = timezone.now()
    change_key(
        ohio, created_at=now - datetime.timedelta(days=2), expires_at=now - datetime.timedelta(seconds=1)
    )
    assert ohio.get().status_code == 401


def test_revoked_key_is_refused_with_the_next_request(ohio: Department) -> None:
    assert ohio.get().status_code == 200
    with acting_as(Persona.OPERATOR):
        assert revoke_key(prefix=ohio.prefix)
        assert not revoke_key(prefix=ohio.prefix)
    response = ohio.get()
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("address", [OBSERVATIONS, "/api/v1/findings", "/api/v1/institutions"])
def test_key_without_the_scope_is_refused(published: World, address: str) -> None:
    response = Department("Elsewhere", scopes=("something:else",)).get(address)
    assert (response.status_code, response.json()["type"]) == (403, "/api/v1/#missing-scope")


def test_each_pull_is_written_down_once(ohio: Department) -> None:
    page = ohio.get(parameters={"metric": "falls", "limit": 2}).json()
    ohio.get("/api/v1/findings")
    ohio.get("/api/v1/institutions")
    with acting_as(Persona.OPERATOR):
        first, second, third = PullLog.objects.order_by("pk")
    assert (first.client_id, first.key_prefix, first.rows) == (ohio.client.pk, ohio.prefix, 2)
    assert first.filters == {"address": OBSERVATIONS, "metric": "falls"}
    assert (first.first_seq, first.last_seq) == (page["data"][0]["seq"], page["data"][-1]["seq"])
    assert (second.filters["address"], second.rows) == ("/api/v1/findings", 2)
    assert (third.filters["address"], third.rows) == ("/api/v1/institutions", 2)


def test_pull_without_a_key_or_in_error_is_not_written_down(ohio: Department, visitor: Browser) -> None:
    visitor.get(OBSERVATIONS)
    assert ohio.get(parameters={"cursor": "nonsense"}).status_code == 400
    assert ohio.get(parameters={"hospital": "x"}).status_code == 400
    with acting_as(Persona.OPERATOR):
        assert not PullLog.objects.exists()


def test_unchanged_pull_is_written_down_with_no_rows(ohio: Department) -> None:
    tag = ohio.get()["ETag"]
    assert ohio.get(**{"If-None-Match": tag}).status_code == 304
    with acting_as(Persona.OPERATOR):
        assert [pull.rows for pull in PullLog.objects.order_by("pk")][1:] == [0]


def test_agreed_rows_open_with_a_live_agreement_only(published: World, ohio: Department) -> None:
    published.publish(observation(4321, 9000, audience="agreement", race="asian", payer="medicaid"))
    indiana = Department("Indiana")
    agree(published, ohio)
    assert 4321 in ohio.numerators()
    assert 4321 not in indiana.numerators()
    assert b"4321" not in Browser().get(OBSERVATIONS).content
    assert b"4321" not in Browser().get("/p/riverside/data.csv").content


@pytest.mark.parametrize(
    "values",
    [
        {"suspended_at": timezone.now()},
        {
            "starts_on": timezone.localdate() + datetime.timedelta(days=3),
            "ends_on": timezone.localdate() + datetime.timedelta(days=9),
        },
        {
            "starts_on": timezone.localdate() - datetime.timedelta(days=9),
            "ends_on": timezone.localdate() - datetime.timedelta(days=3),
        },
    ],
)
def test_agreement_that_is_not_live_opens_nothing(
    published: World, ohio: Department, values: dict[str, Any]
) -> None:
    published.publish(observation(4321, 9000, audience="agreement", race="asian", payer="medicaid"))
    agree(published, ohio, **values)
    assert 4321 not in ohio.numerators()


def test_suspending_an_agreement_changes_the_tag_at_once(published: World, ohio: Department) -> None:
    published.publish(observation(4321, 9000, audience="agreement", race="asian", payer="medicaid"))
    agree(published, ohio)
    tag = ohio.get()["ETag"]
    with acting_as(Persona.OPERATOR):
        Agreement.objects.update(suspended_at=timezone.now())
    again = ohio.get(**{"If-None-Match": tag})
    assert again.status_code == 200
    assert b"4321" not in again.content


def test_tags_of_two_clients_never_meet(published: World, ohio: Department, visitor: Browser) -> None:
    tags = {ohio.get()["ETag"], Department("Indiana").get()["ETag"], visitor.get(OBSERVATIONS)["ETag"]}
    assert len(tags) == 3


@pytest.mark.parametrize(
    "address", [OBSERVATIONS, "/api/v1/findings", "/api/v1/institutions", "/api/v1/schema/", "/api/v1/no"]
)
def test_answers_set_no_cookie_and_know_no_session(
    published: World, ohio: Department, client: Browser, visitor: Browser, address: str
) -> None:
    client.force_login(published.house.accounts["alice"])
    by_alice = client.get(address)
    assert by_alice.content == visitor.get(address).content
    for response in (by_alice, ohio.get(address), visitor.get(address)):
        assert not response.cookies
        assert "Cookie" not in response.headers.get("Vary", "")


def test_secret_is_nowhere_in_the_database(ohio: Department) -> None:
    with acting_as(Persona.OPERATOR):
        key = ApiKey.objects.get(prefix=ohio.prefix)
        assert Client.objects.filter(name="Ohio Department of Health").count() == 1
    kept = " ".join(str(getattr(key, field.attname)) for field in key._meta.fields)
    assert ohio.secret.rsplit("_", 2)[1] not in kept
    assert key.key_hash == keys.hash_of(ohio.secret)
