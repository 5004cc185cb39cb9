"""The job that rewrites an institution's roll-ups."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from equity.tenancy import jobs
from equity.tenancy.models import Job
from metrics.rollups import roll_up


@jobs.work("metrics.roll_up")
def rolled_up(job: Job) -> dict[str, Any]:
    """Old figures or new ones, never half: the whole roll-up is one transaction with the mark that it is done."""
    jobs.report(job, done=0, total=None, words=_("Adding up the counts"))
    result = roll_up(job.organisation_id)
    return {"written": result.written, "removed": result.removed}
