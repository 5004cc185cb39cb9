"""Every address that finds an object × members of another institution with the object's id: it does not exist for them.

Each denial is held against two other answers with the same set-up: whoever belongs there and may see it gets it, and the
answer to the stranger is word for word the one to an id that nobody has.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from equity.tenancy.personas import Login
from tests.architecture.addresses import Route, named_routes
from tests.architecture.asking import METHODS, ask, final, told, undone
from tests.architecture.objects import (
    HIDDEN_FROM,
    NOT_AN_OBJECT,
    SAMPLES,
    SENT,
    absent,
    allowed,
    has_object,
    is_known,
    may,
    plain,
    standing,
)
from tests.architecture.two_houses import SECRET, STANDS_FOR, Standing
from tests.cast import ROLES

ROUTES = named_routes()
INSIDE = [route for route in ROUTES if route.place == "institution"]
OBJECTS = [route for route in INSIDE if has_object(route)]
WRITES = ("INSERT", "UPDATE", "DELETE")
SHOWING = {
    "desk:home",
    "desk:history",
    "desk:history_csv",
    "practices:goal",
    "practices:practices",
    "practices:practices_csv",
    "metrics:imports",
    "keys:systems",
    "metrics:import_line_list",
    "metrics:import_mappings",
    "metrics:releases",
    "metrics:choose",
    "metrics:proposals",
    "metrics:groups",
    "accountability:rounds",
}
"""Pages of Riverside that have its words; many others have only its numbers."""


# ---------------------------------------------------------------- the tables
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_every_parameter_of_an_address_is_known(route: Route) -> None:
    unknown = [parameter for parameter in route.others if not is_known(route, parameter)]
    assert unknown == [], "Give each a line in SAMPLES or, with the reason, in NOT_AN_OBJECT (objects.py)."


def test_tables_speak_of_routes_that_exist() -> None:
    names = {route.name for route in ROUTES}
    keys = {(name, one) for route in ROUTES for one in route.others for name in (route.name, route.namespace)}
    assert (SAMPLES.keys() | NOT_AN_OBJECT.keys()) - keys == set()
    assert SENT.keys() - names == set()


# ---------------------------------------------------------------- another institution
def test_object_of_another_institution_does_not_exist(stands: Standing, client: Any, subtests: Any) -> None:
    for route in OBJECTS:
        there = standing(route, stands)
        nowhere = {parameter: absent(value) for parameter, value in there.items()}
        for name in STANDS_FOR[allowed(route)]:
            client.force_login(stands.house.accounts[name])
            for method in METHODS:
                with subtests.test(route=route.name, name=name, method=method):
                    of_riverside, of_nobody = (
                        ask(
                            client,
                            method,
                            route.address("elsewhere", plain(route) | given),
                            form(route, method, stands),
                        )
                        for given in (there, nowhere)
                    )
                    values = {*there.values(), *nowhere.values()}
                    assert final(client, of_riverside) in (404, 405)
                    assert told(of_riverside, values) == told(of_nobody, values)


def test_object_of_ones_own_institution_opens(stands: Standing, client: Any, subtests: Any) -> None:
    """So that the denial above is not one of a wrong address, a wrong form or a missing permission."""
    for route in OBJECTS:
        client.force_login(stands.house.accounts[allowed(route)])
        address = route.address("riverside", plain(route) | standing(route, stands))
        with subtests.test(route=route.name):
            opened = final(client, ask(client, "get", address))
            sent = ask(client, "post", address, form(route, "post", stands)).status_code
            assert opened in ((200, 405) if route.name in SENT else (200,))
            assert sent in ((200, 302) if route.name in SENT else (200, 302, 405))


def form(route: Route, method: str, stands: Standing) -> dict[str, Any] | None:
    """What a page of the route sends."""
    return SENT[route.name](stands) if method == "post" and route.name in SENT else None


def test_no_page_has_a_word_of_another_institution(stands: Standing, client: Any, subtests: Any) -> None:
    """Pages that find no object, opened at Elsewhere by those who belong there and by those who belong to both."""
    for name in (one for pair in STANDS_FOR.values() for one in pair):
        client.force_login(stands.house.accounts[name])
        for route in (one for one in INSIDE if not has_object(one)):
            with subtests.test(route=route.name, name=name):
                response = ask(client, "get", route.address("elsewhere", plain(route)))
                assert final(client, response) in (200, 403, 405)
                assert SECRET not in response.body.decode()


def test_pages_of_ones_own_institution_have_its_words(stands: Standing, client: Any) -> None:
    client.force_login(stands.house.accounts["alice"])
    showing = {
        route.name
        for route in INSIDE
        if not has_object(route)
        and SECRET in ask(client, "get", route.address("riverside", plain(route))).body.decode()
    }
    assert showing >= SHOWING


# ---------------------------------------------------------------- the same institution
def test_role_without_the_permission_does_not_reach_the_object(
    stands: Standing, client: Any, subtests: Any
) -> None:
    for name in ROLES:
        client.force_login(stands.house.accounts[name])
        for route in (one for one in OBJECTS if not may(name, one)):
            address = route.address("riverside", plain(route) | standing(route, stands))
            for method in METHODS:
                with subtests.test(route=route.name, name=name, method=method):
                    response = ask(client, method, address, form(route, method, stands))
                    assert response.status_code == 403
                    assert SECRET not in response.body.decode()


def test_object_is_hidden_from_some_who_may_open_the_page(
    stands: Standing, client: Any, subtests: Any
) -> None:
    for hidden in HIDDEN_FROM:
        route = next(route for route in OBJECTS if route.name == hidden.route)
        address = route.address("riverside", plain(route) | {"pk": hidden.pk(stands)})
        for name, status in hidden.status_of.items():
            client.force_login(stands.house.accounts[name])
            for method in METHODS:
                with subtests.test(why=hidden.why, name=name, method=method):
                    response = ask(client, method, address, form(route, method, stands))
                    assert (final(client, response) if status == 200 else response.status_code) == status


# ---------------------------------------------------------------- an address alone changes nothing
def test_opening_an_address_writes_nothing(stands: Standing, client: Any, subtests: Any) -> None:
    for name in STANDS_FOR:
        client.force_login(stands.house.accounts[name])
        for route in (one for one in INSIDE if may(name, one)):
            address = route.address("riverside", plain(route) | standing(route, stands))
            with subtests.test(route=route.name, name=name):
                with undone(), CaptureQueriesContext(connections[Login.OWNER.value]) as captured:
                    client.get(address)
                written = [
                    query["sql"] for query in captured.captured_queries if query["sql"].startswith(WRITES)
                ]
                assert [sql for sql in written if "django_session" not in sql] == []
