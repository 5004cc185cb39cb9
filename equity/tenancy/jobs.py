"""Long work that survives: a row with a lease, taken up again when whoever held it has died.

The work itself runs in one transaction together with the mark that it is done, so that a kill at any moment leaves the
old state or the new one. While it runs, a thread renews the lease on its own connection. When nobody renews it any more,
the sweep puts the job back into the queue: after a lease and a third of one at most.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.db import Error as DatabaseTrouble
from django.db import connections, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from equity.errors import DomainError
from equity.tenancy import progress
from equity.tenancy.acting import acting_as, current
from equity.tenancy.models import Job, Organisation, Person
from equity.tenancy.personas import Persona

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=settings.JOB_LEASE_SECONDS)
RENEWED_EVERY = settings.JOB_LEASE_SECONDS / 3
ATTEMPTS = 3

Work = Callable[[Job], dict[str, Any]]
WORK: dict[str, Work] = {}

WAITING: dict[str, Any] = {}
"""What work returns that waits for other jobs. What it wrote stays, and it goes back into the queue; the others hand it
over when they are done, and should they fail to, the sweep does."""


class LostLease(RuntimeError):
    """Somebody else has taken the job up; what was done here is rolled back."""


def work(kind: str) -> Callable[[Work], Work]:
    """Register the function that does a kind of job. It returns the figures of its outcome."""

    def register(function: Work) -> Work:
        WORK[kind] = function
        return function

    return register


def enqueue(kind: str, *, organisation: Organisation, by: Person | None, **arguments: Any) -> Job:
    """Write the job in the caller's transaction; hand it to a worker when that commits."""
    if kind not in WORK:
        raise KeyError(f"No work is registered for jobs of kind {kind!r}.")
    job = Job.objects.create(
        organisation=organisation, kind=kind, arguments=arguments, asked_by=by.pk if by else None
    )
    transaction.on_commit(lambda: hand_over(job.organisation_id, job.pk), using=current().alias)
    return job


def hand_over(organisation_id: int, job_id: UUID) -> None:
    """Tell the workers. When the broker does not answer nothing is lost: the sweep finds the row."""
    try:
        current_app.send_task("equity.tenancy.tasks.run_job", [organisation_id, str(job_id)])
    except Exception:
        logger.warning("The broker did not answer; job %s waits for the sweep.", job_id)


def _take(organisation_id: int, job_id: UUID) -> Job | None:
    """Compare-and-set: exactly one worker gets a queued job, or one whose lease ran out."""
    free = Q(state=Job.State.QUEUED) | Q(state=Job.State.RUNNING, lease_until__lt=Now())
    with acting_as(Persona.WORKER, organisation=organisation_id):
        taken = Job.objects.filter(free, pk=job_id).update(
            state=Job.State.RUNNING, lease_until=Now() + LEASE, attempts=F("attempts") + 1
        )
        return Job.objects.get(pk=job_id) if taken else None


def _held(job: Job) -> QuerySet[Job]:
    """The job's row as long as it is ours: nobody has taken it back or up since."""
    return Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, attempts=job.attempts)


@contextmanager
def _lease_kept(job: Job) -> Iterator[None]:
    stopped = threading.Event()

    def renew() -> None:
        while not stopped.wait(RENEWED_EVERY):
            try:
                with acting_as(Persona.WORKER, organisation=job.organisation_id):
                    _held(job).update(lease_until=Now() + LEASE)
            except DatabaseTrouble:
                logger.warning("The lease of job %s could not be renewed; trying again.", job.pk)
                connections.close_all()
        connections.close_all()

    thread = threading.Thread(target=renew, name=f"lease {job.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def run(organisation_id: int, job_id: UUID) -> bool:
    """Do a job if it is free. Returns whether this call did what there is to do for now."""
    job = _take(organisation_id, job_id)
    if job is None:
        return False
    try:
        with _lease_kept(job), acting_as(Persona.WORKER, organisation=organisation_id):
            outcome = WORK[job.kind](job)
            if outcome is WAITING:
                _put_back(job)
            else:
                _finish(job, Job.State.DONE, outcome)
    except LostLease:
        logger.warning("Job %s was taken up by another worker.", job_id)
        return False
    except Exception as error:
        logger.exception("Job %s of kind %s failed.", job_id, job.kind)
        _failed(job, error)
        return False
    return True


def _finish(job: Job, state: str, outcome: dict[str, Any]) -> None:
    if not _held(job).update(state=state, outcome=outcome, finished_at=Now(), lease_until=None):
        raise LostLease(str(job.pk))


def _put_back(job: Job) -> None:
    """Waiting is no attempt."""
    waits = {
        "state": Job.State.QUEUED,
        "queued_at": Now(),
        "lease_until": None,
        "attempts": F("attempts") - 1,
    }
    if not _held(job).update(**waits):
        raise LostLease(str(job.pk))


def _failed(job: Job, error: Exception) -> None:
    """A job is tried three times; then it says in words that it failed, never with data of the institution."""
    with acting_as(Persona.WORKER, organisation=job.organisation_id):
        if job.attempts < ATTEMPTS and not isinstance(error, DomainError):
            _held(job).update(state=Job.State.QUEUED, queued_at=Now(), lease_until=None)
        else:
            _held(job).update(
                state=Job.State.FAILED, outcome=_reason(error), finished_at=Now(), lease_until=None
            )
    report(job, done=0, total=None)


def _reason(error: Exception) -> dict[str, Any]:
    """The programme's own words for the person who asked. Of any other error nothing: what it was, the log says."""
    return {"error": error.message} if isinstance(error, DomainError) else {}


def waiting_too_long() -> list[tuple[int, UUID]]:
    """Take back what dead workers held, and name the jobs that are to be handed to a worker.

    A job whose workers died three times is not tried again: it may be what kills them. A queued job is named again only
    when nobody took it for the length of a lease. Two sweeps at once share the jobs; neither waits for one that is just
    being finished.
    """
    dead = Q(state=Job.State.RUNNING, lease_until__lt=Now())
    forgotten = Q(state=Job.State.QUEUED, queued_at__lt=Now() - LEASE)
    with acting_as(Persona.SCHEDULER):
        free = Job.objects.select_for_update(skip_locked=True).filter(dead | forgotten)
        found = list(free.order_by("queued_at"))
        left = [job for job in found if job.state == Job.State.RUNNING]
        hopeless = {job.pk for job in left if job.attempts >= ATTEMPTS}
        again = [job for job in found if job.pk not in hopeless]
        _give_up(hopeless)
        Job.objects.filter(pk__in=[job.pk for job in again]).update(
            state=Job.State.QUEUED, queued_at=Now(), lease_until=None
        )
    for job in left:
        report(job, done=0, total=None)
    return [(job.organisation_id, job.pk) for job in again]


def _give_up(job_ids: Collection[UUID]) -> None:
    words = _("The work was interrupted again and again, so it is not tried any more. Please start it anew.")
    Job.objects.filter(pk__in=job_ids).update(
        state=Job.State.FAILED, outcome={"error": words}, finished_at=Now(), lease_until=None
    )


def report(job: Job, *, done: int, total: int | None, words: str = "") -> None:
    """Tell whoever watches how far the job has come. Nothing depends on it: without Valkey the work goes on."""
    try:
        progress.report(job.pk, done=done, total=total, words=words)
    except RedisError:
        logger.warning("The progress of job %s could not be told.", job.pk)
