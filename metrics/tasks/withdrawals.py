"""The job that withdraws published figures: one transaction, everything or nothing."""

from __future__ import annotations

from typing import Any

from equity.publication import ledger
from equity.publication.ledger import Entry
from equity.publication.models import Release
from equity.publication.queries import keys_in_force
from equity.tenancy import jobs
from equity.tenancy.models import Job
from metrics import releasing, withdrawing
from metrics.gone import table_of
from metrics.models import Metric
from metrics.reading.periods import parse_period
from metrics.tasks.publishing import have_given
from metrics.tasks.releases import unpublished


@jobs.work(withdrawing.WITHDRAW)
def withdraw_figures(job: Job) -> dict[str, Any]:
    """Write a tombstone over every row of the tables. PostgreSQL shows those rows to nobody outside from then on."""
    releasing.one_at_a_time(job.organisation_id)
    release = unpublished(job)
    if release is None:
        return {"entries": 0}
    entries = _tombstones(job)
    release.state = Release.State.CERTIFIED if entries else Release.State.REFUSED
    release.save(update_fields=["state"])
    if not entries:
        return {"entries": 0}
    have_given(job)
    return {"entries": len(entries), "seq": ledger.publish(release, entries)}


def _tombstones(job: Job) -> list[Entry]:
    metric = Metric.objects.get(organisation_id=job.organisation_id, code=job.arguments["metric"])
    wanted = withdrawing.falling_with(metric, [parse_period(one) for one in job.arguments["periods"]])
    return [
        Entry(
            kind=withdrawing.OBSERVATION.value,
            key=key,
            metric=code,
            period_start=start,
            period_end=end,
            document={"reason": job.arguments["reason"]},
            op="delete",
        )
        for key in keys_in_force(job.organisation_id, withdrawing.OBSERVATION)
        for code, start, end in [table_of(key)]
        if (code, start, end) in wanted
    ]
