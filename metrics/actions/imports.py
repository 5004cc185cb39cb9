"""Taking a file in: a batch is kept and checked, and then applied as a whole."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from equity import audit
from equity.errors import RuleBroken
from equity.tenancy import jobs
from equity.tenancy.acting import current
from equity.tenancy.models import Job, Organisation, Person
from metrics.models import Batch
from metrics.preparing import Prepared
from metrics.tasks.imports import APPLY, CHECK

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
