"""Published figures are taken back: who may, what is told, what stays known, and how they come back."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client
from django.urls import reverse

from equity.errors import RuleBroken
from equity.publication.models import LedgerEntry, Release
from equity.roles import Permission
from equity.tenancy.acting import acting_as
from equity.tenancy.models import AuditEvent, Job
from equity.tenancy.personas import Persona
from metrics import withdrawing
from metrics.actions.choosing import give_to_community
from metrics.actions.withdrawals import withdraw_figures
from metrics.models import Metric
from metrics.reading.periods import parse_period
from metrics.withdrawal import TRANSITIONS, Move, State, find, may_withdraw
from tests.cast import House
from tests.metrics.facts import Facts, by, certified, entries, fresh, released, report, run
from tests.metrics.hospitals import QUARTERS, two_hospitals

METRIC = "seen-in-time"
FIRST, SECOND = QUARTERS[:2]


@pytest.fixture
def facts(house: House) -> Facts:
    return two_hospitals(house)


def withdrawn(facts: Facts, house: House, *periods: str, reason: str = "wrong") -> Release:
    """Taken back by the equity lead."""
    with by(house.person("alice"), facts.organisation) as alice:
        job = withdraw_figures(
            metric=Metric.objects.get(code=METRIC),
            periods=[parse_period(one) for one in periods],
            reason=reason,
            words="The file was of another hospital.",
            by=alice,
        )
    run(job)
    with acting_as(Persona.OPERATOR):
        return Release.objects.get(pk=job.arguments["release"])


def seen(persona: Persona, facts: Facts, house: House) -> set[str]:
    """The first days of the periods of which somebody sees rows with content."""
    member = {"organisation": facts.organisation, "person": house.person("alice")}
    with acting_as(persona, **(member if persona is Persona.MEMBER else {})):
        rows = LedgerEntry.objects.filter(op="upsert").values_list("period_start", flat=True)
        return {str(day) for day in rows}


def test_each_state_is_left_by_at_most_one_arrow_of_a_kind() -> None:
    assert len({(one.move, one.source) for one in TRANSITIONS}) == len(TRANSITIONS)
    assert find(Move.WITHDRAW, State.UNPUBLISHED) is None
    assert find(Move.WITHDRAW, State.WITHDRAWN) is None
    assert may_withdraw("institution", {Permission.PUBLISH_RELEASE})
    assert not may_withdraw("community", {Permission.PUBLISH_RELEASE})
    assert may_withdraw("community", {Permission.AGREE_TO_FIGURES})


def test_a_whole_table_goes_and_nobody_outside_sees_it(facts: Facts, house: House, client: Client) -> None:
    release = released(facts, house.person("alice"), [FIRST, SECOND])
    keys = {key for key in entries(release) if "2024-01-01.." in key}
    assert len({key.split("|")[1] for key in keys}) > 1
    done = withdrawn(facts, house, FIRST)
    assert (done.kind, done.state, done.seq) == ("withdrawal", "published", fresh(release).seq + 1)
    for persona in (Persona.PUBLIC, Persona.CLIENT, Persona.MEMBER):
        assert seen(persona, facts, house) == {"2024-04-01"}
    pulled = client.get("/api/v1/observations", {"institution": "riverside", "limit": 1000}).json()["data"]
    gone = {row["key"].partition("|")[2]: row for row in pulled if row["op"] == "delete"}
    assert gone.keys() == keys
    assert {(row["status"], row["reason"], row["numerator"]) for row in gone.values()} == {
        ("withdrawn", "wrong", None)
    }
    rows = list(csv.DictReader(io.StringIO(client.get("/p/riverside/data.csv").content.decode())))
    assert {row["key"].partition("|")[2] for row in rows if row["status"] == "withdrawn"} == keys
    assert {row["numerator"] for row in rows if row["status"] == "withdrawn"} == {""}


def test_the_history_says_who_and_why(facts: Facts, house: House) -> None:
    released(facts, house.person("alice"), [FIRST])
    withdrawn(facts, house, FIRST)
    with acting_as(Persona.OPERATOR):
        event = AuditEvent.objects.get(event="release.withdraw")
    assert event.by_person == house.person("alice").pk
    assert event.details == {
        "metric": METRIC,
        "periods": [FIRST],
        "reason": "wrong",
        "words": "The file was of another hospital.",
    }


@pytest.mark.parametrize(
    ("periods", "reason", "words"),
    [((), "wrong", "Yes."), ((SECOND,), "wrong", "Yes."), ((FIRST,), "", "Yes."), ((FIRST,), "wrong", " ")],
    ids=["no period", "one that is not published", "no reason", "no words"],
)
def test_what_is_not_withdrawn(
    facts: Facts, house: House, periods: tuple[str, ...], reason: str, words: str
) -> None:
    released(facts, house.person("alice"), [FIRST])
    with by(house.person("alice"), facts.organisation) as alice, pytest.raises(RuleBroken):
        withdraw_figures(
            metric=Metric.objects.get(code=METRIC),
            periods=[parse_period(one) for one in periods],
            reason=reason,
            words=words,
            by=alice,
        )


def test_it_comes_back_through_a_release_only(facts: Facts, house: House) -> None:
    alice = house.person("alice")
    before = entries(released(facts, alice, [FIRST]))
    withdrawn(facts, house, FIRST)
    other = entries(released(facts, alice, [SECOND]))
    assert not any("2024-01-01.." in key for key in other)
    assert entries(released(facts, alice, [FIRST])) == before
    assert seen(Persona.PUBLIC, facts, house) == {"2024-01-01", "2024-04-01"}


def test_what_was_shown_once_stays_known(facts: Facts, house: House) -> None:
    """A small correction of a withdrawn number waits, as it would had it stayed."""
    alice = house.person("alice")
    released(facts, alice, [FIRST])
    withdrawn(facts, house, FIRST)
    facts.change(METRIC, "east", FIRST, {"": (102, 203), "race=a": (67, 120), "lang=en": (83, 150)})
    facts.roll_up()
    again = certified(facts, alice, [FIRST])
    assert again.state == Release.State.REFUSED
    assert report(again)["metrics"][0]["waiting"]


def test_a_check_made_before_a_withdrawal_is_stale(facts: Facts, house: House, client: Client) -> None:
    alice = house.person("alice")
    released(facts, alice, [FIRST])
    ready = certified(facts, alice, [SECOND])
    withdrawn(facts, house, FIRST)
    client.force_login(house.accounts["alice"])
    address = reverse("metrics:release", kwargs={"institution": "riverside", "pk": ready.pk})
    assert b"Prepare a new release" in client.get(address).content


def test_figures_are_withdrawn_through_the_pages(facts: Facts, house: House, client: Client) -> None:
    release = released(facts, house.person("alice"), [FIRST, SECOND])
    client.force_login(house.accounts["alice"])
    here = {"institution": "riverside"}
    listed = reverse("metrics:withdrawals", kwargs=here)
    address = reverse("metrics:withdraw", kwargs=here | {"metric": METRIC})
    assert address in client.get(listed).content.decode()
    assert client.post(address, {"periods": [FIRST], "reason": "privacy"}).status_code == 422
    sent = {"periods": [FIRST], "reason": "privacy", "words": "A row was not checked."}
    asked = client.post(address, sent)
    assert asked.status_code == 200
    assert b"Withdraw these figures?" in asked.content
    with acting_as(Persona.OPERATOR):
        assert not Job.objects.filter(kind=withdrawing.WITHDRAW).exists()
    assert client.post(address, sent | {"sure": "yes"})["Location"] == listed
    with acting_as(Persona.OPERATOR):
        job = Job.objects.get(kind=withdrawing.WITHDRAW)
    run(job)
    assert "It could point to a person." in client.get(listed).content.decode()
    shown = client.get(reverse("metrics:release", kwargs=here | {"pk": release.pk})).content.decode()
    assert "Withdrawn since: Seen in time, January to March 2024." in shown
    assert client.post(address, sent | {"sure": "yes"}).status_code == 422


def test_who_may_withdraw_follows_from_who_holds_the_measure(
    facts: Facts, house: House, client: Client
) -> None:
    """The institution's releaser its own, the community's body what the community holds; nobody else anything."""
    released(facts, house.person("alice"), [FIRST])
    address = reverse("metrics:withdraw", kwargs={"institution": "riverside", "metric": METRIC})

    def may() -> set[str]:
        found = set()
        for name in ("alice", "bea", "mona", "oscar", "carmen", "farid"):
            client.force_login(house.accounts[name])
            if client.get(address).status_code != 403:
                found.add(name)
        return found

    assert may() == {"alice"}
    with by(house.person("alice"), facts.organisation) as alice:
        give_to_community(metric=Metric.objects.get(code=METRIC), by=alice)
    assert may() == {"farid"}
    client.force_login(house.accounts["walter"])
    assert client.get(address).status_code == 404


def test_the_public_is_told_when_and_why(facts: Facts, house: House, client: Client) -> None:
    """A number that is gone never looks like a zero."""
    released(facts, house.person("alice"), [FIRST, SECOND])
    withdrawn(facts, house, FIRST, reason="privacy")
    told = "January to March 2024: withdrawn on"
    page = client.get("/p/riverside/").content.decode()
    assert "What was taken back?" in page
    assert "It could point to a person." in page
    measure = f"/p/riverside/measures/{METRIC}/"
    assert told in client.get(measure).content.decode()
    gone = client.get(measure, {"period": "2024-01-01..2024-03-31"})
    assert gone.status_code == 410
    assert told in gone.content.decode()
    assert client.get(measure, {"period": "2023-01-01..2023-03-31"}).status_code == 404
    withdrawn(facts, house, SECOND)
    assert client.get(measure).status_code == 410
    assert client.get("/p/riverside/").status_code == 200
    released(facts, house.person("alice"), [FIRST, SECOND])
    assert "taken back" not in client.get("/p/riverside/").content.decode()
    assert client.get(measure).status_code == 200


def test_a_preview_shows_nothing_that_was_withdrawn_since(facts: Facts, house: House, client: Client) -> None:
    release = released(facts, house.person("alice"), [FIRST])
    client.force_login(house.accounts["alice"])
    address = reverse("metrics:release", kwargs={"institution": "riverside", "pk": release.pk})
    number = entries(release)[f"{METRIC}|all|2024-01-01..2024-03-31|"]["numerator"]
    told = f"{number} of"
    assert told in client.get(address).content.decode()
    withdrawn(facts, house, FIRST)
    assert told not in client.get(address).content.decode()
