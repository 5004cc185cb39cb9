"""Definitions come from files, and loading a file again changes nothing."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from equity.errors import RuleBroken
from equity.tenancy.acting import acting_as
from equity.tenancy.models import AuditEvent
from equity.tenancy.personas import Persona
from metrics.definitions import Defined, define_dimensions, define_metrics
from metrics.models import Category, Dimension, Grain, Metric
from tests.cast import House
from tests.metrics.importing import DIMENSIONS, METRICS, applied, as_member, csv_of, define
from tests.metrics.test_reading_example import EXAMPLE


def test_definitions_are_those_of_the_file(house: House) -> None:
    with acting_as(Persona.OPERATOR):
        define_dimensions(organisation=house.riverside, text=DIMENSIONS, by=None)
        defined = define_metrics(
            organisation=house.riverside, text=METRICS, by=None, institution="willow-ferry"
        )
        assert defined == Defined(created=9)
        calls = Metric.objects.get(code="security-calls")
        assert (calls.kind, calls.per, calls.frequency, calls.level) == ("rate", 1000, Grain.MONTH, "patient")
        unknown = Category.objects.get(dimension__code="race_ethnicity", code="not_recorded")
        assert (unknown.missing, unknown.position, unknown.standard_code) == (True, 9, "")
        black = Category.objects.get(dimension__code="race_ethnicity", code="black")
        assert (black.short_label, black.standard_code) == ("Black", "2054-5")
        assert not Metric.objects.filter(code="readmission-30-day").exists()


def test_same_file_again_changes_nothing(house: House) -> None:
    define(house)
    with acting_as(Persona.OPERATOR):
        before = AuditEvent.objects.count()
        again = define_dimensions(organisation=house.riverside, text=DIMENSIONS, by=None)
        assert (again.created, again.changed) == (0, 0)
        again = define_metrics(
            organisation=house.riverside, text=METRICS, by=None, institution="willow-ferry"
        )
        assert again == Defined(unchanged=9)
        assert AuditEvent.objects.count() == before


def test_changed_words_change_one_definition_and_leave_a_trace(house: House) -> None:
    define(house)
    text = DIMENSIONS.replace('label = "Some other language"', 'label = "Another language"')
    with as_member(house, "farid"):
        assert (
            define_dimensions(organisation=house.riverside, text=text, by=house.person("farid")).changed == 1
        )
        event = AuditEvent.objects.get(event="category.redefine")
    assert event.by_name == "Farid"
    assert event.details["changes"] == {"label": ["Some other language", "Another language"]}


def test_meaning_is_fixed_once_there_are_counts(house: House) -> None:
    define(house)
    text = METRICS.replace('kind = "rate"\nper = 1000', 'kind = "proportion"\nper = 1000')
    applied(house, csv_of(["security-calls,east,2024-01,,3,60"]))
    with acting_as(Persona.OPERATOR), pytest.raises(RuleBroken, match="has counts already"):
        define_metrics(organisation=house.riverside, text=text, by=None, institution="willow-ferry")
    with acting_as(Persona.OPERATOR):
        assert Metric.objects.get(code="security-calls").kind == "rate"


def test_everything_that_is_wrong_is_said_and_nothing_is_defined(house: House) -> None:
    text = '[[dimension]]\ncode = "Two Words"\nname = ""\npartition = "yes"\ncolour = "red"\n'
    with acting_as(Persona.OPERATOR):
        with pytest.raises(RuleBroken) as refused:
            define_dimensions(organisation=house.riverside, text=text, by=None)
        assert not Dimension.objects.exists()
    for key in ("dimension.1.code", "dimension.1.name", "dimension.1.partition", "dimension.1.colour"):
        assert key in refused.value.message


def test_command_defines_both(house: House) -> None:
    files = {"dimensions": EXAMPLE / "dimensions.toml", "metrics": EXAMPLE / "metrics.toml"}
    call_command("define_metrics", "riverside", **files, institution="willow-ferry")
    with acting_as(Persona.OPERATOR):
        assert Metric.objects.count() == 9
    with pytest.raises(CommandError, match="no institution"):
        call_command("define_metrics", "nowhere", **files)
