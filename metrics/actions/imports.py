"""Taking a file in: a batch is kept and checked, then applied as a whole, and perhaps undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from equity import audit
from equity.errors import RuleBroken
from equity.keys.models import System
from equity.tenancy import jobs
from equity.tenancy.acting import current
from equity.tenancy.models import Job, Organisation, Person
from metrics.ingest import KEPT_FOR, KEPT_FOR_DAYS
from metrics.models import Batch
from metrics.preparing import Prepared
from metrics.reading.counts_document import Apply
from metrics.sent import is_trial
from metrics.tasks.imports import APPLY, CHECK, UNDO

LONGEST_NAME = 200


@dataclass(frozen=True)
class Sent:
    """How a document came in: from which system, with which key (its prefix), under which name, and what is to become of it."""

    system: System
    key: str
    idempotency_key: str
    apply: Apply


class AlreadySent(RuntimeError):
    """Somebody was faster: the system has sent something under this name."""


def create_batch(*, organisation: Organisation, prepared: Prepared, name: str, by: Person) -> Batch:
    """Keep what was read from a file: its counts, which a worker then checks, or its errors, which end it here."""
    with transaction.atomic(using=current().alias):
        batch = _kept(organisation, prepared, name, uploaded_by=by)
        audit.record("batch.upload", by=by, target=batch, **_facts(batch))
        if prepared.is_valid:
            jobs.enqueue(CHECK, organisation=organisation, by=by, batch=str(batch.pk))
    return batch


def send_batch(
    *, organisation: Organisation, prepared: Prepared, name: str, sent: Sent, by: audit.Actor
) -> Batch:
    """Keep what a system sent, as a file is kept. Without errors it is checked and, unless it is a trial, applied.

    Raises AlreadySent when the system has sent something under the same name, also when that happens at this moment.
    """
    system = str(sent.system.pk)
    told = {"apply": sent.apply.value, "key": sent.key, "by": by.name}
    try:
        with transaction.atomic(using=current().alias):
            batch = _kept(
                organisation,
                prepared,
                name,
                {"sent": told},
                system=sent.system,
                idempotency_key=sent.idempotency_key,
            )
            audit.record("batch.send", by=by, target=batch, system=system, key=sent.key, **_facts(batch))
            if prepared.is_valid:
                jobs.enqueue(CHECK, organisation=organisation, by=None, batch=str(batch.pk), system=system)
    except IntegrityError as error:
        if "metrics_batch_sent_once" in str(error):
            raise AlreadySent from error
        raise
    return batch


def _kept(
    organisation: Organisation,
    prepared: Prepared,
    name: str,
    more: Mapping[str, Any] | None = None,
    **whose: Any,
) -> Batch:
    return Batch.objects.create(
        organisation=organisation,
        kind=prepared.kind,
        name=name[:LONGEST_NAME],
        sha256=prepared.sha256,
        rows_read=prepared.rows_read,
        content=prepared.content,
        state=Batch.State.UPLOADED if prepared.is_valid else Batch.State.REFUSED,
        report={
            "errors": prepared.errors,
            "error_total": prepared.error_total,
            **prepared.more,
            **(more or {}),
        },
        **whose,
    )


def _facts(batch: Batch) -> dict[str, Any]:
    return {"rows": batch.rows_read, "state": batch.state, "sha256": batch.sha256}


def apply_batch(*, batch: Batch, by: Person) -> Job:
    """Have a worker write the counts of a checked batch. Asked twice, the counts are written once."""
    if batch.state != Batch.State.UPLOADED:
        raise RuleBroken(_("This file was applied already, or cannot be."))
    if is_trial(batch):
        raise RuleBroken(_("These counts were sent as a trial. Have the system send them to be applied."))
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
