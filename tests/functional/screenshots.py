"""Draws every main page, desktop and phone, light and dark, into var/screenshots: `make screenshots`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext

from tests.functional.browser import DESKTOP, PHONE, chromium
from tests.functional.house import ROOT, RunningHouse, running_house
from tests.functional.screens import AS, PUBLIC, Way, open_screen, sign_in

TARGET = ROOT / "var" / "screenshots"


def _contexts(browser: Browser, house: RunningHouse) -> list[tuple[str, BrowserContext]]:
    sizes = {"desktop": DESKTOP, "phone": PHONE}
    return [
        (
            f"{size}-{scheme}",
            browser.new_context(viewport=sizes[size], color_scheme=scheme, base_url=house.address),
        )
        for size, scheme in (("desktop", "light"), ("phone", "light"), ("desktop", "dark"), ("phone", "dark"))
    ]


def _draw(context: BrowserContext, kind: str, pages: dict[str, Way]) -> None:
    page = context.new_page()
    for name, way in pages.items():
        open_screen(page, way)
        page.screenshot(path=TARGET / f"{name}-{kind}.png", full_page=True)
    page.close()


def main() -> int:
    TARGET.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_house(Path(folder) / "house") as house,
        chromium() as browser,
    ):
        for kind, context in _contexts(browser, house):
            _draw(context, kind, PUBLIC)
            for account, pages in AS.items():
                context.clear_cookies()
                sign_in(context, account, house)
                _draw(context, kind, pages)
            context.close()
    print(f"Drew {len(list(TARGET.glob('*.png')))} pictures into {TARGET.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
