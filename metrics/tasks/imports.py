"""The jobs behind an import: checking what a file would do, doing it, and taking it back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from equity import audit
from equity.errors import RuleBroken
from equity.tenancy import jobs
from equity.tenancy.models import Job
from metrics import ingest
from metrics.models import Batch
from metrics.preparing import plain
from metrics.reading.counts_document import Apply
from metrics.rollups import roll_up
from metrics.tasks.releases import set_aside

CHECK = "metrics.check_batch"
APPLY = "metrics.apply_batch"
UNDO = "metrics.undo_batch"

_REPORTED_EVERY = 16 * 1024 * 1024


@jobs.work(CHECK)
def check_batch(job: Job) -> dict[str, Any]:
    """Say what applying would do. Writes to the batch's report only."""
    batch = _locked_batch(job)
    with _staged(job, batch) as stage:
        jobs.report(job, done=0, total=None, words=_("Comparing the counts with those that are there"))
        checked = ingest.check(stage)
        standing = [asdict(obstacle) for obstacle in ingest.obstacles(stage)]
    batch.report["check"] = {**asdict(checked), "unchanged": checked.unchanged, "obstacles": standing}
    batch.save(update_fields=["report"])
    if batch.system_id and batch.report["sent"]["apply"] == Apply.WHEN_CLEAN and not standing:
        _apply_what_was_sent(batch, batch.system_id)
    return {"new": checked.new, "changed": checked.changed, "unchanged": checked.unchanged}


def _apply_what_was_sent(batch: Batch, system_id: UUID) -> None:
    """Nothing is wrong with what a system sent, and nobody is there to press a button: it asked for this beforehand."""
    system, told = str(system_id), batch.report["sent"]
    by = audit.Actor(system_id, told["by"])
    jobs.enqueue(APPLY, organisation=batch.organisation, by=None, batch=str(batch.pk), system=system)
    audit.record("batch.apply", by=by, target=batch, system=system, key=told["key"])


@jobs.work(APPLY)
def apply_batch(job: Job) -> dict[str, Any]:
    """Write the observations of a batch and add them up: all of it with the mark that it is done, or nothing."""
    batch = _locked_batch(job)
    if batch.state in (Batch.State.APPLIED, Batch.State.UNDONE):
        return dict(batch.report["applied"])
    if batch.state != Batch.State.UPLOADED:
        raise RuleBroken(_("A file with errors cannot be applied."))
    with _staged(job, batch) as stage:
        ingest.refuse_obstacles(stage)
        jobs.report(job, done=0, total=None, words=_("Writing the counts"))
        written = ingest.write(stage, batch.pk)
    jobs.report(job, done=0, total=None, words=_("Adding up the counts"))
    rolled_up = roll_up(batch.organisation_id)
    figures = {**asdict(written), "rolled_up": rolled_up.written, "at": timezone.now().isoformat()}
    batch.state = Batch.State.APPLIED
    batch.applied_at = timezone.now()
    batch.report["applied"] = figures
    batch.save(update_fields=["state", "report", "applied_at"])
    ingest.forget_what_is_too_old(batch.organisation_id)
    return figures


@jobs.work(UNDO)
def undo_batch(job: Job) -> dict[str, Any]:
    """Take back what a batch wrote and add up again: all of it with the mark that it is done, or nothing.

    A release that was checked with these counts and is not published yet cannot be published any more.
    """
    batch = _locked_batch(job)
    if batch.state == Batch.State.UNDONE:
        return dict(batch.report["undone"])
    applied_later = Batch.objects.filter(
        organisation_id=batch.organisation_id, state=Batch.State.APPLIED, applied_at__gt=batch.applied_at
    )
    for later in applied_later.order_by("applied_at"):
        with _staged(job, later) as stage:
            ingest.pass_on(stage, batch.pk, later.pk)
    jobs.report(job, done=0, total=None, words=_("Taking the counts back"))
    undone = ingest.undo(batch.organisation_id, batch.pk)
    jobs.report(job, done=0, total=None, words=_("Adding up the counts"))
    rolled_up = roll_up(batch.organisation_id)
    aside = set_aside(batch.organisation_id, undone.metrics)
    wrote = batch.report["applied"]["new"] + batch.report["applied"]["changed"]
    figures = {
        **asdict(undone),
        "kept": wrote - undone.restored - undone.removed,
        "rolled_up": rolled_up.written,
        "set_aside": [release.title for release in aside],
        "at": timezone.now().isoformat(),
    }
    batch.state = Batch.State.UNDONE
    batch.report["undone"] = figures
    batch.save(update_fields=["state", "report"])
    return figures


def _locked_batch(job: Job) -> Batch:
    return Batch.objects.select_for_update().get(
        organisation_id=job.organisation_id, pk=job.arguments["batch"]
    )


def _staged(job: Job, batch: Batch) -> Any:
    """Stage the counts of the batch and tell whoever watches how many megabytes have gone in."""
    told = 0

    def on_bytes(sent: int) -> None:
        nonlocal told
        if sent - told >= _REPORTED_EVERY:
            told = sent
            jobs.report(
                job, done=0, total=None, words=_("Reading the counts: %(mb)s MB") % {"mb": sent // 1024**2}
            )

    return ingest.staged(batch.organisation_id, plain(bytes(batch.content)), on_bytes)
