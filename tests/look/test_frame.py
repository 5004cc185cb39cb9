"""The frame of every page: it needs no database for a stranger, and tells a member where they are."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.template import engines
from django.test import RequestFactory
from django.urls import resolve, reverse

from equity.http import error_page
from equity.roles import MAY, Role

PLACES = ["Home", "Programme", "Gaps", "Community", "People", "History"]
PAGE = '{% extends "base.html" %}{% block title %}A page{% endblock %}'


def draw(path: str = "/", source: str = PAGE, **context: Any) -> str:
    request = RequestFactory().get(path)
    return engines["django"].from_string(source).render(context, request)


def member(path: str, **context: Any) -> str:
    """A page of Riverside as its equity lead sees it."""
    request = RequestFactory().get(path)
    request.resolver_match = resolve(path)
    context["institution"] = SimpleNamespace(slug="riverside", name="Riverside Health")
    context["may"] = {permission.value for permission in MAY[Role.EQUITY_LEAD]}
    context["person"] = SimpleNamespace(pk="1", name="Alice")
    drawn = engines["django"].from_string(PAGE).render(context, request)
    return drawn.split('aria-label="Main"')[1].split("</nav>")[0]


def test_frame_for_a_stranger_needs_no_session_and_no_account() -> None:
    page = draw()  # a bare request: it has neither `user` nor `session`
    assert "<title>A page · Light &amp; Heat</title>" in page
    assert f'href="{reverse("account_login")}"' in page
    assert "csrfmiddlewaretoken" not in page
    assert "Sign out" not in page


@pytest.mark.parametrize("status", [400, 403, 404, 409, 500])
def test_error_page_needs_no_database(status: int) -> None:
    response = error_page(RequestFactory().get("/nowhere/"), status, "Row 7 <has> no unit.")
    page = response.content.decode()
    assert response.status_code == status
    assert "Row 7 &lt;has&gt; no unit." in page
    assert page.count("<h1") == 1


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/o/riverside/", "Home"),
        ("/o/riverside/programme/", "Programme"),
        ("/o/riverside/measures/", "Gaps"),
        ("/o/riverside/community/", "Community"),
        ("/o/riverside/people/", "People"),
        ("/o/riverside/history/", "History"),
    ],
)
def test_navigation_marks_the_page_one_is_on(path: str, place: str) -> None:
    navigation = member(path)
    assert f'aria-current="page">{place}</a>' in navigation
    assert navigation.count("aria-current") == 1


def test_navigation_has_six_places_in_their_order() -> None:
    navigation = member("/o/riverside/")
    assert [name for name in PLACES if f">{name}</a>" in navigation] == PLACES
    positions = [navigation.index(f">{name}</a>") for name in PLACES]
    assert positions == sorted(positions)


def test_navigation_marks_the_place_of_a_page_below_it() -> None:
    assert 'aria-current="true">Programme</a>' in member("/o/riverside/programme/practices/")


def test_navigation_follows_the_page_that_says_where_it_belongs() -> None:
    assert 'aria-current="true">Community</a>' in member("/o/riverside/programme/", nav="community")


def test_sample_institution_says_so_on_every_page() -> None:
    assert "<b>Sample.</b> Not real." in draw(sample_note="Not real.")
    assert 'class="sample"' not in draw()
