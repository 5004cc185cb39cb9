"""What the library holds: ready metrics, dimensions with their groups, and how versions of a dimension stand to each other.

Plain values without Django. `metrics.library.read` makes them from the TOML files and checks them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from metrics.reading.cells import MetricKind
from metrics.reading.periods import Grain


class Level(StrEnum):
    """Where a metric looks, as in step 4 of the guide."""

    PATIENT = "patient"
    ORGANIZATION = "organization"
    COMMUNITY = "community"
    SOCIETAL = "societal"


class Purpose(StrEnum):
    """What a metric is for, as in practice 3.3.2 of the guide."""

    IMPLEMENTATION = "implementation"
    PARTNERSHIP = "partnership"
    IMPACT = "impact"


class Better(StrEnum):
    """Which way is good."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


class Fit(StrEnum):
    """How a metric stands to a published standard."""

    SAME = "same"
    """It counts what the standard counts, before any adjustment for risk."""
    NEAR = "near"
    """It asks the same question, with a simpler count or another population: do not mix the numbers."""


class Relation(StrEnum):
    """How a group of the old list stands to a group of the new one."""

    SAME = "same"
    BROADER = "broader"
    """The old group holds more people."""
    NARROWER = "narrower"
    """The old group holds fewer people."""


@dataclass(frozen=True, slots=True)
class Standard:
    """A published measure. `code` is empty where its publisher gives none; then `url` is not."""

    system: str
    code: str
    name: str
    fit: Fit
    url: str
    note: str


@dataclass(frozen=True, slots=True)
class GuideReference:
    """An item of a guide that a metric speaks to: the code of the guide, and of the item in it."""

    guide: str
    item: str


@dataclass(frozen=True, slots=True)
class LibraryMetric:
    """A metric ready to be taken over. `per`: a rate of 11 `per` 100 reads “11 in 100”. `counts_people`: small counts are hidden."""

    code: str
    version: int
    name: str
    level: Level
    purpose: Purpose
    kind: MetricKind
    per: int
    better: Better
    counts_people: bool
    numerator: str
    denominator: str
    exclusions: str
    source: str
    frequency: Grain
    once_over_periods: bool
    """Who comes in several months is counted once in the year."""
    once_over_units: bool
    """Who comes to several units is counted once in the whole."""
    dimensions: tuple[str, ...]
    """Codes of the dimensions to compare by, the most telling first."""
    speaks_to: tuple[GuideReference, ...]
    why: str
    caution: str
    """How the number can mislead or be gamed."""
    standards: tuple[Standard, ...]
    composition: dict[str, Any]
    """Of an index: its parts, as `metrics.composition` keeps them; else empty."""


@dataclass(frozen=True, slots=True)
class LibraryCategory:
    """A group. `missing`: a gap in records. `derived`: nobody gives this answer; it is worked out from several answers."""

    code: str
    label: str
    short: str
    position: int
    missing: bool
    derived: bool
    standard_system: str
    standard_code: str


@dataclass(frozen=True, slots=True)
class MergedGroup:
    """Several categories shown as one."""

    code: str
    label: str
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grouping:
    """A way to count people in groups. `partition`: each person counts once. Without `groups` the categories stay as they are."""

    code: str
    name: str
    explanation: str
    partition: bool
    several: str
    """The category where people who gave several answers count; empty: they count under each."""
    groups: tuple[MergedGroup, ...]


@dataclass(frozen=True, slots=True)
class LibraryDimension:
    """A way to compare people: its groups in order, the three blanks last."""

    code: str
    version: int
    name: str
    superseded_by: int | None
    """The version that took its place; this one is kept to read older numbers."""
    collect: bool
    """False: asking can harm people. No metric of the library is compared by it."""
    multiple: bool
    """A person may give several answers."""
    ordered: bool
    """The groups run from least to most; otherwise they stand in the order of their labels."""
    place: str
    """For places: the pattern of their codes. Each institution brings its own list. Otherwise empty."""
    standard_name: str
    standard_system: str
    source: str
    ask: str
    caution: str
    categories: tuple[LibraryCategory, ...]
    groupings: tuple[Grouping, ...]

    @property
    def answers(self) -> tuple[LibraryCategory, ...]:
        """The groups without the blanks."""
        return tuple(category for category in self.categories if not category.missing)


@dataclass(frozen=True, slots=True)
class DimensionVersion:
    """One version of a dimension, by its code."""

    dimension: str
    version: int


@dataclass(frozen=True, slots=True)
class CrosswalkLink:
    """One group of the old list beside one of the new list. `lost`: what cannot be brought over."""

    source: str
    target: str
    relation: Relation
    lost: str


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """How numbers by one list of groups can be read by another. Every group of the old list has a link."""

    code: str
    source: DimensionVersion
    target: DimensionVersion
    based_on: str
    links: tuple[CrosswalkLink, ...]


@dataclass(frozen=True, slots=True)
class Library:
    """All entries, in the order of the files."""

    metrics: tuple[LibraryMetric, ...]
    dimensions: tuple[LibraryDimension, ...]
    crosswalks: tuple[Crosswalk, ...]

    def metric(self, code: str) -> LibraryMetric:
        """The metric of this code. Raises KeyError when there is none."""
        for metric in self.metrics:
            if metric.code == code:
                return metric
        raise KeyError(code)

    def dimension(self, code: str, version: int | None = None) -> LibraryDimension:
        """This version of a dimension, or the one in use. Raises KeyError when there is none."""
        for dimension in self.dimensions:
            wanted = dimension.superseded_by is None if version is None else dimension.version == version
            if dimension.code == code and wanted:
                return dimension
        raise KeyError(code)
