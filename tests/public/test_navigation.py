"""Where one is, as the navigation of the public pages says it to a screen reader."""

from __future__ import annotations

import re

import pytest
from django.test import Client as Browser

from tests.public.conftest import World

LINK = re.compile(r"<a\b([^>]*)>(.*?)</a>", re.DOTALL)
MARK = re.compile(r'aria-current="([^"]*)"')

OF_AN_INSTITUTION = {
    "/p/riverside/": ("page", "Promises"),
    "/p/riverside/?round=1": ("page", "Promises"),
    "/p/riverside/measures/readmission/": ("true", "Gaps"),
    "/p/riverside/measures/readmission/?by=race&period=2025-01-01..2025-12-31": ("true", "Gaps"),
    "/p/riverside/rounds/1/1.1/": ("true", "Community"),
}
OF_NOBODY = (
    "/",
    "/how-we-count/",
    "/access/",
    "/privacy/",
    "/help/",
    "/api/v1/",
    "/guides/",
    "/guides/search/",
    "/p/riverside/measures/no-such-measure/",
)


def marked(html: str) -> list[tuple[str, str]]:
    """Every link that says that it is the current one: how it says it, and its words."""
    links = [(MARK.search(attributes), words) for attributes, words in LINK.findall(html)]
    return [(mark[1], words.strip()) for mark, words in links if mark]


@pytest.mark.parametrize("address", OF_AN_INSTITUTION)
def test_page_of_an_institution_marks_its_place_and_no_other(
    published: World, visitor: Browser, address: str
) -> None:
    html = visitor.get(address).content.decode()
    assert marked(html) == [OF_AN_INSTITUTION[address]]
    assert html.count("aria-current") == 1


@pytest.mark.parametrize("address", OF_NOBODY)
def test_page_outside_an_institution_marks_no_place(published: World, visitor: Browser, address: str) -> None:
    assert "aria-current" not in visitor.get(address).content.decode()
