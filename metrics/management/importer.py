"""What the commands that take files in have in common: who does it, where, and seeing the work through."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from equity.errors import RuleBroken
from equity.roles import Permission, Role, permissions_of
from equity.tenancy import jobs
from equity.tenancy.acting import acting_as
from equity.tenancy.models import Account, Job, Membership, Organisation, Person
from equity.tenancy.personas import Persona
from metrics import importing
from metrics.actions.imports import apply_batch, create_batch
from metrics.models import Batch
from metrics.preparing import Prepared

BLOCK = 1024 * 1024
ASKED_EVERY = 0.5


@dataclass(frozen=True)
class Importer:
    """A person who may import counts for an institution."""

    organisation: Organisation
    person: Person

    def acting(self) -> AbstractContextManager[Any]:
        """Their own persona: they can do here what they can do on the pages, and nothing else."""
        return acting_as(Persona.MEMBER, organisation=self.organisation, person=self.person)


def institution(slug: str) -> Organisation:
    """The institution, found by the operator."""
    with acting_as(Persona.OPERATOR):
        organisation = Organisation.objects.filter(slug=slug).first()
    if organisation is None:
        raise CommandError(f"There is no institution {slug!r}.")
    return organisation


def importer(slug: str, email: str) -> Importer:
    """The institution and the person, who must be allowed to import there."""
    organisation = institution(slug)
    with acting_as(Persona.OPERATOR):
        account = Account.objects.select_related("person").filter(email__iexact=email, is_active=True).first()
        if account is not None and Permission.IMPORT_COUNTS in _permissions(organisation, account.person):
            return Importer(organisation, account.person)
    raise CommandError(f"{email} may not import counts at {slug}.")


def _permissions(organisation: Organisation, person: Person) -> frozenset[Permission]:
    held = Membership.objects.filter(organisation=organisation, person=person, ended_on=None)
    return permissions_of(frozenset(Role(role) for role in held.values_list("role", flat=True)))


def blocks_of(path: Path) -> Iterator[bytes]:
    """The bytes of a file."""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


class ImportCommand(BaseCommand):
    """A command that takes one file in and, with --apply, sees it applied."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--organisation", required=True, metavar="SLUG", help="The institution")
        parser.add_argument(
            "--by", required=True, metavar="EMAIL", help="Whose doing it is in the audit trail"
        )
        parser.add_argument(
            "--apply", action="store_true", help="Apply the file when nothing stands against it"
        )

    def tell(self, words: str, *, last: bool = False) -> None:
        """The progress line: each replaces the one before."""
        self.stderr.write(f"\r{words}", ending="\n" if last else "")

    def take_in(self, who: Importer, prepared: Prepared, path: Path, *, apply: bool) -> None:
        """Keep the file as a batch, have it checked, apply it if asked, and say what became of it."""
        self.tell(f"{prepared.rows_read:,} rows read", last=True)
        with who.acting():
            batch = create_batch(
                organisation=who.organisation, prepared=prepared, name=path.name, by=who.person
            )
        if not prepared.is_valid:
            raise CommandError(self._errors(who, batch))
        checked = self._see_through(who, batch).report["check"]
        self.stdout.write(
            f"{batch.pk}: {checked['new']:,} new, {checked['changed']:,} changed, {checked['unchanged']:,} as before."
        )
        if apply:
            try:
                with who.acting():
                    apply_batch(batch=importing.batch_for(batch.pk), by=who.person)
            except RuleBroken as broken:
                raise CommandError(self._obstacles(who, batch) or broken.message) from broken
            self._see_through(who, batch)
            self.stdout.write("Applied.")

    def _see_through(self, who: Importer, batch: Batch) -> Batch:
        """Do the queued work here, or wait for the worker that has taken it."""
        while True:
            with who.acting():
                found = importing.batch_for(batch.pk)
                job = importing.job_of(found)
            if job is None or job.state == Job.State.DONE:
                return found
            if job.state == Job.State.FAILED:
                why = job.outcome.get("error") or f"look for {job.reference} in the log."
                raise CommandError(f"It did not work, and nothing was changed: {why}")
            if not jobs.run(who.organisation.pk, job.pk):
                time.sleep(ASKED_EVERY)

    def _errors(self, who: Importer, batch: Batch) -> str:
        with who.acting():
            errors = importing.errors_of(importing.batch_for(batch.pk))
        lines = [f"Row {error.row or '?'} {error.column}: {error.reason} {error.mend}" for error in errors]
        return "\n".join([f"{batch.report['error_total']:,} errors; nothing was saved.", *lines])

    def _obstacles(self, who: Importer, batch: Batch) -> str:
        with who.acting():
            return "\n".join(importing.obstacles_of(importing.batch_for(batch.pk)))
