"""The audit trail, for people: every event in words, one page at a time, and as a file."""

from __future__ import annotations

import csv
import datetime
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from equity.desk.events import facts_of, target_of, told, words_of
from equity.tenancy.models import AuditEvent
from metrics.reading.counts_writer import safe_text

COLUMNS = ("at", "who", "event", "what", "about_kind", "about", "details")


@dataclass(frozen=True)
class Choice:
    """One line of a filter."""

    value: str
    words: str


@dataclass(frozen=True)
class Line:
    """One event as the page shows it."""

    at: datetime.datetime
    who: str
    words: str
    about: str
    facts: list[tuple[str, str]]


@dataclass(frozen=True)
class Filters:
    """What the address asks for; what it asks wrongly is left out."""

    event: str = ""
    person: str = ""

    @classmethod
    def read(cls, query: Any) -> Filters:
        """From the query string of an address."""
        return cls(event=query.get("event", ""), person=_uuid_or_nothing(query.get("person", "")))


def _uuid_or_nothing(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return ""


def events(filters: Filters) -> QuerySet[AuditEvent]:
    """What was done in the institution one is in, newest first."""
    found = AuditEvent.objects.order_by("-at", "-id")
    if filters.event:
        found = found.filter(event=filters.event)
    if filters.person:
        found = found.filter(by_person=filters.person)
    return found


def line(event: AuditEvent) -> Line:
    """An event in words, with its details as names and values."""
    return Line(
        at=event.at,
        who=event.by_name or _("The system"),
        words=told(event),
        about=target_of(event),
        facts=facts_of(event),
    )


def event_choices() -> list[Choice]:
    """Every kind of event that has happened here, by its words."""
    kinds = AuditEvent.objects.order_by("event").values_list("event", flat=True).distinct()
    return sorted(
        (Choice(kind, words_of(kind)) for kind in kinds), key=lambda choice: choice.words.casefold()
    )


def person_choices() -> list[Choice]:
    """Everybody who has done something here, by name; who changed their name appears under the latest."""
    names = AuditEvent.objects.exclude(by_person=None).order_by("by_person", "-at").distinct("by_person")
    people = (Choice(str(event.by_person), event.by_name) for event in names)
    return sorted(people, key=lambda choice: choice.words.casefold())


def as_csv(found: Iterable[AuditEvent]) -> str:
    """A file that a spreadsheet opens without running anything: texts that look like formulas are quoted."""
    written = io.StringIO()
    lines = csv.writer(written)
    lines.writerow(COLUMNS)
    for event in found:
        lines.writerow(
            [
                event.at.isoformat(timespec="seconds"),
                safe_text(event.by_name or _("The system")),
                event.event,
                words_of(event.event),
                event.target_kind,
                safe_text(event.target_name),
                json.dumps(event.details, ensure_ascii=False, sort_keys=True) if event.details else "",
            ]
        )
    return written.getvalue()
