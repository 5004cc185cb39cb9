"""The pages of systems and keys: none yet, made and shown once, a second one, revoked, taken over."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from django.utils import timezone

from equity.keys import secret
from equity.keys.models import System, SystemKey
from equity.keys.scopes import BRAND
from equity.roles import MAY, Permission
from equity.tenancy.acting import acting_as
from equity.tenancy.models import AuditEvent, Membership
from equity.tenancy.personas import Persona
from tests.cast import ROLES, House

PAGE = "/o/riverside/keys/"
KEY = re.compile(r"lhi_live_[a-z0-9]{8}_[A-Za-z0-9-]{43}_[0-9a-f]{8}")


@pytest.fixture
def alice(house: House, client: Any) -> Any:
    """The browser of the equity lead."""
    client.force_login(house.accounts["alice"])
    return client


def made(browser: Any, name: str = "Night export", days: str = "365") -> str:
    """The secret of a new system's key, as the page shows it."""
    response = browser.post(f"{PAGE}new/", {"name": name, "days": days})
    assert response.status_code == 200
    (found,) = set(KEY.findall(response.content.decode()))
    return str(found)


def kept() -> list[SystemKey]:
    with acting_as(Persona.OPERATOR):
        return list(SystemKey.objects.select_related("system", "made_by").order_by("made_at", "pk"))


def address(what: str = "") -> str:
    return f"{PAGE}{kept()[0].system_id}/{what}"


def events() -> list[tuple[str, str]]:
    with acting_as(Persona.OPERATOR):
        found = AuditEvent.objects.filter(event__startswith="system").order_by("at", "pk")
        return [(event.event, event.by_name) for event in found]


def test_without_systems_the_page_says_how_to_begin(alice: Any) -> None:
    page = alice.get(PAGE).content.decode()
    assert "None yet." in page
    assert "Let a system in" in page
    assert "/api/v1/organizations/riverside/batches" in page


def test_key_is_shown_once_and_only_its_hash_is_kept(alice: Any) -> None:
    response = alice.post(f"{PAGE}new/", {"name": "Night export", "days": "90"})
    (shown,) = set(KEY.findall(response.content.decode()))
    assert response.headers["Cache-Control"] == "no-store, private"
    (key,) = kept()
    assert key.key_hash == secret.hash_of(shown)
    assert shown not in " ".join(str(value) for value in vars(key).values())
    assert (key.system.name, key.made_by.name, key.scopes) == ("Night export", "Alice", ["batches:write"])
    assert timezone.now() + datetime.timedelta(days=89) < key.expires_at
    for page in (PAGE, address(), f"{PAGE}revoke/{key.pk}/", "/o/riverside/history/"):
        assert KEY.search(alice.get(page).content.decode()) is None
    assert events() == [("system.open", "Alice"), ("system_key.make", "Alice")]


def test_name_is_taken_once_in_an_institution_and_free_in_another(house: House, alice: Any) -> None:
    made(alice)
    response = alice.post(f"{PAGE}new/", {"name": "Night export", "days": "365"})
    assert response.status_code == 422
    assert "Another system has this name." in response.content.decode()
    alice.force_login(house.accounts["walter"])
    assert KEY.search(
        alice.post("/o/elsewhere/keys/new/", {"name": "Night export", "days": "365"}).content.decode()
    )


@pytest.mark.parametrize("days", ["366", "0", "-1", "", "x"])
def test_other_lifetimes_are_refused(alice: Any, days: str) -> None:
    assert alice.post(f"{PAGE}new/", {"name": "Night export", "days": days}).status_code == 422
    assert kept() == []


def test_two_keys_are_live_at_most_and_a_revoked_one_makes_room(alice: Any) -> None:
    made(alice)
    assert alice.post(address("key/"), {"days": "90"}).status_code == 200
    third = alice.post(address("key/"), {"days": "90"})
    assert third.status_code == 422
    assert "Revoke the one that is not used any more first." in third.content.decode()
    assert "Make another key" not in alice.get(address()).content.decode()
    old = kept()[0]
    assert alice.post(f"{PAGE}revoke/{old.pk}/").status_code == 302
    assert alice.post(address("key/"), {"days": "90"}).status_code == 200
    assert [key.state for key in kept()] == ["revoked", "live", "live"]


def test_ended_key_makes_room(alice: Any) -> None:
    made(alice)
    alice.post(address("key/"), {"days": "90"})
    now = timezone.now()
    with acting_as(Persona.OPERATOR):
        SystemKey.objects.filter(pk=kept()[0].pk).update(
            made_at=now - datetime.timedelta(days=90), expires_at=now - datetime.timedelta(seconds=1)
        )
    assert alice.post(address("key/"), {"days": "90"}).status_code == 200


def test_revoking_asks_first_and_is_done_once(alice: Any) -> None:
    made(alice)
    (key,) = kept()
    assert "It stops with the next request" in alice.get(f"{PAGE}revoke/{key.pk}/").content.decode()
    assert kept()[0].state == "live"
    for _ in range(2):
        assert alice.post(f"{PAGE}revoke/{key.pk}/").status_code == 302
    assert kept()[0].state == "revoked"
    assert [event for event, _name in events()].count("system_key.revoke") == 1


def test_system_whose_person_left_is_stopped_until_somebody_answers_for_it(house: House, alice: Any) -> None:
    made(alice)
    with acting_as(Persona.OPERATOR):
        Membership.objects.create(
            organisation=house.riverside, person=house.person("mona"), role="equity_lead"
        )
        Membership.objects.filter(person=house.person("alice")).update(ended_on=timezone.localdate())
    alice.force_login(house.accounts["mona"])
    assert "Nobody: it is stopped" in alice.get(PAGE).content.decode()
    assert "I answer for it" in alice.get(address()).content.decode()
    assert alice.post(address("answer/")).status_code == 302
    page = alice.get(address()).content.decode()
    assert "<b>Mona</b> answers for what it sends." in page
    assert events()[-1] == ("system.answer_for", "Mona")


def test_only_the_equity_lead_keeps_keys(house: House, client: Any) -> None:
    assert {name for name, role in ROLES.items() if Permission.MANAGE_KEYS in MAY[role]} == {"alice"}
    client.force_login(house.accounts["bea"])
    assert client.get(PAGE).status_code == 403


# ---------------------------------------------------------------- what PostgreSQL keeps, whatever the pages do
def test_revoked_key_cannot_be_brought_back(house: House, alice: Any) -> None:
    made(alice)
    with acting_as(Persona.MEMBER, organisation=house.riverside, person=house.person("alice")):
        assert SystemKey.objects.update(revoked_at=timezone.now()) == 1
        assert SystemKey.objects.update(revoked_at=None) == 0


def test_member_without_the_right_reads_no_key_and_opens_no_system(house: House, alice: Any) -> None:
    made(alice)
    with acting_as(Persona.MEMBER, organisation=house.riverside, person=house.person("bea")):
        assert not SystemKey.objects.exists()
        assert System.objects.update(answers=house.person("bea")) == 0


# ---------------------------------------------------------------- the text of a key
def test_changed_character_is_told_from_what_is_no_key() -> None:
    text = secret.generate(BRAND).secret
    assert secret.fault_of(text, BRAND) is None
    for place in range(len("lhi_live_"), len(text)):
        other = "b" if text[place] != "b" else "c"
        fault = secret.fault_of(text[:place] + other + text[place + 1 :], BRAND)
        assert fault is (secret.Fault.SHAPE if text[place] == "_" else secret.Fault.CHECK), place
    for no_key in ("", "lhi_live_", secret.generate("lh").secret, text + "\n"):
        assert secret.fault_of(no_key, BRAND) is secret.Fault.SHAPE
