"""The screens: who may open them, what they hold and what they must not, and that no words are lost."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accountability import actions, queries
from accountability.models import Round
from accountability.workflow import Stage
from equity.tenancy.acting import acting_as
from equity.tenancy.models import AuditEvent
from equity.tenancy.personas import Persona
from tests.accountability.conftest import COMMUNITY, STAFF, Board

PLANTED = "Planted words that nobody may read yet."


def address(name: str, round: Round | None = None, **more: Any) -> str:
    own = {"pk": round.pk} if round else {}
    return reverse(f"accountability:{name}", kwargs={"institution": "riverside", **own, **more})


@pytest.fixture
def visit(board: Board, client: Client) -> Any:
    """`visit("carmen")` signs in and returns the browser."""

    def as_(name: str) -> Client:
        with acting_as(Persona.SIGNIN):
            client.force_login(board.house.accounts[name])
        return client

    return as_


def stage_of(board: Board, round: Round) -> Stage:
    with board.acting("farid"):
        return Round.objects.get(pk=round.pk).at


# ---------------------------------------------------------------- sealed
def test_no_page_holds_a_score_before_the_reveal(board: Board, visit: Any) -> None:
    round = board.open()
    for name in (*COMMUNITY, *STAFF)[:-1]:
        board.score(round, name, "1", reason=PLANTED)
    for name in ("alice", "farid", "kofi"):
        browser = visit(name)
        for page in ("together", "round", "rounds"):
            response = browser.get(address(page, None if page == "rounds" else round))
            assert response.status_code == 200
            assert PLANTED.encode() not in response.content, (name, page)
        assert browser.get(address("replies", round)).status_code in (403, 404)
    scoring = visit("kofi").get(address("score", round, number=1))
    assert scoring.status_code == 200
    assert PLANTED.encode() not in scoring.content


def test_every_page_is_the_same_however_many_have_finished(board: Board, visit: Any) -> None:
    round = board.open()
    board.score(round, "carmen", "1", reason=PLANTED)

    def pages() -> list[bytes]:
        seen = []
        for name, page in (
            ("farid", "round"),
            ("farid", "together"),
            ("alice", "round"),
            ("carmen", "thanks"),
        ):
            body = visit(name).get(address(page, round)).content
            seen.append(b"".join(line for line in body.splitlines() if b"csrf" not in line))
        return seen

    before = pages()
    for name in ("dora", "emil", "hana"):
        board.score(round, name, "2", reason=PLANTED)
    assert pages() == before


def test_after_the_reveal_everyone_reads_the_same_findings(board: Board, visit: Any) -> None:
    round = board.revealed()
    for name in ("alice", "farid", "carmen", "bea"):
        body = visit(name).get(address("together", round)).content.decode()
        assert "Words of carmen." in body
        assert "Words of hana." in body
        assert "Hidden to protect privacy" in body


def test_a_stranger_finds_nothing(board: Board, visit: Any) -> None:
    round = board.revealed()
    for page in ("round", "together", "start", "check", "thanks"):
        assert visit("walter").get(address(page, round)).status_code == 404
    assert visit("walter").get(f"/o/elsewhere/community/rounds/{round.pk}/").status_code == 404


# ---------------------------------------------------------------- who may
@pytest.mark.parametrize("move", ["reveal", "publish", "ratify", "open"])
def test_the_institution_cannot_move_a_round_and_the_facilitator_can(
    board: Board, visit: Any, move: str
) -> None:
    round = board.plan() if move == "open" else board.open()
    if move != "open":
        board.score_all(round)
    if move in ("ratify", "publish"):
        round = board.reveal(round)
        item = board.items(round)[0]
        with board.acting("alice") as alice:
            actions.write_reply(item=item, text="We will.", by=alice)
            actions.send_replies(round=round, by=alice)
    if move == "publish":
        with board.acting("farid") as farid:
            actions.ratify(round=round, by=farid)
    there = address("step", round, move=move)
    before = stage_of(board, round)
    for name in ("alice", "mona", "carmen"):
        refused = visit(name).post(there)
        assert refused.status_code == (404 if move == "open" else 403), name
        assert visit(name).get(there).status_code == refused.status_code
    assert stage_of(board, round) is before
    assert visit("farid").get(there).status_code == 200
    assert visit("farid").post(there).status_code == 302


def test_a_move_that_does_not_exist_is_not_found(board: Board, visit: Any) -> None:
    round = board.open()
    assert visit("farid").get(address("step", round, move="supersede")).status_code == 404
    assert visit("farid").get(address("step", round, move="unpublish")).status_code == 404


def test_a_move_before_its_time_is_refused_in_words(board: Board, visit: Any) -> None:
    round = board.open()
    response = visit("farid").post(address("step", round, move="reveal"))
    assert response.status_code == 409
    assert "Not everyone has finished" in response.content.decode()


def test_only_reviewers_open_the_score_page(board: Board, visit: Any) -> None:
    round = board.open()
    for name in ("alice", "farid", "bea"):
        assert visit(name).get(address("score", round, number=1)).status_code == 403
        assert visit(name).post(address("draft", round, number=1), {"value": "0"}).status_code == 403
    assert visit("carmen").get(address("score", round, number=1)).status_code == 200
    assert visit("carmen").get(address("score", round, number=9)).status_code == 404


def test_a_round_that_is_revealed_takes_no_score(board: Board, visit: Any) -> None:
    round = board.open()
    for name in (*COMMUNITY, *STAFF):
        board.score(round, name, "2")
    board.reveal(round)
    assert visit("carmen").post(address("draft", round, number=2), {"value": "0"}).status_code == 409


# ---------------------------------------------------------------- scoring
def test_a_question_is_answered_and_the_next_one_opens(board: Board, visit: Any) -> None:
    round = board.open()
    browser = visit("carmen")
    assert browser.get(address("start", round)).url == address("score", round, number=1)
    page = browser.get(address("score", round, number=1)).content.decode()
    for words in (
        "Question 1 of 3",
        "Do community members decide?",
        "It is done together.",
        "not have enough to say",
    ):
        assert words in page
    answered = browser.post(address("score", round, number=1), {"value": "2", "reason": "We vote."})
    assert answered.url == address("score", round, number=2)
    assert browser.get(address("start", round)).url == address("score", round, number=2)
    browser.post(address("score", round, number=2), {"value": "not_enough", "reason": "I am new."})
    last = browser.post(address("score", round, number=3), {"value": "0", "reason": "No action."})
    assert last.url == address("check", round)
    assert "We vote." in browser.get(address("score", round, number=1)).content.decode()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"value": "", "reason": "Half an answer."}, "Half an answer."),
        ({"value": "2", "reason": "  "}, 'value="2" checked'),
        ({"value": "9", "reason": "A card that does not exist."}, "A card that does not exist."),
    ],
)
def test_half_an_answer_is_sent_back_with_its_words(
    board: Board, visit: Any, sent: dict[str, str], kept: str
) -> None:
    response = visit("carmen").post(address("score", board.open(), number=1), sent)
    assert response.status_code == 422
    assert kept in response.content.decode()


def test_what_is_typed_is_kept(board: Board, visit: Any) -> None:
    round = board.open()
    browser = visit("carmen")
    there = address("draft", round, number=1)
    response = browser.post(there, {"reason": "They closed the"}, headers={"HX-Request": "true"})
    assert (response.status_code, response.content.decode().strip()) == (200, "Saved")
    assert "They closed the" in browser.get(address("score", round, number=1)).content.decode()
    too_long = browser.post(there, {"reason": "x" * 5000}, headers={"HX-Request": "true"})
    assert too_long.status_code == 422
    assert "They closed the" in browser.get(address("score", round, number=1)).content.decode()


def test_opening_the_address_of_a_draft_leaves_what_was_kept(board: Board, visit: Any) -> None:
    round = board.open()
    browser = visit("carmen")
    there = address("draft", round, number=1)
    browser.post(there, {"value": "2", "reason": "They closed the"}, headers={"HX-Request": "true"})
    assert browser.get(there).url == address("score", round, number=1)
    with board.acting("carmen") as carmen:
        (draft,) = queries.my_drafts(round, carmen).values()
    assert (draft.value, draft.reason) == ("2", "They closed the")


def test_finish_later_keeps_half_an_answer(board: Board, visit: Any) -> None:
    round = board.open()
    browser = visit("carmen")
    response = browser.post(address("score", round, number=1), {"reason": "Half.", "later": "1"})
    assert response.url == address("round", round)
    assert "Half." in browser.get(address("score", round, number=1)).content.decode()


def test_a_reviewer_steps_back_with_a_reason(board: Board, visit: Any) -> None:
    round = board.open()
    browser = visit("carmen")
    there = address("step_back", round, number=1)
    assert browser.post(there, {"reason": " "}).status_code == 422
    assert browser.post(there, {"reason": "My sister leads it."}).url == address("score", round, number=2)
    with board.acting("carmen") as carmen:
        (draft,) = queries.my_drafts(round, carmen).values()
    assert (draft.value, draft.reason) == ("recused", "My sister leads it.")
    assert "stepped back" in browser.get(address("score", round, number=1)).content.decode()


def test_check_says_what_is_missing_and_sends_once(board: Board, visit: Any) -> None:
    round = board.open()
    browser = visit("carmen")
    assert browser.post(address("check", round)).status_code == 422
    browser.post(address("score", round, number=1), {"value": "2", "reason": "We vote."})
    page = browser.get(address("check", round)).content.decode()
    assert "2 questions have no answer" in page
    assert "We vote." in page
    assert "No answer yet" in page
    for _twice in range(2):
        assert browser.post(address("check", round)).url == address("thanks", round)
    for page_name in ("check", "start"):
        assert browser.get(address(page_name, round), follow=True).redirect_chain[-1][0] == address(
            "thanks", round
        )
    assert browser.get(address("score", round, number=1)).url == address("thanks", round)
    with board.acting("carmen") as carmen:
        assert len(queries.my_scores(round, carmen)) == 1


def test_scoring_on_the_web_leaves_no_audit_row(board: Board, visit: Any) -> None:
    round = board.open()
    with board.acting("alice"):
        before = AuditEvent.objects.count()
    browser = visit("carmen")
    browser.post(address("score", round, number=1), {"value": "2", "reason": "We vote."})
    browser.post(address("check", round))
    with board.acting("alice"):
        assert AuditEvent.objects.count() == before


# ---------------------------------------------------------------- preparing and replying
def test_a_round_is_prepared_with_every_question(board: Board, visit: Any, catalogue: None) -> None:
    browser = visit("farid")
    form = browser.get(address("new_round")).context["form"]
    assert len(form["questions"].value()) == 13
    sent = {**form.initial, "title": "Autumn review", "body": board.body.pk}
    made = browser.post(
        address("new_round"), {**sent, "reveal_from": form.initial["reveal_from"].isoformat()}
    )
    assert made.status_code == 302
    page = browser.get(made.url).content.decode()
    assert "Round 1: Autumn review" in page
    assert "13. " in page
    assert "Open the round" in page
    with board.acting("farid"):
        round = Round.objects.get()
        items = list(queries.items_of(round))
    assert [item.code for item in items if item.kind == "dashboard"] == [
        f"D.{level}" for level in ("patient", "organization", "community", "societal")
    ]
    assert items[9].level == "patient"
    assert items[0].theme
    assert len(items[0].anchors) == 4


def test_a_plan_in_the_past_keeps_its_words(board: Board, visit: Any, catalogue: None) -> None:
    sent = {
        "title": "Autumn review",
        "body": board.body.pk,
        "reveal_from": "2020-01-01",
        "reply_days": 30,
        "questions": ["C1.1"],
    }
    response = visit("farid").post(address("new_round"), sent)
    assert response.status_code == 422
    assert "Autumn review" in response.content.decode()
    assert "after today" in response.content.decode()


def test_others_cannot_prepare_a_round(board: Board, visit: Any) -> None:
    for name in ("alice", "carmen", "mona"):
        assert visit(name).get(address("new_round")).status_code == 403


def test_the_institution_answers_each_finding(board: Board, visit: Any) -> None:
    round = board.revealed()
    browser = visit("alice")
    there = address("reply", round, number=1)
    assert browser.post(there, {"text": " "}).status_code == 422
    assert browser.post(there, {"text": "We will post reasons."}).url == address("replies", round)
    page = browser.get(address("replies", round)).content.decode()
    assert "We will post reasons." in page
    assert "1 of 3 findings" in page
    assert "We will post reasons." not in visit("carmen").get(address("together", round)).content.decode()
    visit("alice").post(address("step", round, move="reply"))
    body = visit("carmen").get(address("together", round)).content.decode()
    assert "We will post reasons." in body
    assert "has not answered this finding" in body
    for name in ("carmen", "farid", "mona"):
        assert visit(name).post(there, {"text": "x"}).status_code == 403


def test_the_list_says_what_waits(board: Board, visit: Any) -> None:
    assert "No review round has been held yet." in visit("alice").get(address("rounds")).content.decode()
    round = board.open()
    assert "One round waits for your answers." in visit("carmen").get(address("rounds")).content.decode()
    assert "The board is scoring." in visit("alice").get(address("rounds")).content.decode()
    board.score_all(round)
    board.reveal(round)
    assert "to reply" in visit("alice").get(address("rounds")).content.decode()
