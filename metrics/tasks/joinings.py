"""The jobs behind sums over institutions: giving counts, and checking what of the sums may be shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from equity.publication.models import Release
from equity.tenancy import jobs
from equity.tenancy.models import Job, Organisation
from metrics import giving, joinings, queries, releasing
from metrics.adding_up import Counted, ToJudge, to_judge
from metrics.figures import GRAIN_OF, parts_of, way_code
from metrics.meaning import adds_up
from metrics.models import (
    Category,
    CertifiedCell,
    Joining,
    Metric,
    Series,
    Stratum,
    StratumPart,
    Total,
)
from metrics.questions import Answer
from metrics.reading.periods import parse_period
from metrics.tasks.releases import conclude, rows_of, told, unpublished
from metrics.vocabulary import vocabulary
from metrics.wording import period_label


@jobs.work(joinings.GIVE)
def give_counts(job: Job) -> dict[str, Any]:
    """Give what is published of an institution to every department whose sums it takes part in."""
    releasing.one_at_a_time(job.organisation_id)
    metrics, places, words = queries.definitions(), queries.units(), vocabulary()
    parties = list(Joining.objects.filter(organisation_id=job.organisation_id, ended_at=None))
    return {"given": giving.give(parties, metrics, places, words)}


@jobs.work(joinings.CERTIFY_TOTALS)
def certify_totals(job: Job) -> dict[str, Any]:
    """Decide which sums over institutions may be shown, write them down with the proof, and say what was found."""
    releasing.one_at_a_time(job.organisation_id)
    release = unpublished(job)
    if release is None or release.state != Release.State.DRAFTED:
        return {"cells": 0}
    department = Organisation.objects.get(pk=job.organisation_id)
    metrics = {one.code: one for one in queries.definitions()}
    periods = {parse_period(code) for code in job.arguments["periods"]}
    words, joined = vocabulary(), joinings.joined(department)
    cells: list[CertifiedCell] = []
    proofs: dict[str, Any] = {}
    found: list[dict[str, Any]] = []
    groups = releasing.groups(list(metrics.values()), job.arguments["metrics"])
    for number, group in enumerate(groups):
        jobs.report(
            job, done=number, total=len(groups), words=_("Checking that no small number can be found out")
        )
        chosen = {
            metrics[code]: periods if code in job.arguments["metrics"] and adds_up(metrics[code]) else ()
            for code in group
        }
        asked = to_judge(department, chosen, words)
        answers = _judged(asked)
        for code in sorted({*group} & {*job.arguments["metrics"]}, key=group.index):
            metric, answer, new = metrics[code], answers[code], asked[code].new
            series = _series(metric, {where.stratum for where in answer.cells})
            cells += rows_of(release, answer.cells, {where: series[where.stratum] for where in answer.cells})
            shown = {where.place for where in answer.cells}
            _write_totals(release, metric, [one for one in new if one.place in shown], len(joined))
            proofs[code] = answer.certificates
            found.append(told(metric, answer, ()) | _counted(asked[code], joined))
    report = {"basis": releasing.basis(job.organisation_id), "metrics": found}
    return conclude(release, cells, proofs, report, over_institutions=True)


def _judged(asked: Mapping[str, ToJudge]) -> dict[str, Answer]:
    """What may be shown of measures of the same people; nothing where one of them cannot be judged, or nothing is new."""
    # The solver takes a second and 60 MB to load: only the worker that certifies needs it.
    from metrics.totalling import judge_totals

    if not any(one.new for one in asked.values()) or any(one.contrary for one in asked.values()):
        return {code: Answer() for code in asked}
    institution_of = {place: slug for one in asked.values() for place, slug in one.institution_of.items()}
    answers = judge_totals({code: one.question for code, one in asked.items()}, institution_of)
    for code, answer in answers.items():
        # A sum that is out is never made again, whatever was corrected since.
        new = {one.place for one in asked[code].new}
        answer.cells = {where: cell for where, cell in answer.cells.items() if where.place in new}
    return answers


def _counted(asked: ToJudge, joined: list[Joining]) -> dict[str, Any]:
    """Who is in each sum, by name; the names are public, for each of them has published the measure."""
    names = {one.institution_slug: one.institution_name for one in joined}
    return {
        "sums": [
            {
                "period": period_label(one.period),
                "counted": [names.get(slug, slug) for slug in one.institutions],
                "joined": len(joined),
            }
            for one in asked.new
        ],
        "too_few": [period_label(period) for period in asked.too_few],
        "contrary": list(asked.contrary),
    }


def _write_totals(release: Release, metric: Metric, sums: Iterable[Counted], joined: int) -> None:
    Total.objects.bulk_create(
        Total(
            organisation_id=release.organisation_id,
            release=release,
            metric=metric.code,
            grain=GRAIN_OF[one.period.grain],
            start=one.period.start,
            end=one.period.end,
            institutions=list(one.institutions),
            joined=joined,
        )
        for one in sums
    )


def _series(metric: Metric, strata: set[str]) -> dict[str, int]:
    """The series of the department's own measure for each group, made where there is none yet."""
    root = queries.units()[0]
    own: dict[str, Any] = {"organisation_id": metric.organisation_id}
    found = {}
    for key in strata:
        stratum, is_new = Stratum.objects.get_or_create(**own, key=key, defaults={"by": way_code(key)})
        if is_new:
            _write_parts(stratum)
        series, _is_new = Series.objects.get_or_create(**own, metric=metric, unit=root, stratum=stratum)
        found[key] = series.pk
    return found


def _write_parts(stratum: Stratum) -> None:
    own: dict[str, Any] = {"organisation_id": stratum.organisation_id}
    for dimension, code in parts_of(stratum.key).items():
        category = Category.objects.get(**own, dimension__code=dimension, code=code)
        StratumPart.objects.create(**own, stratum=stratum, category=category)
