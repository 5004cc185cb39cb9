"""The progress of long work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from equity.desk.jobs import WORDS
from equity.tenancy import jobs, progress
from equity.tenancy.acting import acting_as
from equity.tenancy.models import Job
from equity.tenancy.personas import Persona
from tests.desk.conftest import Desk


def make(
    desk: Desk, state: str = "queued", outcome: dict[str, Any] | None = None, institution: str = "riverside"
) -> Job:
    organisation = getattr(desk.house, institution)
    with acting_as(Persona.WORKER, organisation=organisation):
        return Job.objects.create(
            organisation=organisation, kind="accountability.publish_round", state=state, outcome=outcome or {}
        )


def address(job: Job, query: str = "") -> str:
    return f"/o/riverside/jobs/{job.pk}/{query}"


def test_job_asks_again_while_it_runs(desk: Desk) -> None:
    page = desk.get("bea", address(make(desk))).content.decode()
    assert 'hx-trigger="every 2s"' in page
    assert "Waiting for its turn." in page


def test_job_shows_how_far_it_has_come(desk: Desk) -> None:
    job = make(desk)
    progress.report(job.pk, done=3, total=7, words="Reading rows")
    page = desk.get("bea", address(job)).content.decode()
    assert "Reading rows" in page
    assert "3 of 7" in page
    assert '<progress value="3" max="7"' in page


def test_job_whose_worker_died_says_so_and_asks_again(desk: Desk) -> None:
    job = make(desk)
    progress.report(job.pk, done=3, total=7, words="Reading rows")
    with acting_as(Persona.WORKER, organisation=desk.house.riverside):
        Job.objects.filter(pk=job.pk).update(
            state="running", lease_until=timezone.now() - timedelta(seconds=1)
        )
    page = desk.get("bea", address(job)).content.decode()
    assert "The work was interrupted. It goes on by itself." in page
    assert "Reading rows" not in page
    assert "3 of 7" not in page
    assert 'hx-trigger="every 2s"' in page


@pytest.mark.parametrize("state", ["done", "failed"])
def test_job_stops_asking_when_it_has_finished(desk: Desk, state: str) -> None:
    page = desk.get("bea", address(make(desk, state))).content.decode()
    assert "hx-trigger" not in page
    assert "aria-busy" not in page


def test_job_that_failed_says_why_in_words(desk: Desk) -> None:
    page = desk.get("bea", address(make(desk, "failed", {"error": "Row 7 has no unit."}))).content.decode()
    assert "It did not work. Nothing was changed." in page
    assert "Row 7 has no unit." in page


def test_job_that_failed_without_words_of_ours_gives_a_reference_for_the_log(desk: Desk) -> None:
    job = make(desk, "failed")
    page = desk.get("bea", address(job)).content.decode()
    assert "Something went wrong on our side, not on yours." in page
    assert "nothing is lost" in page
    assert f'<b class="num">{job.reference}</b>' in page
    assert str(job.pk).endswith(job.reference)


def test_job_gives_htmx_the_fragment_only(desk: Desk) -> None:
    response = desk.get("bea", address(make(desk)), **{"HX-Request": "true"})
    assert "<html" not in response.content.decode()
    assert "HX-Request" in response["Vary"]


def test_job_of_another_institution_does_not_exist(desk: Desk) -> None:
    assert desk.get("bea", address(make(desk, institution="elsewhere"))).status_code == 404


def test_job_leads_back_to_this_site_only(desk: Desk) -> None:
    job = make(desk, "done")
    assert desk.get("bea", address(job, "?next=/o/riverside/")).context["next"] == "/o/riverside/"
    assert desk.get("bea", address(job, "?next=https://elsewhere.example/")).context["next"] == ""


def test_every_kind_of_work_has_words() -> None:
    assert set(jobs.WORK) <= set(WORDS)
