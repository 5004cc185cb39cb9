"""Who reads which entry of the audit trail, and what the institution cannot learn before a round opens: in raw SQL."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import ProgrammingError, connections, transaction
from django.utils import timezone

from accountability import actions
from equity import audit
from equity.roles import Role
from equity.tenancy.acting import acting_as, current
from equity.tenancy.actions import grant_role
from equity.tenancy.models import AuditEvent, Membership, Person
from equity.tenancy.personas import Persona
from tests.accountability.conftest import QUESTIONS, Board
from tests.cast import ROLES

EVERYBODY = frozenset(ROLES)
FACILITATOR = frozenset({"farid"})
EQUITY_LEAD = frozenset({"alice"})

TRUTH: list[tuple[str, dict[str, str], frozenset[str]]] = [
    ("round.plan", {}, FACILITATOR),
    ("round.change_plan", {}, FACILITATOR),
    ("seat.fill", {}, FACILITATOR),
    ("seat.end", {}, FACILITATOR),
    ("membership.grant", {"role": "reviewer"}, FACILITATOR),
    ("membership.grant", {"role": "facilitator"}, FACILITATOR),
    ("membership.end", {"role": "reviewer"}, FACILITATOR),
    ("membership.grant", {}, FACILITATOR),
    ("membership.grant", {"role": "analyst"}, EVERYBODY),
    ("membership.end", {"role": "equity_lead"}, EVERYBODY),
    ("reply.write", {}, EQUITY_LEAD),
    ("reply.change", {}, EQUITY_LEAD),
    ("body.found", {}, EVERYBODY),
    ("round.open", {}, EVERYBODY),
    ("round.reveal", {}, EVERYBODY),
    ("scores.seal", {}, EVERYBODY),
    ("round.reply", {}, EVERYBODY),
    ("round.ratify", {}, EVERYBODY),
    ("round.publish", {}, EVERYBODY),
    ("round.supersede", {}, EVERYBODY),
    ("release.draft", {}, EVERYBODY),
    ("goal.adopt", {}, EVERYBODY),
]


def rows(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with connections[current().alias].cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def seen_by(board: Board, name: str) -> list[str]:
    """The events that somebody reads in raw SQL, in their order."""
    with board.acting(name):
        return [event for (event,) in rows("SELECT event FROM tenancy_auditevent ORDER BY at, id")]


@pytest.mark.parametrize(
    ("event", "details", "readers"), TRUTH, ids=[" ".join([one[0], *one[1].values()]) for one in TRUTH]
)
def test_who_reads_an_entry(house: Any, event: str, details: dict[str, str], readers: frozenset[str]) -> None:
    with acting_as(Persona.WORKER, organisation=house.riverside):
        audit.record(event, by=None, target=house.units["riverside/all"], **details)
    found = set()
    for name in ROLES:
        with acting_as(Persona.MEMBER, organisation=house.riverside, person=house.person(name)):
            if rows("SELECT 1 FROM tenancy_auditevent WHERE event = %s", event):
                found.add(name)
    assert found == readers


def test_entry_is_closed_to_who_has_left_and_to_a_stranger(board: Board) -> None:
    board.plan()
    with acting_as(Persona.OPERATOR):
        Membership.objects.filter(person=board.person("farid")).update(ended_on=timezone.localdate())
    assert "round.plan" not in seen_by(board, "farid")
    with acting_as(Persona.MEMBER, organisation=board.house.elsewhere, person=board.person("walter")):
        assert rows("SELECT 1 FROM tenancy_auditevent") == []


@pytest.mark.parametrize("name", ["alice", "mona", "bea", "oscar", "carmen"])
def test_nobody_writes_an_entry_that_they_could_not_read(board: Board, name: str) -> None:
    with board.acting(name) as person:
        with (
            pytest.raises(ProgrammingError, match="row-level security"),
            transaction.atomic(using=current().alias),
        ):
            audit.record("round.plan", by=person, target=board.house.units["riverside/all"])


def test_what_the_body_plans_is_told_to_nobody_before_the_round_opens(board: Board) -> None:
    round = board.plan()
    with board.acting("farid") as farid:
        actions.change_plan(
            round=round,
            title="Autumn review",
            reveal_from=round.reveal_from,
            reply_days=30,
            questions=QUESTIONS[:1],
            by=farid,
        )
    assert seen_by(board, "farid")[-2:] == ["round.plan", "round.change_plan"]
    for name in ("alice", "mona", "bea", "oscar", "carmen"):
        assert seen_by(board, name) == ["body.found"], name
        with board.acting(name):
            for table in ("accountability_round", "accountability_rounditem", "accountability_reviewer"):
                assert rows(f"SELECT 1 FROM {table}") == [], (name, table)


def test_opening_tells_everybody_the_terms_and_no_reviewer(board: Board) -> None:
    round = board.open()
    for name in ROLES:
        with board.acting(name):
            event = AuditEvent.objects.get(event="round.open")
        assert event.details == {
            "before": "draft",
            "after": "open",
            "questions": ["C1.1", "C3.2", "D.patient"],
            "threshold": 5,
            "reveal_from": round.reveal_from.isoformat(),
            "reply_days": 30,
        }
    told = json.dumps([event.details, event.target_name, event.target_id])
    assert not any(str(person.pk) in told for person in board.house.people.values())


def test_who_sits_where_is_known_to_them_and_to_the_facilitator(board: Board) -> None:
    board.open()
    for name, seats in (("alice", 0), ("mona", 0), ("carmen", 1), ("dora", 1), ("farid", 9)):
        with board.acting(name):
            assert rows("SELECT count(*) FROM accountability_seat") == [(seats,)], name
            reviewers = 0 if name == "farid" else seats
            assert rows("SELECT count(*) FROM accountability_reviewer") == [(reviewers,)], name


def test_role_in_the_body_is_granted_without_telling_the_institution(board: Board) -> None:
    with acting_as(Persona.OPERATOR):
        lena = Person.objects.create(name="Lena")
        grant_role(organisation=board.house.riverside, person=lena, role=Role.REVIEWER, by=None)
        grant_role(
            organisation=board.house.riverside,
            person=Person.objects.create(name="Nils"),
            role=Role.ANALYST,
            by=None,
        )
    with board.acting("alice"):
        names = [event.details["name"] for event in AuditEvent.objects.filter(event="membership.grant")]
    assert names == ["Nils"]


@pytest.mark.parametrize("sent", [False, True])
def test_reply_is_the_institutions_own_until_it_is_sent(board: Board, sent: bool) -> None:
    round = board.revealed()
    with board.acting("alice") as alice:
        actions.write_reply(item=board.items(round)[0], text="Words that may be taken back.", by=alice)
        if sent:
            actions.send_replies(round=round, by=alice)
    for name in ("mona", "carmen", "farid"):
        assert "reply.write" not in seen_by(board, name)
        with board.acting(name):
            expected = [("Words that may be taken back.",)] if sent else []
            assert rows("SELECT text FROM accountability_reply") == expected, name
    with board.acting("alice"):
        kept = rows("SELECT event, target_name, details::text FROM tenancy_auditevent")
    assert "reply.write" in [event for event, _, _ in kept]
    assert "taken back" not in str(kept)
