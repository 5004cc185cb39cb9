"""The example's California report, partly ready: one hospital with answers and plans, one with nothing but its kind."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from importlib.resources import files

from django.utils import timezone

from equity.desk.example import figures
from equity.mandates import actions, queries
from equity.mandates.assembling import assemble
from equity.mandates.models import MandatedReport, Reporter
from equity.publication.models import Release
from equity.tenancy.acting import acting_as
from equity.tenancy.models import Organisation, Person
from equity.tenancy.personas import Persona
from metrics.definitions import define_metrics
from metrics.models import Batch, Category

FOLDER = files("equity.desk.example")
COUNTS = "hospital-year.csv"
TITLE = "Two hospitals in 2025"
MANDATE, YEAR = "california-hospital-equity", 2026
HOSPITAL, OTHER = "ferry", "alder"

ANSWERS: dict[str, tuple[bool | None, str]] = {
    "hche-1": (True, "The strategic plan of 2025, pages 4 to 9."),
    "hche-2": (
        True,
        "Registration asks everybody; a report on what is missing goes to the council each quarter.",
    ),
    "hche-3": (False, "Dashboards by group exist for three measures. The others follow by the summer."),
    "equity-leader": (True, "The chief equity officer, who reports to the chief executive."),
}
TEXTS = {
    "person-centered": "Every care plan begins with what matters to the patient, in their own language and words.",
    "access": "Two clinics are open until nine in the evening. Rides are paid for when nobody else pays.",
    "method": "We counted every stay and birth of the year. Numbers are published first; this report only repeats them.",
}
PLANS = (
    (
        "A nurse calls on the second day at home. A community health worker visits whoever cannot be reached.",
        "From the rate of 2025 to at most 1.2 times that of the reference group",
        "coordination",
    ),
    (
        "Medicines are handed over at the bed, and paid for when insurance is late.",
        "A third fewer returns than in 2025",
        "",
    ),
)


def play(*, organisation: Organisation, people: Mapping[str, Person], say: Callable[[str], None]) -> None:
    """Count, publish, begin the report and write part of it. Each stage is whole or not there."""
    analyst = people["analyst"]
    _publish(organisation, people, say)
    with acting_as(Persona.MEMBER, organisation=organisation, person=analyst):
        if not MandatedReport.objects.exists() and _is_due():
            _prepare(organisation, analyst)


def _is_due() -> bool:
    template = queries.template_for(MANDATE, YEAR)
    return template.deadline.next_year(timezone.localdate()) >= YEAR


def _publish(organisation: Organisation, people: Mapping[str, Person], say: Callable[[str], None]) -> None:
    analyst = people["analyst"]
    with acting_as(Persona.OPERATOR):
        define_metrics(organisation=organisation, text=(FOLDER / "hospital-year.toml").read_text(), by=None)
    with acting_as(Persona.MEMBER, organisation=organisation, person=analyst):
        is_published = Release.objects.filter(title=TITLE, state=Release.State.PUBLISHED).exists()
        has_counts = Batch.objects.filter(name=COUNTS, state=Batch.State.APPLIED).exists()
    if is_published:
        return
    say(f"{organisation.name}: checking a year of its hospitals.")
    if not has_counts:
        figures.load(organisation=organisation, file=COUNTS, analyst=analyst, folder=FOLDER)
    figures.publish(organisation=organisation, title=TITLE, people=people)


def _prepare(organisation: Organisation, analyst: Person) -> None:
    report = actions.open_report(organisation=organisation, mandate=MANDATE, year=YEAR, by=analyst)
    by_unit = {one.unit.code: one for one in queries.reporters_of(report)}
    actions.describe_reporter(
        reporter=by_unit[HOSPITAL],
        kind="acute",
        identifier="000000001",
        head="Ruth Amsel",
        description="A hospital of 210 beds, with births and an emergency department.",
        by=analyst,
    )
    actions.describe_reporter(
        reporter=by_unit[OTHER], kind="acute", identifier="", head="", description="", by=analyst
    )
    template = queries.template_for(MANDATE, YEAR)
    actions.link_groups(
        organisation=organisation,
        template=template,
        stratification=queries.stratification_for(template, "payer"),
        chosen={"private": list(Category.objects.filter(dimension__code="payer", code="blue_cross"))},
        by=analyst,
    )
    reporter = by_unit[HOSPITAL]
    actions.answer(reporter=reporter, answers=ANSWERS, by=analyst)
    actions.state(reporter=reporter, texts=TEXTS, by=analyst)
    _plan(report, reporter, analyst)


def _plan(report: MandatedReport, reporter: Reporter, analyst: Person) -> None:
    whole = assemble(queries.report_for(report.pk))
    filled = next(one for one in whole.filled if one.facts.id == str(reporter.pk))
    practices = queries.possible_practices(timezone.localdate())
    for number, (disparity, (what, objective, area)) in enumerate(
        zip(filled.ranking.widest, PLANS, strict=False)
    ):
        actions.plan(
            reporter=reporter,
            key=disparity.key,
            population=f"{disparity.group.name}: {disparity.value.denominator} in the year",
            objective=objective,
            due=datetime.date(YEAR + 1, 12, 31),
            area=area,
            actions=what,
            practices=practices[number : number + 1],
            by=analyst,
        )
