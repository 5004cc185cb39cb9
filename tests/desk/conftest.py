"""Riverside as its people see it on the desk."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accountability import actions as community
from accountability import queries as rounds
from accountability.models import Group, Round
from equity.cycle.actions import open_cycle
from equity.cycle.models import Cycle
from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona
from practices import actions, queries
from practices.loading import catalogue_files, load
from practices.models import AdoptedPractice
from practices.workflow import PracticeStatus
from tests.cast import House


@dataclass
class Desk:
    """Riverside as its people see it."""

    house: House
    client: Client

    @property
    def today(self) -> datetime.date:
        return timezone.localdate()

    def get(self, name: str, path: str, **headers: str) -> Any:
        """A page as one of the cast opens it."""
        self.client.force_login(self.house.accounts[name])
        return self.client.get(path, headers=headers)

    @contextmanager
    def by(self, name: str) -> Iterator[Any]:
        """Act as one of the cast, in their own institution."""
        organisation = self.house.elsewhere if name == "walter" else self.house.riverside
        with acting_as(Persona.MEMBER, organisation=organisation, person=self.house.person(name)):
            yield self.house.person(name)

    def begin(self) -> Cycle:
        """Open Riverside's first cycle, with both guides to choose from."""
        load_guides()
        with self.by("alice") as alice:
            return open_cycle(organisation=self.house.riverside, started_on=self.today, by=alice)

    def adopt(
        self, *, owner: str = "", due: int | None = None, status: PracticeStatus | None = None
    ) -> AdoptedPractice:
        """The next practice that the guide gives for goal 2.1; `due` in days from today."""
        with self.by("alice") as alice:
            goal = queries.goal_for("2.1")
            adopted = goal.adopted or actions.adopt_goal(
                cycle=self._cycle(), item=goal.item, reason="The board asked for it.", by=alice
            )
            practice = actions.adopt_practice(goal=adopted, item=goal.samples_left[0].item, by=alice)
            practice = actions.assign(
                practice=practice,
                owner=self.house.person(owner) if owner else None,
                due=None if due is None else self.today + datetime.timedelta(days=due),
                version=practice.version,
                by=alice,
            )
            if status:
                actions.post_update(
                    practice=practice, status=status, words="News.", version=practice.version, by=alice
                )
        return practice

    def _cycle(self) -> Cycle:
        return Cycle.objects.get()

    def plan_round(self, *reviewers: str) -> Round:
        """A round that Farid prepares for these reviewers."""
        load_guides()
        with self.by("farid") as farid:
            body = community.found_body(organisation=self.house.riverside, name="Community board", by=farid)
            for name in reviewers:
                person = self.house.person(name)
                community.fill_seat(
                    body=body, person=person, group=Group.COMMUNITY, since=self.today, by=farid
                )
            return community.plan_round(
                body=body,
                title="Spring review",
                reveal_from=self.today + datetime.timedelta(days=14),
                reply_days=30,
                questions=rounds.questions()[:1],
                by=farid,
            )

    def open_round(self, *reviewers: str) -> Round:
        """A round that these reviewers can score."""
        planned = self.plan_round(*reviewers)
        with self.by("farid") as farid:
            return community.open_round(round=planned, by=farid)

    def revealed_round(self) -> Round:
        """A round that Carmen has scored and Farid revealed: the institution has 30 days to answer."""
        round = self.open_round("carmen")
        with self.by("carmen") as carmen:
            for item in rounds.items_of(round):
                community.save_draft(item=item, value="1", reason="We heard of it.", by=carmen)
            community.submit(round=round, by=carmen)
        with self.by("farid") as farid:
            return community.reveal(round=round, by=farid)


def load_guides() -> None:
    """Both guides, as they come with the code."""
    with acting_as(Persona.OPERATOR):
        for path in catalogue_files():
            load(path)


@pytest.fixture
def desk(house: House, client: Client) -> Desk:
    """Riverside with nothing begun."""
    return Desk(house, client)
