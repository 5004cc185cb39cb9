"""An institution's first page: one sentence, what needs somebody, where the steps stand."""

from __future__ import annotations

import datetime

import pytest
from django.utils.formats import date_format

from equity.desk import queries
from equity.roles import Role, permissions_of
from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona
from metrics.models import Metric
from practices.workflow import PracticeStatus
from tests.desk.conftest import Desk
from tests.metrics.importing import define

HOME = "/o/riverside/"


def sentence(desk: Desk, name: str = "alice") -> str:
    page = desk.get(name, HOME).content.decode()
    lit = page.split('<p class="lit">')[1].split("</p>")[0]
    return " ".join(lit.replace("<b>", "").replace("</b>", "").split())


def test_home_before_the_first_cycle_says_how_to_begin(desk: Desk) -> None:
    assert sentence(desk) == "Riverside Health has not begun its first cycle yet."
    assert "Begin cycle 1" in desk.get("alice", HOME).content.decode()


def test_home_offers_no_button_to_those_who_may_not_press_it(desk: Desk) -> None:
    page = desk.get("carmen", HOME).content.decode()
    assert "Begin cycle 1" not in page
    assert "The equity lead or the equity council begins the first cycle." in page


def test_home_of_a_cycle_without_practices_says_so(desk: Desk) -> None:
    desk.begin()
    assert sentence(desk) == "Riverside Health has not chosen a practice for this cycle yet."


def test_home_counts_what_is_stuck_and_what_is_late(desk: Desk) -> None:
    desk.begin()
    desk.adopt(due=-12)
    desk.adopt(status=PracticeStatus.STUCK)
    desk.adopt(due=300)
    assert sentence(desk) == (
        "Riverside Health has taken on three practices. None is done yet. One is stuck. One is late."
    )


def test_home_puts_what_is_late_first_and_what_is_due_soon_aside(desk: Desk) -> None:
    desk.begin()
    soon = desk.adopt(due=10)
    stuck = desk.adopt(status=PracticeStatus.STUCK)
    late = desk.adopt(due=-12)
    response = desk.get("mona", HOME)
    home = response.context["home"]
    assert [need.practice.practice_id for need in home.pressing] == [late.pk, stuck.pk]
    assert [need.practice.practice_id for need in home.due_soon] == [soon.pk]
    assert "12 days late" in response.content.decode()


def test_home_shows_each_step_with_what_is_done(desk: Desk) -> None:
    desk.begin()
    desk.adopt(status=PracticeStatus.STUCK)
    steps = desk.get("alice", HOME).context["home"].steps
    assert [(step.number, step.total, step.stuck) for step in steps] == [
        (1, 0, 0),
        (2, 1, 1),
        (3, 0, 0),
        (4, 0, 0),
        (5, 0, 0),
    ]


def test_home_asks_a_reviewer_to_score_and_nobody_else(desk: Desk) -> None:
    desk.begin()
    desk.open_round("carmen")
    assert "Score round 1: Spring review" in desk.get("carmen", HOME).content.decode()
    assert "Score round 1: Spring review" not in desk.get("alice", HOME).content.decode()


def test_home_gives_the_day_by_which_the_community_wants_an_answer(desk: Desk) -> None:
    desk.begin()
    desk.adopt()
    round = desk.revealed_round()
    assert "late" not in sentence(desk)
    page = " ".join(desk.get("carmen", HOME).content.decode().split())
    assert f"answer by {date_format(round.reply_due_on, 'j F')}" in page


@pytest.mark.parametrize(("days", "late"), [(30, 0), (31, 1)])
def test_home_counts_an_answer_as_late_from_the_day_after_the_last(desk: Desk, days: int, late: int) -> None:
    desk.revealed_round()
    with desk.by("alice") as alice:
        later = desk.today + datetime.timedelta(days=days)
        found = queries.home(alice, permissions_of(frozenset({Role.EQUITY_LEAD})), later)
    assert len(found.late_replies) == late


@pytest.mark.parametrize("path", ["", "people/", "history/", "history/history.csv"])
def test_pages_of_a_foreign_institution_do_not_exist(desk: Desk, path: str) -> None:
    assert desk.get("walter", HOME + path).status_code == 404


@pytest.mark.parametrize("name", ["alice", "mona", "bea", "oscar", "carmen", "farid"])
def test_everybody_of_the_institution_reads_its_home(desk: Desk, name: str) -> None:
    assert desk.get(name, HOME).status_code == 200


def test_home_asks_for_the_line_of_due_counts_for_those_who_read_them(desk: Desk) -> None:
    desk.begin()
    define(desk.house)
    with acting_as(Persona.OPERATOR):
        long_ago = desk.today - datetime.timedelta(days=100)
        Metric.objects.filter(code="pain-30-minutes").update(asked_from=long_ago)
    due = f"{HOME}measures/due/"
    assert f'hx-get="{due}"' in desk.get("mona", HOME).content.decode()
    line = desk.get("mona", due, **{"HX-Request": "true"}).content.decode()
    assert "Counts of one measure are late" in line
    assert "<html" not in line
    assert due not in desk.get("oscar", HOME).content.decode()
    assert due not in desk.get("carmen", HOME).content.decode()
