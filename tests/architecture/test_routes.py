"""Every route × every role × a stranger, generated from the resolver. A route that this table does not know fails."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import uuid4

import pytest
from django.urls import resolve

from equity.roles import MAY
from equity.tenancy.access import access_of
from equity.tenancy.checks import routes
from equity.tenancy.personas import Persona
from tests.cast import ROLES

pytestmark = pytest.mark.django_db

REVIEWED = Path(__file__).with_name("routes.txt")
"""One line a route: address, persona, permission. Read by a person whenever it changes."""

VALUES = {
    "institution": "riverside",
    "slug": "riverside",
    "metric": "pain-30-minutes",
    "entry": "interpreter-wait",
    "dimension": "sex",
    "kind": "label",
    "unit": "all",
    "level": "patient",
    "code": "1.1",
    "move": "open",
    "number": "1",
    "pk": str(uuid4()),
    "upload": str(uuid4()),
    "token": "x",
    "uidb36": "1",
    "key": "x",
    "by": "payer",
    "sheet": "core",
    "disparity": "acute--readmission--payer--medicaid",
}
UNKNOWN_PART = re.compile(r"<(?:[^:>]+:)?([^>]+)>")


def our_routes():
    return [(path, pattern) for path, pattern in routes() if not path.startswith("accounts/")]


def described(path, pattern) -> str:
    declared = access_of(pattern.callback)
    return f"/{path}  {declared.persona.value}  {declared.needs or '-'}"


def address(path: str, institution: str = "riverside") -> str:
    filled = UNKNOWN_PART.sub(lambda part: {**VALUES, "institution": institution}[part[1]], path)
    return "/" + re.sub(r"[\^$]|\\Z", "", filled)


INSIDE = [(path, pattern) for path, pattern in our_routes() if path.startswith("o/")]
OPEN = [
    path
    for path, pattern in our_routes()
    if access_of(pattern.callback).persona in (Persona.PUBLIC, Persona.CLIENT)
]


def test_every_route_is_in_the_reviewed_table():
    now = sorted(described(path, pattern) for path, pattern in our_routes())
    assert now == REVIEWED.read_text().splitlines(), (
        "Read the new line, then write it into tests/architecture/routes.txt"
    )


def test_every_route_inside_an_institution_names_a_permission():
    assert [path for path, pattern in INSIDE if access_of(pattern.callback).needs is None] in (
        [],
        [JOB_ROUTE],
    )


JOB_ROUTE = "o/<slug:institution>/jobs/<uuid:pk>/"


def answer(client, method, path):
    return getattr(client, method)(path, follow=False)


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(("path", "pattern"), INSIDE, ids=[path for path, _ in INSIDE])
def test_route_inside_an_institution(client, house, path, pattern, method):
    """Anonymous: to sign-in. A stranger: it does not exist. A role without the permission: 403. Others: not refused."""
    where = address(path)
    assert answer(client, method, where)["Location"].startswith("/accounts/login/")

    client.force_login(house.accounts["walter"])
    assert answer(client, method, where).status_code == 404

    needed = access_of(pattern.callback).needs
    for name, role in ROLES.items():
        client.force_login(house.accounts[name])
        status = answer(client, method, where).status_code
        if needed is not None and needed not in MAY[role]:
            assert status == 403, (name, status)
        else:
            assert status != 403, (name, status)
            assert status < 500, (name, status)


@pytest.mark.parametrize("path", OPEN)
def test_open_route_needs_no_sign_in_and_sets_no_cookie(client, db, path):
    response = client.get(address(path))
    assert response.status_code in (200, 302, 304, 400, 404), response.status_code
    assert not response.cookies


def test_addresses_resolve_to_the_route_they_were_made_from():
    for path, pattern in INSIDE:
        assert resolve(address(path)).func is pattern.callback, path
