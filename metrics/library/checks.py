"""What must hold between the entries of the library: groups in a fair order, blanks in every dimension, no loose ends.

Each check notes its faults in the table that the entry came from.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from metrics.composition import composition_of, faults
from metrics.library.entries import (
    Crosswalk,
    DimensionVersion,
    Grouping,
    Library,
    LibraryCategory,
    LibraryDimension,
    LibraryMetric,
    Relation,
    Standard,
)
from metrics.library.table import LibraryTable
from metrics.reading.errors import Problem
from metrics.reading.errors import gettext_noop as _

BLANKS = ("unknown", "not_asked", "declined")
"""Why there is no answer. They are shown as they are, and never as a group of people."""

NEVER_FIRST = frozenset({"white", "man", "men", "male"})
"""Groups that stood first for too long: no list of ours begins with one."""

TWICE = Problem(_('"%(code)s" is there twice.'), _("Give the later entry another code, or delete it."))
NO_BLANKS = Problem(
    _("The blanks are not exactly these: %(blanks)s."),
    _("Keep one [[blank]] for each of them, in this order."),
)
FIRST_BY_DEFAULT = Problem(
    _('"%(label)s" stands first.'), _("Choose labels or an order in which another group is first.")
)
NOT_ALPHABETICAL = Problem(
    _('The groups are not in the order of their labels: "%(label)s" comes too early.'),
    _("Sort them by label, or write ordered = true when they run from least to most."),
)
NOT_NUMBERED = Problem(
    _("The positions do not run from 1 to %(last)s in the order of the file."), _("Number the groups again.")
)
TOO_FEW_GROUPS = Problem(
    _("Fewer than two groups."), _("Add groups, or write place when each institution brings its own list.")
)
PLACE_WITH_GROUPS = Problem(
    _("A dimension of places has groups of its own."), _("Delete them: each institution brings its own list.")
)
NOT_A_PATTERN = Problem(_("This is not a regular expression."), _("Write it as in [0-9]{5}."))
NO_SYSTEM = Problem(
    _("Groups have standard codes, but their system is missing."),
    _("Add standard_system to the dimension, or delete the codes."),
)
UNKNOWN_GROUP = Problem(
    _('There is no group "%(code)s" in %(dimension)s.'), _("Use the code of one of its groups.")
)
NOT_A_PARTITION = Problem(
    _("Not every group is in exactly one of the merged groups: %(codes)s."),
    _("Put each group under one of them, and under no other."),
)
PARTITION_OF_SEVERAL = Problem(
    _("People can give several answers, so this does not say where each counts once."),
    _("Add several, or merge the groups, or write partition = false."),
)
NOT_A_SUCCESSOR = Problem(
    _("There is no version %(version)s of this dimension, or it is not later."),
    _("Name the version that took the place of this one."),
)
UNKNOWN_DIMENSION = Problem(
    _('There is no dimension "%(code)s" in use.'), _("Use the code of a dimension of the library.")
)
NOT_COLLECTED = Problem(
    _('The library does not collect "%(code)s".'), _("Delete it: asking can put people in danger.")
)
NO_GUIDE_ITEM = Problem(_("No item of a guide is named."), _('Write it as in { light-and-heat = ["4.1"] }.'))
NOT_A_PART = Problem(
    _('"%(code)s" cannot be a part of this index.'),
    _(
        "Name other measures of the library, each once, of which more or less is better; best is the better end."
    ),
)
COUNTS_NOBODY = Problem(_("An index counts nobody: its parts do."), _("Write counts_people = false."))
NO_REFERENCE = Problem(
    _("The standard has neither a code nor an address."), _("Add code or url, or delete the standard.")
)
UNKNOWN_VERSION = Problem(
    _("There is no version %(version)s of the dimension %(dimension)s."), _("Name a version of the library.")
)
NOT_LINKED = Problem(
    _('The group "%(code)s" of the old list has no link.'),
    _("Say which group of the new list it belongs to."),
)
NOTHING_LOST = Problem(
    _("A link that is not the same does not say what is lost."),
    _("Add lost: what cannot be brought over to the new list."),
)


def refuse_twice(entries: Iterable[tuple[LibraryTable, str]]) -> None:
    """Every entry has a name of its own."""
    seen: set[str] = set()
    for table, name in entries:
        if name in seen:
            table.fault("code", TWICE, code=name)
        seen.add(name)


# ---- dimensions


def check_dimension(table: LibraryTable, dimension: LibraryDimension, library: Library) -> None:
    """Its groups are numbered, in a fair order, with the three blanks behind them."""
    blanks = tuple(category.code for category in dimension.categories if category.missing)
    if blanks != BLANKS:
        table.fault("category", NO_BLANKS, blanks=", ".join(BLANKS))
    for code in _repeated(category.code for category in dimension.categories):
        table.fault("category", TWICE, code=code)
    for code in _repeated(category.standard_code for category in dimension.answers if category.standard_code):
        table.fault("category", TWICE, code=code)
    if any(one.standard_code and not one.standard_system for one in dimension.categories):
        table.fault("standard_system", NO_SYSTEM)
    _check_order(table, dimension)
    _check_place(table, dimension)
    _check_successor(table, dimension, library)
    refuse_twice((table, grouping.code) for grouping in dimension.groupings)
    for grouping in dimension.groupings:
        check_grouping(table, dimension, grouping)


def _check_order(table: LibraryTable, dimension: LibraryDimension) -> None:
    answers = dimension.answers
    if [category.position for category in answers] != list(range(1, len(answers) + 1)):
        table.fault("category", NOT_NUMBERED, last=len(answers))
    if answers and answers[0].code in NEVER_FIRST:
        table.fault("category", FIRST_BY_DEFAULT, label=answers[0].label)
    if not dimension.ordered:
        _check_alphabet(table, "category", [category.label for category in answers])


def _check_alphabet(table: LibraryTable, key: str, labels: Sequence[str]) -> None:
    for label, following in pairwise(labels):
        if label.casefold() > following.casefold():
            table.fault(key, NOT_ALPHABETICAL, label=label)


def _check_place(table: LibraryTable, dimension: LibraryDimension) -> None:
    if not dimension.place:
        if len(dimension.answers) < 2:
            table.fault("category", TOO_FEW_GROUPS)
        return
    if dimension.answers:
        table.fault("category", PLACE_WITH_GROUPS)
    try:
        re.compile(dimension.place)
    except re.error:
        table.fault("place", NOT_A_PATTERN)


def _check_successor(table: LibraryTable, dimension: LibraryDimension, library: Library) -> None:
    if (version := dimension.superseded_by) is None:
        return
    known = {one.version for one in library.dimensions if one.code == dimension.code}
    if version not in known or version <= dimension.version:
        table.fault("superseded_by", NOT_A_SUCCESSOR, version=version)


def check_grouping(table: LibraryTable, dimension: LibraryDimension, grouping: Grouping) -> None:
    """It names groups of its dimension, and counts each person once when it says so."""
    known = {category.code: category for category in dimension.answers}
    named = [*([grouping.several] if grouping.several else []), *_merged(grouping)]
    for code in named:
        if code not in known:
            table.fault("grouping", UNKNOWN_GROUP, code=code, dimension=dimension.code)
    _check_partition(table, dimension, grouping, list(known.values()))
    if grouping.groups and not dimension.ordered:
        _check_alphabet(table, "grouping", [group.label for group in grouping.groups])
    if grouping.groups and grouping.groups[0].code in NEVER_FIRST:
        table.fault("grouping", FIRST_BY_DEFAULT, label=grouping.groups[0].label)


def _check_partition(
    table: LibraryTable,
    dimension: LibraryDimension,
    grouping: Grouping,
    answers: Sequence[LibraryCategory],
) -> None:
    if not grouping.partition:
        return
    if dimension.multiple and not grouping.several and not grouping.groups:
        table.fault("grouping", PARTITION_OF_SEVERAL)
    if grouping.groups:
        times = Counter(_merged(grouping))
        wrong = [category.code for category in answers if times[category.code] != 1]
        if wrong:
            table.fault("grouping", NOT_A_PARTITION, codes=", ".join(wrong))


def _merged(grouping: Grouping) -> list[str]:
    return [code for group in grouping.groups for code in group.categories]


def _repeated(codes: Iterable[str]) -> list[str]:
    return [code for code, times in Counter(codes).items() if times > 1]


# ---- metrics


def check_metric(table: LibraryTable, metric: LibraryMetric, library: Library) -> None:
    """It is compared by dimensions of the library that may be collected, and speaks to an item of a guide."""
    in_use = {one.code: one for one in library.dimensions if one.superseded_by is None}
    for code in _repeated(metric.dimensions):
        table.fault("dimensions", TWICE, code=code)
    for code in metric.dimensions:
        if code not in in_use:
            table.fault("dimensions", UNKNOWN_DIMENSION, code=code)
        elif not in_use[code].collect:
            table.fault("dimensions", NOT_COLLECTED, code=code)
    if not metric.speaks_to:
        table.fault("speaks_to", NO_GUIDE_ITEM)
    _check_parts(table, metric, library)


def _check_parts(table: LibraryTable, metric: LibraryMetric, library: Library) -> None:
    """An index is made of measures of the library that are none, each with a good and a bad end of its scale."""
    composition = composition_of(metric.composition)
    if composition is None:
        return
    known = {one.code: one for one in library.metrics}
    for fault in faults(composition, known):
        named = "" if fault.part is None else composition.measures[fault.part]
        table.fault("component", NOT_A_PART, code=named)
    if metric.counts_people:
        table.fault("counts_people", COUNTS_NOBODY)


def check_standard(table: LibraryTable, standard: Standard) -> None:
    """A claim to a standard can be followed up."""
    if not standard.code and not standard.url:
        table.fault("code", NO_REFERENCE)


# ---- crosswalks


def check_crosswalk(table: LibraryTable, crosswalk: Crosswalk, library: Library) -> None:
    """Every group of the old list is linked to a group of the new one."""
    source = _answers(table, "from", crosswalk.source, library)
    target = _answers(table, "to", crosswalk.target, library)
    for link in crosswalk.links:
        if link.source not in source:
            table.fault("link", UNKNOWN_GROUP, code=link.source, dimension=crosswalk.source.dimension)
        if link.target not in target:
            table.fault("link", UNKNOWN_GROUP, code=link.target, dimension=crosswalk.target.dimension)
        if link.relation is not Relation.SAME and not link.lost:
            table.fault("link", NOTHING_LOST)
    for code in source:
        if code not in {link.source for link in crosswalk.links}:
            table.fault("link", NOT_LINKED, code=code)


def _answers(
    table: LibraryTable, key: str, wanted: DimensionVersion, library: Library
) -> dict[str, LibraryCategory]:
    try:
        dimension = library.dimension(wanted.dimension, wanted.version)
    except KeyError:
        table.fault(key, UNKNOWN_VERSION, dimension=wanted.dimension, version=wanted.version)
        return {}
    return {category.code: category for category in dimension.answers}
