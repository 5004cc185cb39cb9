"""What data is due: for whom, in which measures, with which ways to enter it."""

from __future__ import annotations

import datetime
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils.html import strip_tags

from equity.tenancy.acting import acting_as
from equity.tenancy.models import Organisation, Unit
from equity.tenancy.personas import Persona
from metrics.actions.choosing import give_to_community, retire_metric, set_when_due
from metrics.due import Due, When, everything_due
from metrics.models import Metric
from tests.cast import House
from tests.metrics.importing import address, applied, as_member, csv_of, define

DAY = datetime.date(2026, 6, 10)
PAIN = "pain-30-minutes"
ROWS = [f"{PAIN},east,2026-02,,30,60", f"{PAIN},west,2026-05,,30,60"]


@pytest.fixture
def defined(house: House) -> House:
    """The measures of the example, asked for from long after the day of these tests, so that only counts bring duties."""
    define(house)
    with acting_as(Persona.OPERATOR):
        Metric.objects.update(asked_from=datetime.date(2030, 1, 1), owner=None)
    return house


def change(code: str = PAIN, **values: Any) -> None:
    with acting_as(Persona.OPERATOR):
        assert Metric.objects.filter(code=code).update(**values) == 1


def due(house: House, day: datetime.date = DAY, name: str = "bea") -> list[Due]:
    with as_member(house, name):
        return everything_due(house.riverside, day)


def told(found: list[Due]) -> list[tuple[str, str, list[str], str]]:
    return [(one.metric.code, one.unit.code, [p.code for p in one.periods], one.when.value) for one in found]


def test_late_periods_and_those_that_are_not_late_yet_stand_apart(defined: House) -> None:
    applied(defined, csv_of(ROWS))
    assert told(due(defined)) == [
        (PAIN, "east", ["2026-03", "2026-04"], "overdue"),
        (PAIN, "east", ["2026-05"], "soon"),
    ]
    late, soon = due(defined)
    assert (late.on, soon.on) == (datetime.date(2026, 4, 30), datetime.date(2026, 6, 30))
    assert late.words == "March to April 2026"


@pytest.mark.parametrize(
    ("days", "when"), [(0, When.OVERDUE), (9, When.OVERDUE), (10, When.SOON), (366, When.SOON)]
)
def test_the_last_day_is_in_time_and_the_next_is_late(defined: House, days: int, when: When) -> None:
    applied(defined, csv_of(ROWS))
    change(due_days=days)
    assert {one.when for one in due(defined) if "2026-05" in [p.code for p in one.periods]} == {when}


@pytest.mark.parametrize("blank", ["not collected", "not asked", "withheld"])
def test_an_answer_without_a_number_is_an_answer(defined: House, blank: str) -> None:
    rows = [f"{PAIN},east,2026-0{month},,{blank}," for month in (3, 4, 5)]
    applied(defined, csv_of([*ROWS, *rows]))
    assert due(defined) == []


def test_a_promise_is_no_answer(defined: House) -> None:
    rows = [f"{PAIN},east,2026-0{month},,31,60" for month in (3, 4)]
    applied(defined, csv_of([*ROWS, *rows, f"{PAIN},east,2026-05,,not yet due,"]))
    assert told(due(defined)) == [(PAIN, "east", ["2026-05"], "soon")]


@pytest.mark.parametrize("why", ["retired", "held", "span", "index", "department", "closed"])
def test_nobody_is_reminded_of_what_is_not_theirs_to_give(defined: House, why: str) -> None:
    applied(defined, csv_of(ROWS))
    assert due(defined)
    with as_member(defined, "alice"):
        metric = Metric.objects.select_related("organisation").get(code=PAIN)
        if why == "retired":
            retire_metric(metric=metric, reason="Nobody used it.", by=None)
        if why == "held":
            give_to_community(metric=metric, by=None)
    if why == "span":
        change(frequency=0)
    if why == "index":
        parts = {"parts": [{"metric": "policy-positions", "weight": 1}]}
        change(kind="index", counts_people=False, composition=parts)
    if why == "department":
        with acting_as(Persona.OPERATOR):
            Organisation.objects.filter(pk=defined.riverside.pk).update(kind="health_department")
            defined.riverside.refresh_from_db()
    if why == "closed":
        with acting_as(Persona.OPERATOR):
            Unit.objects.filter(code="east").update(closed_on=datetime.date(2026, 2, 28))
    assert due(defined) == []


def test_measure_that_nobody_has_begun_is_asked_for_from_its_day_on(defined: House) -> None:
    change(asked_from=datetime.date(2026, 4, 2))
    (soon, late) = sorted(due(defined), key=lambda one: one.on, reverse=True)
    assert told([late, soon]) == [(PAIN, "east", ["2026-04"], "overdue"), (PAIN, "east", ["2026-05"], "soon")]
    assert late.nobody_has


def test_where_people_are_counted_once_each_length_of_period_is_owed_by_itself(defined: House) -> None:
    change(once_over_periods=True)
    applied(defined, csv_of([f"{PAIN},east,2026-05,,30,60", f"{PAIN},east,2025-Q4,,70,90"]))
    assert told(due(defined)) == [(PAIN, "east", ["2026-Q1"], "overdue")]


def test_what_is_late_longest_stands_first(defined: House) -> None:
    applied(defined, csv_of([*ROWS, "policy-positions,all,2025-Q3,,2,"]))
    found = due(defined)
    assert [one.when for one in found] == ["overdue", "overdue", "soon"]
    assert [one.on for one in found[:2]] == sorted(one.on for one in found[:2])
    assert told(found)[0] == ("policy-positions", "all", ["2025-Q4", "2026-Q1"], "overdue")


# ---------------------------------------------------------------- the page


def page_of(client: Client, house: House, name: str, query: str = "") -> str:
    client.force_login(house.accounts[name])
    response = client.get(address("due") + query)
    assert response.status_code == 200
    return response.content.decode()


def links(page: str, word: str) -> list[str]:
    return [one.replace("&amp;", "&") for one in re.findall(rf'href="([^"]*{word}[^"]*)"', page)]


def test_page_leads_straight_to_the_grid_and_to_a_file_with_just_these(
    defined: House, client: Client, monkeypatch: Any
) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *args: DAY)
    applied(defined, csv_of(ROWS))
    page = page_of(client, defined, "bea")
    assert "Counts of one measure <b>are late</b>" in page
    grid = links(page, r"imports/typed/\?")[0]
    assert parse_qs(urlsplit(grid).query) == {"metric": [PAIN], "unit": ["east"], "year": ["2026"]}
    shown = client.get(grid)
    assert shown.status_code == 200
    assert 'name="all|2026-03|n"' in shown.content.decode()
    upload = client.get(links(page, r"imports/counts/\?")[0]).content.decode()
    assert "Waited for: <b>" in upload
    file = client.get(links(upload, "template.csv")[0]).content.decode()
    lines = file.splitlines()[1:]
    periods = {line.split(",")[2] for line in lines}
    assert all(line.startswith(f"{PAIN},east,") for line in lines)
    assert periods == {"2026-03", "2026-04"}


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("", ["What is late?", "What is not late yet?"], []),
        ("?when=overdue", ["What is late?"], ["What is not late yet?"]),
        ("?when=soon", ["What is not late yet?"], ["What is late?"]),
        ("?whose=mine", ["Nothing of this kind is due."], ["What is late?"]),
        ("?whose=nobody&when=never", ["What is late?", "What is not late yet?"], []),
    ],
)
def test_filters_are_in_the_address(
    defined: House, client: Client, monkeypatch: Any, query: str, shown: list[str], hidden: list[str]
) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *args: DAY)
    applied(defined, csv_of(ROWS))
    words = strip_tags(page_of(client, defined, "bea", query))
    assert all(one in words for one in shown)
    assert not any(one in words for one in hidden)


def test_mine_are_those_that_i_answer_for(defined: House, client: Client) -> None:
    applied(defined, csv_of(ROWS))
    with as_member(defined, "alice"):
        metric = Metric.objects.select_related("organisation").get(code=PAIN)
        set_when_due(metric=metric, owner=defined.person("mona"), due_days=5, by=defined.person("alice"))
    assert "Nothing of this kind is due." in page_of(client, defined, "bea", "?whose=mine")
    mine = page_of(client, defined, "mona", "?whose=mine")
    assert "What is late?" in mine
    assert not links(mine, "imports/typed")


def test_page_says_that_nothing_is_due(defined: House, client: Client) -> None:
    assert "<b>Nothing is due.</b>" in page_of(client, defined, "alice")


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("alice", 200),
        ("mona", 200),
        ("bea", 200),
        ("oscar", 403),
        ("carmen", 403),
        ("farid", 403),
        ("walter", 404),
    ],
)
def test_who_may_see_what_is_due(house: House, client: Client, name: str, status: int) -> None:
    client.force_login(house.accounts[name])
    assert client.get(address("due")).status_code == status


@pytest.mark.parametrize(
    ("name", "status"),
    [("alice", 302), ("mona", 302), ("bea", 403), ("oscar", 403), ("carmen", 403), ("farid", 403)],
)
def test_who_may_say_when_counts_are_due(defined: House, client: Client, name: str, status: int) -> None:
    client.force_login(defined.accounts[name])
    sent = {"owner": str(defined.person("bea").pk), "due_days": "14"}
    assert client.post(address("metric_due", metric=PAIN), sent).status_code == status
    with acting_as(Persona.OPERATOR):
        metric = Metric.objects.get(code=PAIN)
    expected = (defined.person("bea").pk, 14) if status == 302 else (None, 30)
    assert (metric.owner_id, metric.due_days) == expected


@pytest.mark.parametrize(
    "sent",
    [{"owner": "", "due_days": "-1"}, {"owner": "", "due_days": "367"}, {"owner": "x", "due_days": "3"}],
)
def test_what_makes_no_sense_is_refused_in_words(
    defined: House, client: Client, sent: dict[str, str]
) -> None:
    client.force_login(defined.accounts["alice"])
    assert client.post(address("metric_due", metric=PAIN), sent).status_code == 422


def test_the_number_of_queries_does_not_grow_with_measures_and_periods(
    defined: House, django_assert_num_queries: Any
) -> None:
    applied(defined, csv_of(ROWS))
    with as_member(defined), django_assert_num_queries(4, using="owner"):
        everything_due(defined.riverside, DAY)
    rows = [f"{PAIN},{unit},2025-{month:02},,30,60" for unit in ("east", "west") for month in range(1, 13)]
    applied(defined, csv_of([*rows, *(row.replace(PAIN, "prenatal-by-week-12") for row in rows)]))
    with as_member(defined), django_assert_num_queries(4, using="owner"):
        assert len(everything_due(defined.riverside, DAY)) > 2


def test_years_of_people_counted_once_are_waited_for_beside_the_quarters(defined: House) -> None:
    """A length of period is waited for from the first time on that the unit has given it."""
    change("local-hires", once_over_periods=True)
    given = ["2024-Q4", "2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4", "2024"]
    applied(defined, csv_of([f"local-hires,east,{period},,30,60" for period in given]))
    found = [one for one in due(defined) if one.metric.code == "local-hires"]
    assert [[period.code for period in one.periods] for one in found] == [["2025", "2026-Q1"]]


def test_nobody_waits_for_the_counts_of_an_index(defined: House) -> None:
    with acting_as(Persona.OPERATOR):
        Metric.objects.filter(code="local-hires").update(
            kind="index",
            counts_people=False,
            asked_from=datetime.date(2026, 1, 1),
            composition={
                "aggregation": "geometric",
                "components": [{"measure": PAIN, "weight": 1, "worst": 0, "best": 100}],
            },
        )
    assert "local-hires" not in {one.metric.code for one in due(defined)}
