"""Publishing: the ledger's documents, together with the round's new stage, once."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from accountability import actions
from accountability.models import Round
from accountability.tasks import publish_round
from accountability.workflow import Stage
from equity.cycle.actions import open_cycle
from equity.publication.models import LedgerEntry, Release
from equity.tenancy import jobs
from equity.tenancy.acting import acting_as
from equity.tenancy.models import AuditEvent, Job
from equity.tenancy.personas import Persona
from tests.accountability.conftest import COMMUNITY, STAFF, Board


@pytest.fixture
def ratified(board: Board) -> Round:
    """Three questions: the first is answered by the institution, the others are not."""
    round = board.open()
    for name, first in zip(COMMUNITY, ("0", "0", "3", "3", "not_enough"), strict=True):
        board.score(round, name, first, "1", "recused")
    for name in STAFF:
        board.score(round, name, "2")
    round = board.reveal(round)
    item = board.items(round)[0]
    with board.acting("alice") as alice:
        actions.write_reply(item=item, text="We will post reasons within ten days.", by=alice)
        round = actions.send_replies(round=round, by=alice)
    with board.acting("farid") as farid:
        return actions.ratify(round=round, by=farid)


def publish(board: Board, round: Round) -> Job:
    with board.acting("farid") as farid:
        job = actions.publish(round=round, by=farid)
    assert jobs.run(board.house.riverside.pk, job.pk)
    return job


def entries(**among: Any) -> dict[str, dict[str, Any]]:
    with acting_as(Persona.PUBLIC):
        return {entry.key: entry.document for entry in LedgerEntry.objects.filter(**among).order_by("n")}


def test_findings_are_published_as_documents(board: Board, ratified: Round) -> None:
    publish(board, ratified)
    found = entries(kind="finding")
    assert list(found) == ["round/1/C1.1", "round/1/C3.2", "round/1/D.patient"]
    document = found["round/1/C1.1"]
    today = timezone.localdate().isoformat()
    reasons = document.pop("reasons")
    assert document == {
        "round": {
            "number": 1,
            "title": "Spring review",
            "body": "Riverside Community Board",
            "opened_on": today,
            "revealed_on": today,
        },
        "item": {
            "kind": "criterion",
            "code": "C1.1",
            "title": "Community members decide",
            "question": "Do community members decide?",
            "anchors": ["Nothing is done.", "It is promised.", "It is done.", "It is done together."],
        },
        "position": 1,
        "groups": [
            {
                "group": "community",
                "label": "Community",
                "shown": True,
                "replies": 5,
                "levels": [2, 0, 0, 2],
                "not_enough": 1,
                "recused": 0,
                "median": [0, 3],
                "split": True,
            },
            {
                "group": "staff",
                "label": "Staff",
                "shown": False,
                "replies": None,
                "levels": None,
                "not_enough": None,
                "recused": None,
                "median": None,
                "split": None,
            },
        ],
        "threshold": 5,
        "reply": {"text": "We will post reasons within ten days.", "on": today},
    }
    assert {"group": None, "level": None, "text": "Words of hana.", "language": "en"} in reasons
    assert {"group": None, "level": None, "text": "Words of emil.", "language": "en"} in reasons
    assert len(reasons) == 9
    labelled = found["round/1/C3.2"]["reasons"]
    assert {"group": "Community", "level": 1, "text": "Words of emil.", "language": "en"} in labelled
    assert len(labelled) == 5


def test_a_missing_reply_and_no_scores_are_said(board: Board, ratified: Round) -> None:
    publish(board, ratified)
    document = entries(kind="finding")["round/1/D.patient"]
    assert document["reply"] is None
    assert document["reasons"] == []
    assert document["groups"][0]["recused"] == 5
    assert document["groups"][0]["median"] is None


def test_the_programme_is_stated_beside_the_findings(board: Board, ratified: Round, catalogue: None) -> None:
    with board.acting("alice") as alice:
        open_cycle(organisation=board.house.riverside, started_on=timezone.localdate(), by=alice)
    publish(board, ratified)
    (statement,) = entries(kind="statement").values()
    assert set(statement) == {"cycle", "steps", "goals", "practices"}
    assert len(statement["steps"]) == 5
    assert list(entries(kind="statement")) == ["programme"]


def test_round_release_and_audit_trail_say_published_together(board: Board, ratified: Round) -> None:
    publish(board, ratified)
    with board.acting("alice"):
        round = Round.objects.select_related("release").get(pk=ratified.pk)
        assert (round.at, round.release.state, round.release.kind) == (Stage.PUBLISHED, "published", "round")
        assert AuditEvent.objects.filter(event="round.publish", by_name="Farid").count() == 1


def test_asking_twice_publishes_once(board: Board, ratified: Round) -> None:
    with board.acting("farid") as farid:
        first = actions.publish(round=ratified, by=farid)
        assert actions.publish(round=ratified, by=farid) == first
    assert jobs.run(board.house.riverside.pk, first.pk)
    with acting_as(Persona.WORKER, organisation=board.house.riverside):
        assert publish_round(first) == {"entries": 0}
        assert Release.objects.count() == 1
    assert len(entries(kind="finding")) == 3


def test_a_publication_that_fails_leaves_nothing_behind(board: Board, ratified: Round) -> None:
    with board.acting("farid") as farid:
        job = actions.publish(round=ratified, by=farid)
    with acting_as(Persona.OPERATOR):  # its release was used up: the ledger will refuse it
        Release.objects.update(state="published", seq=1, published_at=timezone.now())
    for _attempt in range(jobs.ATTEMPTS):
        assert not jobs.run(board.house.riverside.pk, job.pk)
    with board.acting("farid"):
        assert Round.objects.get(pk=ratified.pk).at is Stage.RATIFIED
        assert Job.objects.get(pk=job.pk).state == Job.State.FAILED
        assert not AuditEvent.objects.filter(event="round.publish").exists()
    assert entries() == {}


def test_a_later_round_supersedes_the_earlier_and_both_stay_published(board: Board, ratified: Round) -> None:
    publish(board, ratified)
    second = board.revealed()
    item = board.items(second)[0]
    with board.acting("alice") as alice:
        actions.write_reply(item=item, text="Still working on it.", by=alice)
        second = actions.send_replies(round=second, by=alice)
    with board.acting("farid") as farid:
        second = actions.ratify(round=second, by=farid)
    publish(board, second)
    with board.acting("alice"):
        stages = dict(Round.objects.values_list("number", "stage"))
    assert stages == {1: "superseded", 2: "published"}
    assert {key.split("/")[1] for key in entries(kind="finding")} == {"1", "2"}


def test_nothing_published_names_a_reviewer(board: Board, ratified: Round) -> None:
    publish(board, ratified)
    text = str(entries(kind="finding"))
    for name in (*COMMUNITY, *STAFF):
        assert str(board.person(name).pk) not in text
        assert board.person(name).name not in text
