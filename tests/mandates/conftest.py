"""Riverside with two hospitals whose readmissions of 2025 are published, and the California report of 2026 begun."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import reverse

from equity.mandates import actions, queries
from equity.mandates.assembling import assemble
from equity.mandates.models import MandatedReport, Reporter
from equity.mandates.report import Filled, Report
from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona
from tests.cast import House
from tests.metrics.facts import Facts
from tests.public.published import METRIC, observation, publish

MANDATE = "california-hospital-equity"
READMISSION = METRIC | {"code": "readmission-30-day"}
EAST, WEST = ("east", "East Hospital"), ("west", "West Hospital")


def counted(numerator: int | None, denominator: int | None, unit: tuple[str, str] = EAST, **more: Any) -> Any:
    return observation(numerator, denominator, metric=READMISSION, unit=unit, **more)


ENTRIES = [
    counted(150, 1000),
    counted(60, 300, race="black"),
    counted(40, 400, race="white"),
    counted(None, None, race="asian", status="hidden"),
    counted(90, 500, payer="medicaid"),
    counted(60, 500, payer="private"),
    counted(100, 800, WEST),
    counted(30, 200, WEST, race="black"),
    counted(60, 600, WEST, race="white"),
]


@dataclass
class Mandated:
    """The report, and the ways to act on it."""

    house: House
    report: MandatedReport
    seq: int

    @contextmanager
    def by(self, name: str) -> Iterator[Any]:
        organisation = self.house.elsewhere if name == "walter" else self.house.riverside
        person = self.house.person(name)
        with acting_as(Persona.MEMBER, organisation=organisation, person=person):
            yield person

    def whole(self) -> Report:
        with self.by("alice"):
            return assemble(queries.report_for(self.report.pk))

    def filled(self, unit: str = "east") -> Filled:
        return next(one for one in self.whole().filled if one.facts.unit == unit)

    def reporter(self, unit: str = "east") -> Reporter:
        with self.by("alice"):
            found = queries.reporters_of(queries.report_for(self.report.pk))
            return queries.reporter_for(next(one.pk for one in found if one.unit.code == unit))

    def describe(self, unit: str = "east", kind: str = "acute", **more: str) -> None:
        facts = {"identifier": "106000001", "head": "", "description": "", **more}
        with self.by("bea") as bea:
            actions.describe_reporter(reporter=self.reporter(unit), kind=kind, by=bea, **facts)

    def address(self, name: str, institution: str = "riverside", **kwargs: Any) -> str:
        given = kwargs or {"pk": self.report.pk}
        return reverse(f"mandates:{name}", kwargs={"institution": institution, **given})


def complete(mandated: Mandated, unit: str = "east") -> None:
    """Bea writes everything that people have to write."""
    filled = mandated.filled(unit)
    reporter = mandated.reporter(unit)
    with mandated.by("bea") as bea:
        actions.answer(
            reporter=reporter,
            answers={one.measure.code: (True, "The plan, page 4.") for one in filled.structural},
            by=bea,
        )
        template = queries.template_for(MANDATE, 2026)
        actions.state(
            reporter=reporter, texts={one.code: "We listen." for one in template.statements}, by=bea
        )
        for disparity in filled.ranking.widest:
            actions.plan(
                reporter=reporter,
                key=disparity.key,
                population="300 stays of Black patients",
                objective="From 20 to 15 in 100",
                due=datetime.date(2027, 12, 31),
                area="coordination",
                actions="A call on the second day.",
                practices=[],
                by=bea,
            )


def measured(house: House) -> Facts:
    """Ways to compare and the metric, as Riverside defined them."""
    units = {code: house.units[f"riverside/{code}"] for code in ("all", "east", "west")}
    facts = Facts(house.riverside, units)
    facts.dimension("race", ["asian", "black", "white", "unknown"], missing="unknown")
    facts.dimension("payer", ["medicaid", "private", "unknown"], missing="unknown")
    facts.metric("readmission-30-day", name="Back in 30 days", better="lower")
    return facts


@pytest.fixture
def mandated(house: House) -> Mandated:
    measured(house)
    seq = publish(house.riverside, house.person("alice"), ENTRIES)
    with acting_as(Persona.MEMBER, organisation=house.riverside, person=house.person("bea")):
        report = actions.open_report(
            organisation=house.riverside, mandate=MANDATE, year=2026, by=house.person("bea")
        )
    return Mandated(house, report, seq)
