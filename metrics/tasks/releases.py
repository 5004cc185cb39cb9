"""The jobs that check a release and put it together.

One job plans the check, and is put back into the queue. Each group of metrics that count the same people is checked by a
job of its own, many at a time, and its answer is stored. When all answers are there, the first job puts them together.
Every step is one transaction: a kill leaves the old state or the new one.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from equity import audit
from equity.errors import RuleBroken
from equity.publication.models import Release
from equity.tenancy import jobs
from equity.tenancy.acting import current
from equity.tenancy.models import Job
from metrics import queries, releasing
from metrics.figures import GRAIN_OF, Cell
from metrics.models import Certificate, CertifiedCell, Checked, CheckReport, Metric
from metrics.questions import Address, Answer
from metrics.reading.periods import Period, parse_period
from metrics.releasing import Asking
from metrics.vocabulary import vocabulary
from metrics.wording import period_label

BATCH = 2_000
CHECKING = gettext_noop("Checking that no small number can be found out")
EFFORT = ("small", "left", "linear", "integer")
COUNTS_TAKEN_BACK = "counts_taken_back"
"""In the report of a release: counts that its check rests on were taken back afterwards."""


@jobs.work(releasing.CERTIFY)
def certify_release(job: Job) -> dict[str, Any]:
    """Have every metric of a release checked, then decide what of it may be shown and write that down with the proof."""
    releasing.one_at_a_time(job.organisation_id)
    release = unpublished(job)
    if release is None or release.state != Release.State.DRAFTED:
        return {"cells": 0}
    if not releasing.first_in_line(job):
        return jobs.WAITING
    checks = releasing.checks_of(release)
    if not checks and _plan(job, release):
        return jobs.WAITING
    states = {check.state for check in checks}
    if Job.State.FAILED in states:
        _hand_over(releasing.next_in_line(job))
        raise RuleBroken(_("One of the measures could not be checked. Please prepare the release anew."))
    if states - {Job.State.DONE}:
        return jobs.WAITING
    outcome = _put_together(release)
    _hand_over(releasing.next_in_line(job))
    return outcome


def _plan(job: Job, release: Release) -> int:
    """Ask for a check of each group of metrics; how many groups there are."""
    groups = releasing.groups(queries.definitions(), job.arguments["metrics"])
    for number, group in enumerate(groups):
        jobs.enqueue(
            releasing.CHECK,
            organisation=release.organisation,
            by=None,
            release=str(release.pk),
            number=number,
            metrics=group,
            chosen=sorted({*group} & {*job.arguments["metrics"]}),
            periods=job.arguments["periods"],
            basis=releasing.basis(job.organisation_id),
            parent=str(job.pk),
        )
    jobs.report(job, done=0, total=len(groups), words=_(CHECKING))
    return len(groups)


@jobs.work(releasing.CHECK)
def check_metrics(job: Job) -> dict[str, Any]:
    """Judge metrics that count the same people, together, and store the answer."""
    # The solver takes a second and 60 MB to load: only the worker that certifies needs it.
    from metrics.certification import judge_together

    release = Release.objects.filter(pk=job.arguments["release"], state=Release.State.DRAFTED).first()
    where = {"release_id": job.arguments["release"], "number": job.arguments["number"]}
    if release is None or Checked.objects.filter(**where).exists():
        return {}
    metrics = [one for one in queries.definitions() if one.code in job.arguments["metrics"]]
    asked = {parse_period(code) for code in job.arguments["periods"]}
    places, words = queries.units(), vocabulary()
    reported = releasing.reported(job.organisation_id, metrics, places)
    askings: dict[str, Asking] = {}
    for metric in metrics:
        periods = asked & releasing.to_release(reported[metric.code])
        is_chosen = metric.code in job.arguments["chosen"]
        askings[metric.code] = releasing.asking(metric, periods if is_chosen else set(), places, words)
    answers = judge_together({code: one.question for code, one in askings.items()})
    names = {metric.code: metric.name for metric in metrics}
    content = {
        "cells": [
            row for code, answer in answers.items() for row in _plain(answer.cells, askings[code].series)
        ],
        "proofs": {code: answer.certificates for code, answer in answers.items()},
        "told": [
            told(metric, answers[metric.code], sorted(asked & reported[metric.code].open.keys()), names)
            for metric in metrics
            if metric.code in job.arguments["chosen"] or answers[metric.code].cells
        ],
    }
    Checked.objects.create(organisation_id=job.organisation_id, content=_packed(content), **where)
    _tell_parent(job, release)
    return {"cells": len(content["cells"])}


def _tell_parent(job: Job, release: Release) -> None:
    """Say how many metrics are checked, and wake the job that waits for all of them."""
    parent = Job.objects.filter(pk=job.arguments["parent"]).first()
    if parent is not None:
        checks = releasing.checks_of(release)
        done = sum(one.state == Job.State.DONE for one in checks) + 1
        jobs.report(parent, done=done, total=len(checks), words=_(CHECKING))
        _hand_over(parent)


def _hand_over(job: Job | None) -> None:
    if job is not None:
        transaction.on_commit(lambda: jobs.hand_over(job.organisation_id, job.pk), using=current().alias)


def _put_together(release: Release) -> dict[str, Any]:
    found = [
        _unpacked(bytes(content))
        for content in Checked.objects.filter(release_id=release.pk)
        .order_by("number")
        .values_list("content", flat=True)
    ]
    measures = [metric for one in found for metric in one["told"]]
    checks = releasing.checks_of(release)
    outcome = conclude(
        release,
        [_certified(release, row) for one in found for row in one["cells"]],
        {code: proof for one in found for code, proof in one["proofs"].items()},
        {
            "basis": min((check.arguments["basis"] for check in checks), default=0),
            "effort": {name: sum(metric["effort"][name] for metric in measures) for name in EFFORT},
            "metrics": measures,
        },
    )
    Checked.objects.filter(release_id=release.pk).delete()
    return outcome


def conclude(
    release: Release,
    cells: Sequence[CertifiedCell],
    proofs: Mapping[str, Any],
    report: Mapping[str, Any],
    *,
    over_institutions: bool = False,
) -> dict[str, Any]:
    """Write down what may be shown, the proofs and what the check found. Returns the figures of the job's outcome."""
    CertifiedCell.objects.bulk_create(cells, batch_size=BATCH)
    hidden = sum(cell.status == CertifiedCell.Status.HIDDEN for cell in cells)
    told_of_all = {**report, "cells": len(cells), "hidden": hidden}
    _store(release, proofs, told_of_all, over_institutions=over_institutions)
    release.state = Release.State.CERTIFIED if cells else Release.State.REFUSED
    release.save(update_fields=["state"])
    return {"state": release.state, "cells": len(cells), "hidden": hidden}


def unpublished(job: Job) -> Release | None:
    """The job's release, held until the job ends; None once it is published, for then nobody can change it."""
    return Release.objects.select_for_update().filter(seq=None, pk=job.arguments["release"]).first()


def set_aside(organisation_id: int, metrics: Collection[str]) -> list[Release]:
    """Have no release published whose check has read counts of these metrics, which were taken back. Returns those.

    A check reads all periods of a metric that are public or asked for, and of every metric that counts the same people:
    so it is by metric, not by period. One whose check is not planned yet will read the counts as they are now, and so
    will any that waits for the lock. A check is never made again for the same release: its proof stays as it was made.
    """
    releasing.one_at_a_time(organisation_id)
    unpublished = Release.objects.select_for_update().filter(
        organisation_id=organisation_id,
        kind=Release.Kind.FIGURES,
        state__in=[Release.State.DRAFTED, Release.State.CERTIFIED],
    )
    found = [release for release in unpublished if not _read_by_check(release).isdisjoint(metrics)]
    for release in found:
        release.state = Release.State.REFUSED
        release.report = {**release.report, COUNTS_TAKEN_BACK: True}
        release.save(update_fields=["state", "report"])
        audit.record("release.set_aside", by=None, target=release)
    return found


def _read_by_check(release: Release) -> set[str]:
    return {metric for check in releasing.checks_of(release) for metric in check.arguments["metrics"]}


def rows_of(
    release: Release, cells: Mapping[Address, Cell], series: Mapping[Address, int]
) -> list[CertifiedCell]:
    """The cells of one metric as a release keeps them."""
    return [_certified(release, row) for row in _plain(cells, series)]


def _plain(cells: Mapping[Address, Cell], series: Mapping[Address, int]) -> Iterable[list[Any]]:
    """New cells as plain lists: series, period, status and what of the numbers is shown."""
    for where, cell in cells.items():
        start, end, grain = where.period
        shown = [cell.status, cell.numerator, cell.denominator]
        yield [series[where], start.isoformat(), end.isoformat(), GRAIN_OF[grain], *shown]


def _certified(release: Release, row: Sequence[Any]) -> CertifiedCell:
    series_id, start, end, grain, status, numerator, denominator = row
    return CertifiedCell(
        organisation_id=release.organisation_id,
        release_id=release.pk,
        series_id=series_id,
        grain=grain,
        start=date.fromisoformat(start),
        end=date.fromisoformat(end),
        status=status,
        numerator=numerator,
        denominator=denominator,
    )


def told(
    metric: Metric,
    answer: Answer,
    incomplete: Iterable[Period],
    names: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """What insiders may know of the check: how many, never which count was small."""
    return {
        "code": metric.code,
        "name": metric.name,
        "cells": len(answer.cells),
        "hidden": answer.hidden,
        "dropped": [{"part": part, "cells": cells} for part, cells in answer.dropped],
        "waiting": [period_label(period) for period in answer.waiting],
        "crossing": [period_label(period) for period in answer.crossing],
        "incomplete": [period_label(period) for period in incomplete],
        "refused": bool(answer.refused),
        "unlike": sorted(names.get(code, code) for code in answer.unlike),
        "effort": {name: sum(one[number] for one in answer.effort) for number, name in enumerate(EFFORT)},
    }


def _store(
    release: Release, proofs: Mapping[str, Any], report: Mapping[str, Any], *, over_institutions: bool
) -> None:
    content = _packed(proofs)
    Certificate.objects.create(
        release=release,
        organisation_id=release.organisation_id,
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        over_institutions=over_institutions,
    )
    CheckReport.objects.create(release=release, organisation_id=release.organisation_id, content=report)


def _packed(content: Mapping[str, Any]) -> bytes:
    return gzip.compress(json.dumps(content, separators=(",", ":")).encode(), mtime=0)


def _unpacked(content: bytes) -> Any:
    return json.loads(gzip.decompress(content))
