"""The mapping of FHIR measure reports: what their measures, reporters, stratifiers and codes are called here.

`measure_mapping_file` reads one from TOML. These shapes are always whole and consistent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from metrics.reading.cells import BlankKind
from metrics.reading.mapping import Source
from metrics.reading.periods import Grain

BLANKS_OF_STANDARD: Mapping[str, BlankKind] = {"masked": BlankKind.WITHHELD, "not-asked": BlankKind.NOT_ASKED}
"""What reasons for absent data mean that say the same here, so that no mapping has to."""


@dataclass(frozen=True, slots=True)
class MeasureRule:
    """A group of a measure is a metric. Without `group` it is the only group of its reports.

    `canonical` may end in |version; without one it stands for every version. `subtracts` says that exclusions and
    exceptions are inside the denominator that is reported, as the clinical quality measures define it. Populations
    in `ignored` say nothing here.
    """

    canonical: str
    metric: str
    group: str = ""
    numerator: str = "numerator"
    denominator: str = "denominator"
    subtracts: bool = True
    ignored: frozenset[str] = frozenset()

    def fits(self, canonical: str) -> bool:
        """Whether this is a rule for the measure of a report."""
        return self.canonical in (canonical, canonical.partition("|")[0])


@dataclass(frozen=True, slots=True)
class ReporterRule:
    """Every report is about one `constant` unit, or its reporter or subject says which: `values` maps references
    (`Organization/7`) and identifiers (`system|value`) to unit codes."""

    constant: str | None = None
    element: str = "reporter"
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def codes(self) -> frozenset[str]:
        """The units that the mapping names."""
        return frozenset(self.values.values() if self.constant is None else {self.constant})


@dataclass(frozen=True, slots=True)
class ReportPeriodRule:
    """The grain that a report's period must have. FHIR includes its last day; some senders state the day after."""

    grain: Grain
    end_is_included: bool = True


@dataclass(frozen=True, slots=True)
class StratifierRule:
    """A stratifier, or a component of one, is a dimension. `values` maps `system|code`, code or text to categories."""

    stratifier: str
    dimension: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ReportLeaveOutRule:
    """Stratifiers or measures that are not wanted, and `why`: the result says how many there were."""

    why: str
    stratifiers: frozenset[str] = frozenset()
    measures: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MeasureReportMapping:
    """A whole mapping, checked."""

    source: Source
    measures: tuple[MeasureRule, ...]
    unit: ReporterRule
    period: ReportPeriodRule
    dimensions: tuple[StratifierRule, ...]
    blanks: Mapping[str, BlankKind]
    left_out: tuple[ReportLeaveOutRule, ...]
