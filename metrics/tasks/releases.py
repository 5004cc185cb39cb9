"""The jobs that check a release and publish it. Each is one transaction: a kill leaves the old state or the new one."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from equity.publication import ledger
from equity.publication.ledger import Entry
from equity.publication.models import Release
from equity.tenancy import jobs
from equity.tenancy.models import Job
from metrics import joinings, queries, releasing
from metrics.documents import entry
from metrics.figures import GRAIN_OF, Cell, period_of
from metrics.models import Certificate, CertifiedCell, Joining, Metric, Total
from metrics.questions import Address, Answer
from metrics.reading.periods import Period, parse_period
from metrics.wording import period_label

BATCH = 2_000


@jobs.work(releasing.CERTIFY)
def certify_release(job: Job) -> dict[str, Any]:
    """Decide what of a release may be shown, write it down with the proof, and say what was found."""
    # The solver takes a second and 60 MB to load: only the worker that certifies needs it.
    from metrics.certification import judge

    releasing.one_at_a_time(job.organisation_id)
    release = unpublished(job)
    if release is None or release.state != Release.State.DRAFTED:
        return {"cells": 0}
    metrics = [one for one in queries.definitions() if one.code in job.arguments["metrics"]]
    asked = {parse_period(code) for code in job.arguments["periods"]}
    places, words = queries.units(), queries.vocabulary()
    reported = releasing.reported(job.organisation_id, metrics, places)
    cells: list[CertifiedCell] = []
    proofs: dict[str, Any] = {}
    found: list[dict[str, Any]] = []
    for number, metric in enumerate(metrics):
        jobs.report(
            job, done=number, total=len(metrics), words=_("Checking that no small number can be found out")
        )
        said = reported[metric.code]
        asking = releasing.asking(metric, asked & releasing.to_release(said), places, words)
        answer = judge(asking.question)
        cells += rows_of(release, answer.cells, asking.series)
        proofs[metric.code] = answer.certificates
        found.append(told(metric, answer, sorted(asked & said.open.keys())))
    CertifiedCell.objects.bulk_create(cells, batch_size=BATCH)
    store(release, proofs)
    hidden = sum(cell.status == CertifiedCell.Status.HIDDEN for cell in cells)
    release.state = Release.State.CERTIFIED if cells else Release.State.REFUSED
    release.report = {
        "basis": releasing.basis(job.organisation_id),
        "cells": len(cells),
        "hidden": hidden,
        "metrics": found,
    }
    release.save(update_fields=["state", "report"])
    return {"state": release.state, "cells": len(cells), "hidden": hidden}


def unpublished(job: Job) -> Release | None:
    """The job's release, held until the job ends; None once it is published, for then nobody can change it."""
    return Release.objects.select_for_update().filter(seq=None, pk=job.arguments["release"]).first()


def rows_of(
    release: Release, cells: Mapping[Address, Cell], series: Mapping[Address, int]
) -> list[CertifiedCell]:
    """The cells of one metric as a release keeps them."""
    return [
        CertifiedCell(
            organisation_id=release.organisation_id,
            release_id=release.pk,
            series_id=series[where],
            grain=GRAIN_OF[where.period.grain],
            start=where.period.start,
            end=where.period.end,
            status=cell.status,
            numerator=cell.numerator,
            denominator=cell.denominator,
        )
        for where, cell in cells.items()
    ]


def told(metric: Metric, answer: Answer, incomplete: Iterable[Period]) -> dict[str, Any]:
    """What members may know of the check: how many, never which count was small."""
    return {
        "code": metric.code,
        "name": metric.name,
        "cells": len(answer.cells),
        "hidden": answer.hidden,
        "dropped": [{"part": part, "cells": cells} for part, cells in answer.dropped],
        "waiting": [period_label(period) for period in answer.waiting],
        "incomplete": [period_label(period) for period in incomplete],
        "refused": bool(answer.refused),
    }


def store(release: Release, proofs: Mapping[str, Any], *, over_institutions: bool = False) -> None:
    """Keep the proofs of a release."""
    content = gzip.compress(json.dumps(proofs, separators=(",", ":")).encode(), mtime=0)
    Certificate.objects.create(
        release=release,
        organisation_id=release.organisation_id,
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        over_institutions=over_institutions,
    )


@jobs.work(releasing.PUBLISH)
def publish_release(job: Job) -> dict[str, Any]:
    """Write a checked release to the ledger. One that was published already is left as it is."""
    releasing.one_at_a_time(job.organisation_id)
    release = unpublished(job)
    if release is None or release.state != Release.State.CERTIFIED:
        return {"entries": 0}
    if releasing.is_stale(release):
        release.state, release.report = Release.State.REFUSED, {**release.report, "stale": True}
        release.save(update_fields=["state", "report"])
        return {"entries": 0}
    jobs.report(job, done=0, total=None, words=_("Publishing"))
    entries = _entries(release)
    _have_given(job)
    return {"entries": len(entries), "seq": ledger.publish(release, entries)}


def _have_given(job: Job) -> None:
    """Afterwards the departments whose sums the institution takes part in get what is new."""
    own = Joining.objects.filter(organisation_id=job.organisation_id, ended_at=None)
    joining = own.select_related("organisation").first()
    if joining is not None:
        jobs.enqueue(joinings.GIVE, organisation=joining.organisation, by=None)


def _entries(release: Release) -> list[Entry]:
    """What was certified, in words and with what follows from it. Nothing else is read."""
    words, counted = queries.vocabulary(), _counted(release)
    cells = (
        CertifiedCell.objects.filter(organisation_id=release.organisation_id, release=release)
        .select_related("series__metric", "series__unit", "series__stratum")
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
        )
        for cell in cells
    ]


def _counted(release: Release) -> dict[Any, dict[str, Any]]:
    """Whose counts a sum over institutions adds up, by metric and period; of other releases nothing."""
    totals = Total.objects.filter(organisation_id=release.organisation_id, release=release)
    return {
        (one.metric, one.grain, one.start): {"counted": one.institutions, "joined": one.joined}
        for one in totals
    }
