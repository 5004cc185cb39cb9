"""Riverside choosing what to measure: its people act on definitions."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona
from metrics.definition_sets import load_set
from metrics.library.entries import LibraryMetric
from metrics.library.read import shelf
from metrics.models import Metric, SetMetric
from tests.cast import House

SET = """
[set]
code = "core"
edition = 1
name = "Core measures"
department = "Department of Health"
jurisdiction = "OH"
published_on = "2026-01-15"
source = "https://health.example/core"

[[metric]]
code = "seen-by-midwife"
name = "Seen by a midwife"
level = "patient"
purpose = "impact"
kind = "proportion"
better = "higher"
counts_people = true
numerator = "Births with a midwife there"
denominator = "All births"
source = "Birth record"
frequency = "quarter"
dimensions = ["race_ethnicity"]
why = "Families asked for it."
"""

VALUES: dict[str, Any] = {
    "name": "Calls that were answered",
    "level": "community",
    "purpose": "partnership",
    "why": "People gave up calling.",
    "caution": "",
    "kind": "proportion",
    "frequency": 1,
    "once_over_periods": False,
    "once_over_units": False,
    "composition": {},
    "counts_people": False,
    "numerator": "Calls answered within a day",
    "denominator": "All calls",
    "exclusions": "",
    "better": "higher",
    "per": 100,
    "source": "Phone log",
}


def acting(house: House, name: str) -> Any:
    return acting_as(Persona.MEMBER, organisation=house.riverside, person=house.person(name))


def entry(code: str = "interpreter-wait") -> LibraryMetric:
    return shelf().metric(code)


def set_metric(text: str = SET) -> SetMetric:
    with acting_as(Persona.OPERATOR):
        return load_set(text).definition_set.metrics.get()


def again(metric: Metric) -> Metric:
    with acting_as(Persona.OPERATOR):
        return Metric.objects.select_related("set_metric__definition_set").get(pk=metric.pk)


def address(name: str, **given: Any) -> str:
    return reverse(f"metrics:{name}", kwargs={"institution": "riverside", **given})


def as_form(values: dict[str, Any]) -> dict[str, Any]:
    return {**values, "counts_people": "yes" if values["counts_people"] else "no"}
