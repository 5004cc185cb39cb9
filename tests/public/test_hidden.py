"""Numbers that must not leave do not, even when a document carries them by mistake: no page, file or answer holds one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client as Browser

from equity.publication.ledger import Entry
from tests.public.conftest import World
from tests.public.published import finding, observation, statement

PLANTED = 7654321
"""A count that no other number of these tests contains; shown with or without commas, or as a rate of 100."""
TRACES = (b"7654321", b"7,654,321", b"765432100", b"765,432,100", b"7 654 321")

ADDRESSES = (
    "/",
    "/p/riverside/",
    "/p/riverside/measures/readmission/",
    "/p/riverside/measures/readmission/?by=payer*race",
    "/p/riverside/rounds/1/1.1/",
    "/p/riverside/data.csv",
    "/api/v1/observations",
    "/api/v1/observations?format=csv",
    "/api/v1/observations?status=hidden",
    "/api/v1/findings",
    "/api/v1/institutions",
    "/api/v1/inequality?institution=riverside&metric=readmission&by=race",
    "/api/v1/",
    "/api/v1/schema/",
)


def planted(entry: Entry, **members: Any) -> Entry:
    """The row with numbers that its status says are not there."""
    numbers = {
        "numerator": PLANTED,
        "rate": float(PLANTED),
        "ci": [float(PLANTED), float(PLANTED)],
        "reliable": True,
    }
    return replace(entry, document={**entry.document, **numbers, **members})


@pytest.fixture
def careless(world: World) -> World:
    """A publisher whose documents carry what they should not."""
    world.publish(
        observation(960, 8000),
        planted(observation(None, 700, status="hidden", race="asian")),
        planted(observation(None, 700, status="hidden", race="black", payer="medicaid")),
        planted(observation(None, None, status="withheld", race="unknown")),
        observation(90, 900, race="black"),
        observation(90, 800, race="white"),
        observation(90, 800, race="white", payer="medicaid"),
    )
    item = finding("1.1")
    hidden_group = item.document["groups"][1]
    hidden_group |= {
        "replies": PLANTED,
        "levels": [PLANTED] * 4,
        "not_enough": PLANTED,
        "recused": PLANTED,
        "median": [1],
    }
    world.publish(item, statement(), kind="round")
    gone = planted(observation(90, 800, race="white", payer="private"))
    world.publish(gone)
    world.publish(replace(gone, op="delete", document={}), kind="withdrawal")
    return world


@pytest.mark.parametrize("address", ADDRESSES)
def test_planted_number_leaves_nowhere(careless: World, visitor: Browser, address: str) -> None:
    response = visitor.get(address)
    assert response.status_code == 200
    for trace in TRACES:
        assert trace not in response.content


def test_planted_number_would_be_found_were_it_published(world: World, visitor: Browser) -> None:
    world.publish(observation(PLANTED, 2 * PLANTED, race="black"), observation(PLANTED, 2 * PLANTED))
    for address in ("/p/riverside/measures/readmission/", "/p/riverside/data.csv", "/api/v1/observations"):
        assert any(trace in visitor.get(address).content for trace in TRACES), address


def test_hidden_value_is_the_pill_on_pages(careless: World, visitor: Browser) -> None:
    html = visitor.get("/p/riverside/measures/readmission/").content.decode()
    assert html.count('<span class="pill">Hidden to protect privacy</span>') >= 3
