"""The screens of the programme: who sees them, who may act on them, what they say when it is not possible."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.test import Client

from equity.cycle.models import Cycle, CycleStep
from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona
from practices.models import AdoptedGoal, AdoptedPractice
from tests.practices.conftest import Programme


def signed_in(programme: Programme, name: str) -> Client:
    client = Client()
    with acting_as(Persona.SIGNIN):
        client.force_login(programme.house.accounts[name])
    return client


def writes(programme: Programme) -> list[tuple[str, dict[str, Any]]]:
    """Every way to run the programme, as it works for those who may."""
    return [
        (programme.address("move_step", number=2), {"to": "under_way"}),
        (programme.address("adopt_goal", code="1.1"), {"reason": "Staff asked for it."}),
        (programme.address("adopt_practice", code="2.1"), {"code": "2.1.2"}),
        (
            programme.address("add_local_practice", code="2.1"),
            {"title": "Meet in the library", "proposed_by": "community"},
        ),
        (
            programme.address("assign", pk=programme.practice.pk),
            {"owner": programme.house.person("oscar").pk, "due": "2026-09-01", "version": "1"},
        ),
    ]


def state(programme: Programme) -> tuple[Any, ...]:
    with programme.by("alice"):
        return (
            AdoptedGoal.objects.count(),
            AdoptedPractice.objects.count(),
            CycleStep.objects.get(cycle=programme.cycle, number=2).state,
            programme.fresh().owner_id,
        )


@pytest.mark.parametrize("name", ["alice", "mona"])
def test_those_who_run_the_programme_can_do_everything(programme: Programme, name: str) -> None:
    client = signed_in(programme, name)
    for address, data in writes(programme):
        assert client.post(address, data).status_code == 302, address
    assert state(programme) == (2, 3, "under_way", programme.house.person("oscar").pk)


@pytest.mark.parametrize("name", ["oscar", "bea", "carmen", "farid"])
def test_others_are_refused_and_nothing_changes(programme: Programme, name: str) -> None:
    client, before = signed_in(programme, name), state(programme)
    for address, data in writes(programme):
        assert client.post(address, data).status_code == 403, address
    assert state(programme) == before


def test_stranger_neither_sees_nor_acts(programme: Programme) -> None:
    client, before = signed_in(programme, "walter"), state(programme)
    for address, data in writes(programme):
        assert client.post(address, data).status_code == 404, address
    for name, kwargs in (
        ("programme", {}),
        ("step", {"number": 2}),
        ("goal", {"code": "2.1"}),
        ("practices", {}),
        ("practices_csv", {}),
        ("practice", {"pk": programme.practice.pk}),
    ):
        assert client.get(programme.address(name, **kwargs)).status_code == 404, name
    assert state(programme) == before


def test_stranger_does_not_reach_a_practice_through_an_institution_of_their_own(programme: Programme) -> None:
    client = signed_in(programme, "walter")
    assert client.get(programme.address("practice", "elsewhere", pk=programme.practice.pk)).status_code == 404


def test_visitor_is_asked_to_sign_in(programme: Programme, client: Client) -> None:
    response = client.get(programme.address("programme"))
    assert response.status_code == 302
    assert "login" in response["Location"]


def test_first_cycle_is_begun_on_the_page(programme: Programme) -> None:
    client = signed_in(programme, "walter")
    page = client.get(programme.address("programme", "elsewhere"))
    assert "not begun its first cycle" in page.content.decode()
    address = programme.address("open_cycle", "elsewhere")
    assert client.post(address, {"started_on": "someday"}).status_code == 422
    assert client.post(address, {"started_on": "2026-02-01"}).status_code == 302
    assert client.post(address, {"started_on": "2026-03-01"}).status_code == 409
    with programme.by("walter"):
        assert [cycle.started_on for cycle in Cycle.objects.all()] == [datetime.date(2026, 2, 1)]


def test_programme_page_counts_and_names_what_needs_somebody(programme: Programme) -> None:
    with programme.by("alice"):
        AdoptedPractice.objects.update(status="stuck", status_since=datetime.date(2026, 2, 9))
    page = signed_in(programme, "carmen").get(programme.address("programme")).content.decode()
    assert "has promised <b>1 practice</b>" in page
    assert "Stuck since 9 February" in page
    assert page.count('<p class="lit') == 1


def test_step_that_is_none_is_not_found(programme: Programme) -> None:
    assert signed_in(programme, "alice").get(programme.address("step", number=6)).status_code == 404


def test_step_moves_only_along_its_table(programme: Programme) -> None:
    response = signed_in(programme, "alice").post(programme.address("move_step", number=2), {"to": "done"})
    assert response.status_code == 422


def test_goal_without_reason_is_refused_in_the_form(programme: Programme) -> None:
    response = signed_in(programme, "alice").post(programme.address("adopt_goal", code="1.1"), {"reason": ""})
    assert response.status_code == 422
    assert "This field is required" in response.content.decode()


def test_goal_adopted_meanwhile_is_refused_and_the_words_stay(programme: Programme) -> None:
    response = signed_in(programme, "alice").post(
        programme.address("adopt_goal", code="2.1"), {"reason": "Our words."}
    )
    assert response.status_code == 422
    assert "already adopted" in response.content.decode()
    assert "Our words." in response.content.decode()


def test_practice_needs_an_adopted_goal(programme: Programme) -> None:
    client = signed_in(programme, "alice")
    assert client.post(programme.address("adopt_practice", code="1.1"), {"code": "1.1.1"}).status_code == 409
    assert client.post(programme.address("adopt_practice", code="2.1"), {"code": "1.1.1"}).status_code == 409
    assert (
        client.post(programme.address("adopt_practice", code="2.1"), {"code": "nothing"}).status_code == 404
    )


def test_local_practice_without_a_proposer_is_refused_in_the_form(programme: Programme) -> None:
    response = signed_in(programme, "alice").post(
        programme.address("add_local_practice", code="2.1"),
        {"title": "Meet in the library", "proposed_by": ""},
    )
    assert response.status_code == 422
    assert "Meet in the library" in response.content.decode()


def test_goal_without_sample_practices_invites_local_ones(programme: Programme) -> None:
    client = signed_in(programme, "alice")
    client.post(programme.address("adopt_goal", code="4.3"), {"reason": "Billing."})
    page = client.get(programme.address("goal", code="4.3")).content.decode()
    assert "lists no sample practices" in page
    assert programme.address("add_local_practice", code="4.3") in page


@pytest.mark.parametrize("name", ["carmen", "oscar"])
def test_pages_offer_no_button_that_would_be_refused(programme: Programme, name: str) -> None:
    client = signed_in(programme, name)
    for place, kwargs in (
        ("programme", {}),
        ("step", {"number": 1}),
        ("goal", {"code": "2.1"}),
        ("goal", {"code": "1.1"}),
    ):
        page = client.get(programme.address(place, **kwargs)).content.decode()
        assert [line for line in page.splitlines() if 'method="post"' in line and "/programme/" in line] == []


def test_write_address_opened_by_get_leads_back_to_its_page(programme: Programme) -> None:
    response = signed_in(programme, "alice").get(programme.address("adopt_goal", code="1.1"))
    assert (response.status_code, response["Location"]) == (302, programme.address("goal", code="1.1"))
