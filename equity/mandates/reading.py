"""Reads a template. Strict: a key that is missing, unknown or of the wrong kind is a fault, and so is a claim without source."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Iterable, Sequence
from importlib.resources import files

from equity.mandates.rows import VALUES
from equity.mandates.template import (
    Checked,
    Column,
    Deadline,
    Direction,
    Form,
    Group,
    Kind,
    Measure,
    Part,
    Scope,
    Sheet,
    Source,
    Statement,
    Stratification,
    Template,
)
from metrics.library.table import LibraryTable
from metrics.reading.errors import KeyFault, Problem
from metrics.reading.errors import gettext_noop as _

NO_SOURCE = Problem(
    _("It says that it was checked, and does not say against what."),
    _("Name a source, or write checked = false with a note."),
)
NO_NOTE = Problem(_("It was not checked, and does not say why."), _("Add a note in plain words."))
UNKNOWN_REFERENCE = Problem(
    _('"%(code)s" is not in this template.'), _("Check its spelling, or add the entry that it names.")
)
TWICE = Problem(_('"%(code)s" is there twice.'), _("Give the later entry another code, or delete it."))
NO_SUCH_DAY = Problem(_("There is no such day in every year."), _("Write a month and a day that exist."))
NO_QUESTION = Problem(_("A measure with yes or no has no question."), _("Write what is asked."))
NO_COUNTS = Problem(
    _("A measure with counts does not say what is counted of what."),
    _("Write numerator and denominator in words."),
)
NOT_TOML = Problem(_("This is not a TOML file: %(place)s"), _("Mend the line that it names."))

FOLDER = files("equity.mandates") / "templates_data"


class TemplateError(ValueError):
    """A template is wrong. `faults` names every key that needs mending."""

    def __init__(self, faults: Sequence[KeyFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(f"{fault.key}: {fault.reason} {fault.how_to_mend}" for fault in faults))


def shipped() -> tuple[Template, ...]:
    """Every template that comes with the code, by code and edition."""
    texts = [file.read_text("utf-8") for file in FOLDER.iterdir() if file.name.endswith(".toml")]
    return tuple(sorted(map(read_template, texts), key=lambda one: (one.code, one.edition)))


def read_template(text: str) -> Template:
    """The template in a TOML text. Raises TemplateError with everything that is wrong."""
    try:
        root = LibraryTable(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise TemplateError([KeyFault(NOT_TOML, key="", parts={"place": str(error)})]) from error
    template = _template(root)
    root.refuse_leftovers()
    if not root.faults:
        _refuse_loose_ends(root, template)
    if root.faults:
        raise TemplateError(root.faults)
    return template


def _template(root: LibraryTable) -> Template:
    head, ranking, file = root.inner("mandate"), root.inner("disparities"), root.inner("file")
    template = Template(
        code=head.code(),
        edition=head.number("edition"),
        name=head.text("name"),
        authority=head.text("authority"),
        duty=head.text("duty"),
        states=head.codes("states"),
        checked=_checked(head),
        most=ranking.number("most"),
        ranking=_checked(ranking),
        deadline=_deadline(root.inner("deadline")),
        sources=tuple(map(_source, root.entries("source"))),
        kinds=tuple(map(_kind, root.entries("kind"))),
        stratifications=tuple(map(_stratification, root.entries("stratification"))),
        measures=tuple(map(_measure, root.entries("measure"))),
        statements=tuple(map(_statement, root.entries("statement"))),
        sheets=_sheets(file),
        suppressed=file.text("suppressed"),
        columns_checked=_checked(file),
    )
    for table in (head, ranking, file):
        table.refuse_leftovers()
    return template


def _checked(table: LibraryTable) -> Checked:
    """What every entry says of itself. Checked needs a source; not checked needs a note."""
    checked = table.truth("checked")
    source = table.text("checked_against", default="")
    note = table.text("note", default="")
    if checked and not source:
        table.fault("checked_against", NO_SOURCE)
    if not checked and not note:
        table.fault("note", NO_NOTE)
    return Checked(checked, source, note)


def _deadline(table: LibraryTable) -> Deadline:
    month, day = table.number("month"), table.number("day")
    try:
        datetime.date(2025, month, day)
    except ValueError:
        table.fault("day", NO_SUCH_DAY)
    extension = table.inner("extension")
    deadline = Deadline(
        years_before=table.number("years_before"),
        month=month,
        day=day,
        extension_days=extension.number("days"),
        extensions=extension.number("times"),
        checked=_checked(table),
        extension_checked=_checked(extension),
    )
    for one in (extension, table):
        one.refuse_leftovers()
    return deadline


def _source(table: LibraryTable) -> Source:
    source = Source(
        code=table.code(),
        title=table.text("title"),
        place=table.text("place"),
        url=table.text("url", default=""),
        read=table.truth("read"),
        note=table.text("note", default=""),
    )
    table.refuse_leftovers()
    return source


def _kind(table: LibraryTable) -> Kind:
    kind = Kind(
        code=table.code(),
        name=table.text("name"),
        scope=table.choice("scope", Scope),
        core_measures=table.number("core_measures") if "core_measures" in table else 0,
        identifier=table.text("identifier"),
        checked=_checked(table),
    )
    table.refuse_leftovers()
    return kind


def _stratification(table: LibraryTable) -> Stratification:
    stratification = Stratification(
        code=table.code(),
        name=table.text("name"),
        dimensions=table.codes("dimensions"),
        groups=tuple(map(_group, table.entries("group"))),
        reference=table.text("reference", default=""),
        checked=_checked(table),
    )
    _refuse_twice(table, "group", (group.code for group in stratification.groups))
    if stratification.reference and stratification.reference not in {
        group.code for group in stratification.groups
    }:
        table.fault("reference", UNKNOWN_REFERENCE, code=stratification.reference)
    table.refuse_leftovers()
    return stratification


def _group(table: LibraryTable) -> Group:
    group = Group(
        code=table.code(),
        name=table.text("name"),
        takes=tuple(table.lists_of_texts("takes")),
        standard=table.text("standard", default=""),
        apart=table.truth("apart", default=False),
    )
    table.refuse_leftovers()
    return group


def _measure(table: LibraryTable) -> Measure:
    form = table.choice("form", Form)
    measure = Measure(
        code=table.code(),
        name=table.text("name"),
        part=table.choice("part", Part),
        form=form,
        kinds=table.codes("kinds"),
        numerator=table.text("numerator", default=""),
        denominator=table.text("denominator", default=""),
        question=table.text("question", default=""),
        better=table.choice("better", Direction) if form is Form.COUNTS else Direction.HIGHER,
        per=table.number("per", default=100),
        metrics=table.codes("metrics") if "metrics" in table else (),
        standards=table.codes("standards") if "standards" in table else (),
        checked=_checked(table),
    )
    if form is Form.YES_NO and not measure.question:
        table.fault("question", NO_QUESTION)
    if form is Form.COUNTS and not (measure.numerator and measure.denominator):
        table.fault("numerator", NO_COUNTS)
    table.refuse_leftovers()
    return measure


def _statement(table: LibraryTable) -> Statement:
    statement = Statement(
        code=table.code(),
        name=table.text("name"),
        question=table.text("question"),
        priority_area=table.truth("priority_area"),
        checked=_checked(table),
    )
    table.refuse_leftovers()
    return statement


def _sheets(table: LibraryTable) -> tuple[tuple[Sheet, tuple[Column, ...]], ...]:
    sheets = []
    for entry in table.entries("sheet"):
        sheet = entry.choice("rows", Sheet)
        columns = tuple(_column(column, sheet) for column in entry.entries("column"))
        entry.refuse_leftovers()
        sheets.append((sheet, columns))
    _refuse_twice(table, "sheet", (sheet.value for sheet, _columns in sheets))
    return tuple(sheets)


def _column(table: LibraryTable, sheet: Sheet) -> Column:
    column = Column(name=table.text("name"), value=table.text_among("value", VALUES[sheet]))
    table.refuse_leftovers()
    return column


def _refuse_twice(table: LibraryTable, key: str, codes: Iterable[str]) -> None:
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            table.fault(key, TWICE, code=code)
        seen.add(code)


def _refuse_loose_ends(root: LibraryTable, template: Template) -> None:
    """Codes are used once in their list; what an entry refers to is there."""
    for key, entries in (
        ("source", template.sources),
        ("kind", template.kinds),
        ("stratification", template.stratifications),
        ("measure", template.measures),
        ("statement", template.statements),
    ):
        _refuse_twice(root, key, (entry.code for entry in entries))
    kinds = {kind.code for kind in template.kinds}
    for measure in template.measures:
        for code in measure.kinds:
            if code not in kinds:
                root.fault(f"measure.{measure.code}.kinds", UNKNOWN_REFERENCE, code=code)
    sources = {source.code for source in template.sources}
    for place, checked in _claims(template):
        if checked.source and checked.source not in sources:
            root.fault(place, UNKNOWN_REFERENCE, code=checked.source)


def _claims(template: Template) -> Iterable[tuple[str, Checked]]:
    yield "mandate.checked_against", template.checked
    yield "disparities.checked_against", template.ranking
    yield "deadline.checked_against", template.deadline.checked
    yield "deadline.extension.checked_against", template.deadline.extension_checked
    yield "file.checked_against", template.columns_checked
    for key, entries in (
        ("kind", template.kinds),
        ("stratification", template.stratifications),
        ("measure", template.measures),
        ("statement", template.statements),
    ):
        for entry in entries:
            yield f"{key}.{entry.code}.checked_against", entry.checked
