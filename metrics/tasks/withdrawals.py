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
    code = job.arguments["metric"]
    wanted = {(code, one.start, one.end) for one in map(parse_period, job.arguments["periods"])}
    found = []
    for key in keys_in_force(job.organisation_id, withdrawing.OBSERVATION, metric=code):
        table = table_of(key)
        if table in wanted:
            found.append(
                Entry(
                    kind=withdrawing.OBSERVATION.value,
                    key=key,
                    metric=code,
                    period_start=table[1],
                    period_end=table[2],
                    document={"reason": job.arguments["reason"]},
                    op="delete",
                )
            )
    return found
