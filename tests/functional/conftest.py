"""One house and one browser for all journeys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.functional.browser import chromium
from tests.functional.house import RunningHouse, running_house


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What moves the standing house on runs last: all others find it as the example left it."""
    items.sort(key=lambda item: item.get_closest_marker("moves_the_house_on") is not None)


@pytest.fixture(scope="session")
def standing_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHouse]:
    with running_house(tmp_path_factory.mktemp("house")) as house:
        yield house


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Gone with its module: its event loop would forbid the database to every test that follows."""
    with chromium() as browser:
        yield browser
