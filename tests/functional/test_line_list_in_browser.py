"""A line list in the browser: sent from a phone by keyboard alone, then from a desktop with the mouse, and counted."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.functional.browser import DESKTOP, PHONE
from tests.functional.house import RunningHouse

pytestmark = pytest.mark.browser

SLUG = "willow-ferry"
SECRET = "Zebulon-Quintessa"
COLUMNS = {
    "arrived": "The day or the period",
    "site": "The unit",
    "pain": "Which rows count at all",
    "treated": "Whether it happened: what is counted",
    "race": "Race and ethnicity",
}
VALUES = {
    "Alder": "Alder Street Hospital",
    "Ferry": "Willow Ferry Hospital",
    "none": "Leave such rows out",
    "strong": "Such rows count",
}


@pytest.fixture(scope="module")
def visits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lists") / "visits.csv"
    with path.open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["patient_id", "last_name", *COLUMNS])
        groups = product(
            ["01/30/2026", "02/03/2026"],
            ["Alder", "Ferry"],
            ["strong", "none"],
            ["Y", "N"],
            ["Black", "White"],
        )
        for place, group in enumerate(groups):
            for number in range(12):
                lines.writerow([f"{place:05}{number}", f"{SECRET}-{place}-{number}", *group])
    return path


@pytest.fixture(params=[(PHONE, True), (DESKTOP, False)], ids=["phone, keyboard", "desktop, mouse"])
def hand(request: pytest.FixtureRequest, browser: Browser, standing_house: RunningHouse) -> Iterator[Hand]:
    size, by_keyboard = request.param
    context = browser.new_context(viewport=size, base_url=standing_house.address)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.get_by_label("Email address").fill(f"lead@{SLUG}.example")
    page.get_by_label("Password").fill(standing_house.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/me/")
    page.goto(f"/o/{SLUG}/measures/imports/")
    yield Hand(page, by_keyboard)
    context.close()


class Hand:
    """Presses and chooses as a person would: with the mouse, or with the keyboard alone."""

    def __init__(self, page: Page, by_keyboard: bool) -> None:
        self.page = page
        self._by_keyboard = by_keyboard

    def press(self, control: Locator) -> None:
        if self._by_keyboard:
            self._go_to(control)
            self.page.keyboard.press("Enter")
        else:
            control.click()

    def choose(self, control: Locator, words: str) -> None:
        """By keyboard: type until the list stands on these words."""
        if self._by_keyboard:
            self._go_to(control)
            self.page.keyboard.type(words, delay=5)
            self.page.wait_for_timeout(50)
        else:
            control.select_option(label=words)
        expect(control.locator("option:checked")).to_have_text(words)

    def _go_to(self, control: Locator) -> None:
        """Tab from where one is, forward, until the control has the focus: a control that Tab skips is never reached."""
        for _step in range(200):
            if control.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not reach {control}.")


def test_line_list_is_mapped_and_counted(hand: Hand, visits: Path, standing_house: RunningHouse) -> None:
    page = hand.page
    hand.press(page.get_by_role("link", name="Count a line list"))
    expect(page.get_by_label("One person or one visit")).to_be_checked()
    page.set_input_files("input[type=file]", str(visits))
    page.locator("details").evaluate("element => (element.open = true)")
    page.get_by_label("Ask about the columns even").check()
    hand.press(page.get_by_role("button", name="Send and look"))

    expect(page.get_by_role("heading", name="What are the columns of the line list?")).to_be_visible()
    assert SECRET not in page.content()
    hand.choose(page.get_by_label("Which measure do the rows give?"), "Pain treated within 30 minutes")
    for name, role in COLUMNS.items():
        hand.choose(page.get_by_label(name, exact=True), role)
    hand.press(page.get_by_role("button", name="Go on to the values"))

    expect(page.get_by_role("heading", name="What do the values mean?")).to_be_visible()
    for value, meaning in VALUES.items():
        hand.choose(page.get_by_label(value, exact=True), meaning)
    expect(page.get_by_label("Y", exact=True).locator("option:checked")).to_have_text("It happened")
    counted = page.get_by_role("region", name="What will be counted?")
    expect(counted).to_contain_text("rows whose “arrived” is in January 2026")
    expect(counted).to_contain_text("in Alder Street Hospital (“site” is “Alder”)")
    expect(counted).to_contain_text("Of them, those whose “treated” is “Y”.")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    hand.press(page.get_by_role("button", name="Remember this and go on"))

    page.set_input_files("input[type=file]", str(visits))
    hand.press(page.get_by_role("button", name="Send and count"))
    page.wait_for_url("**/imports/*-*/")
    expect(page.get_by_role("heading", name="What would happen?")).to_be_visible(timeout=60_000)
    main = page.get_by_role("main")
    expect(main).to_contain_text("384 rows read")
    expect(main).to_contain_text("192 rows are not in the denominator and were left out.")
    assert SECRET not in page.content()
    for log in (standing_house.home / "logs").iterdir():
        assert SECRET not in log.read_text(errors="replace")
