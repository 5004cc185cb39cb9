"""Taking a file in: a batch is kept and checked, then applied as a whole, and perhaps undone."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from equity import audit
from equity.errors import RuleBroken
from equity.tenancy import jobs
from equity.tenancy.acting import current
from equity.tenancy.models import Job, Organisation, Person
from metrics.ingest import KEPT_FOR, KEPT_FOR_DAYS
from metrics.models import Batch
from metrics.preparing import Prepared
from metrics.tasks.imports import APPLY, CHECK, UNDO

LONGEST_NAME = 200


def create_batch(*, organisation: Organisation, prepared: Prepared, name: str, by: Person) -> Batch:
    """Keep what was read from a file: its counts, which a worker then checks, or its errors, which end it here."""
    report = {"errors": prepared.errors, "error_total": prepared.error_total, **prepared.more}
    with transaction.atomic(using=current().alias):
        batch = Batch.objects.create(
            organisation=organisation,
            kind=prepared.kind,
            name=name[:LONGEST_NAME],
            sha256=prepared.sha256,
            rows_read=prepared.rows_read,
            content=prepared.content,
            state=Batch.State.UPLOADED if prepared.is_valid else Batch.State.REFUSED,
            report=report,
            uploaded_by=by,
        )
        audit.record(
            "batch.upload", by=by, target=batch, rows=batch.rows_read, state=batch.state, sha256=batch.sha256
        )
        if prepared.is_valid:
            jobs.enqueue(CHECK, organisation=organisation, by=by, batch=str(batch.pk))
    return batch


def apply_batch(*, batch: Batch, by: Person) -> Job:
    """Have a worker write the counts of a checked batch. Asked twice, the counts are written once."""
    if batch.state != Batch.State.UPLOADED:
        raise RuleBroken(_("This file was applied already, or cannot be."))
    checked = batch.report.get("check")
    if checked is None:
        raise RuleBroken(_("This file is still being checked. Wait a moment and load the page again."))
    if checked["obstacles"]:
        raise RuleBroken(_("Something stands against applying this file. See the list below."))
    with transaction.atomic(using=current().alias):
        job = jobs.enqueue(APPLY, organisation=batch.organisation, by=by, batch=str(batch.pk))
        audit.record("batch.apply", by=by, target=batch)
    return job


def undo_batch(*, batch: Batch, by: Person) -> Job:
    """Have a worker take back what a file wrote. What was published stays published."""
    if not can_be_undone(batch):
        raise RuleBroken(
            _("Only a file that was applied in the last %(days)s days can be undone.")
            % {"days": KEPT_FOR_DAYS}
        )
    with transaction.atomic(using=current().alias):
        job = jobs.enqueue(UNDO, organisation=batch.organisation, by=by, batch=str(batch.pk))
        audit.record("batch.undo", by=by, target=batch)
    return job


def can_be_undone(batch: Batch) -> bool:
    """Whether what stood there before is still kept."""
    if batch.state != Batch.State.APPLIED or batch.applied_at is None:
        return False
    return timezone.now() < batch.applied_at + KEPT_FOR
