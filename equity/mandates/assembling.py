"""Puts a report together: what is published, what the institution said, what it plans. A constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from equity.mandates import queries
from equity.mandates.crosswalk import Crosswalk, cross
from equity.mandates.disparities import rank
from equity.mandates.filling import Answering, Cells, Panel, fill, overall
from equity.mandates.models import DisparityPlan, MandatedReport, Reporter, ReportStatement, StructuralAnswer
from equity.mandates.report import Facts, Filled, Plan, Report, Structural, YesNo
from equity.mandates.template import Form, Kind, Scope, Template
from equity.tenancy.models import Unit
from practices.models import AdoptedPractice

DOES_NOT_REPORT = "none"
"""A unit of which somebody said that the mandate does not reach it."""


def assemble(report: MandatedReport) -> Report:
    """The report as it stands now."""
    template = queries.template_for(report.mandate, report.year)
    period = template.deadline.period(report.year)
    reporters = [one for one in queries.reporters_of(report) if one.kind != DOES_NOT_REPORT]
    links = queries.links_of(report.mandate)
    answering = {
        code: Answering(link.metric.code, link.metric.kind, link.metric.once_over_units)
        for code, link in links.items()
        if link.metric
    }
    cells, as_of = queries.published_cells(
        report.organisation_id,
        (one.metric for one in answering.values()),
        (one.unit.code for one in reporters),
        period,
    )
    crosswalks = crosswalks_of(template)
    said = _Said(reporters, template)
    filled = [_filled(template, one, reporters, answering, cells, crosswalks, said) for one in reporters]
    return Report(
        template=template,
        year=report.year,
        institution=report.organisation.name,
        period=period,
        as_of=as_of,
        crosswalks=crosswalks,
        filled=tuple(filled),
        unanswered=tuple(
            one
            for one in template.counted
            if one.code not in links and any(_is_asked(template, one.kinds, who) for who in reporters)
        ),
    )


def crosswalks_of(template: Template) -> tuple[Crosswalk, ...]:
    """From the institution's groups to the report's, for every way to compare."""
    dimensions, chosen = queries.own_dimensions(), queries.group_links_of(template.code)
    return tuple(cross(one, dimensions, chosen.get(one.code)) for one in template.stratifications)


def _is_asked(template: Template, kinds: Sequence[str], reporter: Reporter) -> bool:
    return reporter.kind in kinds


def _filled(
    template: Template,
    reporter: Reporter,
    reporters: Sequence[Reporter],
    answering: Mapping[str, Answering],
    cells: Cells,
    crosswalks: Sequence[Crosswalk],
    said: _Said,
) -> Filled:
    kind = template.kind(reporter.kind)
    panels = _panels(template, reporter, kind, reporters)
    tables = tuple(
        table
        for panel in panels
        for table in fill(panel, template.core_of(panel.kind.code), answering, cells, crosswalks)
    )
    units = [unit for panel in panels for unit in panel.units]
    return Filled(
        facts=_facts(reporter, kind, reporters),
        tables=tables,
        structural=_structural(template, reporter, kind, answering, cells, units, said),
        ranking=rank(tables, template.most),
        plans=said.plans(reporter),
        statements=said.statements(reporter),
    )


def _panels(
    template: Template, reporter: Reporter, kind: Kind | None, reporters: Sequence[Reporter]
) -> list[Panel]:
    """One hospital; or, for the whole, its hospitals by their kind, added up from what is published of each."""
    if kind is None:
        return []
    if kind.scope is Scope.UNIT:
        return [Panel(kind, (reporter.unit.code,))]
    by_kind: dict[str, list[str]] = defaultdict(list)
    for one in reporters:
        by_kind[one.kind].append(one.unit.code)
    return [Panel(one, tuple(by_kind[one.code])) for one in template.unit_kinds if by_kind[one.code]]


def _facts(reporter: Reporter, kind: Kind | None, reporters: Iterable[Reporter]) -> Facts:
    members: tuple[str, ...] = ()
    if kind is not None and kind.scope is Scope.WHOLE:
        parts = [one for one in reporters if one.pk != reporter.pk and one.kind]
        members = tuple(f"{one.unit.name} {one.identifier}".strip() for one in parts)
    return Facts(
        id=str(reporter.pk),
        unit=reporter.unit.code,
        name=reporter.unit.name,
        kind=kind,
        identifier=reporter.identifier,
        head=reporter.head,
        description=reporter.description,
        members=members,
    )


def _structural(
    template: Template,
    reporter: Reporter,
    kind: Kind | None,
    answering: Mapping[str, Answering],
    cells: Cells,
    units: Sequence[str],
    said: _Said,
) -> tuple[Structural, ...]:
    if kind is None:
        return ()
    found = []
    for measure in template.structural_of(kind.code):
        if measure.form is Form.YES_NO:
            found.append(Structural(measure, said.answer(reporter, measure.code), None, ""))
        else:
            metric = answering.get(measure.code)
            value = overall(measure, metric, units, cells)
            found.append(Structural(measure, None, value, metric.metric if metric else ""))
    return tuple(found)


class _Said:
    """What was written for all reporters of a report, read at once."""

    def __init__(self, reporters: Sequence[Reporter], template: Template) -> None:
        self._areas = {one.code: one for one in template.areas}
        self._answers: dict[Any, dict[str, YesNo]] = defaultdict(dict)
        for answer in StructuralAnswer.objects.filter(reporter__in=reporters):
            self._answers[answer.reporter_id][answer.measure] = YesNo(answer.yes, answer.text)
        self._texts: dict[Any, dict[str, str]] = defaultdict(dict)
        for text in ReportStatement.objects.filter(reporter__in=reporters):
            self._texts[text.reporter_id][text.statement] = text.text
        self._plans = queries.plans_of(reporters)
        self._practices = queries.practices_of(reporters)

    def answer(self, reporter: Reporter, measure: str) -> YesNo | None:
        return self._answers[reporter.pk].get(measure)

    def statements(self, reporter: Reporter) -> Mapping[str, str]:
        return self._texts[reporter.pk]

    def plans(self, reporter: Reporter) -> Mapping[str, Plan]:
        return {
            plan.key: self._plan(plan, self._practices.get(plan.pk, []))
            for plan in self._plans.get(reporter.pk, [])
        }

    def _plan(self, plan: DisparityPlan, practices: Sequence[AdoptedPractice]) -> Plan:
        return Plan(
            population=plan.population,
            objective=plan.objective,
            by=plan.by,
            area=self._areas.get(plan.area),
            actions=plan.actions,
            practices=tuple(one.title for one in practices),
        )


def whole_and_hospitals(units: Sequence[Unit], whole: Unit, template: Template) -> list[tuple[Unit, str]]:
    """Who a new report is about, with the kind of each: "" where somebody has to say it."""
    only = template.unit_kinds[0].code if len(template.unit_kinds) == 1 else ""
    found = [(unit, only) for unit in units]
    if template.whole is not None and len(units) > 1:
        found.append((whole, template.whole.code))
    return found
