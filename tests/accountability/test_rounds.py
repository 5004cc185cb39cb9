"""Planning, opening, moving on: who may, when, and what the audit trail says."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.utils import timezone

from accountability import actions, queries
from accountability.models import Group, Reviewer, Round, Seat
from accountability.workflow import Stage
from equity.errors import NotAllowed, NotFound, RuleBroken
from equity.roles import Permission
from equity.tenancy.acting import acting_as
from equity.tenancy.models import AuditEvent
from equity.tenancy.personas import Persona
from tests.accountability.conftest import COMMUNITY, QUESTIONS, STAFF, Board, seat

MOVES = {
    "open": actions.open_round,
    "reveal": actions.reveal,
    "replies": actions.send_replies,
    "ratify": actions.ratify,
    "publish": actions.publish,
}


def at_stage(board: Board, stage: str) -> Round:
    """A round that waits for the move `stage`."""
    if stage == "open":
        return board.plan()
    round = board.open()
    board.score_all(round)
    if stage == "reveal":
        return round
    round = board.reveal(round)
    item = board.items(round)[0]
    with board.acting("alice") as alice:
        actions.write_reply(item=item, text="We will post reasons.", by=alice)
        if stage == "replies":
            return round
        round = actions.send_replies(round=round, by=alice)
    if stage == "ratify":
        return round
    with board.acting("farid") as farid:
        return actions.ratify(round=round, by=farid)


@pytest.mark.parametrize("move", list(MOVES))
def test_only_who_should_makes_a_move(board: Board, move: str) -> None:
    round = at_stage(board, move)
    mover = "alice" if move == "replies" else "farid"
    refusal = (
        NotFound if move == "open" else NotAllowed
    )  # a round that is being prepared is not there for others
    for name in ("alice", "farid", "mona", "bea", "oscar", "carmen"):
        if name != mover:
            with board.acting(name) as person, pytest.raises(refusal):
                MOVES[move](round=round, by=person)
    with board.acting(mover) as person:
        assert MOVES[move](round=round, by=person)


@pytest.mark.parametrize("move", list(MOVES))
def test_a_move_is_made_once(board: Board, move: str) -> None:
    round = at_stage(board, move)
    with board.acting("alice" if move == "replies" else "farid") as person:
        first = MOVES[move](round=round, by=person)
        if move == "publish":
            assert MOVES[move](round=round, by=person) == first
        else:
            with pytest.raises((RuleBroken, NotAllowed)):
                MOVES[move](round=round, by=person)


def test_a_draft_is_for_those_who_run_rounds(board: Board) -> None:
    round = board.plan()
    everyone = frozenset({Permission.SEE_ROUNDS})
    with board.acting("alice"):
        assert queries.rounds() == []
        with pytest.raises(NotFound):
            queries.round_for(round.pk, everyone)
    with board.acting("farid"):
        assert queries.rounds(everyone | {Permission.RUN_ROUND}) == [round]


def test_a_plan_can_change_until_the_round_opens(board: Board) -> None:
    round = board.plan()
    plan: dict[str, Any] = {
        "title": "Summer review",
        "reveal_from": timezone.localdate() + datetime.timedelta(days=7),
        "reply_days": 10,
        "questions": QUESTIONS[1:],
    }
    with board.acting("farid") as farid:
        actions.change_plan(round=round, by=farid, **plan)
        assert [item.code for item in queries.items_of(round)] == ["C3.2", "D.patient"]
        actions.open_round(round=round, by=farid)
        with pytest.raises(RuleBroken):
            actions.change_plan(round=round, by=farid, **plan)


@pytest.mark.parametrize("wrong", [{"questions": []}, {"reveal_from": datetime.date(2020, 1, 1)}])
def test_a_plan_needs_questions_and_days_to_score(board: Board, wrong: dict[str, Any]) -> None:
    plan = {"reveal_from": timezone.localdate() + datetime.timedelta(days=7), "questions": QUESTIONS, **wrong}
    with board.acting("farid") as farid, pytest.raises(RuleBroken):
        actions.plan_round(body=board.body, title="x", reply_days=30, by=farid, **plan)


def test_a_round_without_seats_does_not_open(board: Board) -> None:
    with board.acting("farid") as farid:
        empty = actions.found_body(organisation=board.house.riverside, name="Empty body", by=farid)
        round = actions.plan_round(
            body=empty,
            title="x",
            reveal_from=timezone.localdate() + datetime.timedelta(days=7),
            reply_days=30,
            questions=QUESTIONS,
            by=farid,
        )
        with pytest.raises(RuleBroken, match="seat"):
            actions.open_round(round=round, by=farid)


def test_reviewers_are_the_seats_of_the_day_it_opened(board: Board) -> None:
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    with board.acting("farid") as farid:
        gone = Seat.objects.get(person=board.person("kofi"))
        actions.end_seat(seat=gone, until=yesterday, by=farid)
    round = board.open()
    with board.acting("farid") as farid:
        staying = Seat.objects.get(person=board.person("joyce"))
        actions.end_seat(seat=staying, until=yesterday, by=farid)
    with acting_as(Persona.OPERATOR):
        names = set(Reviewer.objects.filter(round=round).values_list("person__name", flat=True))
    assert names == {name.capitalize() for name in (*COMMUNITY, *STAFF)} - {"Kofi"}


def test_who_takes_a_seat_later_does_not_score_this_round(board: Board) -> None:
    round = board.open()
    with acting_as(Persona.OPERATOR):
        seat(board.house, "lena")
    board.seat("lena", Group.STAFF)
    item = board.items(round)[0]
    with board.acting("lena") as lena, pytest.raises(NotAllowed, match="seat"):
        actions.save_draft(item=item, value="1", reason="x", by=lena)


def test_a_seat_without_the_permission_is_not_enough(board: Board) -> None:
    board.seat("alice", Group.EXECUTIVE)
    round = board.open()
    item = board.items(round)[0]
    with board.acting("alice") as alice, pytest.raises(NotAllowed):
        actions.save_draft(item=item, value="3", reason="We are great.", by=alice)


def test_nobody_has_two_seats_in_a_body(board: Board) -> None:
    with board.acting("farid") as farid, pytest.raises(RuleBroken):
        actions.fill_seat(
            body=board.body,
            person=board.person("carmen"),
            group=Group.STAFF,
            since=timezone.localdate(),
            by=farid,
        )


def test_a_reveal_before_its_day_waits_for_everyone(board: Board) -> None:
    round = board.open()
    for name in (*COMMUNITY, *STAFF)[:-1]:
        board.score(round, name, "2")
    with board.acting("farid") as farid, pytest.raises(RuleBroken):
        actions.reveal(round=round, by=farid)
    board.score(round, STAFF[-1], "2")
    assert board.reveal(round).at is Stage.REVEALED


def test_the_reply_clock_starts_at_the_reveal(board: Board) -> None:
    round = board.revealed()
    assert round.reply_due_on == timezone.localdate() + datetime.timedelta(days=30)


def test_replies_end_with_their_clock(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    round = board.revealed()
    item = board.items(round)[0]
    assert round.reply_due_on
    last = round.reply_due_on
    with board.acting("farid") as farid, pytest.raises(RuleBroken, match="still has time"):
        actions.ratify(round=round, by=farid)
    monkeypatch.setattr(timezone, "localdate", lambda *args: last)
    with board.acting("alice") as alice:
        actions.write_reply(item=item, text="On the last day.", by=alice)
    monkeypatch.setattr(timezone, "localdate", lambda *args: last + datetime.timedelta(days=1))
    with board.acting("alice") as alice:
        with pytest.raises(RuleBroken):
            actions.write_reply(item=item, text="Too late.", by=alice)
        with pytest.raises(RuleBroken):
            actions.send_replies(round=round, by=alice)
    with board.acting("farid") as farid:
        assert actions.ratify(round=round, by=farid).replied_at is None


def test_a_reply_is_the_institutions_and_has_words(board: Board) -> None:
    round = board.revealed()
    item = board.items(round)[0]
    for name in ("farid", "carmen", "mona", "bea"):
        with board.acting(name) as person, pytest.raises(NotAllowed):
            actions.write_reply(item=item, text="x", by=person)
    with board.acting("alice") as alice:
        with pytest.raises(RuleBroken):
            actions.write_reply(item=item, text="  ", by=alice)
        with pytest.raises(RuleBroken, match="at least one"):
            actions.send_replies(round=round, by=alice)


def test_a_reply_stays_as_it_is_once_the_round_is_ratified(board: Board) -> None:
    round = at_stage(board, "ratify")
    item = board.items(round)[0]
    with board.acting("alice") as alice:
        actions.write_reply(item=item, text="Better words.", by=alice)
    with board.acting("farid") as farid:
        actions.ratify(round=round, by=farid)
    with board.acting("alice") as alice, pytest.raises(RuleBroken):
        actions.write_reply(item=item, text="Changed afterwards.", by=alice)


def test_the_audit_trail_tells_each_move(board: Board) -> None:
    at_stage(board, "publish")
    with board.acting("farid"):
        assert AuditEvent.objects.get(event="round.plan").by_name == "Farid"
    with board.acting("alice"):
        told = list(AuditEvent.objects.filter(event__startswith="round.").order_by("at", "id"))
    assert [(event.event, event.by_name) for event in told] == [
        ("round.open", "Farid"),
        ("round.reveal", "Farid"),
        ("round.reply", "Alice"),
        ("round.ratify", "Farid"),
    ]


def test_a_round_waits_for_each_reviewer_until_they_have_sent(board: Board) -> None:
    round = board.open()
    with board.acting("carmen") as carmen:
        assert queries.waiting_for(carmen) == [round]
    board.score(round, "carmen", "1")
    for name, expected in (("carmen", []), ("dora", [round]), ("alice", []), ("farid", [])):
        with board.acting(name) as person:
            assert queries.waiting_for(person) == expected, name


def test_sending_needs_one_whole_answer(board: Board) -> None:
    round = board.open()
    first, second, third = board.items(round)
    with board.acting("carmen") as carmen:
        actions.save_draft(item=first, value="1", reason=" ", by=carmen)
        actions.save_draft(item=second, value="", reason="Half.", by=carmen)
        with pytest.raises(RuleBroken):
            actions.submit(round=round, by=carmen)
        actions.save_draft(item=third, value="not_enough", reason=" I am new here. ", by=carmen)
        assert actions.submit(round=round, by=carmen)
        (score,) = queries.my_scores(round, carmen).values()
        assert (score.answer, score.level, score.reason, score.group) == (
            "not_enough",
            None,
            "I am new here.",
            "community",
        )
        assert actions.submit(round=round, by=carmen) is False
        with pytest.raises(RuleBroken, match="sent"):
            actions.save_draft(item=first, value="3", reason="On second thoughts.", by=carmen)
