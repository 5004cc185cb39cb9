"""What undoing a file does to releases, by where they stand: nothing is published that was checked with counts taken back.

| the release, when the file is undone            | afterwards                                            |
|-------------------------------------------------|-------------------------------------------------------|
| drafted, its check not planned yet              | drafted; the check reads the counts as they are       |
| drafted, its check under way with this measure  | refused, and says why                                 |
| checked with this measure                       | refused, and says why; cannot be published            |
| checked with this measure, publishing asked for | refused; the job publishes nothing                    |
| checked with other measures only                | as it was; can be published                           |
| refused                                         | as it was                                             |
| published                                       | published: what is published stays                    |
"""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from equity.errors import RuleBroken
from equity.publication.models import LedgerEntry, Release
from equity.tenancy import jobs
from equity.tenancy.acting import acting_as
from equity.tenancy.models import AuditEvent, Job
from equity.tenancy.personas import Persona
from metrics.actions.imports import undo_batch
from metrics.actions.releases import draft_figures, publish_figures
from metrics.models import Batch, CertifiedCell
from metrics.reading.periods import parse_period
from metrics.releasing import CHECK
from tests.cast import House
from tests.metrics.importing import address, applied, as_member, csv_of, define, run_jobs

PAIN, OTHER = "pain-30-minutes", "policy-positions"
MONTHS = [f"{PAIN},{unit},2024-0{month},,30,60" for unit in ("east", "west") for month in (1, 2, 3)]
PERIODS = [parse_period("2024-Q1")]


@pytest.fixture
def batch(house: House) -> Batch:
    """The counts of one measure; those of the other came in another file."""
    define(house)
    applied(house, csv_of([f"{OTHER},all,2024-Q1,,2,"]), "other.csv")
    return applied(house, csv_of(MONTHS))


def drafted(house: House, *metrics: str) -> tuple[Release, Job]:
    with as_member(house, "alice"):
        made = draft_figures(
            organisation=house.riverside,
            metrics=metrics or (PAIN,),
            periods=PERIODS,
            by=house.person("alice"),
        )
    return made.release, made.job


def checked(house: House, *metrics: str) -> Release:
    release, job = drafted(house, *metrics)
    until_done(house, job)
    assert fresh(release).state == Release.State.CERTIFIED
    return fresh(release)


def until_done(house: House, job: Job) -> None:
    """The job and its parts, until none is left."""
    jobs.run(house.riverside.pk, job.pk)
    for part in queued(house, CHECK):
        jobs.run(house.riverside.pk, part.pk)
    jobs.run(house.riverside.pk, job.pk)


def queued(house: House, kind: str) -> list[Job]:
    with acting_as(Persona.OPERATOR):
        return list(Job.objects.filter(organisation=house.riverside, kind=kind, state="queued"))


def publishing(house: House, release: Release) -> Job:
    with as_member(house, "alice"):
        return publish_figures(release=fresh(release), by=house.person("alice"))


def fresh(release: Release) -> Release:
    with acting_as(Persona.OPERATOR):
        return Release.objects.select_related("organisation").get(pk=release.pk)


def undone(house: House, batch: Batch) -> dict[str, Any]:
    with as_member(house):
        job = undo_batch(batch=batch, by=house.person("bea"))
    assert jobs.run(house.riverside.pk, job.pk)
    with acting_as(Persona.OPERATOR):
        return dict(Job.objects.get(pk=job.pk).outcome)


def test_checked_release_is_refused_and_says_why(house: House, batch: Batch, client: Client) -> None:
    release = checked(house)
    assert undone(house, batch)["set_aside"] == [release.title]
    assert fresh(release).state == Release.State.REFUSED
    with as_member(house, "alice"), pytest.raises(RuleBroken):
        publish_figures(release=fresh(release), by=house.person("alice"))
    client.force_login(house.accounts["alice"])
    page = client.get(address("release", pk=release.pk)).content.decode()
    assert "Counts behind it <b>were taken back</b>" in page
    assert client.get(address("import_batch", pk=batch.pk)).content.decode().count(release.title) == 1
    with acting_as(Persona.OPERATOR):
        assert AuditEvent.objects.filter(event="release.set_aside", target_id=str(release.pk)).count() == 1


def test_release_whose_publishing_was_asked_for_is_not_published(house: House, batch: Batch) -> None:
    release = checked(house)
    job = publishing(house, release)
    undone(house, batch)
    assert jobs.run(house.riverside.pk, job.pk)
    assert fresh(release).seq is None
    with acting_as(Persona.OPERATOR):
        assert not LedgerEntry.objects.filter(organisation=house.riverside).exists()


def test_release_that_is_being_checked_is_refused_with_what_its_parts_have_read(
    house: House, batch: Batch
) -> None:
    release, job = drafted(house)
    jobs.run(house.riverside.pk, job.pk)
    (part,) = queued(house, CHECK)
    assert jobs.run(house.riverside.pk, part.pk)
    undone(house, batch)
    assert jobs.run(house.riverside.pk, job.pk)
    assert fresh(release).state == Release.State.REFUSED
    with acting_as(Persona.OPERATOR):
        assert not CertifiedCell.objects.filter(release=release).exists()
        assert Job.objects.get(pk=job.pk).state == Job.State.DONE


def test_release_whose_check_has_not_begun_is_checked_with_the_counts_as_they_are(
    house: House, batch: Batch
) -> None:
    release, job = drafted(house, PAIN, OTHER)
    undone(house, batch)
    assert fresh(release).state == Release.State.DRAFTED
    until_done(house, job)
    assert fresh(release).state == Release.State.CERTIFIED
    with acting_as(Persona.OPERATOR):
        cells = CertifiedCell.objects.filter(release=release)
        assert set(cells.values_list("series__metric__code", flat=True)) == {OTHER}


def test_release_of_other_measures_can_be_published(house: House, batch: Batch) -> None:
    release = checked(house, OTHER)
    assert undone(house, batch)["set_aside"] == []
    assert jobs.run(house.riverside.pk, publishing(house, release).pk)
    assert fresh(release).state == Release.State.PUBLISHED


def test_published_release_stays_and_the_next_one_is_checked_without_the_counts(
    house: House, batch: Batch
) -> None:
    release = checked(house)
    assert jobs.run(house.riverside.pk, publishing(house, release).pk)
    undone(house, batch)
    assert fresh(release).state == Release.State.PUBLISHED
    again, job = drafted(house)
    until_done(house, job)
    assert fresh(again).state == Release.State.REFUSED
    assert "counts_taken_back" not in fresh(again).report


def test_release_of_the_counts_that_a_later_file_says_again_is_still_ready(
    house: House, batch: Batch
) -> None:
    applied(house, csv_of(MONTHS), "the same.csv")
    release = checked(house)
    assert undone(house, batch)["set_aside"] == []
    assert fresh(release).state == Release.State.CERTIFIED


def test_a_new_release_after_the_undoing_can_be_published(house: House, batch: Batch) -> None:
    checked(house)
    undone(house, batch)
    applied(house, csv_of([row.replace("30,60", "31,60") for row in MONTHS]), "right.csv")
    run_jobs(house)
    release = checked(house)
    assert jobs.run(house.riverside.pk, publishing(house, release).pk)
    assert fresh(release).state == Release.State.PUBLISHED
