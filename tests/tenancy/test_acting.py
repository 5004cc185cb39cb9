"""A persona lasts exactly as long as its block."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, connections

from equity.tenancy.acting import NoPersona, acting_as, current_or_none, within
from equity.tenancy.models import Organisation, Person, Unit
from equity.tenancy.personas import Persona

pytestmark = pytest.mark.django_db


def told():
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT current_user::text, current_setting('app.organisation', true), current_setting('app.person', true)"
        )
        return cursor.fetchone()


def test_query_without_a_persona_is_refused(house):
    assert current_or_none() is None
    with pytest.raises(NoPersona):
        Person.objects.count()


def test_nested_persona_is_put_back(house):
    alice = house.person("alice")
    with acting_as(Persona.MEMBER, organisation=house.riverside, person=alice):
        before = told()
        with acting_as(Persona.SIGNIN):
            assert told() == ("equity_signin", "", "")
        assert told() == before == ("equity_member", str(house.riverside.pk), str(alice.pk))


def test_nested_persona_is_put_back_after_an_error(house):
    with acting_as(Persona.MEMBER, organisation=house.riverside, person=house.person("alice")):
        before = told()
        with pytest.raises(ProgrammingError):
            with acting_as(Persona.SIGNIN):
                Unit.objects.count()
        assert told() == before


def test_within_changes_the_institution_only_inside(house):
    with acting_as(Persona.MEMBER, person=house.person("alice")):
        with within(house.riverside):
            assert Unit.objects.count() == 3
        assert Unit.objects.count() == 0


def test_nothing_outlives_the_outermost_block(house):
    with acting_as(Persona.MEMBER, organisation=house.riverside, person=house.person("alice")):
        pass
    assert told()[1:] == ("", "")


def test_member_sees_only_institutions_they_belong_to(house):
    with acting_as(Persona.MEMBER, person=house.person("alice")):
        assert list(Organisation.objects.values_list("slug", flat=True)) == ["riverside"]


def test_person_sees_those_who_share_the_institution(house):
    with acting_as(Persona.MEMBER, organisation=house.riverside, person=house.person("alice")):
        names = set(Person.objects.values_list("name", flat=True))
    assert "Carmen" in names
    assert "Walter" not in names
