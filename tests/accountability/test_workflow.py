"""The table of moves: who may, when, and the page that is drawn from it."""

from __future__ import annotations

import datetime
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from accountability import visibility, workflow
from accountability.workflow import TRANSITIONS, Facts, Move, Stage, When
from equity.roles import MAY, Permission, Role

TODAY = datetime.date(2026, 5, 4)
NOTHING = Facts(
    today=TODAY,
    questions=0,
    seats=0,
    reveal_from=TODAY + datetime.timedelta(days=1),
    everyone_finished=False,
    replies=0,
    reply_due_on=None,
)
BEFORE_AND_AFTER: dict[When, tuple[Facts, Facts]] = {
    When.ALWAYS: (NOTHING, NOTHING),
    When.READY: (replace(NOTHING, questions=1), replace(NOTHING, questions=1, seats=1)),
    When.HEARD: (NOTHING, replace(NOTHING, everyone_finished=True)),
    When.ANSWERED_IN_TIME: (
        replace(NOTHING, reply_due_on=TODAY),
        replace(NOTHING, replies=1, reply_due_on=TODAY),
    ),
    When.CLOCK_RAN_OUT: (
        replace(NOTHING, reply_due_on=TODAY),
        replace(NOTHING, reply_due_on=TODAY - datetime.timedelta(days=1)),
    ),
    When.NEXT_PUBLISHED: (NOTHING, replace(NOTHING, later_published=True)),
}
"""For each condition, facts in which it does not hold (but for ALWAYS) and facts in which it does."""


@pytest.mark.parametrize(("stage", "permission"), list(product(Stage, Permission)))
def test_a_permission_opens_the_moves_of_the_table_and_no_other(stage: Stage, permission: Permission) -> None:
    expected = {
        (Stage.DRAFT, Permission.RUN_ROUND): {Move.OPEN},
        (Stage.OPEN, Permission.RUN_ROUND): {Move.REVEAL},
        (Stage.REVEALED, Permission.RUN_ROUND): {Move.RATIFY},
        (Stage.REVEALED, Permission.REPLY_TO_ROUND): {Move.REPLY},
        (Stage.REPLIED, Permission.RUN_ROUND): {Move.RATIFY},
        (Stage.RATIFIED, Permission.RUN_ROUND): {Move.PUBLISH},
    }.get((stage, permission), set())
    assert {one.move for one in workflow.open_to(stage, frozenset({permission}))} == expected


@pytest.mark.parametrize("transition", TRANSITIONS, ids=lambda one: f"{one.source}-{one.move}")
def test_a_move_waits_for_its_condition(transition: workflow.Transition) -> None:
    before, after = BEFORE_AND_AFTER[transition.when]
    assert workflow.is_time(transition, before) is (transition.when is When.ALWAYS)
    assert workflow.is_time(transition, after)


def test_reveal_is_possible_from_its_day_even_if_somebody_has_not_finished() -> None:
    reveal = workflow.find(Move.REVEAL, Stage.OPEN)
    assert reveal
    assert workflow.is_time(reveal, replace(NOTHING, reveal_from=TODAY))


def test_the_last_day_to_reply_belongs_to_the_institution() -> None:
    late = replace(NOTHING, replies=1, reply_due_on=TODAY - datetime.timedelta(days=1))
    reply = workflow.find(Move.REPLY, Stage.REVEALED)
    assert reply
    assert workflow.is_time(reply, replace(late, reply_due_on=TODAY))
    assert not workflow.is_time(reply, late)


def test_nobody_who_replies_can_make_another_move() -> None:
    for role in Role:
        if Permission.REPLY_TO_ROUND in MAY[role]:
            moves = {one.move for stage in Stage for one in workflow.open_to(stage, MAY[role])}
            assert moves == {Move.REPLY}


def test_every_stage_is_reached_and_only_published_rounds_end() -> None:
    assert {one.target for one in TRANSITIONS} == set(Stage) - {Stage.DRAFT}
    assert set(Stage) - {one.source for one in TRANSITIONS} == {Stage.SUPERSEDED}


@pytest.mark.parametrize("stage", list(Stage))
def test_who_sees_what_in_each_stage(stage: Stage) -> None:
    everyone = frozenset({Permission.SEE_ROUNDS})
    facilitator = everyone | {Permission.RUN_ROUND}
    replier = everyone | {Permission.REPLY_TO_ROUND}
    heard = stage not in (Stage.DRAFT, Stage.OPEN)
    assert visibility.sees_round(stage, everyone) is (stage is not Stage.DRAFT)
    assert visibility.sees_round(stage, facilitator)
    assert not visibility.sees_results(stage, frozenset())
    for permissions in (everyone, facilitator, replier):
        assert visibility.sees_results(stage, permissions) is heard
    assert visibility.sees_replies(stage, everyone) is (heard and stage is not Stage.REVEALED)
    assert visibility.sees_replies(stage, replier) is heard
    assert visibility.sees_whether_all_finished(stage, facilitator) is (stage is Stage.OPEN)
    assert not visibility.sees_whether_all_finished(stage, replier)


def test_the_documented_workflow_is_the_table() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "workflow.md"
    assert page.read_text(encoding="utf-8") == workflow.as_markdown()
