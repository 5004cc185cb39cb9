"""Ids that are not in the address but in its query or in a form: those of another institution are like those of nobody."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from tests.architecture.asking import ask, told
from tests.architecture.objects import absent
from tests.architecture.two_houses import Standing


@dataclass(frozen=True)
class Value:
    """A value `of` an object of Riverside, sent as `name` to an address of whoever asks, with the rest of the form."""

    method: str
    address: str
    name: str
    of: Callable[[Standing], Any]
    by: tuple[str, str, str] = ("alice", "walter", "lena")
    more: Callable[[Standing], dict[str, Any]] = lambda stands: {}


def _plan(stands: Standing) -> dict[str, Any]:
    days = {"reveal_from": timezone.localdate() + datetime.timedelta(days=20), "reply_days": 30}
    return {"title": "Another round", "questions": ["C1.1"], **days}


VALUES = {
    "practices of an owner": Value(
        "get", "programme/practices/", "owner", lambda stands: stands.house.person("oscar").pk
    ),
    "practices of an owner, as a file": Value(
        "get", "programme/practices.csv", "owner", lambda stands: stands.house.person("oscar").pk
    ),
    "owner of a practice": Value(
        "post",
        "programme/practices/{own}/assign/",
        "owner",
        lambda stands: stands.house.person("oscar").pk,
        more=lambda stands: {"version": stands.riverside.practice.version},
    ),
    "evidence of a practice": Value(
        "post",
        "programme/practices/{own}/evidence/show/",
        "evidence",
        lambda stands: stands.riverside.shown.pk,
        more=lambda stands: {"visibility": "public"},
    ),
    "what a person did": Value("get", "history/", "person", lambda stands: stands.house.person("alice").pk),
    "what a person did, as a file": Value(
        "get", "history/history.csv", "person", lambda stands: stands.house.person("alice").pk
    ),
    "figures of a unit": Value("get", "measures/patient/", "unit", lambda stands: "east"),
    "mapping of an earlier file": Value(
        "get", "measures/imports/line-list/", "mapping", lambda stands: stands.counted.pk
    ),
    "measure to publish": Value(
        "post",
        "measures/releases/new/",
        "metrics",
        lambda stands: "seen-in-time",
        more=lambda stands: {"title": "Figures", "periods": ["2024-Q2"]},
    ),
    "proposal that a definition answers": Value(
        "get", "measures/choose/own/", "proposal", lambda stands: stands.proposed.pk
    ),
    "owner of missing answers": Value(
        "post",
        "measures/choose/groups/of/race/goal/",
        "owner",
        lambda stands: stands.house.person("oscar").pk,
        more=lambda stands: {"at_most": "5", "by_date": timezone.localdate() + datetime.timedelta(days=9)},
    ),
    "where a unit belongs": Value(
        "post",
        "units/new/",
        "parent",
        lambda stands: "west",
        more=lambda stands: {"name": "A ward", "kind": "department"},
    ),
    "body of a round": Value(
        "post",
        "community/rounds/new/",
        "body",
        lambda stands: stands.board.body.pk,
        by=("farid", "wim", "fritz"),
        more=_plan,
    ),
}


def answers(client: Any, stands: Standing, value: Value, institution: str) -> list[tuple[int, str, str]]:
    """What is told about the object of Riverside, and what about one that nobody has."""
    own = getattr(stands, institution).practice.pk
    address = f"/o/{institution}/" + value.address.format(own=own)
    there = value.of(stands)
    nowhere = absent(there)
    return [
        told(ask(client, value.method, address, {**value.more(stands), value.name: given}), (there, nowhere))
        for given in (there, nowhere)
    ]


def test_value_of_another_institution_is_like_one_of_nobody(
    stands: Standing, client: Any, subtests: Any
) -> None:
    for what, value in VALUES.items():
        for name in value.by[1:]:
            client.force_login(stands.house.accounts[name])
            with subtests.test(what=what, name=name):
                of_riverside, of_nobody = answers(client, stands, value, "elsewhere")
                assert of_riverside[0] in (200, 404, 422)
                assert of_riverside == of_nobody


def test_value_of_ones_own_institution_makes_a_difference(
    stands: Standing, client: Any, subtests: Any
) -> None:
    """So that the likeness above is not one of an address that does not look at the value."""
    for what, value in VALUES.items():
        client.force_login(stands.house.accounts[value.by[0]])
        with subtests.test(what=what):
            of_riverside, of_nobody = answers(client, stands, value, "riverside")
            assert of_riverside[0] in (200, 302)
            assert of_riverside != of_nobody
