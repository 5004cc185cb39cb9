"""Who belongs to the institution, in which roles."""

from __future__ import annotations

from equity.roles import Role
from equity.tenancy.acting import acting_as
from equity.tenancy.models import Membership
from equity.tenancy.personas import Persona
from tests.desk.conftest import Desk

PEOPLE = "/o/riverside/people/"


def test_people_are_listed_by_name_with_every_role(desk: Desk) -> None:
    with acting_as(Persona.OPERATOR):
        Membership.objects.create(
            organisation=desk.house.riverside, person=desk.house.person("mona"), role=Role.PRACTICE_OWNER
        )
    members = desk.get("carmen", PEOPLE).context["members"]
    assert [member.person.name for member in members] == ["Alice", "Bea", "Carmen", "Farid", "Mona", "Oscar"]
    assert {membership.role for membership in members[4].memberships} == {"council_member", "practice_owner"}


def test_people_of_the_community_stand_apart(desk: Desk) -> None:
    context = desk.get("alice", PEOPLE).context
    assert [member.person.name for member in context["community_members"]] == ["Carmen", "Farid"]
    assert "Carmen" not in [member.person.name for member in context["institution_members"]]


def test_people_leave_out_whoever_has_no_role_any_more(desk: Desk) -> None:
    with acting_as(Persona.OPERATOR):
        Membership.objects.filter(person=desk.house.person("bea")).update(ended_on=desk.today)
    response = desk.get("alice", PEOPLE)
    assert "Bea" not in response.content.decode()
    assert "<b>5 people</b>" in response.content.decode()
