"""Writes what is measured, as an import would leave it: definitions, series, observations, roll-ups."""

from __future__ import annotations

import csv
import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from equity.publication.models import LedgerEntry, Release
from equity.tenancy import jobs
from equity.tenancy.acting import acting_as
from equity.tenancy.models import Job, Organisation, Person, Unit
from equity.tenancy.personas import Persona
from metrics.actions.releases import Drafted, draft_figures, publish_figures
from metrics.figures import GRAIN_OF, way_code
from metrics.models import (
    Batch,
    Category,
    CheckReport,
    Dimension,
    Metric,
    Observation,
    Series,
    Stratum,
    StratumPart,
)
from metrics.reading.periods import Period, parse_period
from metrics.rollups import roll_up

EXAMPLE = Path(__file__).resolve().parents[2] / "metrics" / "example"
FREQUENCY = {"whole": 0, "month": 1, "quarter": 3, "year": 12}


class Facts:
    """The measurements of one institution, written as the operator; `roll_up` adds them up as the worker."""

    def __init__(self, organisation: Organisation, units: Mapping[str, Unit]) -> None:
        self.organisation, self.units = organisation, units
        self.metrics: dict[str, Metric] = {}
        self.categories: dict[tuple[str, str], Category] = {}
        self.strata: dict[str, Stratum] = {}
        self.series: dict[tuple[str, str, str], Series] = {}
        with acting_as(Persona.OPERATOR):
            self.batch = Batch.objects.create(
                organisation=organisation,
                kind=Batch.Kind.COUNTS,
                name="counts.csv",
                sha256=hashlib.sha256(b"").hexdigest(),
                rows_read=0,
                content=b"",
                state=Batch.State.APPLIED,
            )

    def dimension(
        self,
        code: str,
        categories: Iterable[str],
        *,
        missing: str = "",
        partition: bool = True,
        name: str = "",
    ) -> Dimension:
        """A way to compare; the category `missing` is a gap in records."""
        with acting_as(Persona.OPERATOR):
            dimension = Dimension.objects.create(
                organisation=self.organisation, code=code, name=name or code.capitalize(), partition=partition
            )
            for position, category in enumerate(categories):
                self.categories[code, category] = Category.objects.create(
                    organisation=self.organisation,
                    dimension=dimension,
                    code=category,
                    label=category.capitalize(),
                    missing=category == missing,
                    position=position,
                )
        return dimension

    def metric(self, code: str, **more: Any) -> Metric:
        """A share of people on the patient level, unless it is said otherwise."""
        given = {
            "name": code.replace("-", " ").capitalize(),
            "level": "patient",
            "purpose": "impact",
            "kind": "proportion",
            "counts_people": True,
            "better": "higher",
            "numerator": "Those it reached",
            "denominator": "Everybody",
            "frequency": 3,
            "source": "The record",
            **more,
        }
        with acting_as(Persona.OPERATOR):
            self.metrics[code] = Metric.objects.create(organisation=self.organisation, code=code, **given)
        return self.metrics[code]

    def add(
        self,
        metric: str,
        unit: str,
        period: str,
        counts: Mapping[str, tuple[int, int | None]],
        *,
        squares: Mapping[str, float] | None = None,
    ) -> None:
        """Counts by stratum key, "" for everybody."""
        span = parse_period(period)
        with acting_as(Persona.OPERATOR):
            for key, (numerator, denominator) in counts.items():
                self._observe(metric, unit, span, key, numerator, denominator, (squares or {}).get(key))

    def blank(self, metric: str, unit: str, period: str, key: str, kind: str) -> None:
        """Why there is no number."""
        with acting_as(Persona.OPERATOR):
            Observation.objects.create(
                **self._place(metric, unit, parse_period(period), key), blank=kind, batch=self.batch
            )

    def blank_over(self, metric: str, unit: str, period: str, key: str = "", kind: str = "withheld") -> None:
        """A count that stood there is taken back."""
        with acting_as(Persona.OPERATOR):
            changed = Observation.objects.filter(**self._place(metric, unit, parse_period(period), key))
            assert changed.update(numerator=None, denominator=None, squares=None, blank=kind) == 1

    def change(self, metric: str, unit: str, period: str, counts: Mapping[str, tuple[int, int]]) -> None:
        """A correction of counts that stand there."""
        span = parse_period(period)
        with acting_as(Persona.OPERATOR):
            for key, (numerator, denominator) in counts.items():
                changed = Observation.objects.filter(**self._place(metric, unit, span, key))
                assert changed.update(numerator=numerator, denominator=denominator) == 1

    def roll_up(self) -> None:
        """Add everything up, as the job does."""
        with acting_as(Persona.WORKER, organisation=self.organisation):
            roll_up(self.organisation.pk)

    def _observe(
        self,
        metric: str,
        unit: str,
        period: Period,
        key: str,
        numerator: int,
        denominator: int | None,
        squares: float | None,
    ) -> None:
        Observation.objects.create(
            **self._place(metric, unit, period, key),
            numerator=numerator,
            denominator=denominator,
            squares=squares,
            batch=self.batch,
        )

    def _place(self, metric: str, unit: str, period: Period, key: str) -> dict[str, Any]:
        return {
            "organisation": self.organisation,
            "series_id": self._series(metric, unit, key).pk,
            "grain": GRAIN_OF[period.grain],
            "start": period.start,
            "end": period.end,
        }

    def _series(self, metric: str, unit: str, key: str) -> Series:
        if (metric, unit, key) not in self.series:
            self.series[metric, unit, key] = Series.objects.create(
                organisation=self.organisation,
                metric=self.metrics[metric],
                unit=self.units[unit],
                stratum=self._stratum(key),
            )
        return self.series[metric, unit, key]

    def _stratum(self, key: str) -> Stratum:
        if key not in self.strata:
            stratum = Stratum.objects.create(organisation=self.organisation, key=key, by=way_code(key))
            for part in key.split("&") if key else ():
                dimension, category = part.split("=")
                StratumPart.objects.create(
                    organisation=self.organisation,
                    stratum=stratum,
                    category=self.categories[dimension, category],
                )
            self.strata[key] = stratum
        return self.strata[key]


def example(facts: Facts, name: str, only: Iterable[str] = ()) -> None:
    """The example counts of an institution (`hospitals-130` or `willow-ferry`), all or some metrics."""
    chosen = set(only)
    for dimension in tomllib.loads((EXAMPLE / "dimensions.toml").read_text())["dimension"]:
        _example_dimension(facts, dimension)
    for metric in tomllib.loads((EXAMPLE / "metrics.toml").read_text())["metric"]:
        if metric.pop("institution") == name and (not chosen or metric["code"] in chosen):
            metric.pop("strata")
            facts.metric(**{**metric, "frequency": FREQUENCY[metric["frequency"]]})
    file = "readmission-counts.csv" if name == "hospitals-130" else "willow-ferry-counts.csv"
    with (EXAMPLE / file).open(newline="") as counts:
        for row in csv.DictReader(counts):
            if row["metric"] in facts.metrics:
                _example_row(facts, row)
    facts.roll_up()


def _example_dimension(facts: Facts, told: Mapping[str, Any]) -> None:
    with acting_as(Persona.OPERATOR):
        dimension = Dimension.objects.create(
            organisation=facts.organisation,
            code=told["code"],
            name=told["name"],
            position=len(facts.categories),
        )
        for category in told["category"]:
            facts.categories[told["code"], category["code"]] = Category.objects.create(
                organisation=facts.organisation,
                dimension=dimension,
                code=category["code"],
                label=category["label"],
                short_label=category["short"],
                missing=category.get("missing", False),
                position=category["position"],
            )


def _example_row(facts: Facts, row: Mapping[str, str]) -> None:
    told = {"metric", "unit", "period", "numerator", "denominator", "sum_of_squares"}
    key = "&".join(f"{code}={row[code]}" for code in sorted(row.keys() - told) if row[code])
    if not row["numerator"].isdigit():
        facts.blank(row["metric"], row["unit"], row["period"], key, row["numerator"].replace(" ", "_"))
        return
    denominator = int(row["denominator"]) if row["denominator"] else None
    squares = {key: float(row["sum_of_squares"])} if row.get("sum_of_squares") else None
    facts.add(
        row["metric"],
        row["unit"],
        row["period"],
        {key: (int(row["numerator"]), denominator)},
        squares=squares,
    )


@contextmanager
def by(person: Person, organisation: Organisation) -> Iterator[Person]:
    """Act as a member."""
    with acting_as(Persona.MEMBER, organisation=organisation, person=person):
        yield person


def draft(facts: Facts, person: Person, periods: Iterable[str], metrics: Iterable[str] = ()) -> Drafted:
    """Ask for a release of these periods, of these metrics or of all."""
    with by(person, facts.organisation):
        return draft_figures(
            organisation=facts.organisation,
            metrics=list(metrics) or list(facts.metrics),
            periods=[parse_period(period) for period in periods],
            title="Figures",
            by=person,
        )


def run(job: Job) -> Job:
    """Do a job and those that it waits for, as workers would."""
    assert jobs.run(job.organisation_id, job.pk), "the job failed"
    with acting_as(Persona.WORKER, organisation=job.organisation_id):
        now = Job.objects.get(pk=job.pk)
    if now.state != Job.State.QUEUED or not parts_of(job):
        return now
    for part in parts_of(job):
        run(part)
    return run(job)


def run_its_checks(job: Job) -> None:
    """Have a check planned and its parts done: only what puts them together is left."""
    assert jobs.run(job.organisation_id, job.pk)
    for part in parts_of(job):
        run(part)


def parts_of(job: Job) -> list[Job]:
    """The jobs that a job waits for."""
    with acting_as(Persona.WORKER, organisation=job.organisation_id):
        return list(Job.objects.filter(state=Job.State.QUEUED, arguments__parent=str(job.pk)).order_by("pk"))


def report(release: Release) -> dict[str, Any]:
    """What the check of a release found."""
    with acting_as(Persona.OPERATOR):
        return dict(CheckReport.objects.get(release=release.pk).content)


def certified(facts: Facts, person: Person, periods: Iterable[str], metrics: Iterable[str] = ()) -> Release:
    """A release that has been checked."""
    drafted = draft(facts, person, periods, metrics)
    run(drafted.job)
    return fresh(drafted.release)


def released(facts: Facts, person: Person, periods: Iterable[str], metrics: Iterable[str] = ()) -> Release:
    """A release that has been checked and published."""
    release = certified(facts, person, periods, metrics)
    with by(person, facts.organisation):
        job = publish_figures(release=release, by=person)
    run(job)
    return fresh(release)


def fresh(release: Release) -> Release:
    """The release as it is now."""
    with acting_as(Persona.OPERATOR):
        return Release.objects.get(pk=release.pk)


def entries(release: Release) -> dict[str, dict[str, Any]]:
    """The documents that a release published, by their keys, as the public reads them."""
    with acting_as(Persona.PUBLIC):
        return dict(LedgerEntry.objects.filter(release=release.pk).values_list("key", "document"))
