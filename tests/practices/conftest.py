"""Riverside in its first cycle, with the catalogue loaded and goal 2.1 adopted."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from equity.cycle.actions import open_cycle
from equity.cycle.models import Cycle
from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona
from practices import actions, queries
from practices.loading import catalogue_files, load
from practices.models import AdoptedGoal, AdoptedPractice, GuideItem, ItemKind
from practices.workflow import PracticeStatus
from tests.cast import House

PDF = b"%PDF-1.7\nthe minutes of the first meeting\n"
FIRST_DAY = datetime.date(2026, 1, 5)


def minutes(name: str = "minutes.pdf", content: bytes = PDF, content_type: str = "application/pdf") -> Any:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, content, content_type=content_type)


@dataclass
class Programme:
    """What stands at Riverside, and the ways to act there."""

    house: House
    cycle: Cycle
    goal: AdoptedGoal
    practice: AdoptedPractice

    @contextmanager
    def by(self, name: str) -> Iterator[Any]:
        """Act as one of the cast, in their own institution."""
        organisation = self.house.elsewhere if name == "walter" else self.house.riverside
        person = self.house.person(name)
        with acting_as(Persona.MEMBER, organisation=organisation, person=person):
            yield person

    def item(self, code: str, kind: str = ItemKind.PRACTICE) -> GuideItem:
        return queries.item_for(self.goal.item.guide, code, kind)

    def fresh(self) -> AdoptedPractice:
        """The practice as it is now."""
        return queries.practice_for(self.practice.pk)

    def news(self, status: PracticeStatus, words: str = "We met.", name: str = "oscar") -> None:
        with self.by(name) as person:
            practice = self.fresh()
            actions.post_update(
                practice=practice, status=status, words=words, version=practice.version, by=person
            )

    def address(self, name: str, institution: str = "riverside", **kwargs: Any) -> str:
        return reverse(f"practices:{name}", kwargs={"institution": institution, **kwargs})


@pytest.fixture
def catalogue(house: House) -> None:
    """Both guides, as they come with the code."""
    with acting_as(Persona.OPERATOR):
        for path in catalogue_files():
            load(path)


@pytest.fixture
def programme(house: House, catalogue: None) -> Programme:
    alice = house.person("alice")
    with acting_as(Persona.MEMBER, organisation=house.riverside, person=alice):
        cycle = open_cycle(organisation=house.riverside, started_on=FIRST_DAY, by=alice)
        guide = queries.guide_for(queries.LIGHT_AND_HEAT)
        item = queries.item_for(guide, "2.1", ItemKind.GOAL)
        goal = actions.adopt_goal(cycle=cycle, item=item, reason="Nobody leads this yet.", by=alice)
        practice = actions.adopt_practice(
            goal=goal, item=queries.item_for(guide, "2.1.1", ItemKind.PRACTICE), by=alice
        )
        return Programme(house, cycle, goal, queries.practice_for(practice.pk))
