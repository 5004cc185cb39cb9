"""What the public pages read: releases and the ledger, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from equity.errors import NotFound
from equity.public import sentences
from equity.public.figures import (
    Document,
)
from equity.public.findings import Finding, in_order
from equity.public.places import place
from equity.publication import queries as ledger
from equity.publication.models import LedgerEntry, Release
from metrics.annotations import Note

OBSERVATION = LedgerEntry.Kind.OBSERVATION
FINDING = LedgerEntry.Kind.FINDING
STATEMENT = LedgerEntry.Kind.STATEMENT


@dataclass(frozen=True, slots=True)
class Institution:
    """Who publishes, as the header of its latest release says."""

    organisation_id: int
    slug: str
    name: str
    sample_note: str
    ccn: str
    state: str
    county_fips: str
    published_at: datetime

    @property
    def place(self) -> str:
        return place(self.state)


@dataclass(frozen=True, slots=True)
class Round:
    """A published review round: what it was, its items, and which other rounds are published."""

    about: Document
    findings: list[Finding]
    published_at: datetime
    others: list[int]


def institutions() -> list[Institution]:
    """Everybody who publishes here, by name."""
    return [_institution(header) for header in ledger.institutions()]


def institution(slug: str) -> Institution:
    """One institution that publishes here. Raises NotFound for any other."""
    return _institution(ledger.institution_header(slug))


def observations(of: Institution, metric: str = "") -> list[LedgerEntry]:
    """Every row of figures in force, and the tombstones of what is withdrawn, for the download."""
    return ledger.in_force(of.organisation_id, OBSERVATION, metric=metric, tombstones=True)


def programme(of: Institution) -> Document | None:
    """The statement of how far the five steps have come, if one is in force."""
    found = ledger.in_force(of.organisation_id, STATEMENT, prefixes=["programme"])
    return found[0].document if found else None


def done(of: Institution, level: str, start: date, end: date) -> list[Note]:
    """What the institution did on a level in these days, of what it shows to everybody: from its last statement."""
    told = programme(of) or {}
    return [
        Note(on, sentences.happened(one["what"], one["title"]))
        for one in told.get("practices", ())
        if one["level"] == level and start <= (on := date.fromisoformat(one["on"])) <= end
    ]


def review_round(of: Institution, number: int | None) -> Round | None:
    """A published round: the one asked for, else the latest. None when no round is published.

    Raises NotFound for a number that is not published.
    """
    numbers = sorted({int(key.split("/")[1]) for key in ledger.keys_in_force(of.organisation_id, FINDING)})
    if not numbers and number is None:
        return None
    chosen = number if number is not None else numbers[-1]
    if chosen not in numbers:
        raise NotFound("")
    entries = ledger.in_force(of.organisation_id, FINDING, prefixes=[f"round/{chosen}/"])
    documents = [entry.document for entry in entries]
    return Round(
        about=documents[0]["round"],
        findings=in_order(documents),
        published_at=_latest(entries),
        others=[other for other in numbers if other != chosen],
    )


def finding(of: Institution, number: int, code: str) -> tuple[Round, Finding]:
    """One item of a published round. Raises NotFound for any other."""
    said = review_round(of, number)
    for one in said.findings if said else ():
        if said and one.code == code:
            return said, one
    raise NotFound("")


def _institution(header: Release) -> Institution:
    return Institution(
        organisation_id=header.organisation_id,
        slug=header.institution_slug,
        name=header.institution_name,
        sample_note=header.sample_note,
        ccn=header.ccn,
        state=header.state_code,
        county_fips=header.county_fips,
        published_at=_published_at(header),
    )


def _published_at(release: Release) -> datetime:
    return cast(datetime, release.published_at)  # a published release has a date: a constraint of its table


def _latest(entries: list[LedgerEntry]) -> datetime:
    """When the newest of these rows was published."""
    return _published_at(max(entries, key=lambda entry: entry.seq).release)
