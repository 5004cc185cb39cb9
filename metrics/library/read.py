"""Reads the shared library from its TOML files and checks it whole, without Django.

    library = load_library()
    library.metric("readmission-30-day").why
    library.dimension("race_ethnicity").answers

The README beside this module explains the keys. A library with a fault is never handed out: `LibraryError` names every
fault by file and key, with what is wrong and how to mend it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TypeVar

from metrics.library.checks import (
    check_crosswalk,
    check_dimension,
    check_metric,
    check_standard,
    refuse_twice,
)
from metrics.library.entries import (
    Better,
    Crosswalk,
    CrosswalkLink,
    DimensionVersion,
    Fit,
    Grouping,
    GuideReference,
    Level,
    Library,
    LibraryCategory,
    LibraryDimension,
    LibraryMetric,
    MergedGroup,
    Purpose,
    Relation,
    Standard,
)
from metrics.library.indexes import WITHOUT_DENOMINATOR, composition_of
from metrics.library.table import LACKING, LibraryTable
from metrics.reading.cells import MetricKind
from metrics.reading.errors import KeyFault, Problem
from metrics.reading.errors import gettext_noop as _
from metrics.reading.periods import Grain

FOLDER = Path(__file__).resolve().parent

NOT_TOML = Problem(
    _("The file is not valid TOML: %(place)s."),
    _("Compare that line with its neighbors: quotation marks, brackets and equals signs."),
)

Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True)
class LibraryFault(KeyFault):
    """A fault at a dotted key of one file, such as `metric.local-spend@1.per` of `metrics/community.toml`."""

    file: str = field(kw_only=True)

    def __str__(self) -> str:
        where = f"{self.file}, {self.key}" if self.key else self.file
        return f"{where}: {self.reason} {self.how_to_mend}"


class LibraryError(ValueError):
    """The library is wrong. `faults` names every key that needs mending, not only the first."""

    def __init__(self, faults: Sequence[LibraryFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, faults)))


def load_library(folder: Path = FOLDER) -> Library:
    """Read and check every TOML file of a folder and the folders in it. Raises `LibraryError` with every fault."""
    files = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*.toml"))
    }
    return parse_library(files)


@cache
def shelf() -> Library:
    """The shipped library, read once a process."""
    return load_library()


def parse_library(files: Mapping[str, str]) -> Library:
    """Read and check the texts of the files, by file name. Raises `LibraryError` with every fault."""
    roots = {file: _root(text) for file, text in files.items()}
    blanks = [blank for _table, blank in _read(roots.values(), "blank", _blank)]
    dimensions = _read(roots.values(), "dimension", lambda table: _dimension(table, blanks))
    metrics = _read(roots.values(), "metric", _metric)
    crosswalks = _read(roots.values(), "crosswalk", _crosswalk)
    refuse_twice((table, f"{dimension.code}@{dimension.version}") for table, dimension in dimensions)
    refuse_twice((table, metric.code) for table, metric in metrics)
    refuse_twice((table, crosswalk.code) for table, crosswalk in crosswalks)
    library = Library(
        metrics=tuple(metric for _table, metric in metrics),
        dimensions=tuple(dimension for _table, dimension in dimensions),
        crosswalks=tuple(crosswalk for _table, crosswalk in crosswalks),
    )
    for table, dimension in dimensions:
        check_dimension(table, dimension, library)
    for table, metric in metrics:
        check_metric(table, metric, library)
    for table, crosswalk in crosswalks:
        check_crosswalk(table, crosswalk, library)
    _refuse_faults(roots)
    return library


def _root(text: str) -> LibraryTable:
    try:
        return LibraryTable(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        root = LibraryTable({})
        root.fault("", NOT_TOML, place=str(error))
        return root


def _read(
    roots: Iterable[LibraryTable], key: str, read: Callable[[LibraryTable], Entry]
) -> list[tuple[LibraryTable, Entry]]:
    """The entries under this key of all files, each with the table that it came from."""
    pairs = [(table, read(table)) for root in roots for table in root.entries(key)]
    for table, _entry in pairs:
        table.refuse_leftovers()
    return pairs


def _refuse_faults(roots: Mapping[str, LibraryTable]) -> None:
    for root in roots.values():
        root.refuse_leftovers()
    faults = [
        LibraryFault(fault.problem, key=fault.key, parts=fault.parts, file=file)
        for file, root in roots.items()
        for fault in root.faults
    ]
    if faults:
        raise LibraryError(faults)


# ---- metrics


def _metric(table: LibraryTable) -> LibraryMetric:
    kind = table.choice("kind", MetricKind)
    if kind is MetricKind.RATE and "per" not in table:
        table.fault("per", LACKING)
    return LibraryMetric(
        code=table.code(),
        version=table.number("version"),
        name=table.text("name"),
        level=table.choice("level", Level),
        purpose=table.choice("purpose", Purpose),
        kind=kind,
        per=table.number("per", default=100),
        better=table.choice("better", Better),
        counts_people=table.truth("counts_people"),
        numerator=table.text("numerator"),
        denominator=table.text("denominator", default="" if kind in WITHOUT_DENOMINATOR else None),
        exclusions=table.text("exclusions", default=""),
        source=table.text("source"),
        frequency=_frequency(table),
        once_over_periods=table.truth("once_over_periods", default=False),
        once_over_units=table.truth("once_over_units", default=False),
        dimensions=table.codes("dimensions"),
        speaks_to=_speaks_to(table.inner("speaks_to")),
        why=table.text("why"),
        caution=table.text("caution"),
        standards=tuple(map(_standard, table.entries("standard"))),
        composition=composition_of(table, kind),
    )


def _frequency(table: LibraryTable) -> Grain:
    calendar = (Grain.MONTH, Grain.QUARTER, Grain.YEAR)
    return Grain(table.text_among("frequency", calendar) or Grain.YEAR)


def _speaks_to(table: LibraryTable) -> tuple[GuideReference, ...]:
    return tuple(GuideReference(guide, item) for guide in table for item in table.codes(guide))


def _standard(table: LibraryTable) -> Standard:
    standard = Standard(
        system=table.text("system"),
        code=table.text("code", default=""),
        name=table.text("name"),
        fit=table.choice("fit", Fit),
        url=table.text("url", default=""),
        note=table.text("note", default=""),
    )
    check_standard(table, standard)
    table.refuse_leftovers()
    return standard


# ---- dimensions


def _dimension(table: LibraryTable, blanks: Sequence[LibraryCategory]) -> LibraryDimension:
    system = table.text("standard_system", default="")
    answers = [_category(entry, system) for entry in table.entries("category")]
    return LibraryDimension(
        code=table.code(),
        version=table.number("version"),
        name=table.text("name"),
        superseded_by=table.number("superseded_by") if "superseded_by" in table else None,
        collect=table.truth("collect", default=True),
        multiple=table.truth("multiple", default=False),
        ordered=table.truth("ordered", default=False),
        place=table.text("place", default=""),
        standard_name=table.text("standard_name", default=""),
        standard_system=system,
        source=table.text("source"),
        ask=table.text("ask"),
        caution=table.text("caution"),
        categories=(*answers, *_behind(answers, blanks)),
        groupings=tuple(map(_grouping, table.entries("grouping"))),
    )


def _category(table: LibraryTable, system: str) -> LibraryCategory:
    standard = table.text("standard", default="")
    label = table.text("label")
    category = LibraryCategory(
        code=table.code(),
        label=label,
        short=table.text("short", default=label),
        position=table.number("position"),
        missing=False,
        derived=table.truth("derived", default=False),
        standard_system=system if standard else "",
        standard_code=standard,
    )
    table.refuse_leftovers()
    return category


def _blank(table: LibraryTable) -> LibraryCategory:
    label = table.text("label")
    return LibraryCategory(
        code=table.code(),
        label=label,
        short=label,
        position=1,
        missing=True,
        derived=False,
        standard_system=table.text("standard_system"),
        standard_code=table.text("standard"),
    )


def _behind(
    answers: Sequence[LibraryCategory], blanks: Sequence[LibraryCategory]
) -> Iterable[LibraryCategory]:
    """The blanks, with positions that follow the last group."""
    return (replace(blank, position=number) for number, blank in enumerate(blanks, start=len(answers) + 1))


def _grouping(table: LibraryTable) -> Grouping:
    grouping = Grouping(
        code=table.code(),
        name=table.text("name"),
        explanation=table.text("explanation"),
        partition=table.truth("partition"),
        several=table.text("several", default=""),
        groups=tuple(map(_merged_group, table.entries("group"))),
    )
    table.refuse_leftovers()
    return grouping


def _merged_group(table: LibraryTable) -> MergedGroup:
    group = MergedGroup(code=table.code(), label=table.text("label"), categories=table.codes("of"))
    table.refuse_leftovers()
    return group


# ---- crosswalks


def _crosswalk(table: LibraryTable) -> Crosswalk:
    return Crosswalk(
        code=table.code(),
        source=_version(table.inner("from")),
        target=_version(table.inner("to")),
        based_on=table.text("source"),
        links=tuple(map(_link, table.entries("link"))),
    )


def _version(table: LibraryTable) -> DimensionVersion:
    version = DimensionVersion(table.code("dimension"), table.number("version"))
    table.refuse_leftovers()
    return version


def _link(table: LibraryTable) -> CrosswalkLink:
    link = CrosswalkLink(
        source=table.code("from"),
        target=table.code("to"),
        relation=table.choice("relation", Relation),
        lost=table.text("lost", default=""),
    )
    table.refuse_leftovers()
    return link
