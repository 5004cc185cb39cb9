"""Checking and publishing as jobs: once, in order, whole or not at all; what they pass over and what they tell."""

from __future__ import annotations

import pytest
from django.db import connections

from equity.publication.models import LedgerEntry, Release
from equity.tenancy import jobs
from equity.tenancy.acting import acting_as
from equity.tenancy.models import Job
from equity.tenancy.personas import Login, Persona
from metrics.actions.releases import publish_figures
from metrics.models import Certificate, CertifiedCell
from tests.cast import House
from tests.metrics.facts import (
    Facts,
    by,
    certified,
    draft,
    entries,
    fresh,
    released,
    report,
    run,
    run_its_checks,
)
from tests.metrics.hospitals import QUARTERS, WEST, in_quarter, two_hospitals


@pytest.fixture
def facts(house: House) -> Facts:
    return two_hospitals(house)


def test_a_release_with_nothing_new_is_refused(facts: Facts, house: House) -> None:
    released(facts, house.person("alice"), QUARTERS)
    again = certified(facts, house.person("alice"), QUARTERS)
    assert again.state == Release.State.REFUSED
    assert report(again)["cells"] == 0


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
    run_its_checks(drafted.job)
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
    assert report(release)["metrics"][0]["waiting"] == ["January to March 2024"]
    with acting_as(Persona.OPERATOR):
        starts = set(CertifiedCell.objects.filter(release=release.pk).values_list("start__month", flat=True))
    assert starts == {4}


def test_the_report_names_no_small_count(facts: Facts, house: House) -> None:
    """And only insiders read it, beside the certificate."""
    release = certified(facts, house.person("alice"), QUARTERS)
    found = report(release)
    assert set(found) == {"basis", "cells", "hidden", "effort", "metrics"}
    assert release.report == {}
    assert set(found["metrics"][0]) == {
        "code",
        "name",
        "cells",
        "hidden",
        "dropped",
        "waiting",
        "incomplete",
        "refused",
        "crossing",
        "unlike",
        "effort",
    }
    seen = {}
    for name in ("alice", "carmen"):
        with by(house.person(name), facts.organisation):
            seen[name] = Certificate.objects.filter(release=release.pk).exists()
    assert seen == {"alice": True, "carmen": False}
