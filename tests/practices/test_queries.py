"""What the programme looks like from outside its tables: statement, attention, doors."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from equity.cycle.actions import move_step, open_cycle
from equity.cycle.queries import step_for
from equity.cycle.steps import StepState
from equity.errors import NotFound
from equity.roles import Role
from equity.tenancy.acting import acting_as
from equity.tenancy.models import Membership
from equity.tenancy.personas import Login, Persona
from practices import actions, queries
from practices.models import AdoptedPractice, ItemKind
from practices.urgency import Reason
from practices.workflow import PracticeStatus
from tests.practices.conftest import Programme

TODAY = datetime.date(2026, 6, 15)


def test_statement_tells_steps_and_adopted_goals_only(programme: Programme) -> None:
    programme.news(PracticeStatus.STUCK, "No room to meet.")
    with programme.by("alice") as alice:
        move_step(step=step_for(2), to=StepState.UNDER_WAY, by=alice)
        actions.adopt_goal(
            cycle=programme.cycle, item=programme.item("1.1", ItemKind.GOAL), reason="Now.", by=alice
        )
    with acting_as(Persona.WORKER, organisation=programme.house.riverside):
        statement = queries.programme_statement()
    assert statement == {
        "cycle": 1,
        "steps": [
            {"number": 1, "name": "Commit", "state": "not_started"},
            {"number": 2, "name": "Build capacity", "state": "under_way"},
            {"number": 3, "name": "Assess and strategize", "state": "not_started"},
            {"number": 4, "name": "Change practice and policy", "state": "not_started"},
            {"number": 5, "name": "Learn", "state": "not_started"},
        ],
        "goals": [
            {"code": "1.1", "title": "Promise equity to the people inside", "status": "not_started"},
            {"code": "2.1", "title": "Name a core team to lead the change", "status": "stuck"},
        ],
        "practices": [],
    }


def test_statement_before_the_first_cycle_is_none(programme: Programme) -> None:
    with acting_as(Persona.WORKER, organisation=programme.house.elsewhere):
        assert queries.programme_statement() is None


def test_attention_lists_the_most_pressing_first(programme: Programme) -> None:
    wanted: dict[str, dict[str, Any]] = {
        "2.1.1": {"status": "under_way", "due": TODAY + datetime.timedelta(days=14)},
        "2.1.2": {"status": "stuck"},
        "2.1.3": {"status": "under_way", "due": TODAY - datetime.timedelta(days=3)},
        "2.1.4": {"status": "under_way", "last_news_on": TODAY - datetime.timedelta(days=45)},
        "2.1.5": {"status": "done", "due": TODAY - datetime.timedelta(days=3)},
    }
    with programme.by("alice") as alice:
        for code in list(wanted)[1:]:
            actions.adopt_practice(goal=programme.goal, item=programme.item(code), by=alice)
        for code, values in wanted.items():
            AdoptedPractice.objects.filter(item__code=code).update(**{"last_news_on": TODAY} | values)
        found = queries.attention(TODAY)
    assert [(entry.code, entry.reasons) for entry in found] == [
        ("2.1.3", (Reason.OVERDUE,)),
        ("2.1.2", (Reason.STUCK,)),
        ("2.1.1", (Reason.DUE_SOON,)),
        ("2.1.4", (Reason.NO_NEWS,)),
    ]
    assert (found[0].days_late, found[0].goal_code, found[0].owner) == (3, "2.1", "")


def test_stranger_finds_nothing_behind_any_door(programme: Programme) -> None:
    with programme.by("walter") as walter:
        open_cycle(organisation=programme.house.elsewhere, started_on=TODAY, by=walter)
        assert queries.goal_for("2.1").adopted is None
        assert queries.attention(TODAY) == []
        with pytest.raises(NotFound):
            queries.practice_for(programme.practice.pk)


def test_goal_is_found_by_code_with_what_is_left_to_adopt(programme: Programme) -> None:
    with programme.by("carmen"):
        goal = queries.goal_for("2.1")
        assert [practice.code for practice in goal.practices] == ["2.1.1"]
        assert [sample.item.code for sample in goal.samples_left] == ["2.1.2", "2.1.3", "2.1.4", "2.1.5"]
        with pytest.raises(NotFound):
            queries.goal_for("2.1.1")


def test_cycle_keeps_the_edition_its_goals_came_from(programme: Programme, tmp_path: Any) -> None:
    from practices.loading import catalogue_files, load

    original = next(path for path in catalogue_files() if path.stem == "light-and-heat-2021")
    newer = tmp_path / "newer.toml"
    newer.write_text(original.read_text().replace('edition = "2021"', 'edition = "2027"'))
    with acting_as(Persona.OPERATOR):
        load(newer)
    with programme.by("alice"):
        assert queries.guide_for(queries.LIGHT_AND_HEAT).edition == "2027"
        assert queries.edition_of(programme.cycle).edition == "2021"
        assert queries.goal_for("2.1").adopted == programme.goal
    with programme.by("walter") as walter:
        cycle = open_cycle(organisation=programme.house.elsewhere, started_on=TODAY, by=walter)
        assert queries.edition_of(cycle).edition == "2027"


def test_possible_owners_are_members_who_can_post_updates(programme: Programme) -> None:
    with programme.by("alice"):
        assert [person.name for person in queries.possible_owners()] == ["Alice", "Bea", "Mona", "Oscar"]


def test_role_in_another_institution_makes_nobody_an_owner_here(programme: Programme) -> None:
    walter = programme.house.person("walter")
    with acting_as(Persona.OPERATOR):
        Membership.objects.create(organisation=programme.house.riverside, person=walter, role=Role.REVIEWER)
    with acting_as(Persona.MEMBER, organisation=programme.house.riverside, person=walter):
        assert walter not in queries.possible_owners()


def test_queries_of_the_whole_programme_do_not_grow_with_rows(programme: Programme) -> None:
    def asked() -> int:
        with programme.by("alice"), CaptureQueriesContext(connections[Login.OWNER.value]) as captured:
            for step in queries.steps_with_goals(programme.cycle):
                [practice.title for goal in step.goals for practice in goal.practices]
        return len(captured)

    before = asked()
    with programme.by("alice") as alice:
        for code in ("2.1.2", "2.1.3", "2.1.4"):
            actions.adopt_practice(goal=programme.goal, item=programme.item(code), by=alice)
        actions.adopt_goal(
            cycle=programme.cycle, item=programme.item("1.2", ItemKind.GOAL), reason="Now.", by=alice
        )
    assert asked() == before
