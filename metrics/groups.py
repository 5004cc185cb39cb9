"""The door to the groups that an institution compares: how they stand, what was proposed and decided, what is missing."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from equity.errors import NotFound
from equity.language import told
from equity.roles import COMMUNITY, Permission, Role
from equity.tenancy.models import Membership, Organisation, Person
from metrics import group_versions, queries
from metrics.choice import in_use
from metrics.library.entries import Crosswalk, LibraryDimension
from metrics.library.read import shelf
from metrics.missing import UNKNOWN, MissingShare, missing_share
from metrics.models import (
    Category,
    Dimension,
    DimensionVersion,
    GroupChange,
    Grouping,
    Metric,
    MissingGoal,
)
from metrics.reading.periods import Period
from metrics.spans import latest
from metrics.vocabulary import latest_goal


@dataclass(frozen=True)
class Goal:
    """At most so many in 100 missing, by a day, and who answers for it."""

    at_most: Decimal
    by_date: datetime.date
    owner: str

    def is_late(self, share: float, today: datetime.date) -> bool:
        """The day is over and more are missing."""
        return today > self.by_date and share > float(self.at_most)


@dataclass(frozen=True)
class Gaps:
    """What is missing from one metric, by one dimension, in its latest period."""

    metric: Metric
    period: Period
    share: MissingShare
    kept_apart: frozenset[str]

    @property
    def shares(self) -> list[tuple[str, float | None]]:
        """Each kind of gap in words, with how many in 100; None: the list of groups does not keep it apart."""
        kinds = [kind for kind in Category.MissingKind if kind is not Category.MissingKind.NONE]
        return [
            (str(kind.label), self.share.kind_in_100(kind.value) if kind.value in self.kept_apart else None)
            for kind in kinds
        ]


@dataclass(frozen=True)
class Unanswered:
    """A dimension with its gaps (code of the category → kind of the gap) and the goal for them."""

    dimension: Dimension
    kinds: Mapping[str, str]
    goal: Goal | None


@dataclass(frozen=True)
class Dossier:
    """One dimension with all that is known about it."""

    dimension: Dimension
    groups: list[Category]
    retired: list[Category]
    versions: list[DimensionVersion]
    blanks: list[Category]
    groupings: list[Grouping]
    changes: list[GroupChange]
    entry: LibraryDimension | None
    newer: int | None
    crosswalks: list[Crosswalk]
    goal: Goal | None
    goals: list[MissingGoal]

    @property
    def reference(self) -> Category | None:
        """The group that others are compared with."""
        return next((one for one in self.groups if one.code == self.dimension.reference), None)

    @property
    def bridged(self) -> bool:
        """Whether numbers of before are read by these groups."""
        return bool(self.versions) and self.versions[-1].bridge

    @property
    def waiting(self) -> list[GroupChange]:
        return [one for one in self.changes if not one.decision]

    @property
    def decided(self) -> list[GroupChange]:
        return [one for one in self.changes if one.decision]


def dimensions() -> list[Dimension]:
    """The dimensions of the institution, in their order."""
    return list(Dimension.objects.prefetch_related("categories"))


def on_offer() -> list[LibraryDimension]:
    """Dimensions of the library that are in use and not taken over yet; also the one that should not be asked for."""
    taken = set(Dimension.objects.values_list("code", flat=True))
    return [one for one in shelf().dimensions if one.superseded_by is None and one.code not in taken]


def library_dimension(code: str) -> LibraryDimension:
    """The version of a dimension of the library that is in use."""
    try:
        return shelf().dimension(code)
    except KeyError:
        raise NotFound("") from None


def dimension_for(code: str) -> Dimension:
    """One dimension of the institution one is in."""
    found = Dimension.objects.select_related("organisation").filter(code=code).first()
    if found is None:
        raise NotFound("")
    return found


def change_for(pk: UUID) -> GroupChange:
    """One proposed change of the institution one is in."""
    found = GroupChange.objects.select_related("dimension", "proposed_by", "decided_by").filter(pk=pk).first()
    if found is None:
        raise NotFound("")
    return found


def newer_list(dossier: Dossier, told: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What moving a dimension to the newer list of the library would be, with what somebody filled in.

    Raises NotFound where there is no newer list.
    """
    entry = group_versions.newer(dossier.dimension)
    if entry is None:
        raise NotFound("")
    filled: dict[str, Any] = {"first_day": "", "bridge": False, **(told or {})}
    return group_versions.planned(dossier.dimension, dossier.groups, entry, **filled)


def open_changes() -> list[GroupChange]:
    """What waits for the community, the oldest first."""
    found = GroupChange.objects.filter(decision="").select_related("dimension", "proposed_by")
    return list(found.order_by("proposed_at"))


def dossier(code: str) -> Dossier:
    """All about one dimension."""
    dimension = dimension_for(code)
    categories = list(Category.objects.filter(dimension=dimension).order_by("position", "label"))
    entry = next(
        (
            one
            for one in shelf().dimensions
            if (one.code, one.version) == (dimension.library_code, dimension.library_version)
        ),
        None,
    )
    goals = list(MissingGoal.objects.filter(dimension=dimension).select_related("owner", "set_by"))
    return Dossier(
        dimension=dimension,
        groups=[one for one in categories if not one.missing and not one.retired],
        retired=[one for one in categories if one.retired],
        versions=list(DimensionVersion.objects.filter(dimension=dimension).select_related("made_by")),
        blanks=[one for one in categories if one.missing],
        groupings=list(Grouping.objects.filter(dimension=dimension)),
        changes=list(
            GroupChange.objects.filter(dimension=dimension).select_related("proposed_by", "decided_by")
        ),
        entry=entry,
        newer=entry.superseded_by if entry else None,
        crosswalks=crosswalks_from(dimension),
        goal=_goal(goals[-1]) if goals else None,
        goals=goals[::-1],
    )


@dataclass(frozen=True)
class CrossedOver:
    """One link of a crosswalk, with the names of both groups."""

    here: str
    there: str
    relation: str
    lost: str


def in_names(crosswalk: Crosswalk) -> list[CrossedOver]:
    """The links of a crosswalk, as people read them."""
    lists = [shelf().dimension(one.dimension, one.version) for one in (crosswalk.source, crosswalk.target)]
    here, there = ({one.code: told(one.label) for one in entry.categories} for entry in lists)
    return [
        CrossedOver(here[link.source], there[link.target], link.relation.value, told(link.lost))
        for link in crosswalk.links
    ]


def crosswalks_from(dimension: Dimension) -> list[Crosswalk]:
    """How numbers by these groups can be read by another list; a local list has none."""
    return [
        one
        for one in shelf().crosswalks
        if (one.source.dimension, one.source.version) == (dimension.library_code, dimension.library_version)
    ]


def goals() -> dict[str, Goal]:
    """Dimension code → its goal for missing answers, in force. One query; for the line beside every chart."""
    found: dict[str, Goal] = {}
    for row in MissingGoal.objects.select_related("dimension", "owner").order_by("set_at", "id"):
        found[row.dimension.code] = _goal(row)
    return found


def _goal(row: MissingGoal) -> Goal:
    return Goal(row.at_most, row.by_date, row.owner.name)


def references() -> dict[str, str]:
    """Dimension code → the code of its reference group, for those that have one. One query."""
    return dict(Dimension.objects.exclude(reference="").values_list("code", "reference"))


def unanswered(code: str) -> Unanswered:
    """One dimension of the institution one is in, with what is missing from it. One query."""
    rows = Category.objects.filter(dimension__code=code).select_related("dimension")
    categories = list(rows.annotate(goal=latest_goal()))
    if not categories:
        return Unanswered(dimension_for(code), {}, None)
    now = categories[0].goal
    goal = now and Goal(Decimal(str(now["at_most"])), datetime.date.fromisoformat(now["by"]), now["owner"])
    kinds = {one.code: one.missing_kind for one in categories if one.missing}
    return Unanswered(categories[0].dimension, kinds, goal)


def gaps_in_records(
    organisation: Organisation, permissions: Collection[Permission], unanswered: Unanswered
) -> list[Gaps]:
    """The share of missing answers in the latest period of every metric that is compared by a dimension.

    Insiders see every count, others what is published. A constant number of queries.
    """
    dimension, kinds = unanswered.dimension, unanswered.kinds
    metrics = in_use(queries.definitions())
    places = queries.units()
    source = queries.source_for(organisation, permissions, places, places[0], metrics)
    wanted = {
        metric.code: (period, dimension.code)
        for metric in metrics
        if dimension.code in source.ways(metric.code) and (period := latest(source.periods(metric.code)))
    }
    cells = source.cells(wanted)
    shares = [
        (metric, wanted[metric.code][0], missing_share(cells.get(metric.code, {}), dimension.code, kinds))
        for metric in metrics
        if metric.code in wanted
    ]
    apart = frozenset(kind or UNKNOWN for kind in kinds.values())
    return [Gaps(metric, period, share, apart) for metric, period, share in shares if share is not None]


def insiders() -> list[Person]:
    """The people of the institution: who can answer for a goal."""
    held = Membership.objects.filter(ended_on=None).exclude(role__in=[role.value for role in COMMUNITY])
    held = held.filter(role__in=[role.value for role in Role]).select_related("person")
    return sorted({one.person for one in held}, key=lambda person: (person.name, str(person.pk)))
