"""Whose session has ended is led to the sign-in page, and from there back to the page they were on."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.cast import PASSWORD, House

pytestmark = pytest.mark.django_db

PAGE = "/o/riverside/community/rounds/0198c2f0-0000-7000-8000-000000000000/score/3/"
DRAFT = f"{PAGE}draft/"


def led_to(response: Any) -> str:
    """Where signing in leads to, after an answer that asks to sign in first."""
    where = urlsplit(response.headers.get("HX-Redirect") or response.headers["Location"])
    assert where.path == "/accounts/login/"
    assert not where.netloc
    return parse_qs(where.query)["next"][0]


def on(address: str) -> dict[str, str]:
    """The headers that htmx sends from a page."""
    return {"HX-Request": "true", "HX-Current-URL": address}


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    ("address", "page"),
    [
        (f"http://testserver{PAGE}", PAGE),
        (f"https://testserver{PAGE}", PAGE),
        (f"http://testserver{PAGE}?by=race&unit=east#figures", f"{PAGE}?by=race&unit=east"),
    ],
    ids=["page", "behind a proxy", "with a query and a place"],
)
def test_sign_in_leads_back_to_the_page_and_not_to_its_part(
    client: Any, method: str, address: str, page: str
) -> None:
    response = getattr(client, method)(DRAFT, headers=on(address))
    assert response.status_code == 200  # htmx does not see the headers of a redirect
    assert led_to(response) == page


@pytest.mark.parametrize(
    "address",
    [
        "",
        "o/riverside/",
        "http://testserver",
        f"http://elsewhere.example{PAGE}",
        f"http://testserver.elsewhere.example{PAGE}",
        f"http://testserver@elsewhere.example{PAGE}",
        "http://testserver//elsewhere.example/",
        "http://testserver/\\elsewhere.example/",
        "//elsewhere.example/",
        "javascript:alert(1)",
        "data:text/html,x",
    ],
)
def test_page_of_another_site_is_not_believed(client: Any, address: str) -> None:
    assert led_to(client.post(DRAFT, headers=on(address))) == "/me/"


def test_htmx_that_tells_no_page_leads_to_ones_own(client: Any) -> None:
    assert led_to(client.post(DRAFT, headers={"HX-Request": "true"})) == "/me/"


def test_browser_is_led_back_to_the_address_it_asked_for(client: Any) -> None:
    address = f"{PAGE}?x=1"
    response = client.get(address, headers={"HX-Current-URL": "http://testserver/help/"})
    assert response.status_code == 302
    assert led_to(response) == address


def test_signing_in_again_opens_the_page_one_was_on(client: Any, house: House) -> None:
    people = "/o/riverside/people/"
    client.force_login(house.accounts["alice"])
    client.logout()
    response = client.post("/o/riverside/history/", headers=on(f"http://testserver{people}"))
    form = {"login": "alice@example.org", "password": PASSWORD}
    assert client.post(response.headers["HX-Redirect"], form).headers["Location"] == people
