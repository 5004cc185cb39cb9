"""Units stay a tree; one that has counts stays where it is; nothing is ever deleted."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from equity.errors import RuleBroken
from equity.tenancy.acting import acting_as
from equity.tenancy.models import AuditEvent, Unit
from equity.tenancy.personas import Persona
from equity.tenancy.units import add_unit, close_unit, move_unit, rename_unit, reopen_unit, tree
from metrics.queries import is_counted
from tests.cast import House
from tests.metrics.choosing import acting
from tests.metrics.hospitals import two_hospitals


def ward(house: House, name: str = "Ward", parent: str = "east", kind: str = "department") -> Unit:
    with acting(house, "alice"):
        return add_unit(
            organisation=house.riverside,
            parent=house.units[f"riverside/{parent}"],
            name=name,
            kind=kind,
            by=house.person("alice"),
        )


def test_tree_puts_each_unit_before_its_parts(house: House) -> None:
    ward(house)
    with acting(house, "carmen"):
        told = [(branch.unit.name, branch.parent) for branch in tree()]
    assert told == [
        ("Riverside Health", ""),
        ("East Hospital", "Riverside Health"),
        ("Ward", "East Hospital"),
        ("West Hospital", "Riverside Health"),
    ]


def test_codes_are_used_once_and_departments_have_no_parts(house: House) -> None:
    first = ward(house)
    with pytest.raises(RuleBroken, match="already"):
        ward(house)
    with acting(house, "alice"), pytest.raises(RuleBroken, match="no parts"):
        add_unit(organisation=house.riverside, parent=first, name="Bed", kind="department", by=None)


def test_no_unit_becomes_a_part_of_itself(house: House) -> None:
    clinic = ward(house, "Clinic", kind="clinic")
    east, whole, west = (house.units[f"riverside/{code}"] for code in ("east", "all", "west"))
    with acting(house, "alice"):
        for parent in (east, clinic):
            with pytest.raises(RuleBroken, match="part of itself"):
                move_unit(unit=east, parent=parent, counted=False, by=None)
        with pytest.raises(RuleBroken, match="part of nothing"):
            move_unit(unit=whole, parent=east, counted=False, by=None)
        move_unit(unit=clinic, parent=west, counted=False, by=None)
        assert Unit.objects.get(code="clinic").parent_id == west.pk
        assert AuditEvent.objects.get(event="unit.move").details["after"] == "West Hospital"


def test_unit_with_counts_stays_where_it_is(house: House, client: Client) -> None:
    two_hospitals(house)
    east = house.units["riverside/east"]
    with acting(house, "alice"):
        assert is_counted(east)
        with pytest.raises(RuleBroken, match="has counts"):
            move_unit(unit=east, parent=house.units["riverside/west"], counted=True, by=None)
    client.force_login(house.accounts["alice"])
    assert client.post("/o/riverside/units/of/east/move/", {"parent": "west"}).status_code == 422
    assert b"Move it" not in client.get("/o/riverside/units/of/east/").content


def test_closed_unit_stays_and_takes_no_parts(house: House) -> None:
    part = ward(house)
    east = house.units["riverside/east"]
    with acting(house, "alice"):
        with pytest.raises(RuleBroken, match="parts first"):
            close_unit(unit=east, by=None)
        close_unit(unit=part, by=None)
        close_unit(unit=east, by=None)
        with pytest.raises(RuleBroken, match="is closed"):
            reopen_unit(unit=Unit.objects.get(pk=part.pk), by=None)
        with pytest.raises(RuleBroken, match="is closed"):
            add_unit(organisation=house.riverside, parent=east, name="x", kind="clinic", by=None)
        reopen_unit(unit=east, by=None)
        assert Unit.objects.get(code="east").closed_on is None
        assert Unit.objects.get(code="ward").closed_on is not None
        with pytest.raises(RuleBroken, match="does not close"):
            close_unit(unit=house.units["riverside/all"], by=None)


def test_nobody_deletes_a_unit_and_others_change_none(house: House) -> None:
    for name in ("alice", "bea", "farid"):
        with acting(house, name), pytest.raises(DatabaseError), transaction.atomic(using="owner"):
            Unit.objects.filter(code="east").delete()
    with acting(house, "bea"):
        assert Unit.objects.filter(code="east").update(name="Mine") == 0


def test_pages_add_rename_close_and_reopen(house: House, client: Client) -> None:
    client.force_login(house.accounts["alice"])
    sent = {"parent": "west", "name": "Maternity", "kind": "department", "code": ""}
    assert client.post("/o/riverside/units/new/", {**sent, "parent": "nowhere"}).status_code == 422
    assert client.post("/o/riverside/units/new/", sent)["Location"] == "/o/riverside/units/"
    assert client.post("/o/riverside/units/of/maternity/rename/", {"name": "Births"}).status_code == 302
    assert client.post("/o/riverside/units/of/maternity/close/").status_code == 302
    words = client.get("/o/riverside/units/").content.decode()
    assert "Births" in words
    assert "closed on" in words
    assert client.post("/o/riverside/units/of/maternity/reopen/").status_code == 302
    client.force_login(house.accounts["carmen"])
    words = client.get("/o/riverside/units/").content.decode()
    assert "Births" in words
    assert "Add a unit" not in words
    with acting_as(Persona.OPERATOR):
        rename_unit(unit=Unit.objects.get(code="maternity"), name="Maternity", by=None)
