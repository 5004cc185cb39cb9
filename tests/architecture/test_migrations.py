"""Every app of ours goes back to nothing and comes up again the same, with rows in its tables."""

from __future__ import annotations

import gc
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from equity.mandates.actions import open_report
from equity.tenancy.acting import acting_as
from equity.tenancy.grants import OUR_APPS
from equity.tenancy.personas import Login, Persona
from tests import cast
from tests.desk.conftest import Desk
from tests.keys import systems
from tests.metrics.facts import Facts
from tests.public.published import observation, publish

IN_PUBLIC = "(SELECT oid FROM pg_namespace WHERE nspname = 'public')"
CATALOGUE = {
    "columns": "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns"
    " WHERE table_schema = 'public'",
    "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    f" WHERE connamespace = {IN_PUBLIC}",
    "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "row security": "SELECT relname, relrowsecurity, relforcerowsecurity, relacl::text FROM pg_class"
    f" WHERE relkind = 'r' AND relnamespace = {IN_PUBLIC}",
    "policies": "SELECT tablename, policyname, roles::text, cmd, qual, with_check FROM pg_policies",
    "column grants": "SELECT attrelid::regclass::text, attname, attacl::text FROM pg_attribute"
    f" JOIN pg_class ON pg_class.oid = attrelid WHERE attacl IS NOT NULL AND relnamespace = {IN_PUBLIC}",
    "functions": "SELECT proname, proowner::regrole::text, proacl::text, prosrc FROM pg_proc"
    f" WHERE pronamespace = {IN_PUBLIC}",
    "triggers": "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "sequences": "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'",
}
OURS_LEFT = (
    "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND split_part(tablename, '_', 1) = ANY (%(apps)s)"
    f" UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = {IN_PUBLIC} AND split_part(proname, '_', 1) = ANY (%(apps)s)"
    " UNION ALL SELECT sequencename FROM pg_sequences WHERE split_part(sequencename, '_', 1) = ANY (%(apps)s)"
)


@pytest.fixture
def owner(django_db_blocker: Any) -> Iterator[BaseDatabaseWrapper]:
    """The owner's connection leads to an empty database of its own, which is thrown away afterwards."""
    alias, name = Login.OWNER.value, f"test_walk_{uuid.uuid4().hex}"
    shared = connections[alias]
    with django_db_blocker.unblock():
        with shared._nodb_cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")
        own = shared.copy()
        own.settings_dict["NAME"] = name
        connections[alias] = own
        try:
            yield own
        finally:
            own.close()
            connections[alias] = shared
            with shared._nodb_cursor() as cursor:
                cursor.execute(f"DROP DATABASE {name}")


@contextmanager
def uncollected() -> Iterator[None]:
    """Migrating draws thousands of model classes, and the collector would walk through all of them again and again: half
    of the time of this test. Here it comes once, afterwards."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.collect()


def rows(connection: BaseDatabaseWrapper, sql: str, parameters: Any = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def catalogue(connection: BaseDatabaseWrapper) -> dict[str, set[tuple[Any, ...]]]:
    """All that the migrations have made, as PostgreSQL lists it; the order of columns and of grants says nothing."""
    return {what: set(rows(connection, sql)) for what, sql in CATALOGUE.items()}


def up(connection: BaseDatabaseWrapper) -> None:
    executor = MigrationExecutor(connection)
    with uncollected():
        executor.migrate(executor.loader.graph.leaf_nodes())


def down(connection: BaseDatabaseWrapper) -> None:
    """App by app, those first that others do not need."""
    executor = MigrationExecutor(connection)
    with uncollected():
        executor.migrate([(label, None) for label in reversed(OUR_APPS)])


def fill() -> None:
    """A row or more for every app: people, a cycle with a practice, a scored round, counts, a published figure."""
    house = cast.build()
    desk = Desk(house, client=None)  # type: ignore[arg-type]  # nobody opens a page here
    desk.begin()
    desk.adopt()
    desk.revealed_round()
    Facts(house.riverside, house.units).dimension("race", ["black", "white"])
    publish(house.riverside, house.person("alice"), [observation(50, 400)])
    with desk.by("alice") as alice:
        open_report(organisation=house.riverside, mandate="california-hospital-equity", year=2026, by=alice)
    systems.system(house)
    with acting_as(Persona.OPERATOR):
        for label in OUR_APPS:
            models = apps.get_app_config(label).get_models()
            assert any(model._default_manager.exists() for model in models), label


def test_every_app_migrates_to_zero_and_up_again(owner: BaseDatabaseWrapper) -> None:
    up(owner)
    before = catalogue(owner)
    assert all(before.values())
    fill()
    down(owner)
    assert rows(owner, OURS_LEFT, {"apps": list(OUR_APPS)}) == []
    up(owner)
    after = catalogue(owner)
    for what, found in before.items():
        assert after[what] == found, what
