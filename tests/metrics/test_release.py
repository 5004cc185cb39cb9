"""From counts to the ledger: what a release holds, what nobody can work out, and what a kill leaves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from equity.publication.models import LedgerEntry, Release
from equity.tenancy import jobs
from equity.tenancy.acting import acting_as
from equity.tenancy.models import Job, Unit
from equity.tenancy.personas import Login, Persona
from metrics.actions.releases import publish_figures
from metrics.models import Certificate, CertifiedCell, Metric
from tests.cast import House
from tests.metrics.attacker import Attacker
from tests.metrics.facts import Facts, by, certified, draft, entries, example, fresh, released, run

QUARTERS = ("2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4")
EAST = {"race=a": (64, 120), "race=b": (31, 60), "race=c": (4, 23), "lang=en": (80, 150), "lang=es": (19, 53)}
WEST = {
    "race=a": (41, 90),
    "race=b": (52, 110),
    "race=c": (17, 44),
    "lang=en": (70, 180),
    "lang=es": (40, 64),
}


def in_quarter(counts: Mapping[str, tuple[int, int]], number: int) -> dict[str, tuple[int, int]]:
    """The counts a quarter later, a little other, with everybody."""
    moved = {key: (one[0] + number * (number % 3), one[1] + number * 5) for key, one in counts.items()}
    races = [one for key, one in moved.items() if key.startswith("race")]
    total = sum(one[0] for one in races), sum(one[1] for one in races)
    moved["lang=es"] = total[0] - moved["lang=en"][0], total[1] - moved["lang=en"][1]
    return {"": total, **moved}


@pytest.fixture
def facts(house: House) -> Facts:
    """Two hospitals, four quarters, two ways to compare; c at East is small."""
    units = {code: house.units[f"riverside/{code}"] for code in ("all", "east", "west")}
    made = Facts(house.riverside, units)
    made.dimension("race", ["a", "b", "c"])
    made.dimension("lang", ["en", "es"])
    made.metric("seen-in-time")
    for number, quarter in enumerate(QUARTERS):
        made.add("seen-in-time", "east", quarter, in_quarter(EAST, number))
        made.add("seen-in-time", "west", quarter, in_quarter(WEST, number))
    made.roll_up()
    return made


def truth(facts: Facts, documents: Iterable[Mapping[str, Any]]) -> dict[tuple[Any, ...], tuple[int, int]]:
    """The true counts of published documents, read by the operator in plain SQL."""
    found = {}
    with acting_as(Persona.OPERATOR) as acting, connections[acting.alias].cursor() as cursor:
        cursor.execute(
            "SELECT unit.code, rollup.start, rollup.end, stratum.key, rollup.numerator, rollup.denominator"
            " FROM metrics_rollup rollup JOIN metrics_series series ON series.id = rollup.series_id"
            " JOIN tenancy_unit unit ON unit.id = series.unit_id JOIN metrics_stratum stratum ON stratum.id = series.stratum_id"
            " WHERE rollup.organisation_id = %s",
            [facts.organisation.pk],
        )
        for unit, start, end, key, numerator, denominator in cursor.fetchall():
            dims = frozenset(tuple(part.split("=")) for part in key.split("&") if part)
            found[unit, f"{start}..{end}", dims] = numerator, denominator
    return found


def attack(facts: Facts, documents: Iterable[Mapping[str, Any]]) -> int:
    """No small count may be pinned down: each can be none or one, and each can be 11 or more. Returns how many there were."""
    documents = list(documents)
    attacker, true, tried = Attacker(documents, "all"), truth(facts, documents), 0
    for cell in attacker.cells:
        numerator, denominator = true[cell]
        for what, count in (
            ("numerator", numerator),
            ("denominator", denominator),
            ("complement", denominator - numerator),
        ):
            if 1 <= count <= 10:
                tried += 1
                least, most = attacker.range_of(cell, what)
                assert least <= 1, (cell, what)
                assert most >= 11, (cell, what)
    return tried


def test_a_release_goes_from_counts_to_the_ledger(facts: Facts, house: House) -> None:
    release = released(facts, house.person("alice"), QUARTERS[:1])
    assert release.state == Release.State.PUBLISHED
    documents = entries(release)
    document = documents["seen-in-time|west|2024-01-01..2024-03-31|race=a"]
    assert (document["numerator"], document["denominator"], document["rate"]) == (41, 90, 45.5556)
    assert document["labels"]["race"] == {
        "dimension": "Race",
        "category": "A",
        "missing": False,
        "position": 0,
    }
    assert document["period"] == {
        "start": "2024-01-01", "end": "2024-03-31", "grain": "quarter", "label": "January to March 2024",
    }  # fmt: skip
    assert len(documents) == len({*documents}) == 3 * 6


def test_hidden_cells_carry_no_number(facts: Facts, house: House) -> None:
    documents = entries(released(facts, house.person("alice"), QUARTERS)).values()
    hidden = [one for one in documents if one["status"] == "hidden"]
    assert hidden
    for one in hidden:
        assert (one["numerator"], one["rate"], one["ci"], one["reliable"]) == (None, None, None, None)


def test_rates_and_ranges_follow_from_the_shown_counts(facts: Facts, house: House) -> None:
    for one in entries(released(facts, house.person("alice"), QUARTERS)).values():
        if one["status"] == "published":
            assert one["rate"] == pytest.approx(100 * one["numerator"] / one["denominator"], abs=1e-4)
            assert one["ci"][0] <= one["rate"] <= one["ci"][1]


def test_shown_parts_add_up_to_the_shown_whole(facts: Facts, house: House) -> None:
    documents = entries(released(facts, house.person("alice"), ["2024", *QUARTERS]))
    checked = 0
    for key, whole in documents.items():
        if not key.endswith("|"):
            continue
        for dimension in ("race", "lang"):
            parts = [one for other, one in documents.items() if other.startswith(f"{key}{dimension}=")]
            if all(one["status"] == "published" for one in (whole, *parts)):
                checked += 1
                assert sum(one["numerator"] for one in parts) == whole["numerator"]
                assert sum(one["denominator"] for one in parts) == whole["denominator"]
    assert checked


def test_nobody_outside_can_work_out_a_small_count(facts: Facts, house: House) -> None:
    assert attack(facts, entries(released(facts, house.person("alice"), ["2024", *QUARTERS])).values())


def test_two_releases_together_give_no_small_count(facts: Facts, house: House) -> None:
    first = released(facts, house.person("alice"), QUARTERS[:3])
    second = released(facts, house.person("alice"), [QUARTERS[3], "2024"])
    before, after = entries(first), entries(second)
    assert not before.keys() & after.keys()
    assert attack(facts, {**before, **after}.values())


def test_an_attacker_would_find_what_is_not_protected(facts: Facts, house: House) -> None:
    """The attack itself works: with one mark taken away it finds the small count."""
    documents = entries(released(facts, house.person("alice"), QUARTERS[:1]))
    true = truth(facts, documents.values())
    for one in documents.values():
        cell = one["unit"]["code"], "2024-01-01..2024-03-31", frozenset(one["dims"].items())
        if cell != ("east", "2024-01-01..2024-03-31", frozenset({("race", "c")})):
            one["numerator"], one["denominator"] = true[cell]
    with pytest.raises(AssertionError):
        attack(facts, documents.values())


def test_a_release_with_nothing_new_is_refused(facts: Facts, house: House) -> None:
    released(facts, house.person("alice"), QUARTERS)
    again = certified(facts, house.person("alice"), QUARTERS)
    assert again.state == Release.State.REFUSED
    assert again.report["cells"] == 0


def test_certifying_and_publishing_again_changes_nothing(facts: Facts, house: House) -> None:
    drafted = draft(facts, house.person("alice"), QUARTERS[:1])
    run(drafted.job)
    release = fresh(drafted.release)
    with by(house.person("alice"), facts.organisation) as alice:
        twice = [publish_figures(release=release, by=alice) for _ in range(2)]
    for job in twice:
        run(job)
    published, count = fresh(release), len(entries(release))
    with acting_as(Persona.OPERATOR):
        Job.objects.filter(pk=drafted.job.pk).update(state=Job.State.QUEUED)
    run(drafted.job)
    assert fresh(release).seq == published.seq
    assert len(entries(release)) == count
    with acting_as(Persona.OPERATOR):
        assert LedgerEntry.objects.filter(organisation=facts.organisation).count() == count


def test_a_release_checked_before_another_was_published_cannot_follow(facts: Facts, house: House) -> None:
    """Each alone is safe; the two were never judged together."""
    one = certified(facts, house.person("alice"), QUARTERS[:1])
    other = certified(facts, house.person("alice"), QUARTERS[1:])
    with by(house.person("alice"), facts.organisation) as alice:
        jobs_of = [publish_figures(release=release, by=alice) for release in (one, other)]
    for job in jobs_of:
        run(job)
    assert fresh(one).state == Release.State.PUBLISHED
    assert fresh(other).state == Release.State.REFUSED
    assert not entries(other)


REFUSE_TO_FINISH = """
CREATE FUNCTION refuse_to_finish() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state = 'done' THEN RAISE EXCEPTION 'killed'; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER refuse_to_finish BEFORE UPDATE ON tenancy_job FOR EACH ROW EXECUTE FUNCTION refuse_to_finish();
"""


def _sql(statement: str) -> None:
    with connections[Login.OWNER.value].cursor() as cursor:
        cursor.execute(statement)


def test_a_kill_at_the_last_step_leaves_the_old_state(facts: Facts, house: House) -> None:
    drafted = draft(facts, house.person("alice"), QUARTERS[:1])
    _sql(REFUSE_TO_FINISH)
    assert not jobs.run(drafted.job.organisation_id, drafted.job.pk)
    with acting_as(Persona.OPERATOR):
        assert not CertifiedCell.objects.filter(release=drafted.release.pk).exists()
        assert not Certificate.objects.filter(release=drafted.release.pk).exists()
    assert fresh(drafted.release).state == Release.State.DRAFTED
    _sql("DROP TRIGGER refuse_to_finish ON tenancy_job")
    run(drafted.job)
    release = fresh(drafted.release)
    assert release.state == Release.State.CERTIFIED
    with by(house.person("alice"), facts.organisation) as alice:
        job = publish_figures(release=release, by=alice)
    _sql(REFUSE_TO_FINISH.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
    assert not jobs.run(job.organisation_id, job.pk)
    assert not entries(release)
    assert fresh(release).state == Release.State.CERTIFIED
    _sql("DROP TRIGGER refuse_to_finish ON tenancy_job")
    run(job)
    assert entries(release)


def test_a_part_that_is_not_in_whole_is_passed_over(facts: Facts, house: House) -> None:
    facts.add("seen-in-time", "east", "2025-01", {"": (30, 100)})
    facts.roll_up()
    release = certified(facts, house.person("alice"), ["2025-Q1", "2025"])
    assert release.state == Release.State.REFUSED


def test_a_small_correction_waits_and_is_told(facts: Facts, house: House) -> None:
    released(facts, house.person("alice"), QUARTERS[:1])
    before = in_quarter(WEST, 0)
    facts.change(
        "seen-in-time", "west", QUARTERS[0], {"": (before[""][0] + 3, before[""][1]), "race=a": (44, 90)}
    )
    facts.roll_up()
    release = certified(facts, house.person("alice"), QUARTERS[:2])
    assert release.report["metrics"][0]["waiting"] == ["January to March 2024"]
    with acting_as(Persona.OPERATOR):
        starts = set(CertifiedCell.objects.filter(release=release.pk).values_list("start__month", flat=True))
    assert starts == {4}


def test_the_report_names_no_small_count(facts: Facts, house: House) -> None:
    """Every member reads a release's report; only insiders read the certificate."""
    release = certified(facts, house.person("alice"), QUARTERS)
    assert set(release.report) == {"basis", "cells", "hidden", "metrics"}
    assert set(release.report["metrics"][0]) == {
        "code",
        "name",
        "cells",
        "hidden",
        "dropped",
        "waiting",
        "refused",
    }
    seen = {}
    for name in ("alice", "carmen"):
        with by(house.person(name), facts.organisation):
            seen[name] = Certificate.objects.filter(release=release.pk).exists()
    assert seen == {"alice": True, "carmen": False}


def test_money_passes_without_hiding(facts: Facts, house: House) -> None:
    facts.metric("local-spend", counts_people=False, level="community")
    facts.add("local-spend", "east", "2024-Q1", {"": (3, 9)})
    facts.roll_up()
    documents = entries(released(facts, house.person("alice"), QUARTERS[:1], ["local-spend"]))
    spend = documents["local-spend|east|2024-01-01..2024-03-31|"]
    assert (spend["status"], spend["numerator"], spend["ci"]) == ("published", 3, None)


def test_intersections_are_published_for_the_whole_institution_only(facts: Facts, house: House) -> None:
    facts.add("seen-in-time", "east", "2024-Q1", {"lang=en&race=a": (50, 90), "lang=es&race=a": (14, 30)})
    facts.add("seen-in-time", "west", "2024-Q1", {"lang=en&race=a": (30, 60), "lang=es&race=a": (11, 30)})
    facts.roll_up()
    documents = entries(released(facts, house.person("alice"), QUARTERS[:1])).values()
    assert {one["unit"]["code"] for one in documents if len(one["dims"]) > 1} == {"all"}


@pytest.fixture
def readmissions(house: House) -> Facts:
    made = Facts(house.elsewhere, {"all": house.units["elsewhere/all"]})
    example(made, "hospitals-130")
    return made


def test_readmissions_of_the_130_hospitals_are_published_as_they_are(
    readmissions: Facts, house: House
) -> None:
    documents = entries(released(readmissions, house.person("walter"), ["1999-01-01/2008-12-31"]))
    start = "readmission-30-day|all|1999-01-01..2008-12-31|race_ethnicity="
    black, white = documents[f"{start}black"], documents[f"{start}white"]
    assert (black["numerator"], black["denominator"], round(black["rate"], 1)) == (2155, 19210, 11.2)
    assert (white["numerator"], white["denominator"], round(white["rate"], 1)) == (8592, 76099, 11.3)


# ---------------------------------------------------------------- pages


def _page(house: House, client: Client, name: str, route: str, **more: Any) -> Any:
    client.force_login(house.accounts[name])
    return client.get(reverse(f"metrics:{route}", kwargs={"institution": "riverside", **more}))


def test_who_may_prepare_and_who_may_publish(facts: Facts, house: House, client: Client) -> None:
    release = certified(facts, house.person("alice"), QUARTERS[:1])
    seen = {
        name: (
            _page(house, client, name, "release", pk=release.pk).status_code,
            _page(house, client, name, "release_publish", pk=release.pk).status_code,
        )
        for name in ("alice", "bea", "mona", "oscar", "carmen", "farid", "walter")
    }
    assert seen == {
        "alice": (200, 200), "bea": (200, 403), "mona": (403, 403), "oscar": (403, 403),
        "carmen": (403, 403), "farid": (403, 403), "walter": (404, 404),
    }  # fmt: skip


def test_a_release_is_prepared_and_published_through_its_pages(
    facts: Facts, house: House, client: Client
) -> None:
    client.force_login(house.accounts["alice"])
    new = reverse("metrics:release_new", kwargs={"institution": "riverside"})
    assert b"July to September 2024" in client.get(new).content
    sent = {"title": "The year", "metrics": ["seen-in-time"], "periods": ["2024", *QUARTERS]}
    address = client.post(new, sent)["Location"]
    assert b"We are checking" in client.get(address).content
    with acting_as(Persona.OPERATOR):
        release = Release.objects.get(title="The year")
        job = Job.objects.get(kind="metrics.certify_release")
    run(job)
    assert b"Ready to publish" in client.get(address).content
    assert client.post(f"{address}publish/")["Location"] == address
    with acting_as(Persona.OPERATOR):
        job = Job.objects.get(kind="metrics.publish_release")
    run(job)
    assert fresh(release).state == Release.State.PUBLISHED
    assert b"Everything that is in whole is published already" in client.get(new).content


def test_a_form_without_a_choice_says_so(facts: Facts, house: House, client: Client) -> None:
    client.force_login(house.accounts["alice"])
    answer = client.post(
        reverse("metrics:release_new", kwargs={"institution": "riverside"}), {"title": "Nothing"}
    )
    assert answer.status_code == 422
    with acting_as(Persona.OPERATOR):
        assert not Release.objects.exists()


def test_the_preview_shows_what_the_public_will_see(facts: Facts, house: House, client: Client) -> None:
    release = certified(facts, house.person("alice"), QUARTERS[:1])
    client.force_login(house.accounts["alice"])
    address = reverse("metrics:release", kwargs={"institution": "riverside", "pk": release.pk})
    before = client.get(f"{address}?unit=east&by=race").content
    with by(house.person("alice"), facts.organisation) as alice:
        run(publish_figures(release=release, by=alice))
    client.force_login(house.accounts["carmen"])
    level = reverse("metrics:level", kwargs={"institution": "riverside", "level": "patient"})
    after = client.get(f"{level}?unit=east&by=race").content

    def tables(page: bytes) -> list[bytes]:
        return [part.split(b"</tbody>")[0] for part in page.split(b"<tbody>")[1:]]

    assert tables(after)[-1] == tables(before)[-1]
    assert b"Hidden to protect privacy" in after


def test_a_release_of_another_institution_does_not_exist(facts: Facts, house: House, client: Client) -> None:
    release = certified(facts, house.person("alice"), QUARTERS[:1])
    client.force_login(house.accounts["walter"])
    address = reverse("metrics:release", kwargs={"institution": "elsewhere", "pk": release.pk})
    assert client.get(address).status_code == 404


def test_unit_names_come_from_the_institution(facts: Facts, house: House) -> None:
    documents = entries(released(facts, house.person("alice"), QUARTERS[:1])).values()
    with acting_as(Persona.OPERATOR):
        names = set(Unit.objects.filter(organisation=facts.organisation).values_list("name", flat=True))
        assert Metric.objects.count() == 1
    assert {one["unit"]["name"] for one in documents} == names
