"""The door to choosing measures: what the library and the departments offer, what is chosen, proposed and uncovered."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from equity.errors import NotFound
from metrics import coverage, models
from metrics.coverage import Coverage
from metrics.definition_fields import Difference, definition_of, differences, values_of
from metrics.library.entries import Level, LibraryMetric, Purpose
from metrics.library.read import shelf
from metrics.models import DefinitionSet, Metric, MetricProposal, MetricVersion, SetMetric, Target
from metrics.standing import comparable


@dataclass(frozen=True)
class Wanted:
    """What the address asks for; "" and what does not exist mean: all."""

    level: str = ""
    purpose: str = ""
    words: str = ""

    def fits(self, entry: LibraryMetric) -> bool:
        """Whether a metric of the library is of the kind that is asked for."""
        said = f"{entry.name} {entry.numerator} {entry.denominator} {entry.why}".casefold()
        return (
            self.level in ("", entry.level.value)
            and self.purpose in ("", entry.purpose.value)
            and all(word in said for word in self.words.casefold().split())
        )


@dataclass(frozen=True)
class Offer:
    """A metric of the library, and the metric here that came from it, if there is one."""

    entry: LibraryMetric
    chosen: Metric | None

    @property
    def level(self) -> str:
        return str(models.Level(self.entry.level).label)

    @property
    def purpose(self) -> str:
        return str(Metric.Purpose(self.entry.purpose).label)


@dataclass(frozen=True)
class Row:
    """One level of the grid: for each purpose what is measured there."""

    level: models.Level
    cells: list[tuple[Metric.Purpose, tuple[Any, ...]]]
    count: int


@dataclass(frozen=True)
class Kept:
    """A metric of the institution with all that led to it."""

    metric: Metric
    original: LibraryMetric | SetMetric | None
    differences: list[Difference]
    newer: int | None
    """The version of the library that came after the one taken over."""
    versions: list[MetricVersion]
    targets: list[Target]
    proposal: MetricProposal | None
    comparable: bool


def in_use(metrics: Collection[Metric]) -> list[Metric]:
    """The metrics for which new counts are asked."""
    return [metric for metric in metrics if metric.retired_on is None]


def covered() -> Coverage:
    """What the metrics in use cover."""
    return coverage.cover(in_use(Metric.objects.all()))


def grid(found: Coverage) -> list[Row]:
    """The same as rows of a table, with the words of both sides."""
    return [
        Row(
            models.Level(level),
            [(Metric.Purpose(purpose), found.cells[level, purpose]) for purpose in Purpose],
            found.on(level),
        )
        for level in Level
    ]


def offers(wanted: Wanted) -> list[Offer]:
    """The metrics of the library that are asked for, level by level."""
    chosen = {metric.library_code: metric for metric in Metric.objects.exclude(library_code="")}
    found = [Offer(entry, chosen.get(entry.code)) for entry in shelf().metrics if wanted.fits(entry)]
    return sorted(found, key=lambda one: list(Level).index(one.entry.level))


def offer_for(code: str) -> Offer:
    """One metric of the library."""
    entry = library_metric(code)
    if entry is None:
        raise NotFound("")
    return Offer(entry, Metric.objects.filter(library_code=code).first())


def library_metric(code: str) -> LibraryMetric | None:
    """The metric of the library with this code, if there is one."""
    return next((entry for entry in shelf().metrics if entry.code == code), None)


def library_name(code: str) -> str:
    """What the library calls this metric; of one that it has not, the code."""
    found = library_metric(code)
    return str(found.name) if found else code


def dimension_names(codes: Sequence[str]) -> list[str]:
    """The dimensions of the library by name."""
    return [shelf().dimension(code).name for code in codes]


def kept_for(code: str) -> Kept:
    """One metric of the institution one is in."""
    metric = (
        Metric.objects.select_related("owner", "set_metric__definition_set", "organisation")
        .filter(code=code)
        .first()
    )
    if metric is None:
        raise NotFound("")
    entry = library_metric(metric.library_code)
    original = metric.set_metric or entry
    return Kept(
        metric=metric,
        original=original,
        differences=_differences(metric, original),
        newer=entry.version if entry and entry.version != metric.library_version else None,
        versions=list(MetricVersion.objects.filter(metric=metric).select_related("made_by")),
        targets=list(Target.objects.filter(metric=metric).select_related("set_by")),
        proposal=MetricProposal.objects.filter(metric=metric).select_related("proposed_by").first(),
        comparable=comparable(metric),
    )


def _differences(metric: Metric, original: LibraryMetric | SetMetric | None) -> list[Difference]:
    if original is None:
        return []
    there: Mapping[str, Any] = (
        values_of(original) if isinstance(original, LibraryMetric) else definition_of(original)
    )
    return differences(there, definition_of(metric))


def proposals() -> list[MetricProposal]:
    """Everything that the community proposed: what waits for an answer first, then the latest."""
    found = list(MetricProposal.objects.select_related("proposed_by", "answered_by", "metric"))
    return sorted(found, key=lambda one: one.answer != "")


def proposal_for(pk: UUID) -> MetricProposal:
    """One proposal of the institution one is in."""
    found = (
        MetricProposal.objects.select_related("proposed_by", "answered_by", "metric", "organisation")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise NotFound("")
    return found


def sets() -> list[DefinitionSet]:
    """The latest edition of every set, by department."""
    latest: dict[str, DefinitionSet] = {}
    for one in DefinitionSet.objects.order_by("edition").prefetch_related("metrics"):
        latest[one.code] = one
    return sorted(latest.values(), key=lambda one: (one.department, one.name))


def set_metric_for(pk: int) -> SetMetric:
    """One definition of a set."""
    found = SetMetric.objects.select_related("definition_set").filter(pk=pk).first()
    if found is None:
        raise NotFound("")
    return found


def adopted_from_sets() -> dict[int, Metric]:
    """Definition of a set → the metric here that came from it."""
    found = Metric.objects.exclude(set_metric=None)
    return {metric.set_metric_id: metric for metric in found if metric.set_metric_id is not None}
