"""My page: every institution one belongs to, and what waits there."""

from __future__ import annotations

from accountability.workflow import Move
from equity.roles import Role
from equity.tenancy.acting import acting_as
from equity.tenancy.models import Membership
from equity.tenancy.personas import Persona
from practices.workflow import PracticeStatus
from tests.desk.conftest import Desk


def test_me_without_anything_to_do_says_so(desk: Desk) -> None:
    response = desk.get("alice", "/me/")
    assert response.status_code == 200
    assert "Nothing waits for you today." in response.content.decode()
    assert "Riverside Health" in response.content.decode()
    assert "Equity lead" in response.content.decode()
    assert "Elsewhere Clinic" not in response.content.decode()


def test_me_shows_every_institution_with_its_own_roles(desk: Desk) -> None:
    with acting_as(Persona.OPERATOR):
        Membership.objects.create(
            organisation=desk.house.elsewhere, person=desk.house.person("carmen"), role=Role.REVIEWER
        )
    places = desk.get("carmen", "/me/").context["places"]
    assert [(place.organisation.slug, place.roles) for place in places] == [
        ("elsewhere", ["Community reviewer"]),
        ("riverside", ["Community reviewer"]),
    ]


def test_me_after_the_last_role_ended_shows_no_institution(desk: Desk) -> None:
    with acting_as(Persona.OPERATOR):
        Membership.objects.filter(person=desk.house.person("oscar")).update(ended_on=desk.today)
    response = desk.get("oscar", "/me/")
    assert response.context["places"] == []
    assert "You do not belong to an institution yet." in response.content.decode()


def test_me_of_a_reviewer_asks_for_the_open_round(desk: Desk) -> None:
    round = desk.open_round("carmen")
    waiting = desk.get("carmen", "/me/").context["places"][0].waiting
    assert [one.pk for one in waiting.to_score] == [round.pk]
    assert len(desk.get("alice", "/me/").context["places"][0].waiting) == 0


def test_me_of_an_owner_asks_for_their_own_practices_only(desk: Desk) -> None:
    desk.begin()
    late = desk.adopt(owner="oscar", due=-3)
    desk.adopt(owner="mona", due=-3)
    desk.adopt(owner="oscar", due=300)
    waiting = desk.get("oscar", "/me/").context["places"][0].waiting
    assert [need.practice.practice_id for need in waiting.practices] == [late.pk]
    assert waiting.practices[0].days_late == 3


def test_me_of_a_facilitator_asks_to_open_a_planned_round(desk: Desk) -> None:
    round = desk.plan_round("carmen")
    waiting = desk.get("farid", "/me/").context["places"][0].waiting
    assert [(one.pk, move) for one, move in waiting.to_move] == [(round.pk, Move.OPEN)]


def test_me_of_a_facilitator_does_not_ask_to_reveal_before_it_is_time(desk: Desk) -> None:
    desk.open_round("carmen")
    assert desk.get("farid", "/me/").context["places"][0].waiting.to_move == []


def test_me_of_the_equity_lead_asks_to_answer_the_findings(desk: Desk) -> None:
    round = desk.revealed_round()
    waiting = desk.get("alice", "/me/").context["places"][0].waiting
    assert [one.pk for one in waiting.to_reply] == [round.pk]
    assert "Answer the findings of round 1" in desk.get("alice", "/me/").content.decode()
    assert len(desk.get("bea", "/me/").context["places"][0].waiting) == 0


def test_me_of_a_practice_owner_counts_what_waits(desk: Desk) -> None:
    desk.begin()
    desk.adopt(owner="oscar", status=PracticeStatus.STUCK)
    response = desk.get("oscar", "/me/")
    assert response.context["waiting"] == 1
    assert "<b>One thing</b> waits for you." in response.content.decode()


def test_me_without_signing_in_leads_to_the_sign_in_page(desk: Desk) -> None:
    response = desk.client.get("/me/")
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/?next=/me/")
