"""The audit trail as a page and as a file."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest

from accountability.workflow import TRANSITIONS
from equity import audit
from equity.desk.events import WORDS, facts_of, target_of, told, words_of
from equity.tenancy.models import AuditEvent
from tests.desk.conftest import Desk

HISTORY = "/o/riverside/history/"
ROOT = Path(__file__).resolve().parent.parent.parent
RECORDED = re.compile(r'\brecord\(\s*((?:"[a-z.]+_?[a-z_]*"(?: if \w+ else )?)+)')


def test_history_tells_who_did_what(desk: Desk) -> None:
    desk.begin()
    page = desk.get("carmen", HISTORY).content.decode()
    assert "<b>Alice</b> opened a cycle: Cycle 1" in page


def test_history_keeps_to_the_event_and_the_person_in_the_address(desk: Desk) -> None:
    desk.begin()
    desk.adopt()
    desk.open_round("carmen")
    farid = desk.house.person("farid")
    events = desk.get("alice", f"{HISTORY}?person={farid.pk}").context["events"]
    assert {event.by_name for event in events} == {"Farid"}
    events = desk.get("alice", f"{HISTORY}?event=goal.adopt").context["events"]
    assert [event.event for event in events] == ["goal.adopt"]


def test_history_with_a_person_that_is_no_id_shows_everything(desk: Desk) -> None:
    desk.begin()
    response = desk.get("alice", f"{HISTORY}?person=nobody&page=x")
    assert response.status_code == 200
    assert len(response.context["events"]) == 1


def test_history_offers_what_happened_here_only(desk: Desk) -> None:
    desk.begin()
    with desk.by("walter") as walter:
        audit.record("goal.adopt", by=walter, target=desk.house.units["elsewhere/all"])
    context = desk.get("alice", HISTORY).context
    assert [choice.value for choice in context["event_choices"]] == ["cycle.open"]
    assert [choice.words for choice in context["person_choices"]] == ["Alice"]


def test_history_turns_the_page_and_keeps_the_filter(desk: Desk) -> None:
    with desk.by("alice") as alice:
        for _ in range(51):
            audit.record("goal.adopt", by=alice, target=desk.house.units["riverside/all"])
    response = desk.get("alice", f"{HISTORY}?event=goal.adopt")
    assert len(response.context["events"]) == 50
    assert 'href="?event=goal.adopt&amp;page=2"' in response.content.decode()


def test_history_as_a_file_has_every_event_and_runs_nothing(desk: Desk) -> None:
    unit = desk.house.units["riverside/all"]
    unit.name = '=HYPERLINK("http://elsewhere.example")'
    with desk.by("alice") as alice:
        for number in range(60):
            audit.record("goal.adopt", by=alice, target=unit, code=f"{number}")
    response = desk.get("alice", f"{HISTORY}history.csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    assert len(rows) == 60
    assert {row["about"] for row in rows} == {'\'=HYPERLINK("http://elsewhere.example")'}
    assert rows[0]["who"] == "Alice"


def test_history_as_a_file_keeps_to_the_filter(desk: Desk) -> None:
    desk.begin()
    desk.adopt()
    body = desk.get("alice", f"{HISTORY}history.csv?event=cycle.open").content.decode()
    assert len(body.splitlines()) == 2


PLANNING = {"round.plan", "seat.fill"}


@pytest.mark.parametrize(("name", "expected"), [("farid", PLANNING), ("alice", set()), ("carmen", set())])
def test_history_tells_what_the_body_plans_to_its_facilitator_only(
    desk: Desk, name: str, expected: set[str]
) -> None:
    desk.plan_round("carmen")
    page = desk.get(name, HISTORY)
    assert {event.event for event in page.context["events"]} & PLANNING == expected
    assert {choice.value for choice in page.context["event_choices"]} & PLANNING == expected
    assert ("Spring review" in page.content.decode()) is bool(expected)
    file = desk.get(name, f"{HISTORY}history.csv").content.decode()
    assert {row["event"] for row in csv.DictReader(io.StringIO(file))} & PLANNING == expected


def test_words_leave_out_keys_that_only_the_database_reads() -> None:
    details = {"person": "019ac2f0-0000-7000-8000-000000000000", "group": "community", "until": ""}
    event = AuditEvent(event="seat.fill", target_name=f"reviewer {details['person']}", details=details)
    assert told(event) == "gave a seat"
    assert target_of(event) == ""
    assert facts_of(event) == [("group", "community")]


def test_facts_say_from_what_to_what() -> None:
    event = AuditEvent(
        event="step.move", details={"after": "under_way", "before": "not_started", "number": 2}
    )
    assert facts_of(event) == [("number", "2"), ("changed", "from not started to under way")]


def test_words_of_an_unknown_event_are_its_code() -> None:
    assert words_of("moon.rise") == "moon.rise"


def recorded_events() -> set[str]:
    """Every event that the code writes down."""
    sources = [
        path
        for app in ("equity", "practices", "metrics", "accountability")
        for path in (ROOT / app).rglob("*.py")
    ]
    written = {
        event
        for path in sources
        for call in RECORDED.findall(path.read_text())
        for event in re.findall(r'"([^"]+)"', call)
    }
    return written | {transition.event for transition in TRANSITIONS}


@pytest.mark.parametrize("event", sorted(recorded_events()))
def test_every_event_that_is_recorded_has_words(event: str) -> None:
    assert event in WORDS
