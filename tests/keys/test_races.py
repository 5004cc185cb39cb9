"""Two people make a third key at one moment, with the logins as they are in service and transactions that really commit."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from equity.errors import RuleBroken
from equity.keys import actions
from equity.keys.models import SystemKey
from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona
from tests.cast import House
from tests.keys.systems import second_key, system
from tests.metrics.test_import_races import somebody_waits_for_a_lock

pytestmark = pytest.mark.real_logins


def test_two_keys_made_at_once_are_two_live_ones_at_most(house: House, monkeypatch: Any) -> None:
    """The second begins while the first has counted and not yet committed; the first ends when the second waits or is done."""
    handed = system(house)
    first_has_counted, second_is_done = threading.Event(), threading.Event()
    generate = actions.secret.generate

    def slowly(brand: str) -> Any:
        first_has_counted.set()
        while not second_is_done.is_set() and not somebody_waits_for_a_lock():
            second_is_done.wait(0.01)
        return generate(brand)

    def make(after: threading.Event | None) -> bool:
        try:
            if after is not None:
                after.wait(30)
                monkeypatch.setattr(actions.secret, "generate", generate)
            second_key(house, handed)
        except RuleBroken:
            return False
        finally:
            if after is not None:
                second_is_done.set()
            connections.close_all()
        return True

    monkeypatch.setattr(actions.secret, "generate", slowly)
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(make, None), pool.submit(make, first_has_counted)]
        assert [future.result() for future in futures] == [True, False]
    with acting_as(Persona.OPERATOR):
        assert SystemKey.objects.count() == 2
