"""Moving a dimension to a newer list of groups of the library: what would become of each group, and making it so.

The community decides on it as on every change of groups. The counts and what is published stay as they are: from the first
day of a year on the groups are the new ones, and every line by them breaks there.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from equity.language import told
from equity.tenancy.models import Person
from metrics.library.entries import Crosswalk, CrosswalkLink, LibraryCategory, LibraryDimension, Relation
from metrics.library.read import shelf
from metrics.models import Category, Dimension, DimensionVersion, GroupChange, Grouping


@dataclass(frozen=True)
class Difference:
    """What becomes of one group: its words now ("" for a new one) and then ("" for one that ends), and what to know of it."""

    was: str
    becomes: str
    told: str
    lost: str = ""


def entry_of(dimension: Dimension, version: int | None = None) -> LibraryDimension | None:
    """A version of the dimension in the library, its own unless another is named; a local dimension has none."""
    wanted = (dimension.library_code, version or dimension.library_version)
    return next((one for one in shelf().dimensions if (one.code, one.version) == wanted), None)


def newer(dimension: Dimension) -> LibraryDimension | None:
    """The list of groups that took the place of the dimension's own."""
    entry = entry_of(dimension)
    return entry_of(dimension, entry.superseded_by) if entry and entry.superseded_by else None


def crosswalk(dimension: Dimension, earlier: int | None, later: int | None) -> Crosswalk | None:
    """How the groups of one version stand to those of another."""
    wanted = (dimension.library_code, earlier), (dimension.library_code, later)
    for one in shelf().crosswalks:
        if ((one.source.dimension, one.source.version), (one.target.dimension, one.target.version)) == wanted:
            return one
    return None


def first_days(today: datetime.date | None = None) -> list[datetime.date]:
    """When a newer list can begin: with a year that is still to come, so that no sum of a year mixes two lists."""
    year = (today or timezone.localdate()).year
    return [datetime.date(year + more, 1, 1) for more in (1, 2)]


def planned(
    dimension: Dimension, groups: Sequence[Category], entry: LibraryDimension, *, first_day: str, bridge: bool
) -> dict[str, Any]:
    """The change as plain values. `bridge`: older numbers are read by the new groups, where everybody can be found.

    A group that stays keeps the name that the community gave it; an order of the community's stays, with new groups behind.
    """
    old = {one.code: one for one in _kept(entry_of(dimension), dimension.counting)}
    new = {one.code: one for one in _kept(entry, dimension.counting)}
    now = {one.code: one for one in groups}
    groups_then = {code: _told(one, now.get(code), old.get(code)) for code, one in new.items()}
    groups_then |= {code: _as_it_is(one) for code, one in now.items() if code not in old}
    staying = [code for code in now if code in groups_then]
    untouched = staying == [code for code in old if code in staying]
    order = list(groups_then) if untouched else [*staying, *(code for code in groups_then if code not in now)]
    return {
        "version": entry.version,
        "first_day": first_day,
        "groups": [groups_then[code] for code in order],
        "reference": dimension.reference if dimension.reference in groups_then else "",
        "bridge": bridge,
    }


def _kept(entry: LibraryDimension | None, counting: str) -> list[LibraryCategory]:
    """The groups of a list that counts can have, as when it was taken over."""
    if entry is None:
        return []
    several = next((one.several for one in entry.groupings if one.code == counting), "")
    return [one for one in entry.answers if not one.derived or one.code == several]


def _told(new: LibraryCategory, now: Category | None, old: LibraryCategory | None) -> dict[str, Any]:
    if now is not None and (old is None or now.label != old.label):
        return _as_it_is(now)
    return {"code": new.code, "label": new.label, "short": new.short[:60]}


def _as_it_is(one: Category) -> dict[str, Any]:
    return {"code": one.code, "label": one.label, "short": one.short_label}


def standing(dimension: Dimension, groups: Iterable[Category]) -> dict[str, Any]:
    """The list as it is now, in the same form."""
    return {
        "version": dimension.library_version,
        "groups": [_as_it_is(one) for one in groups],
        "reference": dimension.reference,
    }


def why_not(dimension: Dimension, groups: Sequence[Category], becomes: Mapping[str, Any]) -> str:
    """Why the move cannot be, in words; "" when it can."""
    entry = entry_of(dimension, becomes.get("version"))
    if entry is None or entry.version <= (dimension.library_version or 0):
        return _("The library has no newer list of these groups.")
    ways = {one.code: one.partition for one in entry.groupings if not one.groups}
    if dimension.counting and ways.get(dimension.counting) != dimension.partition:
        return _(
            "In the newer list people with several answers count in another way, so it cannot take the place of this one."
        )
    if becomes.get("first_day") not in {day.isoformat() for day in first_days()}:
        return _("The newer list begins on the first day of a year that is still to come.")
    wanted = planned(
        dimension, groups, entry, first_day=becomes["first_day"], bridge=bool(becomes.get("bridge"))
    )
    return "" if wanted == becomes else _("The groups changed since this was proposed. Propose it again.")


def differences(dimension: Dimension, was: Mapping[str, Any], becomes: Mapping[str, Any]) -> list[Difference]:
    """What becomes of every group, in the new order; groups that end come last."""
    found = crosswalk(dimension, was.get("version"), becomes.get("version"))
    links: dict[str, list[CrosswalkLink]] = {}
    for link in found.links if found else ():
        links.setdefault(link.target, []).append(link)
    now = {one["code"]: told(one["label"]) for one in was["groups"]}
    then = {one["code"]: told(one["label"]) for one in becomes["groups"]}
    stay = [_difference(now.get(code, ""), label, links.get(code, []), now) for code, label in then.items()]
    return stay + [
        Difference(label, "", _("Not asked any more; its older numbers stay"))
        for code, label in now.items()
        if code not in then
    ]


def _difference(was: str, becomes: str, links: Sequence[CrosswalkLink], now: Mapping[str, str]) -> Difference:
    lost = " ".join(told(link.lost) for link in links if link.lost)
    sources = [now[link.source] for link in links if link.source in now]
    if not was:
        words = (
            _("New; these people were counted here before: %s") % "; ".join(sources) if sources else _("New")
        )
    elif len(sources) > 1:
        words = _("Several groups become one: %s") % "; ".join(sources)
    elif any(link.relation is Relation.BROADER for link in links):
        words = _("Fewer people than before")
    elif any(link.relation is Relation.NARROWER for link in links):
        words = _("More people than before")
    else:
        words = _("The same people, by another name") if was != becomes else _("The same people")
    return Difference(was, becomes, words, lost)


def apply(dimension: Dimension, becomes: Mapping[str, Any], change: GroupChange, by: Person) -> None:
    """Make it so: the list is the new one from its first day on. Groups that end stay, to read older numbers."""
    entry = shelf().dimension(dimension.library_code, becomes["version"])
    before = list(Category.objects.filter(dimension=dimension, missing=False, retired=False))
    last = _last_version(dimension, before)
    _write_groups(dimension, entry, becomes["groups"])
    _carry_groupings(dimension, becomes["groups"])
    Dimension.objects.filter(pk=dimension.pk).update(
        name=entry.name if dimension.name == _name_of(dimension) else dimension.name,
        library_version=entry.version,
        standard_name=entry.standard_name,
        reference=becomes["reference"],
    )
    DimensionVersion.objects.create(
        organisation_id=dimension.organisation_id,
        dimension=dimension,
        number=last.number + 1,
        library_version=entry.version,
        first_day=datetime.date.fromisoformat(becomes["first_day"]),
        groups=list(becomes["groups"]),
        bridge=becomes["bridge"],
        reason=change.why,
        made_by=by,
    )


def _name_of(dimension: Dimension) -> str:
    entry = entry_of(dimension)
    return entry.name if entry else ""


def _last_version(dimension: Dimension, groups: Iterable[Category]) -> DimensionVersion:
    """The list in force; the first is written down when a second one comes."""
    found = DimensionVersion.objects.filter(dimension=dimension).order_by("-number").first()
    return found or DimensionVersion.objects.create(
        organisation_id=dimension.organisation_id,
        dimension=dimension,
        number=1,
        library_version=dimension.library_version,
        groups=standing(dimension, groups)["groups"],
    )


def _write_groups(dimension: Dimension, entry: LibraryDimension, groups: Sequence[Mapping[str, Any]]) -> None:
    standard = {one.code: one for one in entry.answers}
    staying = [one["code"] for one in groups]
    Category.objects.filter(dimension=dimension, missing=False).exclude(code__in=staying).update(retired=True)
    for position, one in enumerate(groups, start=1):
        library = standard.get(one["code"])
        known = (
            {}
            if library is None
            else {
                "standard_system": library.standard_system,
                "standard_code": library.standard_code,
            }
        )
        Category.objects.update_or_create(
            organisation_id=dimension.organisation_id,
            dimension=dimension,
            code=one["code"],
            defaults={
                "label": one["label"],
                "short_label": one["short"],
                "position": position,
                "retired": False,
                **known,
            },
        )
    blanks = Category.objects.filter(dimension=dimension, missing=True).order_by("position")
    for position, blank in enumerate(blanks, start=len(groups) + 1):
        Category.objects.filter(pk=blank.pk).update(position=position)


def _carry_groupings(dimension: Dimension, groups: Sequence[Mapping[str, Any]]) -> None:
    """Joined groups lose what ended; a new group stands alone in them until somebody joins it."""
    codes = {one["code"] for one in groups}
    for made in Grouping.objects.filter(dimension=dimension):
        parts = [
            {**part, "categories": [code for code in part["categories"] if code in codes]}
            for part in made.groups
        ]
        there = {code for part in parts for code in part["categories"]}
        alone = [
            {"code": one["code"], "label": one["label"], "categories": [one["code"]]}
            for one in groups
            if one["code"] not in there
        ]
        made.groups = [part for part in parts if part["categories"]] + alone
        made.save(update_fields=["groups"])
