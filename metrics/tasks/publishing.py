"""The job that publishes a checked release: one transaction, the old state or the new one."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from equity.publication import ledger
from equity.publication.ledger import Entry
from equity.publication.models import Release
from equity.tenancy import jobs
from equity.tenancy.models import Job
from metrics import joinings, queries, releasing
from metrics.documents import entry
from metrics.figures import Cell, Vocabulary, period_of
from metrics.models import CertifiedCell, Joining, Total
from metrics.publishing import indexes_after
from metrics.standing import aims_of
from metrics.tasks.releases import unpublished
from metrics.vocabulary import vocabulary


@jobs.work(releasing.PUBLISH)
def publish_release(job: Job) -> dict[str, Any]:
    """Write a checked release to the ledger. One that was published already is left as it is."""
    releasing.one_at_a_time(job.organisation_id)
    release = unpublished(job)
    if release is None or release.state != Release.State.CERTIFIED:
        return {"entries": 0}
    if releasing.is_stale(release):
        release.state = Release.State.REFUSED
        release.save(update_fields=["state"])
        return {"entries": 0}
    jobs.report(job, done=0, total=None, words=_("Publishing"))
    words = vocabulary()
    entries = [*_entries(release, words), *indexes_after(release, words)]
    have_given(job)
    return {"entries": len(entries), "seq": ledger.publish(release, entries)}


def have_given(job: Job) -> None:
    """Afterwards the departments whose sums the institution takes part in get what is new, and learn what is gone."""
    own = Joining.objects.filter(organisation_id=job.organisation_id, ended_at=None)
    joining = own.select_related("organisation").first()
    if joining is not None:
        jobs.enqueue(joinings.GIVE, organisation=joining.organisation, by=None)


def _entries(release: Release, words: Vocabulary) -> list[Entry]:
    """What was certified, in words and with what follows from it. Nothing else is read."""
    counted = _counted(release)
    aims = {metric.pk: aims_of(metric) for metric in queries.definitions()}
    cells = (
        CertifiedCell.objects.filter(organisation_id=release.organisation_id, release=release)
        .select_related("series__metric", "series__unit__parent", "series__stratum")
        .order_by(
            "series__metric__position",
            "series__metric__code",
            "start",
            "grain",
            "series__unit__position",
            "series_id",
        )
    )
    return [
        entry(
            cell.series.metric,
            cell.series.unit,
            period_of(cell.start, cell.end, cell.grain),
            cell.series.stratum.key,
            Cell(cell.status, cell.numerator, cell.denominator),
            words,
            counted.get((cell.series.metric.code, cell.grain, cell.start)),
            aim=aims[cell.series.metric_id].get(cell.series.stratum.key),
        )
        for cell in cells
    ]


def _counted(release: Release) -> dict[Any, dict[str, Any]]:
    """Whose counts a sum over institutions adds up, by metric and period; of other releases nothing."""
    totals = list(Total.objects.filter(organisation_id=release.organisation_id, release=release))
    names = joinings.names(release.organisation_id) if totals else {}
    return {
        (one.metric, one.grain, one.start): {
            "counted": one.institutions,
            "names": [names.get(slug, slug) for slug in one.institutions],
            "joined": one.joined,
        }
        for one in totals
    }
