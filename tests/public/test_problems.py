"""Every error of the API is a problem document whose type leads to an explanation."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connections
from django.test import Client as Browser
from django.test import RequestFactory
from rest_framework.request import Request

from equity.api.problems import as_problem
from equity.errors import RuleBroken
from equity.public import api
from equity.publication.models import LedgerEntry
from equity.tenancy.acting import acting_as, current
from equity.tenancy.personas import Persona
from tests.public.conftest import World

OBSERVATIONS = "/api/v1/observations"

ERRORS = [
    ({"path": OBSERVATIONS, "data": {"hospital": "x"}}, 400, "unknown-parameter"),
    ({"path": OBSERVATIONS, "data": {"limit": "0"}}, 400, "invalid-parameter"),
    ({"path": OBSERVATIONS, "data": {"limit": "1001"}}, 400, "invalid-parameter"),
    ({"path": OBSERVATIONS, "data": {"limit": "many"}}, 400, "invalid-parameter"),
    ({"path": OBSERVATIONS, "data": {"metric": ["falls", "readmission"]}}, 400, "invalid-parameter"),
    ({"path": OBSERVATIONS, "data": {"metric": ""}}, 400, "invalid-parameter"),
    ({"path": OBSERVATIONS, "data": {"metric": "a\0b"}}, 400, "invalid-parameter"),
    ({"path": OBSERVATIONS, "data": {"jurisdiction": "Ohio"}}, 400, "invalid-parameter"),
    ({"path": OBSERVATIONS, "data": {"period_start": "2025"}}, 400, "invalid-parameter"),
    ({"path": OBSERVATIONS, "data": {"status": "secret"}}, 400, "invalid-parameter"),
    ({"path": OBSERVATIONS, "data": {"after_seq": str(2**63)}}, 400, "invalid-parameter"),
    ({"path": OBSERVATIONS, "data": {"cursor": "x"}}, 400, "invalid-cursor"),
    ({"path": "/api/v1/institutions", "data": {"limit": "5"}}, 400, "unknown-parameter"),
    ({"path": OBSERVATIONS, "headers": {"Authorization": "Bearer x"}}, 401, "invalid-key"),
    ({"path": "/api/v1/nothing"}, 404, "not-found"),
    ({"path": "/api/v1/observations/"}, 404, "not-found"),
    ({"path": "/api/v2/observations"}, 404, "not-found"),
    ({"path": "/api/"}, 404, "not-found"),
    ({"path": OBSERVATIONS, "data": {"format": "xml"}}, 406, "not-acceptable"),
    ({"path": "/api/v1/findings", "data": {"format": "csv"}}, 406, "not-acceptable"),
    ({"path": OBSERVATIONS, "headers": {"Accept": "application/xml"}}, 406, "not-acceptable"),
    ({"path": "/api/v1/schema/", "headers": {"Accept": "text/html"}}, 406, "not-acceptable"),
]


def check(response: Any, status: int, kind: str) -> dict[str, Any]:
    assert response.headers["Content-Type"] == "application/problem+json"
    document = response.json()
    assert (response.status_code, document["status"], document["type"]) == (
        status,
        status,
        f"/api/v1/#{kind}",
    )
    assert document["title"]
    assert document["detail"]
    assert not response.cookies
    return dict(document)


@pytest.mark.parametrize(("request_", "status", "kind"), ERRORS)
def test_error_is_a_problem_document(
    published: World, visitor: Browser, request_: Any, status: int, kind: str
) -> None:
    check(visitor.get(**request_), status, kind)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
@pytest.mark.parametrize(
    "address", [OBSERVATIONS, "/api/v1/findings", "/api/v1/institutions", "/api/v1/", "/api/v1/schema/"]
)
def test_address_that_can_only_be_read_says_so(published: World, address: str, method: str) -> None:
    response = getattr(Browser(enforce_csrf_checks=True), method)(address)
    check(response, 405, "method-not-allowed")
    assert "GET" in response.headers["Allow"]


def test_writing_to_an_address_that_is_not_there_is_not_found(published: World) -> None:
    check(Browser(enforce_csrf_checks=True).post("/api/v1/nothing"), 404, "not-found")


def test_unknown_parameter_is_told_what_is_allowed(published: World, visitor: Browser) -> None:
    document = check(visitor.get(OBSERVATIONS, {"hospital": "x"}), 400, "unknown-parameter")
    assert document["detail"] == "There is no parameter “hospital” here."
    assert document["allowed"] == sorted(
        [
            "after_seq",
            "cursor",
            "format",
            "institution",
            "jurisdiction",
            "limit",
            "metric",
            "period_end",
            "period_start",
            "status",
        ]
    )


def test_wrong_value_is_told_where(published: World, visitor: Browser) -> None:
    document = check(visitor.get(OBSERVATIONS, {"limit": "0", "status": "secret"}), 400, "invalid-parameter")
    assert set(document["errors"]) == {"limit", "status"}


def test_key_sent_in_the_clear_is_refused_and_never_redirected(
    published: World, visitor: Browser, settings: Any
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    check(visitor.get(OBSERVATIONS), 403, "https-only")
    assert visitor.get(OBSERVATIONS, secure=True).status_code == 200


def test_failure_of_ours_is_a_problem_and_tells_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        response = as_problem(RuntimeError("the password is swordfish"), {})
    assert response.status_code == 500
    assert response.headers["Content-Type"] == "application/problem+json"
    assert b"swordfish" not in response.content
    assert "swordfish" in caplog.text


class Broken(api.LedgerView):
    """An address whose query fails in the database."""

    def pull(self, request: Request) -> api.Pulled:
        with connections[current().alias].cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
        return api.Pulled({})


def test_failure_in_the_database_is_a_problem_and_is_rolled_back(published: World) -> None:
    response = Broken.as_view()(RequestFactory().get("/broken"))
    assert (response.status_code, response.headers["Content-Type"]) == (500, "application/problem+json")
    with acting_as(Persona.PUBLIC):
        assert LedgerEntry.objects.exists()


def test_rule_of_the_domain_keeps_its_status() -> None:
    assert as_problem(RuleBroken("Not now."), {}).status_code == 409
    assert as_problem(PermissionDenied(), {}).status_code == 403


def test_every_kind_is_explained_where_its_type_leads(published: World, visitor: Browser) -> None:
    html = visitor.get("/api/v1/").content.decode()
    for _request, _status, kind in [*ERRORS, ({}, 405, "method-not-allowed"), ({}, 429, "too-many-requests")]:
        assert f'id="{kind}"' in html
