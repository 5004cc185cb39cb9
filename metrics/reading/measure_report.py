"""Reads FHIR R4 measure reports (JSON): one, one in each line, or a Bundle of several. Only summaries: counts of people, not people.

    MeasureReport.measure      the metric, by the mapping        .reporter or .subject   the unit
    MeasureReport.period       the period                        .group.population       numerator and denominator
    .group.stratifier.stratum  a group, by its value or, where several dimensions meet, by its components
    .measureScore              compared with the counts, never stored

What comes out are the rows of a counts file. What a report says and the mapping does not is an error, not silence.
Reports are numbered from 1 in the order of the file; an error says the number (as its row) and the place in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from metrics.reading.cells import CountRow, MetricKind, Stratum
from metrics.reading.counts import KnownCodes
from metrics.reading.decompress import Expander
from metrics.reading.errors import KeyFault, MappingError, Problem, RowError, UnreadableFile
from metrics.reading.errors import gettext_noop as _
from metrics.reading.file_reader import FileReader
from metrics.reading.json_node import Node, parse_documents
from metrics.reading.measure_groups import GroupReader
from metrics.reading.measure_mapping import MeasureReportMapping, MeasureRule
from metrics.reading.measure_references import References
from metrics.reading.periods import Period, parse_period, spanning
from metrics.reading.table_codes import (
    NO_SUCH_METRIC,
    NO_SUCH_UNIT,
    faults_of_indexes,
    unknown_categories,
    unknown_codes,
)

LARGEST_REPORT = 16 * 1024**2

NO_REPORT = Problem(
    _("There is no measure report in this file."),
    _("Send a FHIR R4 MeasureReport, or a Bundle that holds some, as JSON."),
)
ABOUT_ONE_PATIENT = Problem(
    _("This report is about one patient. Only summaries are read here: counts, and nobody's record."),
    _("Send the summary report (type summary) of this measure."),
)
LISTS_PATIENTS = Problem(
    _("This report lists patients, or only moves data about them. Only summaries are read here."),
    _("Send the summary report (type summary) of this measure, without lists of its subjects."),
)
HOLDS_RECORDS = Problem(
    _("This file holds records of the kind %(kind)s, which may be about patients. Nothing of it was read."),
    _("Send the summary reports alone, or with the organizations and measures that they name."),
)
NOT_COMPLETE = Problem(
    _("The report is not complete: its status is not the word complete."),
    _("Send it again when it is complete."),
)
CHANGES_THE_MEANING = Problem(
    _("The report holds a modifier that may change what everything else means, and that is not known here."),
    _("Ask the sender for a report without modifierExtension and implicitRules."),
)
MEASURE_NOT_IN_MAPPING = Problem(
    _('The measure "%(value)s" is not in the mapping.'),
    _("Add it as a [[measure]], or leave it out with [[leave_out]] and the reason why."),
)
GROUP_NOT_IN_MAPPING = Problem(
    _('The group "%(value)s" of this measure is not in the mapping.'),
    _("Add a [[measure]] with this group. A [[measure]] without group is for reports with one group only."),
)
NO_GROUP = Problem(
    _("The report has no group: nothing is counted in it."), _("Ask the sender for the counts.")
)
NOT_THE_PERIOD = Problem(
    _('"%(value)s" to "%(last)s" is not one %(grain)s.'),
    _(
        'Correct the grain in the mapping, or write end = "excluded" there if reports state the day after the last.'
    ),
)
UNIT_NOT_IN_MAPPING = Problem(
    _('No unit of the mapping is called "%(value)s".'),
    _("Add the reference or the identifier (system|value) to values under [unit] in the mapping."),
)
TWO_UNITS = Problem(
    _('"%(value)s" has the names of two units of the mapping.'), _("Correct the values under [unit].")
)
COUNTED_BEFORE = Problem(
    _("Report %(first)s already gives this metric, unit, period and group."), _("Keep one of the two.")
)

KIND_NOT_REPORTED = Problem(
    _(
        'A measure report cannot give "%(metric)s", of the kind "%(kind)s": it has no sum of squares and no weights.'
    ),
    _("Send these numbers as a table, or choose another measure."),
)

HARMLESS = frozenset(
    {
        *("MeasureReport", "Measure", "Library", "Organization", "Location", "CodeSystem", "ValueSet"),
        *("Device", "OperationOutcome"),
    }
)
"""Kinds of resources that are about no patient. A file that holds any other kind is not read."""


class MeasureReportReader(FileReader):
    """Reads one file of reports; the number of the report stands for the row, the place in it for the column.

    Raises `MappingError` when the mapping names what is not `known`.
    """

    def __init__(self, mapping: MeasureReportMapping, known: KnownCodes) -> None:
        faults = faults_of_reports(mapping, known)
        if faults:
            raise MappingError(faults)
        super().__init__()
        self._mapping = mapping
        self._known = known
        self._unwanted = frozenset().union(*(rule.stratifiers for rule in mapping.left_out))
        self._why = {
            name: rule.why for rule in mapping.left_out for name in (*rule.stratifiers, *rule.measures)
        }
        self._first: dict[tuple[str, str, Period, Stratum], int] = {}

    def _read(self, chunks: Iterator[bytes]) -> Iterator[tuple[int, CountRow]]:
        try:
            documents = parse_documents(_unpacked(chunks))
        except UnreadableFile as error:
            self._errors.add(RowError(error.fault.problem, parts=error.fault.parts))
        else:
            yield from self._read_reports(References(*documents))

    def _read_reports(self, references: References) -> Iterator[tuple[int, CountRow]]:
        others = sorted(references.kinds - HARMLESS)
        if any(others):
            self._wrong(HOLDS_RECORDS, kind=", ".join(filter(None, others)))
            return
        for report in references.of_kind("MeasureReport"):
            self._row = self.rows_read = self.rows_read + 1
            node = Node(report, "MeasureReport", self._wrong)
            yield from self._read_report(node, references)
        if not self.rows_read:
            self._wrong(NO_REPORT)

    def _read_report(self, report: Node, references: References) -> Iterator[tuple[int, CountRow]]:
        canonical = report.text("measure", required=True)
        if self._is_unwanted(canonical) or not self._is_summary(report):
            return
        rules = [rule for rule in self._mapping.measures if rule.fits(canonical)]
        if not rules:
            report.wrong(MEASURE_NOT_IN_MAPPING, "measure", value=canonical)
            return
        unit = self._unit(report, references)
        period = self._period(report.child("period"))
        groups = report.children("group")
        if not groups:
            report.wrong(NO_GROUP, "group")
        for group in groups:
            rule = _rule_of(group, rules, alone=len(groups) == 1)
            if rule is None:
                names = group.child("code").names()
                group.wrong(GROUP_NOT_IN_MAPPING, "code", value=names[0] if names else "")
            else:
                yield from self._read_group(group, rule, unit, period)

    def _is_unwanted(self, canonical: str) -> bool:
        for name in (canonical, canonical.partition("|")[0]):
            if any(name in rule.measures for rule in self._mapping.left_out):
                self._left_out[self._why[name]] += 1
                return True
        return False

    def _is_summary(self, report: Node) -> bool:
        """What is about patients is told without a word of it."""
        kind = report.text("type", required=True)
        if kind == "individual" or "Patient/" in report.child("subject").text("reference"):
            report.wrong(ABOUT_ONE_PATIENT, "type")
        elif kind != "summary" or report.holds("subjectResults"):
            report.wrong(LISTS_PATIENTS, "type")
        elif report.text("status", required=True) != "complete":
            report.wrong(NOT_COMPLETE, "status")
        elif report.holds("modifierExtension") or report.holds("implicitRules"):
            report.wrong(CHANGES_THE_MEANING)
        else:
            return True
        return False

    def _unit(self, report: Node, references: References) -> str | None:
        rule = self._mapping.unit
        if rule.constant is not None:
            return rule.constant
        names = references.names_of(report.child(rule.element))
        units = {rule.values[name] for name in names if name in rule.values}
        if len(units) == 1:
            return units.pop()
        report.wrong(
            TWO_UNITS if units else UNIT_NOT_IN_MAPPING, rule.element, value=names[0] if names else ""
        )
        return None

    def _period(self, node: Node) -> Period | None:
        first, last = node.text("start", required=True), node.text("end", required=True)
        if not first or not last:
            return None
        grain = self._mapping.period.grain
        try:
            start, end = _days(first).start, _days(last).end
            if not self._mapping.period.end_is_included:
                end = _days(last).start - timedelta(days=1)
            return spanning(start, end, grain)
        except (ValueError, OverflowError):
            node.wrong(NOT_THE_PERIOD, value=first, last=last, grain=grain.value)
            return None

    def _read_group(
        self, group: Node, rule: MeasureRule, unit: str | None, period: Period | None
    ) -> Iterator[tuple[int, CountRow]]:
        mapping = self._mapping
        kind, decimals = self._known.metrics[rule.metric], self._known.decimals.get(rule.metric, 0)
        reader = GroupReader(rule, kind, decimals, mapping.dimensions, mapping.blanks, self._unwanted)
        for node, stratum, numbers in reader.read(group):
            if unit is None or period is None:
                continue
            key = rule.metric, unit, period, stratum
            if key in self._first:
                node.wrong(COUNTED_BEFORE, first=self._first[key])
                continue
            self._first[key] = self._row
            yield self._row, CountRow(*key, *numbers)
        self._left_out.update(self._why[name] for name in reader.stratifiers_left_out)
        for problem, place, parts in reader.flags:
            self._flags.add(RowError(problem, row=self._row, column=place, parts=parts))


def faults_of_reports(mapping: MeasureReportMapping, known: KnownCodes) -> list[KeyFault]:
    """Every code of the mapping that is not known here."""
    metrics = [rule.metric for rule in mapping.measures]
    faults = [
        *unknown_codes("measure.code", metrics, known.metrics, NO_SUCH_METRIC),
        *unknown_codes("unit", mapping.unit.codes, known.units, NO_SUCH_UNIT),
        *faults_of_indexes("measure.code", metrics, known),
    ]
    for metric in metrics:
        kind = known.metrics.get(metric)
        if kind == MetricKind.MEAN:
            parts = {"metric": metric, "kind": str(kind)}
            faults.append(KeyFault(KIND_NOT_REPORTED, key="measure.code", parts=parts))
    for rule in mapping.dimensions:
        key = f"dimensions.{rule.dimension}"
        faults += unknown_categories(key, rule.dimension, rule.values.values(), known)
    return faults


def _rule_of(group: Node, rules: list[MeasureRule], *, alone: bool) -> MeasureRule | None:
    names = group.child("code").names()
    named = next((rule for rule in rules if rule.group and rule.group in names), None)
    return named or next((rule for rule in rules if alone and not rule.group), None)


def _days(text: str) -> Period:
    """The days that a FHIR date or moment names: 2024 is a year, 2024-01 a month, and a moment belongs to its day."""
    day = text.partition("T")[0]
    if len(day) == len("2024-01-31"):
        return parse_period(f"{day}/{day}")
    return parse_period(day)


def _unpacked(chunks: Iterator[bytes]) -> bytes:
    expander = Expander(LARGEST_REPORT)
    held = bytearray()
    for chunk in chunks:
        for piece in expander.feed(chunk):
            held += piece
    for piece in expander.finish():
        held += piece
    return bytes(held)
