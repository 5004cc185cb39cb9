"""Everything read so far, over all releases: which codes and words there are, and which figure came with which release."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.attack.attacker import feeds, pages
from tests.attack.attacker.told import Figure, Group, Place, Statement


@dataclass
class Metric:
    """What is known of a measure, from its rows and its pages."""

    code: str
    kind: str = "proportion"
    per: int = 100
    numerator: str = ""
    denominator: str = ""
    people: bool = True

    @property
    def scale(self) -> float:
        """What a share is multiplied by when it is printed."""
        return 1.0 if self.kind == "mean" else float(self.per)


@dataclass(frozen=True, slots=True)
class Span:
    """A period in days."""

    code: str
    start: date
    end: date

    @classmethod
    def of(cls, code: str) -> Span:
        start, end = code.split("..")
        return cls(code, date.fromisoformat(start), date.fromisoformat(end))

    def shares_a_day(self, other: Span) -> bool:
        return self.start <= other.end and other.start <= self.end

    def holds(self, other: Span) -> bool:
        return self != other and self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class Version:
    """A figure as it came with a release; None: it was withdrawn."""

    seq: int
    figure: Figure | None


@dataclass
class Material:
    """A reader who throws nothing away. `parents`: which unit belongs to which, where everybody knows it; all others are
    taken to belong to the whole institution.
    """

    parents: Mapping[str, str] = field(default_factory=dict)
    metrics: dict[str, Metric] = field(default_factory=dict)
    roots: dict[str, str] = field(default_factory=dict)
    labels: dict[str, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))
    unit_names: dict[str, str] = field(default_factory=dict)
    period_labels: dict[str, str] = field(default_factory=dict)
    versions: dict[Place, list[Version]] = field(default_factory=lambda: defaultdict(list))
    said: list[tuple[int, Statement]] = field(default_factory=list)
    counted: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    """Metric and period of a sum over institutions → those that it counts."""
    overlapping: set[str] = field(default_factory=set)
    """Ways to compare of which everybody knows that a person can be in several groups."""
    insider: str = ""
    """The institution that the reader works in: of what is its own nothing is found out."""
    seq: int = 0

    # ---------------------------------------------------------------- reading

    def json(self, body: bytes | str) -> str | None:
        """One answer of the API. Returns the address of the next page."""
        answer: dict[str, Any] = json.loads(body)
        for row in feeds.json_rows(answer):
            self._row(row)
        self.seq = max(self.seq, answer.get("as_of_seq", 0))
        return answer.get("next")

    def csv(self, body: bytes | str) -> None:
        """A downloaded table."""
        for row in feeds.csv_rows(body if isinstance(body, str) else body.decode()):
            self._row(row)

    def page(self, address: str, body: bytes | str) -> None:
        """A public page. Read it after the API's rows, which tell what its words mean."""
        html = body if isinstance(body, str) else body.decode()
        for statement in pages.read(self, address, html):
            if (self.seq, statement) not in self.said:
                self.said.append((self.seq, statement))

    def _row(self, row: feeds.Row) -> None:
        self.seq = max(self.seq, row.seq)
        place = row.figure.place
        metric = self.metrics.setdefault(place.metric, Metric(place.metric))
        for name in ("kind", "per", "numerator", "denominator"):
            if row.metric.get(name):
                setattr(metric, name, row.metric[name])
        if row.unit.get("root"):
            self.roots[row.institution] = place.unit
        if row.unit.get("name"):
            self.unit_names[row.unit["name"]] = place.unit
        if row.period.get("label"):
            self.period_labels[row.period["label"]] = place.period
        for dimension, label in row.labels.items():
            self.labels[label].add((dimension, dict(place.group)[dimension]))
        if row.counted:
            self.counted[place.metric, place.period] = row.counted
        version = Version(row.seq, None if row.figure.status == feeds.WITHDRAWN else row.figure)
        if version not in self.versions[place]:
            self.versions[place].append(version)
            self.versions[place].sort(key=lambda one: one.seq)

    def knows(self, institution: str, counts: Mapping[Place, tuple[int, int | None]]) -> None:
        """The reader works in an institution, and knows its counts."""
        self.insider = institution
        for place, (numerator, denominator) in counts.items():
            self.said.append((self.seq, Figure(place, "seen", numerator, denominator)))

    # ------------------------------------------------------------ what it means

    def within(self, place: Place) -> tuple[Place, ...]:
        """Of a sum over institutions the counts that it adds up: those of each whole institution."""
        code = place.metric.partition("/")[2]
        counted = self.counted.get((place.metric, place.period), ())
        if not all(f"{one}/{code}" in self.metrics for one in counted):
            return ()
        return tuple(
            place._replace(metric=f"{one}/{code}", unit=self.roots.get(one, place.unit)) for one in counted
        )

    def root(self, metric: str) -> str | None:
        """The unit that is the whole institution."""
        return self.roots.get(metric.partition("/")[0])

    def group_of(self, label: str, dimensions: frozenset[str] = frozenset()) -> Group | None:
        """The group with this label ("B", or "B, Spanish" for two dimensions); None where it is not known or not clear."""
        found: list[tuple[str, str]] = []
        for part in label.split(", ") if label not in self.labels else [label]:
            pairs = {pair for pair in self.labels.get(part, ()) if not dimensions or pair[0] in dimensions}
            if len(pairs) != 1:
                return None
            found.extend(pairs)
        group = frozenset(found)
        return group if not dimensions or {name for name, _ in group} == dimensions else None

    def in_force(self, place: Place, seq: int) -> Figure | None:
        """A figure as it stood after a release."""
        before = [one for one in self.versions.get(place, ()) if one.seq <= seq]
        return before[-1].figure if before else None
