"""A board with nine reviewers at Riverside: five community seats (shown at a threshold of five) and four staff seats."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.utils import timezone

from accountability import actions
from accountability.models import Body, Group, Round, RoundItem
from accountability.queries import Question
from equity.roles import Role
from equity.tenancy.acting import acting_as
from equity.tenancy.models import Account, Membership, Person
from equity.tenancy.personas import Persona
from practices import loading
from tests.cast import House

COMMUNITY = ("carmen", "dora", "emil", "fatou", "gus")
STAFF = ("hana", "ivan", "joyce", "kofi")
ANCHORS = ("Nothing is done.", "It is promised.", "It is done.", "It is done together.")
QUESTIONS = [
    Question(
        "criterion", "C1.1", "Community members decide", "Do community members decide?", ANCHORS, "Governance"
    ),
    Question("criterion", "C3.2", "It says why", "Does it say why?", ANCHORS, "Openness"),
    Question(
        "dashboard", "D.patient", "The patient page", "Does it show the gaps?", ANCHORS, "Patient", "patient"
    ),
]


@dataclass
class Board:
    """The body and those who sit in it; `plan`, `open`, `score`, `reveal` walk a round through its stages."""

    house: House
    body: Body
    accounts: dict[str, Account] = field(default_factory=dict)

    def person(self, name: str) -> Person:
        return self.house.person(name)

    @contextmanager
    def acting(self, name: str, persona: Persona = Persona.MEMBER) -> Iterator[Person]:
        """As this person, at Riverside."""
        with acting_as(persona, organisation=self.house.riverside, person=self.person(name)):
            yield self.person(name)

    def seat(self, name: str, group: Group, *, since: datetime.date | None = None) -> None:
        """Farid gives somebody a seat, from today if nothing else is said."""
        with self.acting("farid") as farid:
            actions.fill_seat(
                body=self.body,
                person=self.person(name),
                group=group,
                since=since or timezone.localdate(),
                by=farid,
            )

    def plan(self, questions: list[Question] | None = None) -> Round:
        with self.acting("farid") as farid:
            return actions.plan_round(
                body=self.body,
                title="Spring review",
                reveal_from=timezone.localdate() + datetime.timedelta(days=14),
                reply_days=30,
                questions=QUESTIONS if questions is None else questions,
                by=farid,
            )

    def open(self) -> Round:
        round = self.plan()
        with self.acting("farid") as farid:
            return actions.open_round(round=round, by=farid)

    def items(self, round: Round) -> list[RoundItem]:
        with self.acting("farid"):
            return list(RoundItem.objects.filter(round=round).order_by("position"))

    def score(self, round: Round, name: str, *values: str, reason: str = "") -> None:
        """`name` answers the first questions with `values` and sends."""
        items = self.items(round)
        with self.acting(name) as person:
            for item, value in zip(items, values, strict=False):
                actions.save_draft(item=item, value=value, reason=reason or f"Words of {name}.", by=person)
            actions.submit(round=round, by=person)

    def score_all(self, round: Round, value: str = "2") -> None:
        for name in (*COMMUNITY, *STAFF):
            self.score(round, name, *[value] * len(QUESTIONS))

    def reveal(self, round: Round) -> Round:
        with self.acting("farid") as farid:
            return actions.reveal(round=round, by=farid)

    def revealed(self, value: str = "2") -> Round:
        round = self.open()
        self.score_all(round, value)
        return self.reveal(round)


def seat(house: House, name: str) -> None:
    """A person with an account and a reviewer's role at Riverside."""
    if name not in house.people:
        house.people[name] = Person.objects.create(name=name.capitalize())
        house.accounts[name] = Account.objects.create_user(
            f"{name}@example.org", None, person=house.people[name]
        )
        Membership.objects.create(organisation=house.riverside, person=house.people[name], role=Role.REVIEWER)


@pytest.fixture
def board(house: Any) -> Board:
    with acting_as(Persona.OPERATOR):
        for name in (*COMMUNITY, *STAFF):
            seat(house, name)
    farid = house.person("farid")
    since = timezone.localdate() - datetime.timedelta(days=90)
    with acting_as(Persona.MEMBER, organisation=house.riverside, person=farid):
        body = actions.found_body(organisation=house.riverside, name="Riverside Community Board", by=farid)
    made = Board(house, body)
    for names, group in ((COMMUNITY, Group.COMMUNITY), (STAFF, Group.STAFF)):
        for name in names:
            made.seat(name, group, since=since)
    return made


@pytest.fixture
def catalogue(house: Any) -> None:
    """The guide for whole institutions, as it comes with the code."""
    with acting_as(Persona.OPERATOR):
        loading.load(loading.CATALOGUE / "light-and-heat-2021.toml")
