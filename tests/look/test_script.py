"""app.js in a real browser, in our own frame and under our own policy, on a network that obeys the test."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings as django_settings
from django.contrib.staticfiles import finders
from django.template import engines
from django.test import RequestFactory
from playwright.sync_api import Browser, Page, Route, expect

from tests.functional.browser import chromium

pytestmark = pytest.mark.browser

SITE = "http://equity.test"
POLICY = "; ".join(
    f"{name} {' '.join(str(source) for source in sources)}"
    for name, sources in django_settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].items()
)
SCORE = """
<span class="saved" data-saved role="status"></span>
<form method="post" action="/next/"
  data-draft hx-post="/score/1/draft/" hx-trigger="input delay:50ms, change" hx-swap="none">
  <div class="levels">
    <div class="level"><input type="radio" name="value" id="v0" value="0"><label for="v0">0</label></div>
    <div class="level"><input type="radio" name="value" id="v1" value="1"><label for="v1">1</label></div>
  </div>
  <label for="why">Why?</label><textarea id="why" name="why"></textarea>
  <button class="button">Save and continue</button>
</form>
"""
WAITING = "Saved on this phone. We will send it."


@dataclass
class Site:
    """One page and what it calls. `answers` says what a path gives; "gone": the network does not answer."""

    browser: Browser
    body: str
    person: str = "carmen"
    answers: dict[str, Any] = field(default_factory=dict)
    posted: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    def page(self) -> Page:
        """The first page, open in a browser."""
        self.context = self.browser.new_context()
        self.context.route("**/*", self._answer)
        page = self.context.new_page()
        page.on(
            "console",
            lambda message: self.complaints.append(message.text) if message.type == "error" else None,
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(f"{SITE}/")
        return page

    def stored(self, page: Page) -> list[str]:
        """The keys of drafts that wait on this phone."""
        return list(page.evaluate("Object.keys(localStorage)"))

    def _answer(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        self.asked.append(path)
        if route.request.method == "POST":
            self.posted.append((path, parse_qs(route.request.post_data or "")))
        given = self.answers.get(path, "")
        if given == "gone":
            route.abort("internetdisconnected")
        elif path.startswith("/static/") and not given:
            self._give(route, Path(str(finders.find(path.removeprefix("/static/")))))
        elif isinstance(given, int):
            route.fulfill(status=given, body="")
        else:
            route.fulfill(
                status=200,
                content_type=_kind(path),
                headers={"Content-Security-Policy": POLICY, **self.headers},
                body=given or self._html(),
            )

    def _give(self, route: Route, file: Path) -> None:
        route.fulfill(path=file, content_type=_kind(file.name))

    def _html(self) -> str:
        source = (
            '{% extends "slim.html" %}{% block title %}Test{% endblock %}{% block content %}'
            + self.body
            + "{% endblock %}"
        )
        request = RequestFactory().get("/")
        person = SimpleNamespace(pk=self.person, name=self.person)
        return engines["django"].from_string(source).render({"person": person}, request)


def _kind(path: str) -> str:
    kinds = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
    return kinds.get(Path(path).suffix, "text/html")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def site(browser: Browser) -> Iterator[Callable[..., Site]]:
    made: list[Site] = []

    def make(body: str, **more: Any) -> Site:
        made.append(Site(browser, body, **more))
        return made[-1]

    yield make
    for one in made:
        one.context.close()


# ---------------------------------------------------------------- drafts
def test_draft_is_sent_while_one_types(site: Callable[..., Site]) -> None:
    score = site(SCORE, answers={"/score/1/draft/": "Saved"})
    page = score.page()
    page.fill("#why", "No one told us.")
    expect(page.locator(".saved")).to_have_text("Saved")
    assert score.posted[-1][1]["why"] == ["No one told us."]
    assert score.stored(page) == []


def test_draft_without_a_network_stays_on_the_phone_and_is_sent_later(site: Callable[..., Site]) -> None:
    score = site(SCORE, answers={"/score/1/draft/": "gone"})
    page = score.page()
    page.fill("#why", "They closed the clinic.")
    expect(page.locator(".saved")).to_have_text(WAITING)
    assert score.stored(page) == ["draft:carmen:/score/1/draft/"]
    score.answers["/score/1/draft/"] = "Saved"
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator(".saved")).to_have_text("Saved")
    assert score.posted[-1] == ("/score/1/draft/", {"why": ["They closed the clinic."]})
    assert score.stored(page) == []


def test_draft_that_waited_is_back_in_the_form_and_sent_after_a_reload(site: Callable[..., Site]) -> None:
    score = site(SCORE, answers={"/score/1/draft/": "gone"})
    page = score.page()
    page.check("#v1", force=True)
    page.fill("#why", "They closed the clinic.")
    page.wait_for_function("() => Object.values(localStorage).some((stored) => stored.includes('clinic'))")
    score.answers["/score/1/draft/"] = "Saved"
    page.reload()
    expect(page.locator("#why")).to_have_value("They closed the clinic.")
    expect(page.locator("#v1")).to_be_checked()
    expect(page.locator(".saved")).to_have_text("Saved")
    assert score.posted[-1][1] == {"value": ["1"], "why": ["They closed the clinic."]}


def test_pressing_the_button_without_a_network_keeps_the_page_and_the_words(
    site: Callable[..., Site],
) -> None:
    score = site(SCORE, answers={"/score/1/draft/": "gone"})
    page = score.page()
    score.context.set_offline(True)
    page.fill("#why", "They closed the clinic.")
    page.click("text=Save and continue")
    expect(page.locator(".saved")).to_have_text(WAITING)
    assert page.url == f"{SITE}/"
    assert score.stored(page) == ["draft:carmen:/score/1/draft/"]


def test_draft_of_another_person_on_the_same_phone_is_not_sent(site: Callable[..., Site]) -> None:
    score = site(SCORE)
    page = score.page()
    stored = json.dumps({"address": "/score/1/draft/", "body": "why=mine"})
    page.evaluate("value => localStorage.setItem('draft:walter:/score/1/draft/', value)", stored)
    page.reload()
    expect(page.locator("#why")).to_have_value("")
    assert score.posted == []


def test_draft_that_cannot_be_kept_says_so(site: Callable[..., Site]) -> None:
    page = site(SCORE, answers={"/score/1/draft/": 422}).page()
    page.fill("#why", "Far too long.")
    expect(page.locator(".saved")).to_have_text("Not saved. Load the page again to see why.")


def come_online(page: Page) -> None:
    """The network is back; returns when the waiting draft has been answered."""
    with page.expect_response("**/score/1/draft/"):
        page.evaluate("window.dispatchEvent(new Event('online'))")


@pytest.mark.parametrize("status", [404, 409, 422])
def test_draft_that_the_site_refuses_for_good_waits_no_longer(site: Callable[..., Site], status: int) -> None:
    score = site(SCORE, answers={"/score/1/draft/": "gone"})
    page = score.page()
    page.fill("#why", "Too late.")
    expect(page.locator(".saved")).to_have_text(WAITING)
    score.answers["/score/1/draft/"] = status
    come_online(page)
    page.wait_for_function("() => localStorage.length === 0")


@pytest.mark.parametrize("status", [403, 500])
def test_draft_that_could_not_be_taken_now_is_tried_again(site: Callable[..., Site], status: int) -> None:
    score = site(SCORE, answers={"/score/1/draft/": "gone"})
    page = score.page()
    page.fill("#why", "They closed the clinic.")
    expect(page.locator(".saved")).to_have_text(WAITING)
    score.answers["/score/1/draft/"] = status
    come_online(page)
    score.answers["/score/1/draft/"] = "Saved"
    come_online(page)
    expect(page.locator(".saved")).to_have_text("Saved")
    assert score.posted[-1][1]["why"] == ["They closed the clinic."]


def test_draft_of_a_session_that_is_over_waits_for_the_next_sign_in(site: Callable[..., Site]) -> None:
    score = site(SCORE, answers={"/score/1/draft/": "gone"})
    page = score.page()
    page.fill("#why", "They closed the clinic.")
    expect(page.locator(".saved")).to_have_text(WAITING)
    score.answers["/score/1/draft/"], score.headers["HX-Redirect"] = "Sign in", "/accounts/login/"
    come_online(page)
    score.headers.clear()
    come_online(page)
    expect(page.locator(".saved")).to_have_text("Saved")


def test_signing_out_leaves_no_words_on_the_phone(site: Callable[..., Site]) -> None:
    score = site(SCORE, answers={"/score/1/draft/": "gone"})
    page = score.page()
    page.fill("#why", "They closed the clinic.")
    expect(page.locator(".saved")).to_have_text(WAITING)
    page.click("text=Sign out")
    page.wait_for_load_state()
    assert score.stored(page) == []


# ---------------------------------------------------------------- focus and failures
PANEL = '<div id="panel"><button hx-get="/panel/" hx-target="#panel" hx-swap="outerHTML">More</button></div>'
NEW_PANEL = '<div id="panel" data-announce="Twelve found."><h2>What we found</h2></div>'


def test_focus_goes_on_at_the_new_heading_when_the_pressed_button_is_replaced(
    site: Callable[..., Site],
) -> None:
    page = site(PANEL, answers={"/panel/": NEW_PANEL}).page()
    page.focus("#panel button")
    page.keyboard.press("Enter")
    expect(page.locator("#panel h2")).to_be_focused()
    expect(page.locator("#live")).to_have_text("Twelve found.")


def test_polling_moves_nobodys_focus(site: Callable[..., Site]) -> None:
    poll = '<input aria-label="Search"><div hx-get="/panel/" hx-trigger="load" hx-swap="outerHTML">…</div>'
    page = site(poll, answers={"/panel/": NEW_PANEL}).page()
    expect(page.locator("#panel h2")).to_be_visible()
    assert page.evaluate("document.activeElement === document.body")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("gone", "We could not reach the site."),
        (500, "We could not reach the site."),
        (403, "That did not work."),
    ],
)
def test_failure_is_told_and_nothing_is_replaced(site: Callable[..., Site], answer: Any, said: str) -> None:
    page = site(PANEL, answers={"/panel/": answer}).page()
    page.click("#panel button")
    expect(page.locator("#trouble")).to_contain_text(said)
    expect(page.locator("#panel button")).to_be_visible()


def test_page_that_opens_with_problems_puts_the_focus_on_them(site: Callable[..., Site]) -> None:
    page = site('<div class="notice" tabindex="-1" data-focus>One thing is not right</div>').page()
    expect(page.locator("[data-focus]")).to_be_focused()


# ---------------------------------------------------------------- Plotly
EXPLORE = """
<button class="button" data-explore="figure" data-target="place" data-plotly="/plotly.js">Explore</button>
<div id="place" class="explore" hidden></div>
<script src="/nothing.js"></script>
{{ figure|json_script:"figure" }}
"""
PLOTLY = "window.Plotly = { newPlot: (...given) => { window.given = given.slice(1); } };"


def test_plotly_is_loaded_when_asked_for_and_tells_nobody_else(site: Callable[..., Site]) -> None:
    figure = json.dumps({"data": [{"x": [1]}, {"x": [2]}], "layout": {"xaxis": {"title": "Year"}}})
    body = EXPLORE.replace(
        '{{ figure|json_script:"figure" }}', f'<script id="figure" type="application/json">{figure}</script>'
    )
    explore = site(body, answers={"/plotly.js": PLOTLY, "/nothing.js": ";"})
    page = explore.page()
    assert "/plotly.js" not in explore.asked
    page.click("text=Explore")
    expect(page.locator("#place")).to_be_focused()
    data, layout, config = page.evaluate("window.given")
    assert [(trace["x"], trace["line"]["dash"], trace["marker"]["symbol"]) for trace in data] == [
        ([1], "solid", "circle"),
        ([2], "solid", "square"),
    ]
    assert layout["font"]["color"] == "#221E1A"
    assert layout["xaxis"]["title"] == "Year"
    assert (config["showSendToCloud"], config["plotlyServerURL"], config["displaylogo"]) == (False, "", False)


def test_drawing_can_be_saved_once_it_is_there(site: Callable[..., Site]) -> None:
    body = EXPLORE.replace(
        '{{ figure|json_script:"figure" }}',
        '<p data-offers="place" hidden><button data-save="svg" data-target="place" data-name="wait">Save</button></p>'
        '<script id="figure" type="application/json">{"data": [], "layout": {}}</script>',
    )
    plotly = PLOTLY.replace("};", ", downloadImage: (place, how) => { window.saved = [place.id, how]; } };")
    page = site(body, answers={"/plotly.js": plotly, "/nothing.js": ";"}).page()
    expect(page.locator("[data-save]")).to_be_hidden()
    page.click("text=Explore")
    page.click("text=Save")
    place, how = page.evaluate("window.saved")
    assert (place, how["format"], how["filename"]) == ("place", "svg", "wait")


def test_stylesheet_for_maps_that_is_left_out_is_the_one_that_plotly_brings() -> None:
    script = Path("static/js/app.js").read_text()
    found = re.search(r'MAP_STYLES = "(\w+)"', script)
    assert found
    plotly = finders.find("vendor/plotly/plotly.min.js")
    assert plotly
    assert f'getElementById("{found[1]}")' in Path(plotly).read_text()


def test_frame_breaks_no_rule_of_the_content_policy(site: Callable[..., Site]) -> None:
    score = site(SCORE, answers={"/score/1/draft/": "Saved"})
    page = score.page()
    page.fill("#why", "x")
    expect(page.locator(".saved")).to_have_text("Saved")
    assert score.complaints == []
