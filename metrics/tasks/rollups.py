"""The job that rewrites an institution's roll-ups."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from equity.tenancy import jobs
from equity.tenancy.models import Job
from metrics.rollups import roll_up_again


@jobs.work("metrics.roll_up")
def rolled_up(job: Job) -> dict[str, Any]:
    """Everything anew. Old figures or new ones, never half: it is one transaction with the mark that it is done."""

    def tell(done: int, total: int) -> None:
        jobs.report(job, done=done, total=total, words=_("Adding up the counts"))

    result = roll_up_again(job.organisation_id, tell)
    return {"written": result.written, "removed": result.removed}
