"""The door to mandated reports. Numbers come from what is in force in the ledger for the public, and from nowhere else."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from equity.cycle.queries import current_cycle
from equity.errors import NotFound
from equity.mandates import reading
from equity.mandates.crosswalk import OwnDimension, OwnGroup
from equity.mandates.filling import Cells
from equity.mandates.models import (
    DisparityPlan,
    GroupLink,
    MandatedReport,
    MeasureLink,
    PlanPractice,
    Reporter,
    Submission,
    SubmittedFile,
)
from equity.mandates.template import Measure, Stratification, Template
from equity.publication.models import LedgerEntry
from equity.publication.queries import in_force
from equity.tenancy.models import Organisation, Unit
from metrics.figures import Cell
from metrics.models import Category, Dimension, Metric
from metrics.published import cell_of
from practices.models import AdoptedPractice
from practices.queries import Filters, practices_matching
from practices.queries.catalogue import texts_shown

COUNTED_KINDS = ("proportion", "rate")
"""Kinds of metrics that have a numerator, a denominator and a rate."""


@lru_cache(maxsize=1)
def templates() -> tuple[Template, ...]:
    """Every mandate that comes with the code, in every edition."""
    return reading.shipped()


def template_for(mandate: str, year: int) -> Template:
    """The edition that holds for the reports of a year."""
    found = [one for one in templates() if one.code == mandate and one.edition <= year]
    if not found:
        raise NotFound("")
    return found[-1]


@dataclass(frozen=True)
class Due:
    """One report that is due, or was: opened here or not yet."""

    template: Template
    year: int
    today: datetime.date
    report: MandatedReport | None
    submission: Submission | None

    @property
    def extended(self) -> bool:
        return self.report is not None and self.report.extended_on is not None

    @property
    def due(self) -> datetime.date:
        return self.template.deadline.due(self.year, extended=self.extended)

    @property
    def days_left(self) -> int:
        """Below 0: it is late by so many days."""
        return (self.due - self.today).days

    @property
    def days_late(self) -> int:
        return -self.days_left if self.submission is None and self.days_left < 0 else 0

    @property
    def period(self) -> tuple[datetime.date, datetime.date]:
        return self.template.deadline.period(self.year)

    def binds(self, organisation: Organisation) -> bool:
        """Whether the mandate is about institutions of this state."""
        return not self.template.states or organisation.state in self.template.states


def calendar(today: datetime.date) -> list[Due]:
    """Of each mandate the report that is due next, the one before it, and every one that was opened; the latest first."""
    opened = {(one.mandate, one.year): one for one in MandatedReport.objects.all()}
    latest = _latest_submissions()
    wanted = {key: template_for(*key) for key in opened}
    for template in templates():
        following = template.deadline.next_year(today)
        for year in (following, following - 1):
            if year >= template.edition:
                wanted[template.code, year] = template_for(template.code, year)
    lines = [
        Due(template, year, today, report, latest.get(report.pk) if report else None)
        for (code, year), template in wanted.items()
        for report in [opened.get((code, year))]
    ]
    return sorted(lines, key=lambda one: (-one.year, one.template.name))


def _latest_submissions() -> dict[UUID, Submission]:
    found = Submission.objects.order_by("report_id", "-version").distinct("report_id")
    return {one.report_id: one for one in found}


def due_of(report: MandatedReport, today: datetime.date) -> Due:
    """When an opened report is due."""
    submission = submissions_of(report).first()
    return Due(template_for(report.mandate, report.year), report.year, today, report, submission)


def report_for(pk: UUID) -> MandatedReport:
    """One report of the institution one is in."""
    report = MandatedReport.objects.select_related("organisation").filter(pk=pk).first()
    if report is None:
        raise NotFound("")
    return report


def reporter_for(pk: UUID) -> Reporter:
    """One reporter of the institution one is in, with its report and unit."""
    reporter = (
        Reporter.objects.select_related("report__organisation", "unit", "organisation").filter(pk=pk).first()
    )
    if reporter is None:
        raise NotFound("")
    return reporter


def reporters_of(report: MandatedReport) -> list[Reporter]:
    """Hospitals in the order of the units, then the whole."""
    found = Reporter.objects.filter(report=report).select_related("unit")
    return sorted(found, key=lambda one: (one.unit.parent_id is None, one.unit.position, one.unit.name))


def submissions_of(report: MandatedReport) -> QuerySet[Submission]:
    """What was submitted, the latest version first."""
    return Submission.objects.filter(report=report).select_related("submitted_by")


def files_of(submission: Submission) -> QuerySet[SubmittedFile]:
    """Names and hashes of what was submitted, without the bytes."""
    return SubmittedFile.objects.filter(submission=submission).defer("content")


def file_for(pk: UUID) -> SubmittedFile:
    """One submitted file, byte for byte."""
    found = SubmittedFile.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound("")
    return found


# ---------------------------------------------------------------- the institution's own side
def hospitals() -> list[Unit]:
    """Units that may have to report, in their order."""
    return list(Unit.objects.filter(kind=Unit.Kind.HOSPITAL).order_by("position", "name"))


def root() -> Unit:
    """The whole institution."""
    unit = Unit.objects.filter(parent=None).first()
    if unit is None:
        raise NotFound("")
    return unit


def links_of(mandate: str) -> dict[str, MeasureLink]:
    """What the institution said of each measure, by its code."""
    found = MeasureLink.objects.filter(mandate=mandate).select_related("metric")
    return {one.measure: one for one in found}


def group_links_of(mandate: str) -> dict[str, dict[str, list[str]]]:
    """Way to compare → group of the report → codes of the institution's groups, where it said so itself."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for one in GroupLink.objects.filter(mandate=mandate).select_related("category"):
        found[one.stratification][one.group].append(one.category.code)
    return {code: dict(groups) for code, groups in found.items()}


def fitting_metrics(measure: Measure, metrics: Sequence[Metric]) -> list[Metric]:
    """Metrics that count in the measure's own way, and the same way round."""
    return [one for one in metrics if one.kind in COUNTED_KINDS and one.better == measure.better.value]


def proposed_metric(measure: Measure, metrics: Sequence[Metric]) -> Metric | None:
    """The institution's metric with one of the codes that the template names."""
    fitting = {one.code: one for one in fitting_metrics(measure, metrics)}
    return next((fitting[code] for code in measure.metrics if code in fitting), None)


def own_dimensions() -> dict[str, OwnDimension]:
    """The institution's ways to compare, as the crosswalk needs them."""
    groups: dict[Any, list[OwnGroup]] = defaultdict(list)
    for one in Category.objects.all():
        groups[one.dimension_id].append(OwnGroup(one.code, one.label, one.standard_code, one.missing))
    return {
        one.code: OwnDimension(one.code, one.name, one.partition, tuple(groups[one.pk]))
        for one in Dimension.objects.all()
    }


def published_cells(
    organisation_id: int,
    metrics: Iterable[str],
    units: Iterable[str],
    period: tuple[datetime.date, datetime.date],
) -> tuple[Cells, int]:
    """What the public can read of these metrics and units in a year, and the last release that it is from (0: nothing)."""
    start, end = period
    places = list(units)
    prefixes = [f"{metric}|{unit}|{start}..{end}|" for metric in sorted(set(metrics)) for unit in places]
    if not prefixes:
        return {}, 0
    entries = in_force(
        organisation_id, LedgerEntry.Kind.OBSERVATION.value, prefixes=prefixes, audience="public"
    )
    found: dict[tuple[str, str], dict[str, Cell]] = defaultdict(dict)
    for entry in entries:
        metric, unit, _days, stratum = entry.key.split("|", 3)
        told = entry.document
        found[metric, unit][stratum] = cell_of(
            told["metric"]["kind"], told["status"], told["numerator"], told["denominator"], told["ci"]
        )
    return dict(found), max((entry.seq for entry in entries), default=0)


def stratification_for(template: Template, code: str) -> Stratification:
    """A way to compare of a template."""
    found = next((one for one in template.stratifications if one.code == code), None)
    if found is None:
        raise NotFound("")
    return found


# ---------------------------------------------------------------- plans
def plans_of(reporters: Iterable[Reporter]) -> Mapping[UUID, list[DisparityPlan]]:
    """The plans of each reporter."""
    found: dict[UUID, list[DisparityPlan]] = defaultdict(list)
    for plan in DisparityPlan.objects.filter(reporter__in=list(reporters)):
        found[plan.reporter_id].append(plan)
    return found


def practices_of(reporters: Iterable[Reporter]) -> Mapping[UUID, list[AdoptedPractice]]:
    """The practices of each plan, with their words."""
    links = (
        PlanPractice.objects.filter(plan__reporter__in=list(reporters))
        .select_related("practice__item__guide")
        .prefetch_related(texts_shown("practice__item__texts"))
        .order_by("pk")
    )
    found: dict[UUID, list[AdoptedPractice]] = defaultdict(list)
    for link in links:
        found[link.plan_id].append(link.practice)
    return found


def plan_of(reporter: Reporter, key: str) -> DisparityPlan | None:
    return DisparityPlan.objects.filter(reporter=reporter, key=key).first()


def possible_practices(today: datetime.date) -> list[AdoptedPractice]:
    """Practices of the cycle that is under way: what a plan can be carried out through."""
    cycle = current_cycle()
    return list(practices_matching(cycle, Filters(), today)) if cycle else []
