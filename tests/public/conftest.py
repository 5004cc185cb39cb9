"""What the public reads in these tests: Riverside has published figures and a round, Elsewhere one figure."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client as Browser

from equity.publication.ledger import Entry
from equity.tenancy.acting import acting_as
from equity.tenancy.models import Organisation
from equity.tenancy.personas import Persona
from tests.public.published import EAST, FALLS, SPAN, WAIT, finding, observation, publish, statement


@dataclass
class World:
    """The two institutions, and how to publish for them."""

    house: Any

    def publish(self, *entries: Entry, of: str = "riverside", kind: str = "figures") -> int:
        organisation = getattr(self.house, of)
        person = self.house.person("alice" if of == "riverside" else "walter")
        return publish(organisation, person, entries, kind=kind)


FIGURES = (
    observation(960, 8000),
    observation(360, 2400, race="black"),
    observation(None, 300, status="hidden", race="asian"),
    observation(500, 5000, race="white"),
    observation(30, 300, race="unknown"),
    observation(300, 2400, payer="medicaid"),
    observation(660, 5600, payer="private"),
    observation(150, 900, race="black", payer="medicaid"),
    observation(4000, 40000, period=SPAN),
    observation(1500, 10000, period=SPAN, race="black"),
    observation(2500, 30000, period=SPAN, race="white"),
    observation(400, 3000, unit=EAST),
    observation(120, 48000, metric=FALLS),
    observation(70, 20000, metric=FALLS, payer="medicaid"),
    observation(50, 28000, metric=FALLS, payer="private"),
    observation(5000, 200, metric=WAIT),
    observation(None, None, metric=WAIT, status="not_asked", race="black"),
)


@pytest.fixture
def world(house: Any) -> World:
    """Two institutions that have published nothing yet."""
    with acting_as(Persona.OPERATOR):
        Organisation.objects.filter(pk=house.riverside.pk).update(
            ccn="360001", county_fips="39049", sample_note="Riverside is a made-up example."
        )
    house.riverside.ccn, house.riverside.county_fips = "360001", "39049"
    house.riverside.sample_note = "Riverside is a made-up example."
    return World(house)


@pytest.fixture
def published(world: World) -> World:
    """Riverside: release 1 with figures, then a round. Elsewhere: one figure."""
    world.publish(*FIGURES)
    reply = {"text": "From July each decision is posted with its reason.", "on": "2026-05-03"}
    world.publish(
        statement(),
        finding("1.1", title="It says why", reply=reply),
        finding("1.2", title="Members decide", position=2, levels=(0, 1, 4, 3)),
        kind="round",
    )
    world.publish(observation(40, 200, unit=("all", "Elsewhere Clinic")), of="elsewhere")
    return world


@pytest.fixture
def visitor() -> Browser:
    """Somebody with no cookie."""
    return Browser()


@pytest.fixture(autouse=True)
def counted_apart(settings: Any) -> None:
    """Requests are counted per minute in a cache that all tests share: each test counts its own, from nothing."""
    settings.CACHES = {"default": {**settings.CACHES["default"], "KEY_PREFIX": f"test-{uuid.uuid4()}"}}
