"""The mappings that a person can have a file read with: shipped ones, those of earlier files, and one just pasted.

Which kind of file a mapping is for, its `[source] format` says: a line list (none), a table of counts, or FHIR measure
reports.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from equity.errors import NotFound, RuleBroken
from equity.tenancy.models import Organisation
from metrics.known import RETIRED_HERE, Definitions, faults_of_mapping
from metrics.models import Batch, SavedMapping
from metrics.preparing import Prepared, from_line_list, from_reports, from_table
from metrics.reading import measure_mapping_file, table_mapping_file
from metrics.reading.errors import MappingError
from metrics.reading.linelist import LineListCounter
from metrics.reading.linelist_source import LineListSource
from metrics.reading.mapping import LineListMapping
from metrics.reading.mapping_file import parse_mapping
from metrics.reading.mapping_keys import format_of
from metrics.reading.measure_mapping import MeasureReportMapping
from metrics.reading.measure_report import MeasureReportReader
from metrics.reading.table import TableReader
from metrics.reading.table_mapping import TableMapping

LINE_LISTS = frozenset({Batch.Kind.LINE_LIST})
COUNTS = frozenset({Batch.Kind.TABLE, Batch.Kind.REPORTS})
"""The kinds of mapped files whose content is counts and nothing else."""

PASTED = "pasted"
FOLDER = Path(__file__).parent / "example"
SHIPPED = ("diabetes130", *sorted(f"mappings/{path.stem}" for path in (FOLDER / "mappings").glob("*.toml")))
SESSION_KEY = "metrics.mapping"
EARLIER_AT_MOST = 20

Mapping = LineListMapping | TableMapping | MeasureReportMapping


@dataclass(frozen=True)
class Choice:
    """A mapping to choose: the name it has in an address, its title, its text, the mapping itself."""

    name: str
    title: str
    text: str
    mapping: Mapping

    @property
    def kind(self) -> str:
        """The kind of batch that it makes of a file."""
        return kind_of(self.mapping)

    @property
    def line_list(self) -> LineListMapping:
        """The mapping, which is one of a line list."""
        if not isinstance(self.mapping, LineListMapping):
            raise NotFound(_("This mapping is for another kind of file."))
        return self.mapping

    def prepared(self, chunks: Iterable[bytes], known: Definitions) -> Prepared:
        """What a file of counts holds, read with this mapping."""
        match self.mapping:
            case TableMapping():
                return from_table(chunks, self.mapping, known, **self.kept)
            case MeasureReportMapping():
                return from_reports(chunks, self.mapping, known, **self.kept)
        raise NotFound(_("This mapping is for another kind of file."))

    def counted(self, chunks: Iterable[bytes], known: Definitions) -> Prepared:
        """What a line list gives, counted with this mapping; no row of it is kept."""
        source = LineListSource(self.line_list, known_units=known.codes.units)
        for chunk in chunks:
            source.feed(chunk)
        return from_line_list(source.finish(), **self.kept)

    @property
    def kept(self) -> dict[str, Any]:
        """What a batch keeps of the mapping that its file was read with."""
        return {"mapping": {"name": self.title, "text": self.text}}


def kind_of(mapping: Mapping) -> str:
    """The kind of batch that a mapping makes of a file."""
    match mapping:
        case LineListMapping():
            return Batch.Kind.LINE_LIST
        case TableMapping():
            return Batch.Kind.TABLE
        case MeasureReportMapping():
            return Batch.Kind.REPORTS


def sample_of(kinds: Collection[str]) -> str:
    """The shipped mapping that shows best how one of these kinds is written."""
    return "diabetes130" if kinds == LINE_LISTS else "mappings/cms_hrrp"


def shipped_text(name: str) -> str:
    """The text of a mapping that comes with the software."""
    return (FOLDER / f"{name}.toml").read_text(encoding="utf-8")


def checked_mapping(text: str, known: Definitions) -> Mapping:
    """Read a mapping and hold it against what is defined here. Raises `MappingError` with every fault."""
    match format_of(text):
        case table_mapping_file.FORMAT:
            table = table_mapping_file.parse_table_mapping(text)
            TableReader(table, known.codes)
            return table
        case measure_mapping_file.FORMAT:
            reports = measure_mapping_file.parse_measure_mapping(text)
            MeasureReportReader(reports, known.codes)
            return reports
    return checked_line_list(text, known)


def checked_line_list(text: str, known: Definitions) -> LineListMapping:
    """Read the mapping of a line list and hold it against what is defined here. Raises `MappingError`."""
    mapping = parse_mapping(text)
    faults = faults_of_mapping(mapping, known)
    if faults:
        raise MappingError(faults)
    LineListCounter(mapping, known_units=known.codes.units)
    return mapping


def choices(organisation: Organisation, known: Definitions, kinds: Collection[str]) -> list[Choice]:
    """Mappings for these kinds of files that fit this institution: its own, shipped ones, those of its earlier files."""
    saved = SavedMapping.objects.filter(organisation=organisation).values_list("pk", "name", "text")
    found = {str(pk): (name, text) for pk, name, text in saved}
    found |= {name: (name, shipped_text(name)) for name in SHIPPED}
    read = Batch.objects.filter(
        organisation=organisation, kind__in=kinds, state=Batch.State.APPLIED, report__has_key="mapping"
    )
    for pk, report in read.values_list("pk", "report")[:EARLIER_AT_MOST]:
        found[str(pk)] = (report["mapping"]["name"], report["mapping"]["text"])
    fitting: dict[str, Choice] = {}
    for name, (title, text) in found.items():
        choice = _fitting(name, title, text, known)
        if choice is not None and choice.kind in kinds:
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
    try:
        return _choice(name, title, text, known)
    except MappingError as error:
        for fault in error.faults:
            if fault.problem is RETIRED_HERE:
                raise RuleBroken(" ".join(fault.translated(_))) from error
        raise NotFound(_("This mapping is not here any more. Choose or paste one again.")) from error


def remembered(header: str, organisation: Organisation, known: Definitions) -> Choice | None:
    """The mapping that tables with these names of columns are read with, if there is one and it still fits."""
    saved = SavedMapping.objects.filter(organisation=organisation, header=header).first()
    return _fitting(str(saved.pk), saved.name, saved.text, known) if saved else None


def saved_mappings() -> QuerySet[SavedMapping]:
    """Every mapping that the institution remembers."""
    return SavedMapping.objects.select_related("by")


def saved_mapping_for(pk: UUID) -> SavedMapping:
    """One mapping of the institution."""
    saved = saved_mappings().filter(pk=pk).first()
    if saved is None:
        raise NotFound("")
    return saved


def _earlier(name: str, organisation: Organisation) -> tuple[str, str]:
    try:
        pk = UUID(name)
    except ValueError:
        return name, ""
    saved = SavedMapping.objects.filter(organisation=organisation, pk=pk).first()
    if saved is not None:
        return saved.name, saved.text
    report = (
        Batch.objects.filter(organisation=organisation, pk=pk, report__has_key="mapping")
        .values_list("report", flat=True)
        .first()
    )
    return (report["mapping"]["name"], report["mapping"]["text"]) if report else (name, "")


def _fitting(name: str, title: str, text: str, known: Definitions) -> Choice | None:
    try:
        return _choice(name, title, text, known)
    except MappingError:
        return None


def _choice(name: str, title: str, text: str, known: Definitions) -> Choice:
    mapping = checked_mapping(text, known)
    return Choice(name, mapping.source.name or title, text, mapping)
