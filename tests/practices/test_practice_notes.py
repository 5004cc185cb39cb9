"""Practices beside measures: on the charts of their level, for people of the institution."""

from __future__ import annotations

import datetime

from django.utils import timezone

from metrics.annotations import notes
from practices import actions, queries
from practices.evidence_rules import Visibility
from practices.models import ItemKind
from practices.queries import Happening
from practices.workflow import PracticeStatus
from tests.practices.conftest import Programme


def _notes(made: Programme, level: str) -> list[str]:
    today = timezone.localdate()
    with made.by("alice"):
        found = notes(
            made.house.riverside,
            "any",
            level,
            today - datetime.timedelta(days=9),
            today + datetime.timedelta(days=1),
        )
    return [note.words for note in found]


def test_a_practice_stands_on_the_charts_of_its_level_only(programme: Programme) -> None:
    with programme.by("alice") as alice:
        goal = actions.adopt_goal(
            cycle=programme.cycle, item=programme.item("4.1", ItemKind.GOAL), reason="Now.", by=alice
        )
        practice = actions.adopt_practice(goal=goal, item=programme.item("4.1.1"), by=alice)
        title = practice.title
    assert _notes(programme, "patient") == [f"Agreed: {title}"]
    assert _notes(programme, "societal") == []


def test_what_was_done_the_same_day_is_told_once_and_begun_beats_agreed(programme: Programme) -> None:
    found = queries.dated_practices
    programme.news(PracticeStatus.UNDER_WAY)
    with programme.by("alice"):
        level = programme.goal.item.level
        practice = programme.fresh()
        days = practice.status_since, practice.status_since
        assert [(one.what, one.practice_id) for one in found(level, *days)] == [
            (Happening.BEGUN, practice.pk)
        ]


def test_only_what_is_shown_to_everybody_is_told_to_everybody(programme: Programme) -> None:
    with programme.by("alice") as alice:
        practice = programme.fresh()
        days = practice.adopted_on, practice.adopted_on
        level = programme.goal.item.level
        assert queries.dated_practices(level, *days, shown_to_all=True) == []
        actions.attach_evidence_link(
            practice=practice,
            title="Minutes",
            url="https://example.org/minutes",
            fact_date=practice.adopted_on,
            by=alice,
            visibility=Visibility.PUBLIC,
        )
        assert len(queries.dated_practices(level, *days, shown_to_all=True)) == 1
