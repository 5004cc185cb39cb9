"""Two files at once, with the logins as they are in service and transactions that really commit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from equity.tenancy import jobs
from equity.tenancy.acting import acting_as
from equity.tenancy.models import Job
from equity.tenancy.personas import Persona
from metrics.actions.imports import apply_batch
from metrics.models import Rollup
from tests.cast import House
from tests.metrics.importing import as_member, csv_of, define, observations, uploaded

pytestmark = pytest.mark.real_logins


def _run(organisation_id: int, job_id: Any) -> bool:
    try:
        return jobs.run(organisation_id, job_id)
    finally:
        connections.close_all()


def test_two_files_of_one_institution_follow_one_another(house: House) -> None:
    define(house)
    days = [f"2024-{month:02}" for month in range(1, 13)]
    files = [
        csv_of(
            f"pain-30-minutes,{unit},{day},{group},1,{20 + number}" for day in days for group in ("", "black")
        )
        for number, unit in enumerate(("east", "west"))
    ]
    waiting = []
    for text in files:
        batch = uploaded(house, text)
        with as_member(house):
            waiting.append(apply_batch(batch=batch, by=house.person("bea")))
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda job: _run(house.riverside.pk, job.pk), waiting))
    assert outcomes == [True, True]
    assert len(observations(house)) == 48
    with acting_as(Persona.OPERATOR):
        assert set(Job.objects.values_list("state", flat=True)) == {"done"}
        year = Rollup.objects.get(series__unit__code="all", series__stratum__key="", grain=12)
        assert (year.numerator, year.denominator) == (24, 12 * 41)
