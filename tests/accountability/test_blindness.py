"""Nobody sees another's score: raw SQL as each persona, before and after the reveal."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import Error, IntegrityError, ProgrammingError, connections, transaction

from accountability import actions, queries
from accountability.models import Draft, Round, RoundItem, Score, Submission
from equity.errors import RuleBroken
from equity.tenancy.acting import acting_as, current
from equity.tenancy.models import AuditEvent, Job, Person
from equity.tenancy.personas import Persona
from tests.accountability.conftest import Board

PLANTED = "Planted words of Carmen."
SEALED = ("accountability_score", "accountability_draft", "accountability_submission")
OTHERS = ("alice", "farid", "dora", "mona", "bea", "oscar")


def rows(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with connections[current().alias].cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall()) if cursor.description else []


def refused(sql: str, *values: Any) -> bool:
    """Whether PostgreSQL refuses, or finds no row to touch."""
    try:
        with transaction.atomic(using=current().alias), connections[current().alias].cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.rowcount == 0
    except Error:
        return True


def write_score(round: Round, item: RoundItem, person: Person, **fields: Any) -> Score:
    """A score as somebody would write it who goes around the actions: at level 0, with their own seat."""
    given = {
        "reviewer": fields.get("reviewer") or queries.reviewer_for(round, person),
        "group": "community",
        "answer": "level",
        "level": 0,
        "reason": "Because.",
        "language": "en",
    }
    return Score.objects.create(
        organisation_id=round.organisation_id, round=round, item=item, person=person, **(given | fields)
    )


@contextmanager
def stranger(board: Board) -> Iterator[None]:
    walter = board.person("walter")
    with acting_as(Persona.MEMBER, organisation=board.house.elsewhere, person=walter):
        yield


@pytest.fixture
def scored(board: Board) -> Round:
    """Carmen has sent one answer and Dora is writing one."""
    round = board.open()
    board.score(round, "carmen", "1", reason=PLANTED)
    with board.acting("dora") as dora:
        actions.save_draft(item=board.items(round)[0], value="3", reason="Dora is writing.", by=dora)
    return round


def test_a_score_is_seen_by_who_wrote_it_only(board: Board, scored: Round) -> None:
    with board.acting("carmen"):
        assert rows("SELECT reason FROM accountability_score") == [(PLANTED,)]
    for name in OTHERS:
        with board.acting(name):
            assert rows("SELECT count(*) FROM accountability_score") == [(0,)], name
            assert rows("SELECT count(*) FROM accountability_submission") == [(0,)], name
    with stranger(board):
        assert rows("SELECT count(*) FROM accountability_score") == [(0,)]


def test_a_draft_is_seen_by_who_writes_it_only(board: Board, scored: Round) -> None:
    for name in ("carmen", *OTHERS):
        with board.acting(name):
            assert rows("SELECT count(*) FROM accountability_draft") == [(1 if name == "dora" else 0,)], name
            touched = refused("UPDATE accountability_draft SET value = '0'")
            assert touched is (name != "dora"), name


def test_no_other_persona_reads_what_is_sealed(board: Board, scored: Round) -> None:
    for persona in set(Persona) - {Persona.MEMBER, Persona.OPERATOR}:
        for table in SEALED:
            with pytest.raises(ProgrammingError, match="permission denied"):
                with acting_as(persona, organisation=board.house.riverside, person=board.person("carmen")):
                    rows(f"SELECT count(*) FROM {table}")


@pytest.mark.parametrize("stage", ["open", "revealed"])
def test_no_persona_changes_or_removes_a_score(board: Board, stage: str) -> None:
    round = board.open() if stage == "open" else board.revealed()
    if stage == "open":
        board.score(round, "carmen", "1")
    for persona in Persona:
        with acting_as(persona, organisation=board.house.riverside, person=board.person("carmen")):
            for table in ("accountability_score", "accountability_submission"):
                assert refused(f"UPDATE {table} SET person_id = person_id"), persona
                assert refused(f"DELETE FROM {table}"), persona
                assert refused(f"TRUNCATE {table} CASCADE"), persona


def test_the_counting_functions_are_silent_before_the_reveal(board: Board) -> None:
    round = board.open()
    board.score_all(round)
    for name in (*OTHERS, "carmen"):
        with board.acting(name):
            assert rows("SELECT * FROM accountability_tally(%s)", round.pk) == []
            assert rows("SELECT * FROM accountability_reasons(%s)", round.pk) == []
            with pytest.raises(RuleBroken):
                queries.results_for(round, frozenset(queries.Permission))
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    with board.acting("alice"):
        assert queries.seal_of(round) == empty


def test_the_counting_functions_tell_a_stranger_nothing(board: Board) -> None:
    round = board.revealed()
    with stranger(board):
        assert rows("SELECT * FROM accountability_tally(%s)", round.pk) == []
        assert rows("SELECT * FROM accountability_reasons(%s)", round.pk) == []
        assert rows("SELECT accountability_all_submitted(%s)", round.pk) == [(False,)]


def test_only_members_and_the_worker_may_call_the_counting_functions(board: Board) -> None:
    round = board.revealed()
    for persona in set(Persona) - {Persona.MEMBER, Persona.WORKER}:
        with acting_as(persona, organisation=board.house.riverside):
            for name in ("tally", "reasons", "seal", "all_submitted"):
                assert refused(f"SELECT accountability_{name}(%s)", round.pk), (persona, name)


def test_after_the_reveal_rows_stay_sealed_and_only_counts_are_told(board: Board) -> None:
    round = board.revealed()
    for name in OTHERS:
        with board.acting(name):
            own = rows("SELECT count(*) FROM accountability_score")[0][0]
            assert own == (3 if name == "dora" else 0), name
            told = rows("SELECT * FROM accountability_tally(%s)", round.pk)
            assert sum(row[4] or 0 for row in told) == 15, name


def test_whether_all_finished_is_a_yes_or_a_no(board: Board) -> None:
    round = board.open()
    with board.acting("farid"):
        assert not queries.facts_of(round).everyone_finished
    board.score_all(round)
    with board.acting("farid"):
        assert queries.facts_of(round).everyone_finished


def test_nobody_scores_in_anothers_name(board: Board, scored: Round) -> None:
    with board.acting("dora") as dora:
        reviewer = queries.reviewer_for(scored, dora)
    item = board.items(scored)[0]
    with pytest.raises(ProgrammingError, match="row-level security"), board.acting("carmen"):
        write_score(scored, item, dora, reviewer=reviewer)


@pytest.mark.parametrize("wrong", ["group", "reviewer", "item"])
def test_a_score_cannot_claim_another_group_seat_or_question(board: Board, wrong: str) -> None:
    round, other = board.open(), board.open()
    with board.acting("hana") as hana:
        hers = queries.reviewer_for(round, hana)
    claims = {
        "group": {"group": "staff"},
        "reviewer": {"reviewer": hers},
        "item": {"item": board.items(other)[0]},
    }
    mine = {"item": board.items(round)[0]}
    with board.acting("carmen") as carmen:
        with (
            pytest.raises(ProgrammingError, match="row-level security"),
            transaction.atomic(using=current().alias),
        ):
            write_score(round, person=carmen, **(mine | claims[wrong]))


@pytest.mark.parametrize(
    ("answer", "level", "reason"),
    [
        ("level", None, "x"),
        ("level", 4, "x"),
        ("not_enough", 0, "x"),
        ("recused", 2, "x"),
        ("level", 1, " \n"),
    ],
)
def test_a_state_is_never_a_number_and_a_reason_never_empty(
    board: Board, answer: str, level: int, reason: str
) -> None:
    round = board.open()
    item = board.items(round)[0]
    with (
        board.acting("carmen") as carmen,
        pytest.raises(IntegrityError),
        transaction.atomic(using=current().alias),
    ):
        write_score(round, item, carmen, answer=answer, level=level, reason=reason)


def test_scores_are_refused_after_the_reveal_in_raw_sql_too(board: Board) -> None:
    round = board.open()
    for name in ("carmen", "dora", "emil", "fatou", "gus", "hana", "ivan", "joyce", "kofi"):
        board.score(round, name, "2")
    board.reveal(round)
    item = board.items(round)[2]
    with board.acting("carmen") as carmen:
        with (
            pytest.raises(IntegrityError, match="does not take scores"),
            transaction.atomic(using=current().alias),
        ):
            write_score(round, item, carmen, reason="Too late.")
        with pytest.raises(RuleBroken):
            actions.save_draft(item=item, value="0", reason="Too late.", by=carmen)
        assert actions.submit(round=round, by=carmen) is False


def test_ids_are_random_and_nothing_has_a_time(board: Board, scored: Round) -> None:
    with board.acting("carmen"):
        ids = [row[0] for table in SEALED for row in rows(f"SELECT id FROM {table}")]
    with board.acting("dora"):
        ids += [row[0] for row in rows("SELECT id FROM accountability_draft")]
    assert ids
    assert all(uuid.UUID(str(one)).version == 4 for one in ids)
    for model in (Score, Submission):
        kinds = {field.get_internal_type() for field in model._meta.fields}
        assert not kinds & {"DateTimeField", "DateField", "TimeField", "AutoField", "BigAutoField"}


def test_scoring_leaves_no_audit_row_and_no_job(board: Board) -> None:
    round = board.open()
    with board.acting("alice"):
        before = (AuditEvent.objects.count(), Job.objects.count())
    board.score_all(round)
    with board.acting("alice"):
        assert (AuditEvent.objects.count(), Job.objects.count()) == before
    board.reveal(round)
    with board.acting("alice"):
        told = AuditEvent.objects.order_by("at", "id")[before[0] :]
        assert [event.event for event in told] == ["round.reveal", "scores.seal"]
        assert {event.by_name for event in told} == {"Farid"}
        assert set(told[1].details) == {"sha256"}
        assert len(told[1].details["sha256"]) == 64


def test_the_seal_changes_when_a_score_is_tampered_with(board: Board) -> None:
    round = board.revealed()
    with board.acting("alice"):
        sealed = queries.seal_of(round)
    with connections["owner"].cursor() as cursor:  # somebody with the keys to the house
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE accountability_score NO FORCE ROW LEVEL SECURITY")
        cursor.execute("UPDATE accountability_score SET reason = 'Nicer words.' WHERE answer = 'level'")
        cursor.execute("ALTER TABLE accountability_score FORCE ROW LEVEL SECURITY")
    with board.acting("alice"):
        assert queries.seal_of(round) != sealed


def test_reasons_name_nobody(board: Board) -> None:
    round = board.revealed()
    with board.acting("alice"):
        told = rows("SELECT * FROM accountability_reasons(%s)", round.pk)
        results = queries.results_for(round, frozenset(queries.Permission))
    text = json.dumps([[str(value) for value in row] for row in told])
    for person in board.house.people.values():
        assert str(person.pk) not in text
    for result in results:
        for reason in result.finding.reasons:
            assert (reason.group is None) is (reason.level is None)


def test_reasons_come_in_no_order_that_tells(board: Board) -> None:
    round = board.revealed()
    with board.acting("alice"):
        first, second, third = (
            [
                row[4]
                for row in rows("SELECT * FROM accountability_reasons(%s)", round.pk)
                if row[0] == item.pk
            ]
            for item in board.items(round)
        )
    assert sorted(first) == sorted(second) == sorted(third)
    written = [
        f"Words of {name}."
        for name in ("carmen", "dora", "emil", "fatou", "gus", "hana", "ivan", "joyce", "kofi")
    ]
    assert not (first == second == third)
    assert not (first == written == second)


def test_why_somebody_stepped_back_is_not_told(board: Board) -> None:
    round = board.open()
    board.score(round, "carmen", "recused", reason="My sister leads this work.")
    for name in ("dora", "emil", "fatou", "gus", "hana", "ivan", "joyce", "kofi"):
        board.score(round, name, "2")
    round = board.reveal(round)
    with board.acting("alice"):
        assert not any(
            "sister" in row[4] for row in rows("SELECT * FROM accountability_reasons(%s)", round.pk)
        )
        assert queries.results_for(round, frozenset(queries.Permission))[0].tally.shown[0].recused.count == 1


def test_the_institution_cannot_run_a_round_in_raw_sql(board: Board) -> None:
    round = board.open()
    statements = {
        "reveal": "UPDATE accountability_round SET stage = 'revealed', revealed_at = now(), reply_due_on = current_date",
        "threshold": "UPDATE accountability_round SET threshold = 3",
        "add a reviewer": "INSERT INTO accountability_reviewer SELECT gen_random_uuid(), organisation_id, 'staff',"
        " person_id, round_id, seat_id FROM accountability_reviewer LIMIT 1",
        "unseat": "UPDATE accountability_seat SET until = current_date",
        "drop a question": "DELETE FROM accountability_rounditem",
        "reword a question": "UPDATE accountability_rounditem SET title = 'Nicer'",
        "reply early": "INSERT INTO accountability_reply (id, organisation_id, round_id, item_id, text, by_id, replied_on)"
        f" SELECT gen_random_uuid(), organisation_id, round_id, id, 'x', '{board.person('alice').pk}', current_date"
        " FROM accountability_rounditem",
    }
    for name in ("alice", "mona", "carmen"):
        with board.acting(name):
            for what, sql in statements.items():
                assert refused(sql), (name, what)
    with board.acting("farid"):
        assert not refused("UPDATE accountability_seat SET until = current_date")
        assert Round.objects.get(pk=round.pk).threshold == 5


@pytest.mark.parametrize(
    "change",
    [
        "threshold = 3",
        "reveal_from = current_date",
        "number = 99",
        "opened_at = now() - interval '1 day'",
        "stage = 'draft', opened_at = NULL",
        "stage = 'revealed', revealed_at = now(), reply_due_on = current_date",
    ],
)
def test_not_even_the_facilitator_changes_the_terms_of_an_open_round(board: Board, change: str) -> None:
    round = board.open()
    with board.acting("farid"), pytest.raises(IntegrityError, match=r"stays|revealed yet"):
        with transaction.atomic(using=current().alias):
            rows(f"UPDATE accountability_round SET {change} WHERE id = %s", round.pk)


def test_a_revealed_round_cannot_be_sealed_again(board: Board) -> None:
    round = board.revealed()
    with board.acting("farid"), pytest.raises(IntegrityError, match="stays"):
        with transaction.atomic(using=current().alias):
            rows(
                "UPDATE accountability_round SET stage = 'open', revealed_at = NULL, reply_due_on = NULL WHERE id = %s",
                round.pk,
            )


def test_drafts_are_gone_when_they_are_sent(board: Board) -> None:
    round = board.open()
    board.score(round, "carmen", "1", "2")
    with board.acting("carmen"):
        assert Draft.objects.count() == 0
        assert Score.objects.count() == 2
        assert RoundItem.objects.count() == 3
