"""Anybody reads the whole of both guides without signing in, and finds what they look for."""

from __future__ import annotations

import html
import re
import tomllib
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Login, Persona
from practices import queries
from practices.loading import catalogue_files
from practices.models import GuideItem, GuideText

ITEMS = [item for path in catalogue_files() for item in tomllib.loads(path.read_text())["item"]]
GOALS = [item["code"] for item in ITEMS if item["kind"] == "goal"]
PAGES = ("steps", "levels", "components", "markers", "values", "clinic")


def addresses() -> list[str]:
    return [reverse(f"catalogue:{name}") for name in PAGES] + [
        reverse("catalogue:goal", kwargs={"code": code}) for code in GOALS
    ]


def read(client: Client, address: str, **query: str) -> str:
    response = client.get(address, query)
    assert response.status_code == 200, address
    return html.unescape(response.content.decode())


def shown(page: str) -> str:
    """What a reader sees: the text without its markup."""
    return re.sub(r"<[^>]+>", "", page)


def search(client: Client, words: str, kind: str = "") -> str:
    return read(client, reverse("catalogue:search"), q=words, kind=kind)


def test_every_item_stands_on_a_page_with_its_code(client: Client, catalogue: None) -> None:
    everything = "\n".join(shown(read(client, address)) for address in addresses())
    missing = [
        item["code"] for item in ITEMS if item["title"] not in everything or item["code"] not in everything
    ]
    assert missing == []


def test_question_and_anchors_of_everything_scored_stand_on_a_page(client: Client, catalogue: None) -> None:
    everything = "\n".join(read(client, reverse(f"catalogue:{name}")) for name in ("components", "levels"))
    scored = [item for item in ITEMS if "anchors" in item]
    assert len(scored) == 13
    assert [item["code"] for item in scored if item["question"] not in everything] == []
    assert [anchor for item in scored for anchor in item["anchors"] if anchor not in everything] == []


@pytest.mark.parametrize("address", [reverse("catalogue:index"), reverse("catalogue:search"), *addresses()])
def test_page_is_public_and_has_one_lit_sentence(client: Client, catalogue: None, address: str) -> None:
    with CaptureQueriesContext(connections[Login.OWNER.value]) as captured:
        page = client.get(address)
    assert page.content.decode().count('<p class="lit') == 1
    assert page.cookies == {}
    asked_as = {query["sql"] for query in captured if "set_config('role'" in query["sql"]}
    assert all(f"'{Persona.PUBLIC}'" in sql or "'none'" in sql for sql in asked_as)
    assert any(f"'{Persona.PUBLIC}'" in sql for sql in asked_as)


def test_page_of_the_guide_asks_the_database_a_fixed_few_times(client: Client, catalogue: None) -> None:
    for address in (reverse("catalogue:steps"), reverse("catalogue:goal", kwargs={"code": "4.5"})):
        with CaptureQueriesContext(connections[Login.OWNER.value]) as captured:
            client.get(address)
        assert len([query for query in captured if "practices_" in query["sql"]]) == 3


@pytest.mark.parametrize("code", ["4.2", "4.3"])
def test_goal_without_practices_says_so(client: Client, catalogue: None, code: str) -> None:
    assert "lists no sample practices" in read(client, reverse("catalogue:goal", kwargs={"code": code}))


@pytest.mark.parametrize("code", ["9.9", "1", "1.1.1"])
def test_goal_that_is_none_is_not_found(client: Client, catalogue: None, code: str) -> None:
    assert client.get(reverse("catalogue:goal", kwargs={"code": code})).status_code == 404


def test_search_finds_words_of_the_text_whatever_their_case(client: Client, catalogue: None) -> None:
    page = search(client, "ASTHMA")
    assert reverse("catalogue:levels") + "#patient" in page


def test_search_needs_every_word(client: Client, catalogue: None) -> None:
    assert "Have the board hold the executives to account" in search(client, "executives board")
    assert "Have the board hold the executives to account" not in search(client, "executives xylophone")


def test_search_puts_titles_before_texts(client: Client, catalogue: None) -> None:
    with acting_as(Persona.PUBLIC):
        found = queries.search("board")
    in_title = ["board" in item.words.title.lower() for item in found]
    assert True in in_title
    assert False in in_title
    assert in_title == sorted(in_title, reverse=True)


def test_search_for_a_code_puts_the_item_first(catalogue: None) -> None:
    with acting_as(Persona.PUBLIC):
        assert queries.search("4.2")[0].code == "4.2"
        assert queries.search("m1.1")[0].code == "M1.1"


def test_search_of_one_kind_finds_only_that(catalogue: None) -> None:
    with acting_as(Persona.PUBLIC):
        assert {item.kind for item in queries.search("board", "criterion")} == {"criterion"}


def test_practice_in_results_leads_to_its_place_on_the_page_of_its_goal(
    client: Client, catalogue: None
) -> None:
    goal = reverse("catalogue:goal", kwargs={"code": "2.2"})
    assert f"{goal}#2.2.1.a" in search(client, "2.2.1.a")
    assert 'id="2.2.1.a"' in read(client, goal)


@pytest.mark.parametrize("words", ["xylophone", "%", "_", "'; drop table practices_guide; --"])
def test_search_for_nothing_of_the_guides_says_so(client: Client, catalogue: None, words: str) -> None:
    page = search(client, words)
    assert f"Nothing in the guides speaks of “{words}”" in page


def test_words_of_a_reader_are_never_markup(client: Client, catalogue: None) -> None:
    response = client.get(reverse("catalogue:search"), {"q": "<script>alert(1)</script>"})
    assert "<script>alert(1)" not in response.content.decode()


def test_index_without_a_guide_says_so(client: Client, house: Any) -> None:
    assert "No guide has been loaded" in read(client, reverse("catalogue:index"))


def test_translation_is_shown_when_somebody_has_reviewed_it(catalogue: None) -> None:
    from django.utils import translation

    with acting_as(Persona.OPERATOR):
        item = GuideItem.objects.get(code="4.2")
        GuideText.objects.create(
            item=item, language="es", title="Que los pacientes hablen", body="…", reviewed=False
        )
    for reviewed, title in (
        (False, "Help patients speak up for themselves"),
        (True, "Que los pacientes hablen"),
    ):
        with acting_as(Persona.OPERATOR):
            GuideText.objects.filter(item=item, language="es").update(reviewed=reviewed)
        with acting_as(Persona.PUBLIC), translation.override("es"):
            assert queries.item_for(item.guide, "4.2", "goal").words.title == title
            assert queries.item_for(item.guide, "4.1", "goal").words.language == "en"
            assert bool(queries.search("hablen")) is reviewed


def test_criteria_and_dashboards_come_in_order_with_their_words(catalogue: None) -> None:
    with acting_as(Persona.WORKER):
        criteria, dashboards = queries.criteria(), queries.dashboard_items()
        assert [item.code for item in criteria] == [
            "C1.1",
            "C1.2",
            "C2.1",
            "C2.2",
            "C3.1",
            "C3.2",
            "C4.1",
            "C5.1",
            "C5.2",
        ]
        assert [item.code for item in dashboards] == [
            "D.patient",
            "D.organization",
            "D.community",
            "D.societal",
        ]
        assert all(item.words.question and len(item.words.anchors) == 4 for item in criteria + dashboards)
