"""Every main screen by the rules of access (axe), as wide as a phone and at 400 in 100, by keyboard alone, and without a script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.functional.browser import DESKTOP
from tests.functional.house import RunningHouse
from tests.functional.screens import AS, INVENTED, PUBLIC, REAL, Way, open_screen, sign_in

pytestmark = pytest.mark.browser

NARROW = {"width": 320, "height": 640}
"""A small phone; also what a window of 1280 leaves at 400 in 100."""
RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}
PATIENCE = 60_000
"""Milliseconds that Plotly may take on a machine that does much else."""

TABLE = """Hospital,Group,Treated in time,All\nferry,black,40,60\nferry,white,50,70\n"""


def faults(page: Page) -> Iterator[str]:
    """Rules of access that are broken, and whether the page can be pushed sideways."""
    found: list[dict[str, Any]] = Axe().run(page, options=RULES).response["violations"]
    for fault in found:
        yield f"{page.url}: {fault['id']} at {[node['target'] for node in fault['nodes']]}"
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        yield f"{page.url}: wider than the window"


def look_at(page: Page, screens: dict[str, Way]) -> list[str]:
    found = []
    for way in screens.values():
        open_screen(page, way)
        found += faults(page)
    return found


@pytest.fixture(params=[("light", DESKTOP), ("dark", NARROW)], ids=["desktop-light", "narrow-dark"])
def context(request: pytest.FixtureRequest, browser: Browser, standing_house: RunningHouse) -> Iterator[Any]:
    scheme, size = request.param
    context = browser.new_context(viewport=size, color_scheme=scheme, base_url=standing_house.address)
    yield context
    context.close()


def test_public_screens_break_no_rule_of_access(context: Any) -> None:
    assert look_at(context.new_page(), PUBLIC) == []


@pytest.mark.parametrize("account", AS)
def test_screens_of_members_break_no_rule_of_access(
    context: Any, standing_house: RunningHouse, account: str
) -> None:
    sign_in(context, account, standing_house)
    assert look_at(context.new_page(), AS[account]) == []


def test_screens_behind_a_form_break_no_rule_of_access(
    context: Any, standing_house: RunningHouse, tmp_path: Path
) -> None:
    sign_in(context, f"analyst@{INVENTED}", standing_house)
    page = context.new_page()

    page.goto(f"/o/{INVENTED}/measures/imports/typed/")
    page.get_by_label("Measure").select_option("partner-meetings")
    page.get_by_role("button", name="Show the grid").click()
    expect(page.get_by_role("button", name="Check")).to_be_visible()
    found = [*faults(page)]

    table = tmp_path / "table.csv"
    table.write_text(TABLE)
    page.goto(f"/o/{INVENTED}/measures/imports/look/")
    page.get_by_role("main").locator("input[type=file]").set_input_files(table)
    page.get_by_role("button", name="Send and look").click()
    expect(page.get_by_role("heading", name="What is each column?")).to_be_visible()
    found += faults(page)
    assert found == []


def test_measure_is_read_narrowed_and_explored_by_keyboard_alone(
    browser: Browser, standing_house: RunningHouse
) -> None:
    context = browser.new_context(
        viewport=DESKTOP, base_url=standing_house.address, reduced_motion="reduce", accept_downloads=True
    )
    sign_in(context, f"council@{REAL}", standing_house)
    page = context.new_page()
    page.goto(f"/o/{REAL}/measures/patient/readmission-30-day/?by=race_ethnicity")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    tab_to(page, "select[name=by]")
    page.keyboard.type("Gender")
    tab_to(page, "form.filters button")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("by gender")
    expect(page.get_by_role("heading", level=1)).to_be_focused()

    tab_to(page, "[data-explore=figure-groups]")
    page.keyboard.press("Enter")
    expect(page.locator("#explore-groups .main-svg").first).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#explore-groups")).to_be_focused()
    assert [*faults(page)] == []
    tab_to(page, "[data-target=explore-groups][data-save=svg]")
    with page.expect_download() as kept:
        page.keyboard.press("Enter")
    assert kept.value.suggested_filename == "readmission-30-day.svg"

    tab_to(page, "#method ~ *, section[aria-labelledby=method] summary")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Counts are added up first")).to_be_visible()
    context.close()


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is there; on the way nothing that has it is out of sight."""
    for _ in range(150):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached by Tab")


def test_public_screens_say_all_of_it_without_a_script(
    browser: Browser, standing_house: RunningHouse
) -> None:
    context = browser.new_context(viewport=NARROW, base_url=standing_house.address, java_script_enabled=False)
    page = context.new_page()
    for way in PUBLIC.values():
        open_screen(page, way)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.locator("[data-explore]:visible")).to_have_count(0)
    page.goto(f"/p/{REAL}/measures/readmission-30-day/?by=race_ethnicity")
    page.get_by_label("Compare by").select_option("payer")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("who pays")
    page.get_by_text("Definition, formula and source").click()
    expect(page.get_by_text("Counts are added up first")).to_be_visible()
    context.close()
