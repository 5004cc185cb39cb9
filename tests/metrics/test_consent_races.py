"""A word of the community comes before a publication or after it. With the logins as they are in service."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from equity.errors import RuleBroken
from equity.publication.models import Release
from equity.tenancy.acting import acting_as
from equity.tenancy.models import Job
from equity.tenancy.personas import Persona
from metrics.actions.choosing import give_to_community
from metrics.actions.proposals import consent_to_publication
from metrics.actions.releases import publish_figures
from metrics.models import Metric
from metrics.tasks.publishing import publish_release
from tests.cast import House
from tests.metrics.choosing import acting
from tests.metrics.facts import certified, entries, fresh
from tests.metrics.hospitals import QUARTERS, two_hospitals

pytestmark = pytest.mark.real_logins

PATIENCE = 60.0


def say(house: House, release: Release, **word: Any) -> None:
    try:
        with acting(house, "farid"):
            metric = Metric.objects.get(code="seen-in-time")
            consent_to_publication(release=release, metric=metric, by=house.person("farid"), **word)
    finally:
        connections.close_all()


def publish(job: Job, written: threading.Event, let_go: threading.Event) -> None:
    """The work of the job, in a transaction that stays open until it is let go."""
    try:
        with acting_as(Persona.WORKER, organisation=job.organisation_id):
            publish_release(job)
            written.set()
            assert let_go.wait(PATIENCE)
    finally:
        connections.close_all()


def waiting_for_a_lock() -> bool:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)")
        return bool(cursor.fetchone()[0])


def test_a_no_between_the_look_and_the_ledger_waits_and_is_told_that_it_is_too_late(house: House) -> None:
    facts = two_hospitals(house)
    with acting(house, "alice"):
        give_to_community(metric=Metric.objects.get(code="seen-in-time"), by=house.person("alice"))
    release = certified(facts, house.person("alice"), QUARTERS[:1])
    say(house, release, agreed=True)
    with acting(house, "alice"):
        job = publish_figures(release=release, by=house.person("alice"))
    written, let_go = threading.Event(), threading.Event()
    with ThreadPoolExecutor(2) as pool:
        publishing = pool.submit(publish, job, written, let_go)
        try:
            assert written.wait(PATIENCE)
            refusing = pool.submit(say, house, release, agreed=False, reason="Ask us first.")
            while not waiting_for_a_lock() and not refusing.done():
                pass
            assert not refusing.done()
        finally:
            let_go.set()
        publishing.result(PATIENCE)
        with pytest.raises(RuleBroken, match="release that is ready"):
            refusing.result(PATIENCE)
    assert fresh(release).state == Release.State.PUBLISHED
    assert entries(release)
