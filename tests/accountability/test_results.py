"""What may be known after the reveal: groups at the threshold, and nothing of the others."""

from __future__ import annotations

import pytest

from accountability import actions, queries
from accountability.models import Group
from accountability.tally import Agreement
from equity.roles import Permission
from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona
from tests.accountability.conftest import COMMUNITY, STAFF, Board, seat

ALL = frozenset(Permission)


def test_five_replies_are_shown_and_four_are_not(board: Board) -> None:
    round = board.revealed()
    with board.acting("alice"):
        results = queries.results_for(round, ALL)
    assert len(results) == 3
    for result in results:
        assert [(group.key, group.replies) for group in result.tally.shown] == [("community", 5)]
        assert [group.key for group in result.tally.hidden] == ["staff"]


def test_a_hidden_group_has_no_number_in_the_rows_themselves(board: Board) -> None:
    round = board.revealed()
    with board.acting("alice"):
        told = queries._rows("accountability_tally", round)
    staff = [row for row in told if row["group_code"] == "staff"]
    assert len(staff) == 3
    assert all(row["answer"] is row["level"] is row["replies"] is None for row in staff)


def test_no_reply_and_four_replies_look_the_same(board: Board) -> None:
    round = board.open()
    for name in COMMUNITY:
        board.score(round, name, "1")
    for name in STAFF:
        board.score(round, name, "2", "2")
    round = board.reveal(round)
    with board.acting("alice"):
        rows = queries._rows("accountability_tally", round)
        items = [item.pk for item in queries.items_of(round)]
    of_staff = {row["item_id"]: {**row, "item_id": None} for row in rows if row["group_code"] == "staff"}
    assert of_staff[items[0]] == of_staff[items[2]]


def test_a_body_that_voted_three_shows_a_group_of_four(board: Board) -> None:
    with board.acting("farid"):
        board.body.threshold = 3
        board.body.save(update_fields=["threshold"])
    round = board.revealed()
    assert round.threshold == 3
    with board.acting("alice"):
        assert {group.key for group in queries.results_for(round, ALL)[0].tally.shown} == {
            "community",
            "staff",
        }


def test_a_round_keeps_the_threshold_it_opened_with(board: Board) -> None:
    round = board.open()
    with board.acting("farid"):
        board.body.threshold = 3
        board.body.save(update_fields=["threshold"])
    board.score_all(round)
    round = board.reveal(round)
    with board.acting("alice"):
        assert [group.key for group in queries.results_for(round, ALL)[0].tally.hidden] == ["staff"]


def test_states_are_counted_apart_from_scores(board: Board) -> None:
    round = board.open()
    for name, value in zip(COMMUNITY, ("0", "3", "not_enough", "recused", "1"), strict=True):
        board.score(round, name, value)
    for name in STAFF:
        board.score(round, name, "2")
    round = board.reveal(round)
    with board.acting("carmen"):
        first = next(r for r in queries.results_for(round, ALL) if r.item.position == 1)
    (shown,) = first.tally.shown
    assert [cell.count for cell in shown.levels] == [1, 0, 1, 1]
    assert (shown.not_enough.count, shown.recused.count, shown.replies) == (1, 1, 5)


def test_the_most_split_question_comes_first(board: Board) -> None:
    round = board.open()
    for name, third in zip(COMMUNITY, ("0", "0", "3", "3", "3"), strict=True):
        board.score(round, name, "2", "2", third)
    for name in STAFF:
        board.score(round, name, "2")
    round = board.reveal(round)
    with board.acting("alice"):
        results = queries.results_for(round, ALL)
    assert [result.item.position for result in results] == [3, 1, 2]
    assert results[0].tally.agreement is Agreement.SPLIT


def test_the_institution_reads_findings_only_when_everybody_does(board: Board) -> None:
    round = board.open()
    board.score_all(round)
    for name in ("alice", "carmen", "farid"):
        with board.acting(name), pytest.raises(queries.RuleBroken):
            queries.results_for(round, ALL)
    round = board.reveal(round)
    for name in ("alice", "carmen", "farid"):
        with board.acting(name):
            assert queries.results_for(round, ALL)


def test_a_reply_being_written_is_read_by_the_institution_only(board: Board) -> None:
    round = board.revealed()
    item = board.items(round)[0]
    with board.acting("alice") as alice:
        actions.write_reply(item=item, text="We will post reasons.", by=alice)
    may = {
        "alice": frozenset({Permission.SEE_ROUNDS, Permission.REPLY_TO_ROUND}),
        "carmen": frozenset({Permission.SEE_ROUNDS}),
    }
    seen = {}
    for name, permissions in may.items():
        with board.acting(name):
            seen[name] = [
                r.reply is not None for r in queries.results_for(round, permissions) if r.item.pk == item.pk
            ]
    assert seen == {"alice": [True], "carmen": [False]}


def labels(board: Board, round: queries.Round, position: int) -> dict[str, str | None]:
    """Whose reason (its words name the writer) carries which group's label."""
    with board.acting("alice"):
        result = next(one for one in queries.results_for(round, ALL) if one.item.position == position)
    return {reason.text.split()[2].rstrip("."): reason.group for reason in result.finding.reasons}


def test_reasons_carry_their_group_when_no_group_is_hidden(board: Board) -> None:
    round = board.open()
    for name in COMMUNITY:
        board.score(round, name, "1", "1")
    for name in STAFF:
        board.score(round, name, "2")
    round = board.reveal(round)
    assert labels(board, round, 2) == dict.fromkeys(COMMUNITY, "Community")


def test_reasons_of_a_hidden_group_are_covered_by_the_smallest_shown_one(board: Board) -> None:
    with board.acting("farid"):
        board.body.threshold = 3
        board.body.save(update_fields=["threshold"])
    with acting_as(Persona.OPERATOR):
        seat(board.house, "lena")
    board.seat("lena", Group.EXECUTIVE)
    round = board.open()
    board.score_all(round)
    board.score(round, "lena", "3")
    round = board.reveal(round)
    covered = {**dict.fromkeys(COMMUNITY, "Community"), **dict.fromkeys((*STAFF, "lena"), None)}
    assert labels(board, round, 1) == covered
    assert labels(board, round, 2) == {
        **dict.fromkeys(COMMUNITY, "Community"),
        **dict.fromkeys(STAFF, "Staff"),
    }


def test_when_no_shown_group_can_cover_no_reason_carries_a_label(board: Board) -> None:
    round = board.open()
    for name, value in zip(COMMUNITY, ("0", "1", "2", "3", "recused"), strict=True):
        board.score(round, name, value)
    for name in STAFF:
        board.score(round, name, "2")
    round = board.reveal(round)
    assert labels(board, round, 1) == dict.fromkeys((*COMMUNITY[:-1], *STAFF), None)
