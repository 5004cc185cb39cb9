"""The example's counts: defined, loaded, added up, certified and published, exactly as an analyst and a lead would."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable

from equity.desk.example import choosing
from equity.publication.models import Release
from equity.tenancy import jobs
from equity.tenancy.acting import acting_as
from equity.tenancy.models import Job, Organisation, Person
from equity.tenancy.personas import Persona
from metrics.actions.imports import apply_batch, create_batch
from metrics.actions.releases import draft_figures, publish_figures
from metrics.definitions import define_dimensions, define_metrics
from metrics.known import definitions_of
from metrics.models import Batch
from metrics.preparing import from_counts
from metrics.releasing import candidates, release_for

DATA = files("metrics.example")


class ExampleFailed(RuntimeError):
    """A job of the example did not finish."""


def define(*, organisation: Organisation) -> None:
    """Write the definitions of dimensions and metrics, as the operator."""
    define_dimensions(organisation=organisation, text=(DATA / "dimensions.toml").read_text(), by=None)
    define_metrics(
        organisation=organisation,
        text=(DATA / "metrics.toml").read_text(),
        by=None,
        institution=organisation.slug,
    )


def load(*, organisation: Organisation, file: str, analyst: Person, folder: Traversable = DATA) -> None:
    """Read a counts file, check it, apply it, add it up."""
    with acting_as(Persona.MEMBER, organisation=organisation, person=analyst):
        prepared = from_counts([(folder / file).read_bytes()], definitions_of(organisation))
        batch = create_batch(organisation=organisation, prepared=prepared, name=file, by=analyst)
    run_queued(organisation)
    with acting_as(Persona.MEMBER, organisation=organisation, person=analyst):
        apply_batch(batch=Batch.objects.get(pk=batch.pk), by=analyst)
    run_queued(organisation)


def publish(*, organisation: Organisation, title: str, people: Mapping[str, Person]) -> None:
    """Certify everything that is new, have the community agree to what it holds, and publish it."""
    analyst, lead = people["analyst"], people["lead"]
    with acting_as(Persona.MEMBER, organisation=organisation, person=analyst):
        offered = candidates(organisation)
        drafted = draft_figures(
            organisation=organisation,
            metrics=[one.metric.code for one in offered],
            periods={period for one in offered for period in one.periods},
            by=analyst,
            title=title,
        )
    run_queued(organisation)
    with acting_as(Persona.MEMBER, organisation=organisation, person=lead):
        release = release_for(drafted.release.pk)
        if release.state != Release.State.CERTIFIED:
            raise ExampleFailed(f"{title}: {release.state}")
    choosing.agree(organisation=organisation, release=release, facilitator=people["facilitator"])
    with acting_as(Persona.MEMBER, organisation=organisation, person=lead):
        publish_figures(release=release, by=lead)
    run_queued(organisation)


def run_queued(organisation: Organisation) -> None:
    """Do the institution's queued jobs here and now, and those that they ask for: no worker has started yet."""
    while True:
        with acting_as(Persona.WORKER, organisation=organisation):
            queued = Job.objects.filter(state=Job.State.QUEUED)
            # A job that waits for others was there before them: the newest first.
            job = queued.order_by("-pk").first()
        if job is None:
            return
        if not jobs.run(organisation.pk, job.pk):
            raise ExampleFailed(f"{job.kind} of {organisation.slug} did not finish.")
