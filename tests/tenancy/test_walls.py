"""Row security holds for each persona, in raw SQL too."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError

from equity.tenancy.acting import acting_as
from equity.tenancy.models import Unit
from equity.tenancy.personas import Persona


def test_units_without_institution_are_none(house):
    with acting_as(Persona.MEMBER, person=house.person("alice")):
        assert Unit.objects.count() == 0


def test_units_of_own_institution_only(house):
    with acting_as(Persona.MEMBER, organisation=house.riverside, person=house.person("alice")):
        assert {unit.organisation_id for unit in Unit.objects.all()} == {house.riverside.pk}


def test_unit_in_foreign_institution_is_refused(house):
    with pytest.raises(ProgrammingError, match="row-level security"):
        with acting_as(Persona.MEMBER, organisation=house.riverside, person=house.person("alice")):
            Unit.objects.create(organisation=house.elsewhere, code="x", name="x", kind="clinic")
