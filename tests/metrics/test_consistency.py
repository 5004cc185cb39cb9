"""A sum that is not what the observations say is found, told, and put right."""

from __future__ import annotations

import logging
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db.models import F
from django.test import Client
from django.urls import reverse

from equity.tenancy import jobs
from equity.tenancy.acting import acting_as
from equity.tenancy.models import AuditEvent, Job
from equity.tenancy.personas import Persona
from metrics.consistency import check
from metrics.models import Rollup
from metrics.tasks.rollups import check_all
from tests.cast import House
from tests.metrics.facts import Facts


@pytest.fixture
def facts(house: House) -> Facts:
    units = {code: house.units[f"riverside/{code}"] for code in ("all", "east", "west")}
    made = Facts(house.riverside, units)
    made.metric("seen", frequency=1)
    made.metric("waiting", kind="mean", frequency=3)
    for unit in ("east", "west"):
        for month in range(1, 13):
            made.add("seen", unit, f"2024-{month:02}", {"": (month, 100)})
        made.add("waiting", unit, "2024-Q1", {"": (40, 8)}, squares={"": 260})
    made.roll_up()
    return made


@pytest.fixture
def night(facts: Facts, django_capture_on_commit_callbacks: Any) -> Any:
    """The nightly check of every institution, seen through."""

    def falls() -> list[Job]:
        check_all()
        with acting_as(Persona.OPERATOR):
            asked = list(Job.objects.filter(kind="metrics.check_rollups", state=Job.State.QUEUED))
        for job in asked:
            with django_capture_on_commit_callbacks(using="owner", execute=True):
                assert jobs.run(job.organisation_id, job.pk)
        with acting_as(Persona.OPERATOR):
            return list(Job.objects.select_related("organisation").filter(pk__in=[job.pk for job in asked]))

    return falls


def spoil(**which: Any) -> None:
    with acting_as(Persona.OPERATOR):
        assert Rollup.objects.filter(**which).update(numerator=F("numerator") + 1)


def test_right_sums_raise_no_alarm(night: Any) -> None:
    outcomes = {job.organisation.slug: job.outcome for job in night()}
    assert outcomes["elsewhere"] == {"sums": 0, "different": 0}
    assert outcomes["riverside"]["different"] == 0
    assert outcomes["riverside"]["sums"] == 3 * (12 + 4 + 1) + 3 * 2
    assert not mail.outbox


@pytest.mark.parametrize("grain", [1, 3, 12])
def test_a_wrong_sum_is_told_in_the_log_by_mail_and_in_the_audit_trail(
    facts: Facts,
    house: House,
    night: Any,
    grain: int,
    client: Client,
    settings: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.ADMINS = [("Olive", "olive@example.org")]
    spoil(series__metric__code="seen", series__unit__code="all", grain=grain)
    with caplog.at_level(logging.ERROR):
        night()
    assert "riverside" in caplog.text
    assert "check_rollups riverside --repair" in caplog.text
    (sent,) = mail.outbox
    assert sent.to == ["olive@example.org"]
    with acting_as(Persona.OPERATOR):
        event = AuditEvent.objects.get(event="rollup.differ")
    assert event.organisation_id == house.riverside.pk
    client.force_login(house.accounts["alice"])
    page = client.get(reverse("desk:history", kwargs={"institution": "riverside"})).content.decode()
    assert "found sums that are not what the counts say" in page


def test_a_silent_mail_server_changes_nothing(night: Any, settings: Any) -> None:
    settings.ADMINS = [("Olive", "olive@example.org")]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    spoil(series__metric__code="seen")
    assert any(job.outcome["different"] for job in night())


def test_missing_and_surplus_sums_are_differences(facts: Facts) -> None:
    with acting_as(Persona.OPERATOR):
        years = Rollup.objects.filter(grain=12, series__metric__code="seen")
        years.filter(series__unit__code="east").delete()
        of_west = years.get(series__unit__code="west")
        Rollup.objects.create(
            organisation=facts.organisation, series_id=of_west.series_id, grain=12, start="2020-01-01", end="2020-12-31",
            numerator=1,
        )  # fmt: skip
        found = check(facts.organisation.pk, None)
    assert {(one.stored is None, one.right is None) for one in found.differences} == {
        (True, False),
        (False, True),
    }


def test_command_finds_and_repairs(facts: Facts) -> None:
    spoil(series__metric__code="waiting")
    out = StringIO()
    with pytest.raises(CommandError, match="riverside"):
        call_command("check_rollups", "riverside", stdout=out)
    assert "differ." in out.getvalue()
    call_command("check_rollups", "riverside", "--repair", stdout=out)
    assert "Added up anew" in out.getvalue()
    out = StringIO()
    call_command("check_rollups", "--all-sums", stdout=out)
    assert "riverside: 57 sums compared, 0 differ." in out.getvalue()
