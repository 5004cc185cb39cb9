"""Every test runs as the personas. The throw-away cluster lets its owner assume all of them on one connection.

`real_logins` (a marker) uses the three logins as they are in service, in committed transactions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from equity.tenancy import acting
from equity.tenancy.personas import Login, Persona


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "real_logins: uses the three serving logins in committed transactions")
    config.addinivalue_line("markers", "browser: drives a real browser against the running house")
    config.addinivalue_line(
        "markers", "moves_the_house_on: leaves the running house in another state; runs last"
    )


@pytest.fixture(autouse=True)
def one_connection(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every persona share the owner's connection, so that one rolled-back transaction holds the whole test."""
    if "real_logins" in request.keywords or "browser" in request.keywords:
        return
    for login in Login:
        monkeypatch.setitem(acting.ALIASES, login, Login.OWNER.value)


@pytest.fixture(autouse=True)
def plain_static_files(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No collected, hashed files are needed to draw a page in a test; uploads go to a folder of the test."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.STATIC_ROOT = str(tmp_path_factory.mktemp("static"))
    settings.MEDIA_ROOT = str(tmp_path_factory.mktemp("media", numbered=True))
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


class HouseClient(Client):
    """Signs in as the sign-in page does: as the sign-in persona."""

    def force_login(self, user: Any, backend: str | None = None) -> None:
        with acting.acting_as(Persona.SIGNIN):
            super().force_login(user, backend)


@pytest.fixture
def client() -> HouseClient:
    return HouseClient()


@pytest.fixture
def house(db: Any) -> Iterator[Any]:
    """The named cast in two institutions: see tests/cast.py."""
    from tests.cast import build

    return build()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that touches the database touches it through the owner's alias; marked ones use all four."""
    every = ["default", "outside", "work", "owner"]
    for item in items:
        if "real_logins" in item.keywords:
            item.add_marker(pytest.mark.django_db(transaction=True, databases=every))
        elif "house" in getattr(item, "fixturenames", ()) or "django_db" in item.keywords:
            item.add_marker(pytest.mark.django_db(databases=[Login.OWNER.value]))
