"""Reads the mapping of FHIR measure reports from a small TOML file that a person can read and check.

[source]            name, format = "measure_report", and perhaps attribution
[[measure]]         canonical = "http://.../Measure/x" (every version) or "...|1.0.0", code of the metric; perhaps
                    group = "group-1", numerator and denominator (codes of populations), ignore = ["..."],
                    exclusions = "already_out" when the reported denominator is without them
[unit]              constant = "main", or element = "reporter" or "subject" with
                    values = { "Organization/7" = "main", "http://hl7.org/fhir/sid/us-npi|1234567893" = "clinic" }
[period]            grain; end = "excluded" when reports state the day after the last
[dimensions.race]   stratifier (its code, or that of a component), dimension = "race_ethnicity",
                    values = { "urn:oid:2.16.840.1.113883.6.238|2054-5" = "black", "2106-3" = "white" }
[blanks]            words = { "unknown" = "not_collected" }: codes of data-absent-reason; masked and not-asked are known
[[leave_out]]       why, and stratifier = ["..."] or measure = ["..."]
"""

from __future__ import annotations

from pathlib import Path

from metrics.reading.cells import BlankKind
from metrics.reading.errors import MappingError, Problem
from metrics.reading.errors import gettext_noop as _
from metrics.reading.mapping_keys import choice_of, code_of, codes_by_text, root_of, source_of
from metrics.reading.measure_mapping import (
    BLANKS_OF_STANDARD,
    MeasureReportMapping,
    MeasureRule,
    ReporterRule,
    ReportLeaveOutRule,
    ReportPeriodRule,
    StratifierRule,
)
from metrics.reading.periods import OBSERVED, Grain
from metrics.reading.toml_table import MISSING, NOT_ONE_OF, Table

FORMAT = "measure_report"

MEASURE_TWICE = Problem(
    _('The measure "%(given)s" is mapped twice.'),
    _("Keep one of the two, or give each the code of its group."),
)
STRATIFIER_TWICE = Problem(
    _('"%(given)s" is mapped twice.'),
    _("Map each stratifier once, and each dimension from one stratifier only."),
)


def load_measure_mapping(path: Path) -> MeasureReportMapping:
    """Read and check a mapping file. Raises `MappingError` with every fault."""
    return parse_measure_mapping(path.read_text(encoding="utf-8"))


def parse_measure_mapping(text: str) -> MeasureReportMapping:
    """Read and check the text of a mapping. Raises `MappingError` with every fault."""
    root = root_of(text, format_=FORMAT)
    mapping = MeasureReportMapping(
        source=source_of(root),
        measures=_measures(root),
        unit=_unit(root.table("unit")),
        period=_period(root.table("period")),
        dimensions=_dimensions(root.table("dimensions", required=False)),
        blanks=_blanks(root.table("blanks", required=False)),
        left_out=tuple(_leave_out(table) for table in root.tables("leave_out")),
    )
    root.refuse_leftovers()
    if root.faults:
        raise MappingError(root.faults)
    return mapping


def _measures(root: Table) -> tuple[MeasureRule, ...]:
    rules: list[MeasureRule] = []
    for table in root.tables("measure"):
        rule = _measure(table)
        if any((rule.canonical, rule.group) == (earlier.canonical, earlier.group) for earlier in rules):
            table.fault("canonical", MEASURE_TWICE, given=rule.canonical)
        rules.append(rule)
    if not rules:
        root.fault("measure", MISSING)
    return tuple(rules)


def _measure(table: Table) -> MeasureRule:
    rule = MeasureRule(
        canonical=table.text("canonical"),
        metric=code_of(table, "code"),
        group=table.text("group", default=""),
        numerator=table.text("numerator", default="numerator"),
        denominator=table.text("denominator", default="denominator"),
        subtracts=table.text_among("exclusions", {"subtract", "already_out"}, default="subtract")
        == "subtract",
        ignored=table.texts("ignore") if "ignore" in table else frozenset(),
    )
    table.refuse_leftovers()
    return rule


def _unit(table: Table) -> ReporterRule:
    if choice_of(table, "constant", "values") == "constant":
        rule = ReporterRule(constant=code_of(table, "constant"))
    else:
        element = table.text_among("element", {"reporter", "subject"}, default="reporter")
        rule = ReporterRule(element=element, values=codes_by_text(table) if "values" in table else {})
    table.refuse_leftovers()
    return rule


def _period(table: Table) -> ReportPeriodRule:
    grain = Grain(table.text_among("grain", OBSERVED) or Grain.WHOLE)
    end = table.text_among("end", {"included", "excluded"}, default="included")
    table.refuse_leftovers()
    return ReportPeriodRule(grain, end_is_included=end == "included")


def _dimensions(table: Table) -> tuple[StratifierRule, ...]:
    rules: list[StratifierRule] = []
    for name in table:
        entry = table.table(name)
        rule = StratifierRule(entry.text("stratifier"), code_of(entry, "dimension"), codes_by_text(entry))
        for earlier in rules:
            for key in ("stratifier", "dimension"):
                if getattr(earlier, key) == getattr(rule, key):
                    entry.fault(key, STRATIFIER_TWICE, given=getattr(rule, key))
        entry.refuse_leftovers()
        rules.append(rule)
    return tuple(rules)


def _blanks(table: Table) -> dict[str, BlankKind]:
    given = table.text_by_text("words") if "words" in table else {}
    kinds = {kind.value: kind for kind in BlankKind}
    for word in given.values():
        if word not in kinds:
            table.fault("words", NOT_ONE_OF, given=word, choices=", ".join(f'"{name}"' for name in kinds))
    table.refuse_leftovers()
    return {
        **BLANKS_OF_STANDARD,
        **{reason: kinds[word] for reason, word in given.items() if word in kinds},
    }


def _leave_out(table: Table) -> ReportLeaveOutRule:
    why = table.text("why")
    match choice_of(table, "stratifier", "measure"):
        case "stratifier":
            rule = ReportLeaveOutRule(why, stratifiers=table.texts("stratifier"))
        case "measure":
            rule = ReportLeaveOutRule(why, measures=table.texts("measure"))
        case _:
            return ReportLeaveOutRule(why)
    table.refuse_leftovers()
    return rule
