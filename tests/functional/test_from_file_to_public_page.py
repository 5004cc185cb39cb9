"""The main journey, in the running house with a real browser: a council member reads real rates, two reviewers score on phones,
the round is revealed, answered and published, anybody reads it, and a department's script pulls the same numbers."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.functional.browser import DESKTOP, PHONE
from tests.functional.house import RunningHouse

pytestmark = pytest.mark.browser

SLUG = "hospitals-130"
BLACK, WHITE = (2155, 19210), (8592, 76099)
REASON = "Nobody told us why the evening clinic closed."
REPLY = "We should have told you. We will write the reason on the clinic's door by Friday."
QUESTIONS = 13


@dataclass
class Visitor:
    """Somebody at a screen of their own, signed in as an example account or not at all."""

    browser: Browser
    house: RunningHouse
    account: str = ""
    size: dict[str, int] | None = None
    without_script: bool = False

    def __enter__(self) -> Page:
        self.context = self.browser.new_context(
            viewport=self.size or DESKTOP,
            base_url=self.house.address,
            java_script_enabled=not self.without_script,
        )
        page = self.context.new_page()
        if self.account:
            page.goto("/accounts/login/")
            page.get_by_label("Email address").fill(f"{self.account}@{SLUG}.example")
            page.get_by_label("Password").fill(self.house.password)
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url("**/me/")
        return page

    def __exit__(self, *error: object) -> None:
        self.context.close()


def open_round(page: Page) -> None:
    page.goto(f"/o/{SLUG}/community/")
    page.get_by_role("main").get_by_role("link", name="First round").first.click()


def take_step(page: Page, button: str) -> None:
    """The button on the round's page asks once more on a page of its own."""
    page.get_by_role("link", name=button).click()
    page.get_by_role("button", name=button).click()


def score_everything(page: Page, level: str, reason: str) -> None:
    open_round(page)
    page.get_by_role("link", name="Score now").click()
    for number in range(1, QUESTIONS + 1):
        expect(page.get_by_text(f"Question {number} of {QUESTIONS}")).to_be_visible()
        page.get_by_label(level).check()
        page.get_by_role("textbox").fill(f"{reason} ({number})")
        page.get_by_role("button", name="Save and continue").click()
    page.get_by_role("button", name="Send my answers").click()


def pulled(house: RunningHouse) -> dict[str, tuple[int, int]]:
    query = "institution=hospitals-130&metric=readmission-30-day&limit=1000"
    with urllib.request.urlopen(f"{house.address}/api/v1/observations?{query}") as response:
        rows = json.load(response)["data"]
    return {
        json.dumps(row["dims"]): (row["numerator"], row["denominator"])
        for row in rows
        if row["status"] == "published"
    }


@pytest.mark.moves_the_house_on
def test_from_a_file_to_a_public_page(browser: Browser, standing_house: RunningHouse) -> None:
    house = standing_house
    with Visitor(browser, house, "council") as page:
        page.goto(f"/o/{SLUG}/measures/patient/?by=race_ethnicity")
        main = page.get_by_role("main")
        expect(main).to_contain_text("11.2")
        expect(main).to_contain_text("11.3")
        expect(main).to_contain_text("2,155")
        expect(main).to_contain_text("19,210")
        expect(main).to_contain_text("8,592")
        expect(main).to_contain_text("76,099")
        expect(page.get_by_text("The counts are real")).to_be_visible()

    for reviewer, level in (("rosa", "1. Promised"), ("james", "2. Practiced")):
        with Visitor(browser, house, reviewer, size=PHONE) as page:
            score_everything(page, level, REASON)
            expect(page.get_by_role("main")).not_to_contain_text("Send my answers")

    with Visitor(browser, house, "lead") as page:
        open_round(page)
        expect(page.get_by_role("link", name="Reveal the round")).to_have_count(0)
        expect(page.get_by_role("main")).not_to_contain_text(REASON)

    with Visitor(browser, house, "facilitator") as page:
        open_round(page)
        take_step(page, "Reveal the round")
        page.get_by_role("link", name="Read what was found").click()
        expect(page.get_by_text(REASON).first).to_be_visible()
        expect(page.get_by_role("main")).not_to_contain_text("Rosa Delgado")

    with Visitor(browser, house, "lead") as page:
        open_round(page)
        page.get_by_role("link", name="Write the institution’s replies").click()
        page.get_by_role("main").get_by_role("listitem").get_by_role("link").first.click()
        page.get_by_role("textbox").fill(REPLY)
        page.get_by_role("button", name="Save this reply").click()
        take_step(page, "Send the replies")

    with Visitor(browser, house, "facilitator") as page:
        open_round(page)
        take_step(page, "Ratify the round")
        take_step(page, "Publish the round")
        wait_for_publication(page)

    with Visitor(browser, house, without_script=True) as page:
        page.goto(f"/p/{SLUG}/")
        main = page.get_by_role("main")
        expect(main).to_contain_text(REPLY)
        expect(main).to_contain_text("People with lived experience")
        expect(page.get_by_text("The counts are real")).to_be_visible()
        page.goto(f"/p/{SLUG}/measures/readmission-30-day/?by=race_ethnicity")
        for numerator, denominator in (BLACK, WHITE):
            expect(page.get_by_role("main")).to_contain_text(f"{numerator:,}")
            expect(page.get_by_role("main")).to_contain_text(f"{denominator:,}")

    api = pulled(house)
    assert api['{"race_ethnicity": "black"}'] == BLACK
    assert api['{"race_ethnicity": "white"}'] == WHITE


def wait_for_publication(page: Page) -> None:
    """The worker publishes; the round's page says so when it has."""
    for _ in range(60):
        open_round(page)
        if page.get_by_role("link", name="See the public page").count():
            return
        page.wait_for_timeout(1000)
    raise AssertionError("The round was not published within a minute.")
