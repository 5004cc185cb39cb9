"""A job is done once, by one worker, whole or not at all; what a dead worker left is taken up again."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from equity.errors import RuleBroken
from equity.tenancy import jobs, progress
from equity.tenancy.acting import acting_as
from equity.tenancy.models import AuditEvent, Job
from equity.tenancy.personas import Persona
from tests.cast import build

END_OTHER_CONNECTIONS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
 WHERE datname = current_database() AND usename = session_user AND pid <> pg_backend_pid();
"""


def leave_a_mark(job):
    AuditEvent.objects.create(
        organisation_id=job.organisation_id,
        event="test.mark",
        by_name="",
        target_kind="",
        target_id=str(job.pk),
        target_name="",
    )
    if job.arguments.get("fail"):
        raise OSError("the disk went away")
    return {"marks": 1}


@pytest.fixture(autouse=True)
def work_to_do(monkeypatch):
    monkeypatch.setitem(jobs.WORK, "test.mark", leave_a_mark)


def queued(house, **arguments):
    with acting_as(Persona.MEMBER, organisation=house.riverside, person=house.person("alice")):
        return jobs.enqueue("test.mark", organisation=house.riverside, by=house.person("alice"), **arguments)


def seen(house, job):
    with acting_as(Persona.WORKER, organisation=house.riverside):
        return Job.objects.get(pk=job.pk), AuditEvent.objects.filter(event="test.mark").count()


def set_lease(house, job, **fields):
    with acting_as(Persona.WORKER, organisation=house.riverside):
        Job.objects.filter(pk=job.pk).update(**fields)


def dead(house, attempts=1):
    """A job whose worker died a second after its lease ran out."""
    job = queued(house)
    passed = timezone.now() - timedelta(seconds=1)
    set_lease(house, job, state="running", attempts=attempts, lease_until=passed)
    return job


@pytest.fixture
def no_threads(monkeypatch):
    """On the shared connection of a rolled-back test the lease cannot be renewed by another thread."""
    monkeypatch.setattr(jobs, "RENEWED_EVERY", 3600)


@pytest.mark.usefixtures("no_threads")
class TestOneWorker:
    def test_job_is_done_with_its_figures(self, house):
        job = queued(house)
        assert jobs.run(job.organisation_id, job.pk)
        done, marks = seen(house, job)
        assert (done.state, done.outcome, marks) == ("done", {"marks": 1}, 1)

    def test_job_that_is_done_is_not_done_again(self, house):
        job = queued(house)
        jobs.run(job.organisation_id, job.pk)
        assert not jobs.run(job.organisation_id, job.pk)
        assert seen(house, job)[1] == 1

    def test_failed_job_leaves_nothing_and_is_tried_again(self, house):
        job = queued(house, fail=True)
        assert not jobs.run(job.organisation_id, job.pk)
        again, marks = seen(house, job)
        assert (again.state, again.attempts, marks) == ("queued", 1, 0)

    def test_job_fails_for_good_after_three_attempts_without_telling_data(self, house):
        job = queued(house, fail=True)
        for _ in range(jobs.ATTEMPTS):
            jobs.run(job.organisation_id, job.pk)
        failed, marks = seen(house, job)
        assert (failed.state, failed.outcome, marks) == ("failed", {}, 0)

    def test_the_log_tells_an_operator_what_the_person_is_not_told(self, house, caplog):
        job = queued(house, fail=True)
        jobs.run(job.organisation_id, job.pk)
        (line,) = (record for record in caplog.records if job.reference in record.getMessage())
        assert "OSError: the disk went away" in caplog.text
        assert line.exc_info

    def test_a_rule_of_the_programme_fails_a_job_at_once_in_its_own_words(self, house, monkeypatch):
        def refused(job):
            raise RuleBroken("A file with errors cannot be applied.")

        monkeypatch.setitem(jobs.WORK, "test.mark", refused)
        job = queued(house)
        jobs.run(job.organisation_id, job.pk)
        failed, _ = seen(house, job)
        assert (failed.state, failed.outcome) == (
            "failed",
            {"error": "A file with errors cannot be applied."},
        )

    def test_job_under_a_live_lease_is_left_alone(self, house):
        job = queued(house)
        set_lease(house, job, state="running", lease_until=timezone.now() + timedelta(minutes=1))
        assert not jobs.run(job.organisation_id, job.pk)

    def test_job_of_a_dead_worker_is_found_and_finished(self, house):
        job = queued(house)
        set_lease(house, job, state="running", attempts=1, lease_until=timezone.now() - timedelta(seconds=1))
        assert jobs.waiting_too_long() == [(job.organisation_id, job.pk)]
        assert jobs.run(job.organisation_id, job.pk)
        assert seen(house, job)[0].attempts == 2

    def test_job_of_a_dead_worker_waits_for_its_turn_and_is_named_once(self, house):
        job = dead(house)
        jobs.report(job, done=3, total=7, words="Adding up")
        jobs.waiting_too_long()
        waiting, _ = seen(house, job)
        assert (waiting.state, waiting.lease_until, progress.of(job.pk)["words"]) == ("queued", None, "")
        assert jobs.waiting_too_long() == []

    def test_job_whose_workers_died_three_times_fails_in_words(self, house):
        job = dead(house, attempts=jobs.ATTEMPTS)
        assert jobs.waiting_too_long() == []
        failed, _ = seen(house, job)
        assert (failed.state, failed.lease_until) == ("failed", None)
        assert failed.finished_at
        assert "interrupted again and again" in failed.outcome["error"]
        assert not jobs.run(job.organisation_id, job.pk)

    def test_job_that_nobody_took_for_a_lease_is_named_again(self, house):
        job = queued(house)
        set_lease(house, job, queued_at=timezone.now() - jobs.LEASE - timedelta(seconds=1))
        assert jobs.waiting_too_long() == [(job.organisation_id, job.pk)]
        assert jobs.waiting_too_long() == []

    def test_job_goes_on_when_its_progress_cannot_be_told(self, house, monkeypatch, settings):
        settings.CACHES = {
            "default": {**settings.CACHES["default"], "LOCATION": "unix:///nobody/listens/here.sock"}
        }

        def telling(job):
            jobs.report(job, done=1, total=2, words="Adding up")
            return leave_a_mark(job)

        monkeypatch.setitem(jobs.WORK, "test.mark", telling)
        job = queued(house)
        assert jobs.run(job.organisation_id, job.pk)
        assert seen(house, job)[1] == 1

    def test_fresh_job_is_not_swept(self, house):
        queued(house)
        assert jobs.waiting_too_long() == []

    def test_worker_that_lost_its_lease_writes_nothing(self, house, monkeypatch):
        def robbed(job):
            leave_a_mark(job)
            Job.objects.filter(pk=job.pk).update(attempts=99)
            return {}

        monkeypatch.setitem(jobs.WORK, "test.mark", robbed)
        job = queued(house)
        assert not jobs.run(job.organisation_id, job.pk)
        assert seen(house, job)[1] == 0

    def test_unknown_kind_is_refused_when_it_is_asked_for(self, house):
        with acting_as(Persona.MEMBER, organisation=house.riverside, person=house.person("alice")):
            with pytest.raises(KeyError, match="No work is registered"):
                jobs.enqueue("test.nothing", organisation=house.riverside, by=None)


def wait_for_renewal(job):
    before = Job.objects.get(pk=job.pk).lease_until
    for _ in range(200):
        if Job.objects.get(pk=job.pk).lease_until > before:
            return
        threading.Event().wait(0.05)
    raise AssertionError("the lease was not renewed")


def done(monkeypatch, function):
    """Whether a job goes through, with a lease that is renewed twenty times a second."""
    monkeypatch.setattr(jobs, "RENEWED_EVERY", 0.05)
    monkeypatch.setitem(jobs.WORK, "test.mark", function)
    job = queued(build())
    return jobs.run(job.organisation_id, job.pk)


@pytest.mark.real_logins
class TestManyWorkers:
    def test_two_workers_at_once_do_it_once(self):
        house = build()
        job = queued(house)
        results = []

        def one():
            results.append(jobs.run(job.organisation_id, job.pk))
            connections.close_all()

        threads = [threading.Thread(target=one) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(results) == [False, False, False, True]
        assert seen(house, job)[1] == 1

    def test_lease_is_renewed_while_the_work_lasts(self, monkeypatch):
        def long_work(job):
            wait_for_renewal(job)
            return {}

        assert done(monkeypatch, long_work)

    def test_lease_is_renewed_again_after_its_connection_was_lost(self, monkeypatch):
        def unlucky_work(job):
            wait_for_renewal(job)
            with connections["work"].cursor() as cursor:
                cursor.execute("SET LOCAL ROLE none")
                cursor.execute(END_OTHER_CONNECTIONS)
                assert cursor.rowcount
                cursor.execute("SET LOCAL ROLE equity_worker")
            wait_for_renewal(job)
            return {}

        assert done(monkeypatch, unlucky_work)

    def test_sweep_does_not_wait_for_a_job_that_is_being_finished(self):
        house = build()
        job = dead(house)
        swept = []

        def sweep():
            swept.append(jobs.waiting_too_long())
            connections.close_all()

        with acting_as(Persona.WORKER, organisation=house.riverside):
            Job.objects.filter(pk=job.pk).update(outcome={"marks": 1})
            sweeping = threading.Thread(target=sweep)
            sweeping.start()
            sweeping.join(10)
            assert swept == [[]]
