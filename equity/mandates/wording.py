"""What a report says of itself, in words: what is missing, why a number is not there, how many days are left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from equity.mandates.filling import Block, Row, Table, Value, Why
from equity.mandates.models import MandatedReport
from equity.mandates.readiness import Lack, Missing

BLANK = {
    Why.NO_METRIC: gettext_lazy("No measure of ours"),
    Why.NOT_PUBLISHED: gettext_lazy("Not published"),
    Why.NO_GROUP: gettext_lazy("We have no such group"),
    Why.OVERLAP: gettext_lazy("Our groups overlap"),
    Why.SEVERAL_UNITS: gettext_lazy("One person may be in several of our units"),
    Why.NOBODY: gettext_lazy("Nobody was counted"),
    Why.NOT_COLLECTED: gettext_lazy("Not collected"),
    Why.NOT_ASKED: gettext_lazy("Not asked"),
    Why.NOT_YET_DUE: gettext_lazy("Not due yet"),
    Why.WITHHELD: gettext_lazy("Held back"),
}
"""What stands on the page where the file has nothing."""


@dataclass(frozen=True)
class Task:
    """One thing that is missing, as a sentence with the place where it is mended; no place: nobody here can mend it."""

    sentence: str
    address: str
    link: str


@dataclass(frozen=True)
class Tasks:
    """What one reporter lacks, or what the whole report does (`name` is then "")."""

    name: str
    tasks: list[Task]


def tasks(missing: list[Missing], report: MandatedReport) -> list[Tasks]:
    """What is missing, in words, by whom it concerns, in the order of the report."""
    found: dict[tuple[str, str], list[Task]] = {}
    for one in missing:
        found.setdefault((one.reporter, one.name), []).append(_task(one, report))
    return [Tasks(name, of_it) for (_reporter_id, name), of_it in found.items()]


def _task(one: Missing, report: MandatedReport) -> Task:
    parts = {"name": one.name, "about": one.about, "count": one.count}
    sentence, link, address = _SAY[one.lack]
    return Task(str(sentence) % parts, address(one, report), str(link))


def _inside(name: str, report: MandatedReport, **more: str) -> str:
    return reverse(name, kwargs={"institution": report.organisation.slug, **more})


def _reporter(name: str) -> Callable[[Missing, MandatedReport], str]:
    return lambda one, report: _inside(name, report, pk=one.reporter)


def _measures(one: Missing, report: MandatedReport) -> str:
    return _inside("mandates:measures", report, pk=str(report.pk)) + (
        f"#id_measure-{one.key}" if one.key else ""
    )


def _releases(one: Missing, report: MandatedReport) -> str:
    return _inside("metrics:releases", report)


def _groups(one: Missing, report: MandatedReport) -> str:
    return _inside("mandates:groups", report, pk=str(report.pk))


def _plan(one: Missing, report: MandatedReport) -> str:
    return _inside("mandates:plan", report, pk=one.reporter, disparity=one.key)


def _who_reports(one: Missing, report: MandatedReport) -> str:
    return "#reporters"


def _unchecked(one: Missing, report: MandatedReport) -> str:
    return "#unchecked"


_SAY = {
    Lack.NOBODY: (
        gettext_lazy("No hospital of ours is marked as one that reports."),
        gettext_lazy("See the hospitals"),
        _who_reports,
    ),
    Lack.KIND: (
        gettext_lazy("%(name)s: nobody has said which kind of hospital it is."),
        gettext_lazy("Say it"),
        _reporter("mandates:facts"),
    ),
    Lack.IDENTIFIER: (
        gettext_lazy("%(name)s has no %(about)s yet."),
        gettext_lazy("Write it"),
        _reporter("mandates:facts"),
    ),
    Lack.HEAD: (
        gettext_lazy("%(name)s: the chief executive or the description is missing."),
        gettext_lazy("Write it"),
        _reporter("mandates:facts"),
    ),
    Lack.SHORT_LIST: (
        gettext_lazy(
            "%(name)s: for the kind “%(about)s”, %(count)s measures that the department asks for are not known to this site."
        ),
        gettext_lazy("What could not be checked"),
        _unchecked,
    ),
    Lack.METRIC: (
        gettext_lazy("“%(about)s”: nobody has said which of our measures answers it."),
        gettext_lazy("Choose one"),
        _measures,
    ),
    Lack.PUBLISHED: (
        gettext_lazy("%(name)s, “%(about)s”: this year is not published."),
        gettext_lazy("See the releases"),
        _releases,
    ),
    Lack.COMPARED: (
        gettext_lazy("%(name)s has no published number by group. %(about)s."),
        gettext_lazy("See how groups are matched"),
        _groups,
    ),
    Lack.ANSWER: (
        gettext_lazy("%(name)s has not answered: %(about)s."),
        gettext_lazy("Answer"),
        _reporter("mandates:answers"),
    ),
    Lack.STATEMENT: (
        gettext_lazy("%(name)s has not written about: %(about)s."),
        gettext_lazy("Write it"),
        _reporter("mandates:statements"),
    ),
    Lack.PLAN: (
        gettext_lazy("%(name)s has no plan for a wide disparity. %(about)s."),
        gettext_lazy("Make a plan"),
        _plan,
    ),
    Lack.HALF_PLAN: (
        gettext_lazy("%(name)s has half a plan. %(about)s."),
        gettext_lazy("Finish it"),
        _plan,
    ),
}


def ratio_words(ratio: float, width: float | None) -> str:
    """The ratio with two decimals; without a bound it says so."""
    if width is None:
        return _("0, there is no wider gap")
    return f"{ratio:.2f}"


@dataclass(frozen=True)
class Shown:
    """A value as the page shows it: numbers, the pill, or words in their place."""

    numerator: int | None
    denominator: int | None
    rate: str
    suppressed: bool
    blank: str
    unsteady: bool


@dataclass(frozen=True)
class ShownTable:
    """One measure of one kind of hospital. `blocks`: ways to compare that have a number; `empty`: names of the others."""

    table: Table
    overall: Shown
    blocks: list[tuple[Block, list[tuple[Row, Shown]]]]
    empty: list[str]


def shown(value: Value) -> Shown:
    """One value in words."""
    return Shown(
        numerator=value.numerator,
        denominator=value.denominator,
        rate="" if value.rate is None else number_format(value.rate, 1),
        suppressed=value.suppressed,
        blank=str(BLANK[value.why]) if value.why else "",
        unsteady=value.shown and not value.reliable,
    )


def shown_table(table: Table) -> ShownTable:
    """A measure with its groups; ways to compare without any number are only named."""
    blocks = [
        (block, [(row, shown(row.value)) for row in block.rows]) for block in table.blocks if block.compared
    ]
    empty = [block.stratification.name for block in table.blocks if not block.compared]
    return ShownTable(table, shown(table.overall), blocks, empty)
