"""Versions break lines and keep counts; targets show how they changed."""

from __future__ import annotations

import datetime
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from equity.errors import RuleBroken
from equity.roles import Permission
from equity.tenancy.acting import acting_as
from equity.tenancy.models import AuditEvent
from equity.tenancy.personas import Persona
from metrics import queries
from metrics.actions import choosing
from metrics.actions.versions import new_version, reword_metric, set_target
from metrics.breaks import Break, segments, unbroken
from metrics.definition_fields import definition_of
from metrics.definitions import define_metrics
from metrics.models import Metric, MetricVersion, Observation, Target
from metrics.reading.periods import parse_period
from metrics.standing import Standing, meaning_at, standing_of
from tests.cast import House
from tests.metrics.choosing import acting, address, again, as_form, entry
from tests.metrics.facts import Facts, entries, released
from tests.metrics.hospitals import QUARTERS, two_hospitals

JULY = date(2024, 7, 1)


@pytest.fixture
def facts(house: House) -> Facts:
    return two_hospitals(house)


def told(metric: Metric) -> Standing:
    return standing_of(queries.metric_for(metric.level, metric.code))


def changed(metric: Metric, **more: Any) -> dict[str, Any]:
    return {**definition_of(metric), **more}


def test_new_version_breaks_the_line_and_keeps_the_counts(facts: Facts, house: House) -> None:
    metric = facts.metrics["seen-in-time"]
    with acting_as(Persona.OPERATOR):
        before = Observation.objects.count()
    with acting(house, "alice"):
        new_version(
            metric=metric,
            values=changed(metric, numerator="Those it reached, or called back"),
            first_day=JULY,
            reason="Calls count too.",
            by=house.person("alice"),
        )
        assert told(metric).breaks == [Break(2, JULY, "Calls count too.")]
        versions = list(MetricVersion.objects.values_list("number", "first_day"))
        assert meaning_at(again(metric), date(2024, 4, 1))["numerator"] == "Those it reached"
    assert versions == [(1, None), (2, JULY)]
    with acting_as(Persona.OPERATOR):
        assert Observation.objects.count() == before > 0


def test_published_figure_tells_the_definition_of_its_own_time(facts: Facts, house: House) -> None:
    metric = facts.metrics["seen-in-time"]
    with acting(house, "alice"):
        second = date(2024, 7, 1)
        new_version(
            metric=metric,
            values=changed(metric, numerator="Those it called back"),
            first_day=second,
            reason="Another question.",
            by=None,
        )
    documents = entries(released(facts, house.person("alice"), QUARTERS[:3])).values()
    told = {
        (one["period"]["start"] >= "2024-07-01", one["metric"]["version"], one["metric"]["numerator"])
        for one in documents
    }
    assert told == {(False, 1, "Those it reached"), (True, 2, "Those it called back")}
    assert {one["metric"]["comparable"] for one in documents} == {False}


def test_better_words_make_no_version(facts: Facts, house: House) -> None:
    metric = facts.metrics["seen-in-time"]
    with acting(house, "alice"):
        reword_metric(metric=metric, values=changed(metric, numerator="People reached"), by=None)
        assert told(metric).breaks == []
        with pytest.raises(RuleBroken, match="counts something else"):
            new_version(metric=metric, values=changed(metric, why="x"), first_day=JULY, reason="x", by=None)
        with pytest.raises(RuleBroken, match="Nothing differs"):
            reword_metric(metric=metric, values=definition_of(metric), by=None)


@pytest.mark.parametrize("change", [{"kind": "mean"}, {"frequency": 1}, {"counts_people": False}])
def test_way_of_counting_stays_once_there_are_counts(facts: Facts, house: House, change: Any) -> None:
    """Counts that stand there would be read wrongly, and small ones of people would be laid open."""
    metric = facts.metrics["seen-in-time"]
    values = changed(metric, numerator="Others", **change)
    with acting(house, "alice"):
        with pytest.raises(RuleBroken, match="read wrongly"):
            new_version(metric=metric, values=values, first_day=JULY, reason="x", by=None)
        with pytest.raises(RuleBroken, match="read wrongly"):
            reword_metric(metric=metric, values=values, by=None)


def test_versions_follow_one_another(facts: Facts, house: House) -> None:
    metric = facts.metrics["seen-in-time"]
    with acting(house, "alice"):
        new_version(metric=metric, values=changed(metric, source="A"), first_day=JULY, reason="x", by=None)
        with pytest.raises(RuleBroken, match="on that day or later"):
            new_version(
                metric=metric, values=changed(metric, source="B"), first_day=JULY, reason="x", by=None
            )
    assert again(metric).version == 2


def test_metric_taken_over_becomes_adapted_with_its_second_version(house: House) -> None:
    with acting(house, "alice"):
        metric = choosing.adopt_metric(organisation=house.riverside, entry=entry(), by=None)
        new_version(metric=metric, values=changed(metric, source="A"), first_day=JULY, reason="x", by=None)
        other = choosing.adopt_metric(organisation=house.riverside, entry=entry("interpreter-used"), by=None)
        reword_metric(metric=other, values=changed(other, name="Ours"), by=None)
    assert {again(one).origin for one in (metric, other)} == {"adapted"}


def test_a_version_is_never_changed_or_taken_back(facts: Facts, house: House) -> None:
    metric = facts.metrics["seen-in-time"]
    with acting(house, "alice"):
        new_version(metric=metric, values=changed(metric, source="A"), first_day=JULY, reason="x", by=None)
        with pytest.raises(DatabaseError), transaction.atomic(using="owner"):
            MetricVersion.objects.update(reason="y")
        with pytest.raises(DatabaseError), transaction.atomic(using="owner"):
            MetricVersion.objects.all().delete()


def test_segments_put_each_period_into_its_version() -> None:
    starts = [date(2024, month, 1) for month in (1, 4, 7, 10)]
    cuts = [Break(2, date(2024, 5, 15), ""), Break(3, date(2024, 10, 1), "")]
    assert segments(starts, cuts) == [1, 1, 2, 3]
    assert segments(starts, []) == [1, 1, 1, 1]


def test_a_change_is_told_between_periods_that_count_the_same() -> None:
    periods = [parse_period(code) for code in ("2024", "2024-Q1", "2024-Q3", "2024-Q4")]
    assert unbroken(periods, []) == periods
    assert [one.code for one in unbroken(periods, [Break(2, JULY, "")])] == ["2024-Q3", "2024-Q4"]


def test_page_draws_no_trend_across_a_break(facts: Facts, house: House, client: Client) -> None:
    client.force_login(house.accounts["alice"])
    page = reverse("metrics:metric", args=["riverside", "patient", "seen-in-time"])
    assert client.get(page).status_code == 200
    with acting(house, "alice"):
        metric = queries.metric_for("patient", "seen-in-time")
        before = queries.detail(house.riverside, {Permission.SEE_FULL_COUNTS}, metric, queries.Asked())
        last = max(one.period.start for one in before.history)
        new_version(
            metric=metric, values=changed(metric, source="A"), first_day=last, reason="Moved.", by=None
        )
        metric = queries.metric_for("patient", "seen-in-time")
        after = queries.detail(house.riverside, {Permission.SEE_FULL_COUNTS}, metric, queries.Asked())
    assert before.trend is not None
    assert after.trend is None
    assert "it counts something else" in client.get(page).content.decode()


def test_change_page_asks_for_a_day_and_a_reason(facts: Facts, house: House, client: Client) -> None:
    client.force_login(house.accounts["alice"])
    where = address("metric_change", metric="seen-in-time")
    sent = as_form(changed(facts.metrics["seen-in-time"], numerator="Others", why="Ours", caution=""))
    assert client.post(where, {**sent, "meaning": "other"}).status_code == 422
    told = {"meaning": "other", "first_day": "2024-07-01", "reason": "The old words were unclear."}
    assert client.post(where, {**sent, **told}).status_code == 302
    page = client.get(address("kept", metric="seen-in-time")).content.decode()
    assert "The old words were unclear." in page
    assert 'datetime="2024-07-01"' in page


# ---------------------------------------------------------------- from files
FILE = """
[[metric]]
code = "calls"
name = "Calls"
level = "community"
purpose = "impact"
kind = "proportion"
better = "higher"
numerator = "Answered"
denominator = "All"
frequency = "month"
source = "Log"
"""
SECOND = (
    FILE.replace('"Answered"', '"Answered in a day"')
    + 'version = 2\nfirst_day = "2024-07-01"\nversion_reason = "A week is too long."\n'
)


def define(house: House, text: str) -> Any:
    with acting_as(Persona.OPERATOR):
        return define_metrics(organisation=house.riverside, text=text, by=None)


def test_file_with_a_later_version_breaks_the_line_once(house: House) -> None:
    define(house, FILE)
    assert define(house, SECOND).changed == 1
    assert define(house, SECOND).unchanged == 1
    with acting_as(Persona.OPERATOR):
        metric = Metric.objects.get(code="calls")
        assert (metric.version, metric.numerator) == (2, "Answered in a day")
        assert told(metric).breaks == [Break(2, JULY, "A week is too long.")]
        assert meaning_at(metric, date(2024, 1, 1))["numerator"] == "Answered"
    with pytest.raises(RuleBroken, match="earlier one"):
        define(house, FILE)


def test_file_with_a_version_needs_its_day_and_its_reason(house: House) -> None:
    with pytest.raises(RuleBroken, match="when it begins"):
        define(house, FILE + "version = 2\n")


def test_file_takes_a_metric_of_the_library_over(house: House) -> None:
    define(house, '[[metric]]\ncode = "interpreter-wait"\nlibrary = "interpreter-wait"\n')
    with acting_as(Persona.OPERATOR):
        metric = Metric.objects.get()
        assert (metric.origin, metric.library_version, metric.numerator) == ("library", 1, entry().numerator)
    with pytest.raises(RuleBroken, match="no metric"):
        define(house, '[[metric]]\ncode = "x"\nlibrary = "not-there"\n')


# ---------------------------------------------------------------- targets
def test_target_for_a_group_shows_old_and_new(facts: Facts, house: House, client: Client) -> None:
    metric, soon = facts.metrics["seen-in-time"], timezone.localdate() + datetime.timedelta(days=300)
    group = next(key for key in facts.strata if key)
    with acting(house, "alice"):
        for value in ("80", "85.5"):
            set_target(
                metric=metric, stratum=group, value=Decimal(value), by_date=soon, reason="The board.", by=None
            )
        set_target(metric=metric, stratum="", value=Decimal(70), by_date=soon, reason="The board.", by=None)
        aims = told(metric).aims
        assert {key: aim.value for key, aim in aims.items()} == {group: Decimal("85.5"), "": Decimal(70)}
        set_target(metric=metric, stratum="", value=None, by_date=None, reason="Given up.", by=None)
        assert set(told(metric).aims) == {group}
        assert AuditEvent.objects.filter(event="metric.target").count() == 4
    client.force_login(house.accounts["carmen"])
    page = client.get(address("kept", metric="seen-in-time")).content.decode()
    assert "85.5 in 100" in page
    assert "Given up" in page
    assert client.get(address("metric_target", metric="seen-in-time")).status_code == 403


def test_target_that_cannot_be_reached_is_refused(facts: Facts, house: House, client: Client) -> None:
    metric, soon = facts.metrics["seen-in-time"], timezone.localdate() + datetime.timedelta(days=30)
    with acting(house, "alice"):
        for value in (Decimal(101), Decimal(-1)):
            with pytest.raises(RuleBroken):
                set_target(metric=metric, stratum="", value=value, by_date=soon, reason="x", by=None)
        with pytest.raises(RuleBroken, match="no target"):
            set_target(metric=metric, stratum="", value=None, by_date=None, reason="x", by=None)
        assert not Target.objects.exists()
    client.force_login(house.accounts["alice"])
    sent = {"stratum": "", "value": "80", "by_date": "2001-01-01", "reason": "x"}
    assert client.post(address("metric_target", metric="seen-in-time"), sent).status_code == 422
    sent = {**sent, "stratum": "race=nobody", "by_date": soon.isoformat()}
    assert client.post(address("metric_target", metric="seen-in-time"), sent).status_code == 422
