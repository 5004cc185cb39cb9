"""The ledger's numbers follow the order in which releases become visible, however many publish at once."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connections

from equity.publication import ledger
from equity.publication.models import Release
from equity.publication.queries import last_seq, published_releases
from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona
from tests.public.conftest import World
from tests.public.published import certify, observation

pytestmark = pytest.mark.real_logins

PUBLISHERS = 6


@contextmanager
def own_connections() -> Iterator[None]:
    """A thread opens connections of its own and leaves none behind."""
    try:
        yield
    finally:
        connections.close_all()


def seen() -> list[int]:
    with acting_as(Persona.PUBLIC):
        return sorted(published_releases().values_list("seq", flat=True))  # type: ignore[type-var]  # none is null here


def someone_waits() -> bool:
    with acting_as(Persona.OPERATOR) as acting, connections[acting.alias].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
            " WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()"
        )
        row = cursor.fetchone()
        return bool(row and row[0])


def test_second_publisher_waits_until_the_first_has_committed(world: World) -> None:
    riverside, alice = world.house.riverside, world.house.person("alice")
    first, second = (certify(riverside, alice) for _ in range(2))
    written, go_on = threading.Event(), threading.Event()
    numbers: dict[str, int] = {}

    def publish_slowly() -> None:
        with own_connections(), acting_as(Persona.WORKER, organisation=riverside.pk):
            numbers["first"] = ledger.publish(first, [observation(1, 20)])
            written.set()
            go_on.wait()

    def publish_at_once() -> None:
        with own_connections(), acting_as(Persona.WORKER, organisation=riverside.pk):
            numbers["second"] = ledger.publish(second, [observation(2, 20)])

    slow, quick = threading.Thread(target=publish_slowly), threading.Thread(target=publish_at_once)
    try:
        slow.start()
        written.wait()
        quick.start()
        while quick.is_alive() and not someone_waits():
            pass
        waited, seen_meanwhile = quick.is_alive(), seen()
    finally:
        go_on.set()
        slow.join()
        quick.join()
    assert waited, "The second release got its number while the first was not yet visible."
    assert seen_meanwhile == []
    assert numbers["first"] < numbers["second"] == last_seq_outside()


def last_seq_outside() -> int:
    with acting_as(Persona.PUBLIC):
        return last_seq()


def test_reader_never_sees_a_number_before_a_lower_one(world: World) -> None:
    """Whoever writes first holds its transaction open longest: without the lock the last number would be seen first."""
    riverside, alice = world.house.riverside, world.house.person("alice")
    releases = [certify(riverside, alice, title=f"Release {number}") for number in range(PUBLISHERS)]
    together, finished = threading.Barrier(PUBLISHERS + 1), threading.Event()
    done_before = itertools.count()
    snapshots: list[list[int]] = []

    def publish(release: Release) -> int:
        with own_connections(), acting_as(Persona.WORKER, organisation=riverside.pk) as acting:
            together.wait()
            number = ledger.publish(release, [observation(1, 20), observation(2, 20)])
            with connections[acting.alias].cursor() as cursor:
                cursor.execute("SELECT pg_sleep(%s)", [0.02 * (PUBLISHERS - next(done_before))])
            return number

    def watch() -> None:
        with own_connections():
            together.wait()
            while not finished.is_set():
                snapshots.append(seen())

    with ThreadPoolExecutor(PUBLISHERS + 1) as pool:
        watching: Any = pool.submit(watch)
        numbers = list(pool.map(publish, releases))
        finished.set()
        watching.result()
    final = sorted(numbers)
    assert len(set(final)) == PUBLISHERS
    assert seen() == final
    for snapshot in snapshots:
        assert snapshot == final[: len(snapshot)]
