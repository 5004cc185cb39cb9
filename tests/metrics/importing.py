"""Riverside with definitions, files to send, and the steps from a file to observations."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from equity.tenancy import jobs
from equity.tenancy.acting import acting_as
from equity.tenancy.models import Job
from equity.tenancy.personas import Persona
from metrics.actions.imports import apply_batch, create_batch
from metrics.definitions import define_dimensions, define_metrics
from metrics.known import definitions_of
from metrics.models import Batch, Observation
from metrics.preparing import from_counts
from tests.cast import House
from tests.metrics.test_reading_example import EXAMPLE

DIMENSIONS = (EXAMPLE / "dimensions.toml").read_text(encoding="utf-8")
METRICS = (EXAMPLE / "metrics.toml").read_text(encoding="utf-8")

Cell = tuple[str, str, str, int | None, int | None, str]


def define(house: House) -> None:
    """Everything that the example measures, at Riverside, as the operator."""
    with acting_as(Persona.OPERATOR):
        define_dimensions(organisation=house.riverside, text=DIMENSIONS, by=None)
        for institution in ("hospitals-130", "willow-ferry"):
            define_metrics(organisation=house.riverside, text=METRICS, by=None, institution=institution)


def as_member(house: House, name: str = "bea") -> Any:
    return acting_as(Persona.MEMBER, organisation=house.riverside, person=house.person(name))


def uploaded(house: House, text: str, name: str = "counts.csv") -> Batch:
    """A counts file taken in by Bea and checked."""
    with as_member(house):
        prepared = from_counts([text.encode()], definitions_of(house.riverside))
        batch = create_batch(
            organisation=house.riverside, prepared=prepared, name=name, by=house.person("bea")
        )
    run_jobs(house)
    return again(house, batch.pk)


def applied(house: House, text: str, name: str = "counts.csv") -> Batch:
    """A counts file taken in, checked and applied by Bea."""
    batch = uploaded(house, text, name)
    apply(house, batch)
    return again(house, batch.pk)


def apply(house: House, batch: Batch) -> None:
    with as_member(house):
        apply_batch(batch=batch, by=house.person("bea"))
    run_jobs(house)


def run_jobs(house: House) -> None:
    """What the workers would do, until nothing is queued."""
    with acting_as(Persona.OPERATOR):
        queued = list(
            Job.objects.filter(organisation=house.riverside, state=Job.State.QUEUED).order_by(
                "queued_at", "pk"
            )
        )
    for job in queued:
        assert jobs.run(house.riverside.pk, job.pk), Job.objects.using("owner").get(pk=job.pk).outcome


def again(house: House, pk: UUID) -> Batch:
    with as_member(house):
        return Batch.objects.select_related("organisation").get(pk=pk)


def content(batch: Batch) -> str:
    return zlib.decompress(batch.content).decode()


def observations(house: House) -> set[Cell]:
    """What stands in the database: unit, first day, stratum, numbers, kind of blank."""
    with acting_as(Persona.OPERATOR):
        rows = Observation.objects.filter(organisation=house.riverside).values_list(
            "series__unit__code", "start", "series__stratum__key", "numerator", "denominator", "blank"
        )
        return {(unit, day.isoformat(), *rest) for unit, day, *rest in rows}


def address(name: str, **kwargs: Any) -> str:
    return reverse(f"metrics:{name}", kwargs={"institution": "riverside", **kwargs})


def csv_of(
    rows: Iterable[str], header: str = "metric,unit,period,race_ethnicity,numerator,denominator"
) -> str:
    return "\n".join([header, *rows, ""])


def file_of(text: str, name: str = "counts.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode(), content_type="text/csv")
