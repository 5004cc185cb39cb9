"""Counts that a system sent, as that system may see them: its own batches only, and of them no count. Read as the sender."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID

from equity.keys.models import System
from equity.tenancy.models import Job
from metrics import importing
from metrics.models import Batch
from metrics.reading.counts_document import Apply, pointer_of
from metrics.tasks.imports import APPLY, CHECK

ON_A_PAGE = 100


class State(StrEnum):
    """Where counts that were sent stand."""

    RECEIVED = "received"
    CHECKING = "checking"
    CHECKED = "checked"
    """A trial that came to its end: nothing is wrong, and nothing was changed."""
    APPLYING = "applying"
    APPLIED = "applied"
    REFUSED = "refused"
    FAILED = "failed"
    """Something went wrong on our side; nothing was changed."""
    UNDONE = "undone"
    """A person took back what was applied."""


UNDER_WAY = frozenset({State.RECEIVED, State.CHECKING, State.APPLYING})
ENDED = {
    Batch.State.REFUSED: State.REFUSED,
    Batch.State.APPLIED: State.APPLIED,
    Batch.State.UNDONE: State.UNDONE,
}


def batch_with(system: System, idempotency_key: str) -> Batch | None:
    """What the system sent under this name, if it did."""
    found = importing.batches().filter(
        organisation_id=system.organisation_id, system=system, idempotency_key=idempotency_key
    )
    return found.first()


def batch_for(pk: UUID) -> Batch | None:
    """A batch that the system sent. PostgreSQL shows no other."""
    return importing.batches().filter(pk=pk).first()


def state_of(batch: Batch, job: Job | None) -> State:
    """Where a batch stands, by itself and by the latest work on it."""
    if batch.state in ENDED:
        return ENDED[Batch.State(batch.state)]
    if _obstacles(batch):
        return State.REFUSED
    if job is None or job.state == Job.State.FAILED:
        return State.FAILED
    if job.kind == APPLY:
        return State.APPLYING
    if job.kind == CHECK and job.state != Job.State.DONE:
        return State.CHECKING if job.state == Job.State.RUNNING else State.RECEIVED
    return State.CHECKED


def told(batch: Batch) -> dict[str, Any]:
    """The state of a batch and how many counts it is about."""
    job = importing.job_of(batch)
    state = state_of(batch, job)
    check = batch.report.get("applied") or batch.report.get("check") or {}
    failed = job.outcome.get("error", "") if job and state is State.FAILED else ""
    return {
        "id": str(batch.pk),
        "name": batch.name,
        "state": state.value,
        "finished": state not in UNDER_WAY,
        "apply": batch.report["sent"]["apply"],
        "received_at": batch.uploaded_at,
        "applied_at": batch.applied_at,
        "detail": failed,
        "left_out": _placed(importing.retired_of(batch)),
        "counts": {
            "read": batch.rows_read,
            "new": check.get("new"),
            "changed": check.get("changed"),
            "unchanged": check.get("unchanged"),
            "errors": batch.report["error_total"] + len(_obstacles(batch)),
            "left_out": batch.report.get("retired_total", 0),
            "not_adding_up": importing.disagreement_total(batch),
        },
    }


def errors_of(batch: Batch) -> list[dict[str, Any]]:
    """What is wrong, each with its place in the document; what is wrong with the whole has the place "/counts"."""
    return _placed(importing.errors_of(batch)) + [
        {"pointer": pointer_of(None, None), "value": "", "reason": words, "mend": ""}
        for words in _obstacles(batch)
    ]


def _placed(errors: list[importing.Error]) -> list[dict[str, Any]]:
    return [
        {
            "pointer": pointer_of(error.row, error.column),
            "value": error.value,
            "reason": error.reason,
            "mend": error.mend,
        }
        for error in errors
    ]


def _obstacles(batch: Batch) -> list[str]:
    return importing.obstacles_of(batch)


def is_trial(batch: Batch) -> bool:
    """Whether the counts were sent to see what they would change, and never to change it."""
    return bool(batch.report.get("sent", {}).get("apply") == Apply.NEVER)
