"""Systems of Riverside with keys, for tests of what they may do."""

from __future__ import annotations

import datetime
import json
from typing import Any

from django.test import Client as Browser

from equity.keys.actions import Handed, make_key, open_system
from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona
from tests.cast import House

YEAR = datetime.timedelta(days=365)
BATCHES = "/api/v1/organizations/riverside/batches"


def system(house: House, name: str = "Night export", by: str = "alice") -> Handed:
    """A system of the institution where `by` is the equity lead, with a key."""
    organisation = house.elsewhere if by == "walter" else house.riverside
    person = house.person(by)
    with acting_as(Persona.MEMBER, organisation=organisation, person=person):
        return open_system(organisation=organisation, name=name, lifetime=YEAR, by=person)


def second_key(house: House, first: Handed) -> Handed:
    """Another key of the same system of Riverside."""
    alice = house.person("alice")
    with acting_as(Persona.MEMBER, organisation=house.riverside, person=alice):
        return make_key(system=first.key.system, lifetime=YEAR, by=alice)


def headers(key: str, name: str = "", **more: str) -> dict[str, str]:
    """The headers of a request with this key; `name` is its idempotency key."""
    named = {"Idempotency-Key": name} if name else {}
    return {"Authorization": f"Bearer {key}", **named, **more}


def send(key: str, document: Any, name: str = "first", address: str = BATCHES) -> Any:
    """Send a document, as a program does: without a session, and with forged requests being looked for."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return Browser(enforce_csrf_checks=True).post(
        address, body, content_type="application/json", headers=headers(key, name)
    )


def ask(key: str, address: str, **parameters: Any) -> Any:
    """Ask what became of a batch."""
    return Browser().get(address, parameters, headers=headers(key))
