"""The weekly e-mail: what it says to whom, one a person and week at most, and how it is stopped without signing in."""

from __future__ import annotations

import datetime
import re
import smtplib
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connections
from django.test import Client
from django.utils import timezone

from equity.desk import letters
from equity.desk.tasks import REMIND, remind_all
from equity.roles import Role
from equity.tenancy import jobs
from equity.tenancy.acting import acting_as
from equity.tenancy.models import Account, Job, Letter, Membership
from equity.tenancy.personas import Persona
from metrics.models import Metric
from tests.cast import House, join
from tests.metrics.importing import applied, csv_of, define

PAIN = "pain-30-minutes"


@pytest.fixture
def owing(house: House) -> House:
    """East Hospital has given one month, four months ago: on any day since, one month is late and one is not late yet.

    Mona answers for it; nobody answers for the rest.
    """
    define(house)
    with acting_as(Persona.OPERATOR):
        Metric.objects.update(asked_from=datetime.date(2100, 1, 1), owner=None)
        Metric.objects.filter(code=PAIN).update(owner=house.person("mona"), due_days=31)
    applied(house, csv_of([f"{PAIN},east,{months_ago(4)},,3071,6173"]))
    return house


def months_ago(number: int) -> str:
    day = timezone.localdate().replace(day=1)
    for _ in range(number):
        day = (day - datetime.timedelta(days=1)).replace(day=1)
    return f"{day:%Y-%m}"


def week() -> datetime.date:
    return letters.monday_of(timezone.localdate())


def asked(house: House, of: datetime.date | None = None) -> Job:
    """This week's job of Riverside."""
    with acting_as(Persona.WORKER, organisation=house.riverside):
        return jobs.enqueue(REMIND, organisation=house.riverside, by=None, week=(of or week()).isoformat())


def send(house: House, of: datetime.date | None = None) -> dict[str, Any]:
    job = asked(house, of)
    assert jobs.run(house.riverside.pk, job.pk)
    return state_of(job).outcome


def state_of(job: Job) -> Job:
    with acting_as(Persona.OPERATOR):
        return Job.objects.get(pk=job.pk)


def to(name: str) -> list[Any]:
    return [one for one in mail.outbox if one.to == [f"{name}@example.org"]]


def stop_path(name: str) -> str:
    (message,) = to(name)
    return urlsplit(re.fullmatch("<(.*)>", message.extra_headers["List-Unsubscribe"])[1]).path


# ---------------------------------------------------------------- to whom, and what


def test_those_who_may_enter_or_answer_get_one_and_nobody_else(owing: House) -> None:
    assert send(owing) == {"letters": 3}
    assert sorted(one.to for one in mail.outbox) == [
        ["alice@example.org"],
        ["bea@example.org"],
        ["mona@example.org"],
    ]


def test_it_names_what_is_late_first_with_a_link_that_opens_the_grid(owing: House, client: Client) -> None:
    send(owing)
    (message,) = to("bea")
    body = message.body
    assert message.subject == "Counts of 1 measure are late"
    assert body.startswith("Hello Bea,\n")
    assert 0 < body.index("- Late, was due by") < body.index("- Due by")
    assert "East Hospital" in body
    assert "(Mona answers for it)" in body
    grid = re.search(r"http\S+/imports/typed/\S+", body)
    assert grid
    client.force_login(owing.accounts["bea"])
    parts = urlsplit(grid[0])
    assert client.get(f"{parts.path}?{parts.query}").status_code == 200
    assert "3071" not in body
    assert "6173" not in body


def test_whoever_answers_for_it_and_may_not_enter_gets_no_link_to_the_grid(owing: House) -> None:
    send(owing)
    (message,) = to("mona")
    assert "(you answer for it)" in message.body
    assert "/imports/" not in message.body
    assert "/o/riverside/measures/due/" in message.body


def test_nothing_due_no_email(owing: House) -> None:
    rows = [f"{PAIN},east,{months_ago(number)},,not collected," for number in (3, 2, 1)]
    applied(owing, csv_of(rows))
    assert send(owing) == {"letters": 0}
    with acting_as(Persona.OPERATOR):
        assert not Letter.objects.exists()


def test_several_institutions_are_one_email(owing: House) -> None:
    with acting_as(Persona.OPERATOR):
        join(owing, "bea", owing.elsewhere, Role.ANALYST)
        metric = Metric.objects.get(code=PAIN)
        metric.pk, metric.organisation, metric.owner = uuid4(), owing.elsewhere, None
        metric.asked_from = timezone.localdate() - datetime.timedelta(days=80)
        metric.save(force_insert=True)
    send(owing)
    (message,) = to("bea")
    assert message.body.index("Elsewhere Clinic") < message.body.index("Riverside Health")
    assert "no unit has begun yet" in message.body
    (alices,) = to("alice")
    assert "Elsewhere" not in alices.body


def test_it_is_in_the_persons_language(owing: House, monkeypatch: Any) -> None:
    used: list[str] = []
    with acting_as(Persona.OPERATOR):
        person = owing.person("bea")
        person.language = "es"
        person.save(update_fields=["language"])
    written = letters._written

    def noting(*given: Any) -> Any:
        from django.utils.translation import get_language

        used.append(str(get_language()))
        return written(*given)

    monkeypatch.setattr(letters, "_written", noting)
    letters.letter_for(person.pk, timezone.localdate())
    assert used == ["es"]


def test_long_lists_end_with_how_many_more(owing: House, monkeypatch: Any) -> None:
    monkeypatch.setattr(letters, "MOST_LINES", 1)
    send(owing)
    assert "And one more." in to("bea")[0].body


def test_whoever_reads_counts_and_neither_enters_nor_answers_gets_none(owing: House) -> None:
    with acting_as(Persona.OPERATOR):
        Metric.objects.filter(code=PAIN).update(owner=None)
    assert send(owing) == {"letters": 2}
    assert not to("mona")


@pytest.mark.parametrize("why", ["closed account", "ended membership", "stopped"])
def test_nobody_gets_one_who_should_not(owing: House, why: str) -> None:
    with acting_as(Persona.OPERATOR):
        if why == "closed account":
            Account.objects.filter(person=owing.person("bea")).update(is_active=False)
        if why == "ended membership":
            Membership.objects.filter(person=owing.person("bea")).update(ended_on=timezone.localdate())
        if why == "stopped":
            Account.objects.filter(person=owing.person("bea")).update(letters_stopped_at=timezone.now())
    assert send(owing) == {"letters": 2}
    assert not to("bea")


# ---------------------------------------------------------------- once


def test_a_second_run_in_the_same_week_sends_nothing(owing: House) -> None:
    assert send(owing) == {"letters": 3}
    assert send(owing) == {"letters": 0}
    assert len(mail.outbox) == 3
    with acting_as(Persona.OPERATOR):
        assert Letter.objects.filter(sent_at__isnull=False).count() == 3


def test_the_next_week_it_comes_again(owing: House, monkeypatch: Any) -> None:
    send(owing)
    later = timezone.localdate() + datetime.timedelta(days=7)
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *given: later)
    assert send(owing) == {"letters": 3}


def test_a_job_that_waited_for_more_than_its_week_tells_nobody(owing: House) -> None:
    assert send(owing, week() - datetime.timedelta(days=7)) == {"letters": 0}


def test_beat_asks_once_a_week_for_each_institution_and_again_where_it_failed(owing: House) -> None:
    remind_all()
    remind_all()
    with acting_as(Persona.OPERATOR):
        (job,) = Job.objects.filter(kind=REMIND, organisation=owing.riverside)
        assert Job.objects.filter(kind=REMIND).count() == 2
        Job.objects.filter(pk=job.pk).update(state=Job.State.FAILED)
    remind_all()
    with acting_as(Persona.OPERATOR):
        assert Job.objects.filter(kind=REMIND, organisation=owing.riverside).count() == 2


class Refusing(EmailBackend):
    """Says no to Alice, for good."""

    def send_messages(self, messages: Any) -> int:
        if messages[0].to == ["alice@example.org"]:
            raise smtplib.SMTPRecipientsRefused({"alice@example.org": (550, b"no such user")})
        return super().send_messages(messages)


def test_an_address_that_is_refused_stops_nobody_elses(owing: House, settings: Any) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    assert send(owing) == {"letters": 2}
    with acting_as(Persona.OPERATOR):
        assert Letter.objects.get(person=owing.person("alice")).sent_at is None


class Away(EmailBackend):
    """Nobody answers at the mail server."""

    def open(self) -> bool | None:
        raise ConnectionRefusedError


def test_a_mail_server_that_is_away_costs_nobody_their_email(owing: House, settings: Any) -> None:
    job = asked(owing)
    usual, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{__name__}.Away"
    assert not jobs.run(owing.riverside.pk, job.pk)
    assert state_of(job).state == Job.State.QUEUED
    settings.EMAIL_BACKEND = usual
    assert jobs.run(owing.riverside.pk, job.pk)
    assert len(mail.outbox) == 3


class Dying(EmailBackend):
    """The worker dies when the second e-mail is on its way: nobody knows whether it arrived."""

    def send_messages(self, messages: Any) -> int:
        if len(mail.outbox) == 1:
            super().send_messages(messages)
            raise SystemExit
        return super().send_messages(messages)


@pytest.mark.real_logins
def test_killed_half_way_nobody_gets_two(owing: House, settings: Any) -> None:
    job = asked(owing)
    usual, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{__name__}.Dying"
    with pytest.raises(SystemExit):
        jobs.run(owing.riverside.pk, job.pk)
    settings.EMAIL_BACKEND = usual
    with acting_as(Persona.OPERATOR):
        Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - datetime.timedelta(minutes=1))
    assert jobs.run(owing.riverside.pk, job.pk)
    assert state_of(job).outcome == {"letters": 1}
    assert sorted(one.to for one in mail.outbox) == [
        ["alice@example.org"],
        ["bea@example.org"],
        ["mona@example.org"],
    ]


@pytest.mark.real_logins
def test_two_jobs_at_once_send_one_to_each(owing: House) -> None:
    waiting = [asked(owing), asked(owing)]

    def run(job: Job) -> bool:
        try:
            return jobs.run(owing.riverside.pk, job.pk)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(run, waiting)) == [True, True]
    assert sum(state_of(job).outcome["letters"] for job in waiting) == 3
    assert len(mail.outbox) == 3


@pytest.mark.real_logins
def test_what_was_begun_stays_when_the_job_is_rolled_back(owing: House) -> None:
    person = owing.person("bea").pk
    with pytest.raises(SystemExit), acting_as(Persona.WORKER, organisation=owing.riverside):
        assert letters.begin(person, week())
        raise SystemExit
    assert not letters.begin(person, week())


def test_the_number_of_queries_of_an_email_does_not_grow_with_what_is_due(
    owing: House, django_assert_max_num_queries: Any
) -> None:
    person = owing.person("bea").pk
    with django_assert_max_num_queries(20, using="owner") as before:
        letters.letter_for(person, timezone.localdate())
    count = len(before.captured_queries)
    rows = [f"{PAIN},{unit},{months_ago(number)},,30,60" for unit in ("east", "west") for number in (5, 9)]
    applied(owing, csv_of([*rows, *(row.replace(PAIN, "prenatal-by-week-12") for row in rows)]))
    with django_assert_max_num_queries(count, using="owner"):
        letters.letter_for(person, timezone.localdate())


# ---------------------------------------------------------------- stopping it


def wants_it(house: House, name: str) -> bool:
    with acting_as(Persona.OPERATOR):
        return Account.objects.get(person=house.person(name)).letters_stopped_at is None


def test_the_link_asks_first_and_the_button_stops_it_without_signing_in(owing: House, client: Client) -> None:
    send(owing)
    path = stop_path("bea")
    assert path in to("bea")[0].body
    asks = client.get(path)
    assert asks.status_code == 200
    assert "stop the weekly e-mail?" in asks.content.decode()
    assert wants_it(owing, "bea"), "a link that is only opened changes nothing"
    done = client.post(path, {"word": "stop"})
    assert "is <b>stopped</b>" in done.content.decode()
    assert not wants_it(owing, "bea")
    assert wants_it(owing, "alice")
    again = client.post(path, {"word": "start"})
    assert "again" in again.content.decode()
    assert wants_it(owing, "bea")


def test_a_mail_program_stops_it_with_one_press(owing: House) -> None:
    send(owing)
    (message,) = to("bea")
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    strict = Client(enforce_csrf_checks=True)
    response = strict.post(
        stop_path("bea"), "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
    )
    assert response.status_code == 200
    assert not wants_it(owing, "bea")


@pytest.mark.parametrize("how", ["cut", "changed", "nobody", "closed"])
def test_an_address_that_was_not_signed_for_somebody_is_not_there(
    owing: House, client: Client, how: str
) -> None:
    path = letters.stop_path(owing.person("bea").pk)
    if how == "cut":
        path = path[:-2] + "/"
    if how == "changed":
        path = path.replace(owing.person("bea").pk.hex, owing.person("alice").pk.hex)
    if how == "nobody":
        path = letters.stop_path(uuid4())
    if how == "closed":
        with acting_as(Persona.OPERATOR):
            Account.objects.filter(person=owing.person("bea")).update(is_active=False)
    assert client.get(path).status_code == 404
    assert client.post(path, {"word": "stop"}).status_code == 404
    assert wants_it(owing, "alice")
    assert wants_it(owing, "bea")


def test_ones_own_page_leads_there(owing: House, client: Client) -> None:
    client.force_login(owing.accounts["bea"])
    assert letters.stop_path(owing.person("bea").pk) in client.get("/me/").content.decode()
