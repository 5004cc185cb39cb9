"""A report that the law asks for, in the running house with a real browser: look, plan, submit on a phone without scripts,
and read again what was submitted."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect

from tests.functional.browser import PHONE
from tests.functional.house import RunningHouse

pytestmark = pytest.mark.browser

SLUG = "willow-ferry"
REPORT, HOSPITAL = "California hospital equity report", "Willow Ferry Hospital"


def sign_in(page: Page, house: RunningHouse, account: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email address").fill(f"{account}@{SLUG}.example")
    page.get_by_label("Password").fill(house.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/me/")


def follow(page: Page, *links: str) -> None:
    for link in links:
        page.get_by_role("main").get_by_role("link", name=link).first.click()


def test_report_is_planned_and_submitted_on_a_phone_without_scripts(
    standing_house: RunningHouse, browser: Browser, tmp_path: Path
) -> None:
    context = browser.new_context(
        viewport=PHONE, base_url=standing_house.address, java_script_enabled=False, accept_downloads=True
    )
    page = context.new_page()
    sign_in(page, standing_house, "lead")
    page.goto(f"/o/{SLUG}/")
    follow(page, "Reports that the law asks for", REPORT, HOSPITAL)
    expect(page.get_by_text("not checked with the department").first).to_be_visible()

    follow(page, "Make a plan")
    page.get_by_label("For whom is it").fill("Every patient of this group")
    page.get_by_label("What will be different").fill("A third fewer in two years")
    page.get_by_label("By which day").fill("2028-12-31")
    page.get_by_label("Which priority area").select_option(label="Access to care")
    page.get_by_label("What will be done").fill("Evening visits, and rides home.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("by 31 Dec 2028")).to_be_visible()

    follow(page, REPORT, "Look at it and submit")
    page.get_by_role("button", name="Keep it as submitted").click()
    expect(page.get_by_text("Kept as it was submitted.")).to_be_visible()
    page.get_by_text("files, as they were").click()
    line = page.get_by_role("listitem").filter(has_text="2026.xlsx")
    with page.expect_download() as sent:
        line.get_by_role("link").click()
    kept = tmp_path / "report.xlsx"
    sent.value.save_as(kept)
    assert hashlib.sha256(kept.read_bytes()).hexdigest() in line.inner_text()
    plans = load_workbook(kept)["Disparities and plans"].iter_rows(values_only=True)
    assert any("Evening visits, and rides home." in row for row in plans)
    context.close()
