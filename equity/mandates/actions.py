"""Preparing a mandated report, and saying that it was submitted."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from equity import audit
from equity.errors import RuleBroken
from equity.mandates import exports, queries
from equity.mandates.assembling import assemble, whole_and_hospitals
from equity.mandates.models import (
    DisparityPlan,
    GroupLink,
    MandatedReport,
    MeasureLink,
    PlanPractice,
    Reporter,
    ReportStatement,
    StructuralAnswer,
    Submission,
    SubmittedFile,
)
from equity.mandates.readiness import missing
from equity.mandates.template import Stratification, Template
from equity.tenancy.acting import current
from equity.tenancy.models import Organisation, Person
from metrics.models import Category, Metric
from practices.models import AdoptedPractice


def open_report(*, organisation: Organisation, mandate: str, year: int, by: Person) -> MandatedReport:
    """Begin the report of a year: its reporters, and the metrics that the template proposes for its measures."""
    template = queries.template_for(mandate, year)
    if year > template.deadline.next_year(timezone.localdate()):
        raise RuleBroken(_("The year that this report is about is not over."))
    with transaction.atomic(using=current().alias):
        report, is_new = MandatedReport.objects.get_or_create(
            organisation=organisation, mandate=mandate, year=year, defaults={"opened_by": by}
        )
        if not is_new:
            raise RuleBroken(_("This report was begun already."))
        for unit, kind in whole_and_hospitals(queries.hospitals(), queries.root(), template):
            Reporter.objects.create(organisation=organisation, report=report, unit=unit, kind=kind)
        _carry_over(report)
        _propose(template, organisation)
        audit.record("mandate.open", by=by, target=report, mandate=mandate, year=year)
    return report


def _carry_over(report: MandatedReport) -> None:
    """What stays the same from year to year: which kind of hospital each unit is, and its number."""
    earlier = Reporter.objects.filter(report__mandate=report.mandate, report__year__lt=report.year)
    known = {one.unit_id: one for one in earlier.order_by("report__year")}
    for reporter in Reporter.objects.filter(report=report):
        before = known.get(reporter.unit_id)
        if before is not None:
            reporter.kind, reporter.identifier = before.kind, before.identifier
            reporter.head, reporter.description = before.head, before.description
            reporter.save(update_fields=["kind", "identifier", "head", "description"])


def _propose(template: Template, organisation: Organisation) -> None:
    """Link each measure that nobody decided on to the metric of the same code. People look at it, and may change it."""
    decided = queries.links_of(template.code)
    metrics = list(Metric.objects.all())
    for measure in template.counted:
        metric = None if measure.code in decided else queries.proposed_metric(measure, metrics)
        if metric is not None:
            MeasureLink.objects.create(
                organisation=organisation, mandate=template.code, measure=measure.code, metric=metric
            )


def note_extension(*, report: MandatedReport, by: Person) -> MandatedReport:
    """Write down that the department gave the one extension. It cannot be noted twice."""
    deadline = queries.template_for(report.mandate, report.year).deadline
    with transaction.atomic(using=current().alias):
        locked = MandatedReport.objects.select_for_update().get(pk=report.pk)
        if locked.extended_on is not None:
            raise RuleBroken(_("There is one extension only, and it is noted already."))
        locked.extended_on = timezone.localdate()
        locked.save(update_fields=["extended_on"])
        due = deadline.due(report.year, extended=True)
        audit.record("mandate.extend", by=by, target=locked, due=due.isoformat())
    return locked


def link_measures(
    *, organisation: Organisation, template: Template, chosen: Mapping[str, Metric | None], by: Person
) -> None:
    """Say which metric answers each measure. None: none does, and that is known."""
    decided = queries.links_of(template.code)
    changes: dict[str, str] = {}
    with transaction.atomic(using=current().alias):
        for measure in template.counted:
            if measure.code not in chosen:
                continue
            metric = chosen[measure.code]
            if metric is not None and metric not in queries.fitting_metrics(measure, [metric]):
                raise RuleBroken(
                    _("“%(metric)s” does not count as “%(measure)s” does.")
                    % {"metric": metric.name, "measure": measure.name}
                )
            link = decided.get(measure.code)
            if link is not None and link.metric_id == (metric.pk if metric else None):
                continue
            MeasureLink.objects.update_or_create(
                organisation=organisation,
                mandate=template.code,
                measure=measure.code,
                defaults={"metric": metric},
            )
            changes[measure.code] = metric.code if metric else ""
        if changes:
            audit.record("mandate.link_measures", by=by, target=queries.root(), **changes)


def link_groups(
    *,
    organisation: Organisation,
    template: Template,
    stratification: Stratification,
    chosen: Mapping[str, Collection[Category]],
    by: Person,
) -> None:
    """Say which of the institution's groups make up each group of the report; no groups: as the template proposes."""
    places: dict[Any, str] = {}
    for group, categories in chosen.items():
        for category in categories:
            if category.pk in places:
                raise RuleBroken(_("“%(group)s” can be part of one group only.") % {"group": category.label})
            places[category.pk] = group
    with transaction.atomic(using=current().alias):
        GroupLink.objects.filter(mandate=template.code, stratification=stratification.code).delete()
        for group, categories in chosen.items():
            for category in categories:
                GroupLink.objects.create(
                    organisation=organisation,
                    mandate=template.code,
                    stratification=stratification.code,
                    group=group,
                    category=category,
                )
        audit.record(
            "mandate.link_groups",
            by=by,
            target=queries.root(),
            by_what=stratification.code,
            groups={
                group: [one.code for one in categories] for group, categories in chosen.items() if categories
            },
        )


def describe_reporter(
    *, reporter: Reporter, kind: str, identifier: str, head: str, description: str, by: Person
) -> Reporter:
    """Say what kind of hospital a unit is, and under which number the department knows it."""
    with transaction.atomic(using=current().alias):
        reporter.kind, reporter.identifier = kind, identifier.strip()
        reporter.head, reporter.description = head.strip(), description.strip()
        reporter.save(update_fields=["kind", "identifier", "head", "description"])
        audit.record("mandate.describe", by=by, target=reporter, kind=kind, identifier=reporter.identifier)
    return reporter


def answer(*, reporter: Reporter, answers: Mapping[str, tuple[bool | None, str]], by: Person) -> None:
    """Answer structural measures: yes or no, with a text."""
    changed = []
    with transaction.atomic(using=current().alias):
        before = {one.measure: one for one in StructuralAnswer.objects.filter(reporter=reporter)}
        for measure, (yes, text) in answers.items():
            known = before.get(measure)
            if (
                (known.yes, known.text) == (yes, text.strip())
                if known
                else (yes is None and not text.strip())
            ):
                continue
            StructuralAnswer.objects.update_or_create(
                organisation_id=reporter.organisation_id,
                reporter=reporter,
                measure=measure,
                defaults={"yes": yes, "text": text.strip()},
            )
            changed.append(measure)
        if changed:
            audit.record("mandate.answer", by=by, target=reporter, measures=changed)


def state(*, reporter: Reporter, texts: Mapping[str, str], by: Person) -> None:
    """Write what the institution does in each priority area, and how it counted."""
    changed = []
    with transaction.atomic(using=current().alias):
        before = dict(ReportStatement.objects.filter(reporter=reporter).values_list("statement", "text"))
        for statement, text in texts.items():
            if before.get(statement, "") == text.strip():
                continue
            ReportStatement.objects.update_or_create(
                organisation_id=reporter.organisation_id,
                reporter=reporter,
                statement=statement,
                defaults={"text": text.strip()},
            )
            changed.append(statement)
        if changed:
            audit.record("mandate.state", by=by, target=reporter, statements=changed)


def plan(
    *,
    reporter: Reporter,
    key: str,
    population: str,
    objective: str,
    due: datetime.date | None,
    area: str,
    actions: str,
    practices: Sequence[AdoptedPractice],
    by: Person,
) -> DisparityPlan:
    """Say what will be done about one of the widest disparities, for whom, by when, and through which adopted practices."""
    with transaction.atomic(using=current().alias):
        made, _is_new = DisparityPlan.objects.update_or_create(
            organisation_id=reporter.organisation_id,
            reporter=reporter,
            key=key,
            defaults={
                "population": population.strip(),
                "objective": objective.strip(),
                "by": due,
                "area": area,
                "actions": actions.strip(),
            },
        )
        kept = {one.pk for one in practices}
        PlanPractice.objects.filter(plan=made).exclude(practice__in=kept).delete()
        there = set(PlanPractice.objects.filter(plan=made).values_list("practice_id", flat=True))
        for practice in practices:
            if practice.pk not in there:
                PlanPractice.objects.create(
                    organisation_id=reporter.organisation_id, plan=made, practice=practice
                )
        audit.record(
            "mandate.plan",
            by=by,
            target=made,
            disparity=key,
            due=due.isoformat() if due else None,
            practices=[str(one) for one in practices],
        )
    return made


def submit(*, report: MandatedReport, note: str, as_of: int, by: Person) -> Submission:
    """Keep the files as they are now, as what was sent to the department. A later one needs a reason, and is a new version.

    `as_of` is the release whose numbers `by` was looking at. Nothing is sent anywhere: people hand it in themselves.
    """
    with transaction.atomic(using=current().alias):
        locked = MandatedReport.objects.select_for_update().get(pk=report.pk)
        found = assemble(report)
        if found.as_of != as_of:
            raise RuleBroken(
                _(
                    "Newer figures were published while you were looking. Look at the report again, then submit it."
                )
            )
        if not found.filled:
            raise RuleBroken(_("No hospital reports here, so there is nothing to submit."))
        before = queries.submissions_of(locked).first()
        if before is not None and not note.strip():
            raise RuleBroken(_("Say what was changed since the version before, and why."))
        submission = Submission.objects.create(
            organisation_id=locked.organisation_id,
            report=locked,
            version=before.version + 1 if before else 1,
            edition=found.template.edition,
            as_of=found.as_of,
            lacking=len(missing(found)),
            note=note.strip() if before else "",
            submitted_by=by,
        )
        for file in exports.files(found, report.organisation.slug):
            SubmittedFile.objects.create(
                organisation_id=locked.organisation_id,
                submission=submission,
                name=file.name,
                content_type=file.content_type,
                sha256=file.sha256,
                content=file.content,
            )
        audit.record(
            "mandate.submit", by=by, target=submission, version=submission.version, as_of=found.as_of
        )
    return submission
