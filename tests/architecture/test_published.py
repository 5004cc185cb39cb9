"""What anybody reaches: published objects of the institution in the address, and nothing that was not published for them."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from equity.publication.actions import client_named, issue_key
from equity.publication.models import Agreement
from equity.tenancy.acting import acting_as
from equity.tenancy.models import Organisation
from equity.tenancy.personas import Persona
from tests.architecture.addresses import Route, named_routes
from tests.architecture.asking import METHODS, ask, told
from tests.architecture.objects import absent, has_object, plain, standing
from tests.architecture.two_houses import AGREED, SECRET, Standing

OPEN = [
    route
    for route in named_routes()
    if route.access.persona in (Persona.PUBLIC, Persona.CLIENT)
    and route.name not in ("public:no_such_api", "api:nothing")
]
PAGES = [route for route in OPEN if route.place]
FEEDS = ("/api/v1/observations", "/api/v1/findings")
ASKED = {"api:inequality": "?institution=riverside&metric=seen-in-time"}
"""What an address must be asked; the others need nothing."""


def address(route: Route, stands: Standing, institution: str = "riverside") -> str:
    return route.address(institution, plain(route) | standing(route, stands))


# ---------------------------------------------------------------- pages
def test_published_object_of_another_institution_does_not_exist(stands: Standing, subtests: Any) -> None:
    for route in (route for route in PAGES if has_object(route)):
        there = standing(route, stands)
        nowhere = {parameter: absent(value) for parameter, value in there.items()}
        for method in METHODS:
            with subtests.test(route=route.name, method=method):
                of_riverside, of_nobody = (
                    ask(Browser(), method, route.address("elsewhere", given)) for given in (there, nowhere)
                )
                values = {*there.values(), *nowhere.values()}
                assert of_riverside.status_code == (404 if method == "get" else 405)
                assert told(of_riverside, values) == told(of_nobody, values)


def test_institution_that_has_not_published_is_like_one_that_does_not_exist(
    stands: Standing, subtests: Any
) -> None:
    for route in PAGES:
        with subtests.test(route=route.name):
            quiet, nobody = (
                ask(Browser(), "get", address(route, stands, slug)) for slug in ("quiet", "none")
            )
            assert quiet.status_code == 404
            assert told(quiet, ["quiet"]) == told(nobody, ["none"])


def test_published_object_opens_for_anybody(stands: Standing, subtests: Any) -> None:
    """So that the denials above are not those of wrong addresses; and no page tells what was not published."""
    for route in OPEN:
        with subtests.test(route=route.name):
            response = ask(Browser(), "get", address(route, stands) + ASKED.get(route.name, ""))
            assert response.status_code == 200
            assert SECRET not in response.body.decode()
            assert str(AGREED) not in response.body.decode()


@pytest.mark.parametrize("slug", ["riverside", "elsewhere"])
def test_measure_by_agreement_only_has_no_page(stands: Standing, slug: str) -> None:
    assert ask(Browser(), "get", f"/p/{slug}/measures/falls/").status_code == 404


# ---------------------------------------------------------------- the API
@pytest.mark.parametrize("feed", FEEDS)
def test_api_tells_nothing_of_an_institution_that_has_not_published(stands: Standing, feed: str) -> None:
    quiet, nobody = (ask(Browser(), "get", f"{feed}?institution={slug}") for slug in ("quiet", "none"))
    assert quiet.json()["data"] == []
    assert told(quiet, ["quiet"]) == told(nobody, ["none"])


def test_api_has_no_measure_of_inequality_of_what_is_not_published(stands: Standing) -> None:
    """An institution that has not published, a measure by agreement only, and one that nobody has: the same answer."""
    address = "/api/v1/inequality"
    of_quiet, by_agreement, of_nobody = (
        ask(Browser(), "get", f"{address}?institution={slug}&metric={metric}")
        for slug, metric in (("quiet", "seen-in-time"), ("riverside", "falls"), ("none", "none"))
    )
    assert of_nobody.status_code == 404
    values = ["quiet", "riverside", "none", "falls", "seen-in-time"]
    assert told(of_quiet, values) == told(by_agreement, values) == told(of_nobody, values)


def test_api_lists_only_institutions_that_have_published(stands: Standing) -> None:
    listed = ask(Browser(), "get", "/api/v1/institutions").json()["data"]
    assert {one["slug"] for one in listed} == {"riverside", "elsewhere"}


def test_api_keeps_a_release_that_is_ready_until_it_is_published(stands: Standing) -> None:
    rows = ask(Browser(), "get", "/api/v1/observations?institution=riverside").json()["data"]
    assert {row["period"]["start"] for row in rows} == {"2024-01-01"}
    assert str(stands.release.pk) not in {row["release"] for row in rows}


@pytest.mark.parametrize(("partner", "opens"), [("riverside", True), ("elsewhere", False), ("", False)])
def test_row_by_agreement_opens_to_the_partner_of_its_institution(
    stands: Standing, partner: str, opens: bool
) -> None:
    with acting_as(Persona.OPERATOR):
        client = client_named(name="Ohio Department of Health")
        key = issue_key(client=client, scopes=["observations:read"])
        for organisation in Organisation.objects.filter(slug=partner):
            today = timezone.localdate()
            ends = today + datetime.timedelta(days=1)
            Agreement.objects.create(organisation=organisation, client=client, starts_on=today, ends_on=ends)
    department = Browser(headers={"Authorization": f"Bearer {key}"})
    for asked in ("", "?institution=riverside", "?metric=falls"):
        rows = ask(department, "get", f"/api/v1/observations{asked}").json()["data"]
        assert (AGREED in {row["numerator"] for row in rows}) is opens
