"""A check in parts: each group of metrics by a job of its own, put together by the one that waits for them."""

from __future__ import annotations

import pytest

from equity.publication.models import Release
from equity.tenancy import jobs, progress
from equity.tenancy.acting import acting_as
from equity.tenancy.models import Job
from equity.tenancy.personas import Persona
from metrics.models import CertifiedCell, Checked
from tests.cast import House
from tests.metrics.facts import (
    Facts,
    certified,
    draft,
    fresh,
    parts_of,
    report,
    run,
    run_its_checks,
)
from tests.metrics.hospitals import EAST, QUARTERS, WEST, in_quarter, two_hospitals

QUARTER = QUARTERS[:1]


@pytest.fixture
def facts(house: House) -> Facts:
    """Two measures of the same people, and one of others."""
    made = two_hospitals(house)
    add(made, "seen-by-a-doctor", {}, more=0)
    add(made, "slept-well", {"numerator": "Slept well", "denominator": "Those who stayed the night"}, more=5)
    made.roll_up()
    return made


def add(facts: Facts, code: str, words: dict[str, str], *, more: int) -> None:
    """The counts of the hospitals again; `more` people in each group."""
    facts.metric(code, **{"numerator": f"Those {code}", **words})
    for unit, counts in (("east", EAST), ("west", WEST)):
        for number, quarter in enumerate(QUARTERS):
            shown = in_quarter(counts, number)
            parts = {key: (n, d + more) for key, (n, d) in shown.items()}
            for dimension in ("race", "lang"):
                own = [parts[key] for key in parts if key.startswith(dimension)]
                parts[""] = sum(n for n, _ in own), sum(d for _, d in own)
            if more:
                parts = {key: counts for key, counts in parts.items() if not key.startswith("lang")}
                parts[""] = tuple(sum(column) for column in zip(*(parts[k] for k in parts if k), strict=True))
            facts.add(code, unit, quarter, parts)


def job_now(job: Job) -> Job:
    with acting_as(Persona.OPERATOR):
        return Job.objects.get(pk=job.pk)


def stored(release: Release) -> int:
    with acting_as(Persona.OPERATOR):
        return Checked.objects.filter(release_id=release.pk).count()


def test_each_group_of_metrics_has_a_job_and_the_first_waits(facts: Facts, house: House) -> None:
    drafted = draft(facts, house.person("alice"), QUARTER)
    assert jobs.run(drafted.job.organisation_id, drafted.job.pk)
    parts = parts_of(drafted.job)
    assert [part.arguments["metrics"] for part in parts] == [
        ["seen-by-a-doctor", "seen-in-time"],
        ["slept-well"],
    ]
    waiting = job_now(drafted.job)
    assert (waiting.state, waiting.attempts) == (Job.State.QUEUED, 0)
    assert progress.of(drafted.job.pk) == {
        "done": 0,
        "total": 2,
        "words": "Checking that no small number can be found out",
    }
    run(parts[1])
    assert progress.of(drafted.job.pk)["done"] == 1
    assert jobs.run(drafted.job.organisation_id, drafted.job.pk)
    assert job_now(drafted.job).state == Job.State.QUEUED
    assert fresh(drafted.release).state == Release.State.DRAFTED
    run(parts[0])
    run(drafted.job)
    assert job_now(drafted.job).state == Job.State.DONE
    assert fresh(drafted.release).state == Release.State.CERTIFIED
    assert stored(drafted.release) == 0
    assert {one["code"] for one in report(drafted.release)["metrics"]} == {*facts.metrics}


def test_a_check_that_runs_twice_stores_one_answer(facts: Facts, house: House) -> None:
    drafted = draft(facts, house.person("alice"), QUARTER)
    run_its_checks(drafted.job)
    with acting_as(Persona.OPERATOR):
        again = Job.objects.filter(arguments__parent=str(drafted.job.pk)).first()
        Job.objects.filter(pk=again.pk).update(state=Job.State.QUEUED)
    run(again)
    assert stored(drafted.release) == 2


def test_a_part_that_fails_for_good_fails_the_check_in_words(facts: Facts, house: House) -> None:
    drafted = draft(facts, house.person("alice"), QUARTER)
    jobs.run(drafted.job.organisation_id, drafted.job.pk)
    with acting_as(Persona.OPERATOR):
        Job.objects.filter(pk=parts_of(drafted.job)[0].pk).update(state=Job.State.FAILED)
    assert not jobs.run(drafted.job.organisation_id, drafted.job.pk)
    failed = job_now(drafted.job)
    assert failed.state == Job.State.FAILED
    assert failed.outcome == {
        "error": "One of the measures could not be checked. Please prepare the release anew."
    }
    with acting_as(Persona.OPERATOR):
        assert not CertifiedCell.objects.filter(release=drafted.release.pk).exists()


def test_a_second_release_waits_until_the_first_is_checked(facts: Facts, house: House) -> None:
    first = draft(facts, house.person("alice"), QUARTER)
    second = draft(facts, house.person("alice"), QUARTERS[1:2])
    jobs.run(second.job.organisation_id, second.job.pk)
    assert parts_of(second.job) == []
    assert job_now(second.job).state == Job.State.QUEUED
    run(first.job)
    run(second.job)
    assert fresh(second.release).state == Release.State.CERTIFIED


def test_measures_with_the_same_words_and_other_numbers_are_told(facts: Facts, house: House) -> None:
    words = {"numerator": "Others", "denominator": "EVERYBODY."}
    add(facts, "called-back", words, more=5)
    facts.roll_up()
    told = {
        one["code"]: one["unlike"]
        for one in report(certified(facts, house.person("alice"), QUARTER))["metrics"]
    }
    assert told["called-back"] == ["Seen by a doctor", "Seen in time"]
    assert told["slept-well"] == []
