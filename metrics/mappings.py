"""The mappings that a person can count a line list with: shipped ones, those of earlier files, and one just pasted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from equity.errors import NotFound
from equity.tenancy.models import Organisation
from metrics.known import Definitions, faults_of_mapping
from metrics.models import Batch
from metrics.reading.errors import MappingError
from metrics.reading.linelist import LineListCounter
from metrics.reading.mapping import LineListMapping
from metrics.reading.mapping_file import parse_mapping

SHIPPED = ("diabetes130",)
PASTED = "pasted"
FOLDER = Path(__file__).parent / "example"
SESSION_KEY = "metrics.mapping"
EARLIER_AT_MOST = 20


@dataclass(frozen=True)
class Choice:
    """A mapping to choose: the name it has in an address, its title, its text, the mapping itself."""

    name: str
    title: str
    text: str
    mapping: LineListMapping


def shipped_text(name: str) -> str:
    """The text of a mapping that comes with the software."""
    return (FOLDER / f"{name}.toml").read_text(encoding="utf-8")


def checked_mapping(text: str, known: Definitions) -> LineListMapping:
    """Read a mapping and hold it against what is defined here. Raises `MappingError` with every fault."""
    mapping = parse_mapping(text)
    faults = faults_of_mapping(mapping, known)
    if faults:
        raise MappingError(faults)
    LineListCounter(mapping, known_units=known.codes.units)
    return mapping


def choices(organisation: Organisation, known: Definitions) -> list[Choice]:
    """Mappings that fit this institution: shipped ones, and those that its earlier files were counted with."""
    found = {name: (name, shipped_text(name)) for name in SHIPPED}
    counted = Batch.objects.filter(
        organisation=organisation,
        kind=Batch.Kind.LINE_LIST,
        state=Batch.State.APPLIED,
        report__has_key="mapping",
    )
    for pk, report in counted.values_list("pk", "report")[:EARLIER_AT_MOST]:
        found[str(pk)] = (report["mapping"]["name"], report["mapping"]["text"])
    fitting: dict[str, Choice] = {}
    for name, (title, text) in found.items():
        choice = _fitting(name, title, text, known)
        if choice is not None:
            fitting.setdefault(text, choice)
    return list(fitting.values())


def chosen(name: str, organisation: Organisation, known: Definitions, session: Any) -> Choice:
    """The mapping of this name, if it is here and fits."""
    title, text = name, ""
    if name in SHIPPED:
        text = shipped_text(name)
    elif name == PASTED:
        title, text = _("Pasted mapping"), session.get(SESSION_KEY, "")
    else:
        title, text = _earlier(name, organisation)
    choice = _fitting(name, title, text, known)
    if choice is None:
        raise NotFound(_("This mapping is not here any more. Choose or paste one again."))
    return choice


def _earlier(name: str, organisation: Organisation) -> tuple[str, str]:
    try:
        pk = UUID(name)
    except ValueError:
        return name, ""
    report = (
        Batch.objects.filter(organisation=organisation, pk=pk, report__has_key="mapping")
        .values_list("report", flat=True)
        .first()
    )
    return (report["mapping"]["name"], report["mapping"]["text"]) if report else (name, "")


def _fitting(name: str, title: str, text: str, known: Definitions) -> Choice | None:
    try:
        mapping = checked_mapping(text, known)
    except MappingError:
        return None
    return Choice(name, mapping.source.name or title, text, mapping)
