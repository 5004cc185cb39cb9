"""What an institution measures, and by which groups, from TOML files such as those in `example/`.

Loading the same file again changes nothing. What is not in the file stays as it is: a definition that counts hang on is
never deleted. A metric that counts something else raises `version` and says `first_day` and `version_reason`. Where the
community has decided how groups are called and ordered, a file does not undo it.
"""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from equity import audit
from equity.errors import RuleBroken
from equity.tenancy.acting import current
from equity.tenancy.models import Organisation, Person
from metrics.actions.indexes import refuse_wrong_parts
from metrics.actions.versions import begin_version, new_version, refuse_another_way_of_counting
from metrics.definition_fields import COUNTED_ONCE, DEFINITION, MEANING, values_of
from metrics.ingest.staging import GRAINS
from metrics.library.checks import BLANKS
from metrics.library.indexes import composition_of
from metrics.library.read import shelf
from metrics.library.table import LibraryTable
from metrics.models import Category, Dimension, GroupChange, Level, Metric, Side
from metrics.reading.errors import MappingError, Problem
from metrics.reading.errors import gettext_noop as _later
from metrics.reading.periods import OBSERVED
from metrics.reading.periods import Grain as FileGrain

NOT_IN_THE_LIBRARY = Problem(
    _later('The library has no metric "%(code)s".'),
    _later("Use the code of one, or write the definition out."),
)
NOT_A_DAY = Problem(_later("This is not a day."), _later("Write it as in 2025-07-01."))
VERSION_WITHOUT_A_DAY = Problem(
    _later("A later version does not say when it begins, or why."),
    _later("Add first_day and version_reason."),
)

OF_THE_COMMUNITY = ("label", "short_label", "position", "reference")
"""What a file says of groups first, and the community from then on."""


@dataclass(frozen=True)
class Defined:
    """How many definitions are new, say something else now, or said the same already."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: Defined) -> Defined:
        return Defined(
            self.created + other.created, self.changed + other.changed, self.unchanged + other.unchanged
        )


@dataclass(frozen=True)
class Version:
    """What a file says of a metric's version; no number: it does not speak of it."""

    number: int | None
    first_day: datetime.date | None
    reason: str


def define_dimensions(*, organisation: Organisation, text: str, by: Person | None) -> Defined:
    """Define the `[[dimension]]` tables of a TOML file, each with its categories. `by` nobody: the operator.

    Raises `RuleBroken` with everything that is wrong with the file.
    """
    root = _read(text)
    read = [
        (table.code(), _dimension(table, position), _categories(table))
        for position, table in enumerate(root.entries("dimension"))
    ]
    _refuse_faults(root)
    defined = Defined()
    with transaction.atomic(using=current().alias):
        for code, values, categories in read:
            keep = OF_THE_COMMUNITY if _is_decided(organisation, code) else ()
            dimension, outcome = _defined(Dimension, organisation, {"code": code}, values, by, keep)
            defined += outcome
            for category_code, category_values in categories.items():
                key = {"dimension": dimension, "code": category_code}
                defined += _defined(Category, organisation, key, category_values, by, keep)[1]
    return defined


def define_metrics(
    *, organisation: Organisation, text: str, by: Person | None, institution: str | None = None
) -> Defined:
    """Define the `[[metric]]` tables of a TOML file. A table that names an `institution` counts for that one only.

    Raises `RuleBroken` with everything that is wrong with the file.
    """
    root = _read(text)
    read = [
        (table.text("institution", default=""), table.code(), _version(table), _metric(table, position))
        for position, table in enumerate(root.entries("metric"))
    ]
    _refuse_faults(root)
    defined = Defined()
    with transaction.atomic(using=current().alias):
        for meant_for, code, version, values in read:
            if meant_for in ("", institution):
                defined += _defined_metric(organisation, code, version, values, by)
    return defined


def _read(text: str) -> LibraryTable:
    try:
        return LibraryTable(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise RuleBroken(_("The file is not valid TOML: %(place)s.") % {"place": error}) from None


def _refuse_faults(root: LibraryTable) -> None:
    root.refuse_leftovers()
    if root.faults:
        raise RuleBroken(str(MappingError(root.faults)))


def _is_decided(organisation: Organisation, code: str) -> bool:
    """Whether the community has decided anything about the groups of this dimension."""
    approved = GroupChange.objects.filter(decision=GroupChange.Decision.APPROVED)
    return approved.filter(organisation=organisation, dimension__code=code).exists()


def _dimension(table: LibraryTable, position: int) -> dict[str, Any]:
    table.text("standard_system", default="")
    return {
        "name": table.text("name"),
        "partition": table.truth("partition", default=True),
        "standard_name": table.text("standard_name", default=""),
        "reference": table.text("reference", default=""),
        "position": position,
    }


def _categories(table: LibraryTable) -> dict[str, dict[str, Any]]:
    system = table.text("standard_system", default="")
    categories = {}
    for number, entry in enumerate(table.entries("category"), start=1):
        standard = entry.text("standard", default="")
        code, missing = entry.code(), entry.truth("missing", default=False)
        usual = (code if code in BLANKS else BLANKS[0]) if missing else ""
        categories[code] = {
            "label": entry.text("label"),
            "short_label": entry.text("short", default=""),
            "missing": missing,
            "missing_kind": entry.text_among("missing_kind", BLANKS, default=usual) if missing else "",
            "standard_system": system if standard else "",
            "standard_code": standard,
            "position": entry.number("position", default=number),
        }
        entry.refuse_leftovers()
    table.refuse_leftovers()
    return categories


def _metric(table: LibraryTable, position: int) -> dict[str, Any]:
    """`library`: this metric of the library as it is, and nothing else; `adapts`: where an own version comes from."""
    sides = {
        side: table.text_among(side, Side.values, default=Side.INSTITUTION)
        for side in ("chosen_by", "held_by")
    }
    taken, adapted = table.text("library", default=""), table.text("adapts", default="")
    told = _taken(table, taken) if taken else _written(table)
    origin = Metric.Origin.LIBRARY if taken else Metric.Origin.ADAPTED if adapted else Metric.Origin.OWN
    entry = next((one for one in shelf().metrics if one.code == (taken or adapted)), None)
    if (taken or adapted) and entry is None:
        table.fault("library" if taken else "adapts", NOT_IN_THE_LIBRARY, code=taken or adapted)
    table.lists_of_texts("strata")
    table.refuse_leftovers()
    return {
        **told,
        **sides,
        "origin": origin,
        "library_code": entry.code if entry else "",
        "library_version": entry.version if entry else None,
        "position": position,
    }


def _taken(table: LibraryTable, code: str) -> dict[str, Any]:
    entry = next((one for one in shelf().metrics if one.code == code), None)
    return values_of(entry) if entry else {}


def _written(table: LibraryTable) -> dict[str, Any]:
    grain = table.text_among("frequency", OBSERVED) or FileGrain.MONTH
    kind = table.text_among("kind", Metric.Kind.values)
    return {
        "name": table.text("name"),
        "level": table.text_among("level", Level.values),
        "purpose": table.text_among("purpose", Metric.Purpose.values),
        "kind": kind,
        "better": table.text_among("better", Metric.Better.values),
        "counts_people": table.truth("counts_people", default=kind != Metric.Kind.INDEX),
        "per": table.number("per", default=100),
        "decimals": table.number("decimals", default=0, least=0),
        "numerator": table.text("numerator"),
        "denominator": table.text("denominator", default=""),
        "exclusions": table.text("exclusions", default=""),
        "why": table.text("why", default=""),
        "caution": table.text("caution", default=""),
        "frequency": GRAINS[FileGrain(grain)].value,
        **{field: table.truth(field, default=False) for field in COUNTED_ONCE},
        "source": table.text("source"),
        "composition": composition_of(table, kind),
    }


def _version(table: LibraryTable) -> Version:
    number = table.number("version") if "version" in table else None
    told, reason = table.text("first_day", default=""), table.text("version_reason", default="")
    try:
        first_day = datetime.date.fromisoformat(told) if told else None
    except ValueError:
        first_day = None
        table.fault("first_day", NOT_A_DAY)
    if number is not None and number > 1 and not (first_day and reason):
        table.fault("version", VERSION_WITHOUT_A_DAY)
    return Version(number, first_day, reason)


def _defined_metric(
    organisation: Organisation, code: str, version: Version, values: dict[str, Any], by: Person | None
) -> Defined:
    """Define a metric, change its words, or begin another version of it."""
    refuse_wrong_parts(organisation.pk, values)
    row = Metric.objects.filter(organisation=organisation, code=code).first()
    if row is None:
        made, defined = _defined(Metric, organisation, {"code": code}, values, by)
        if version.number is not None and version.number > 1 and version.first_day is not None:
            begin_version(metric=made, first_day=version.first_day, reason=version.reason, by=by)
        return defined
    if version.number is not None and version.number > row.version:
        definition = {field: values.pop(field) for field in DEFINITION}
        values = {name: value for name, value in values.items() if name != "origin"}
        if version.first_day is not None:
            new_version(
                metric=row, values=definition, first_day=version.first_day, reason=version.reason, by=by
            )
        _defined(Metric, organisation, {"code": code}, values, by)
        return Defined(changed=1)
    changed = {field for field in (*DEFINITION, "decimals") if getattr(row, field) != values.get(field, 0)}
    refuse_another_way_of_counting(row, dict.fromkeys(changed))
    if row.version > (version.number or 1) and changed & {*MEANING}:
        raise RuleBroken(
            _("“%(metric)s” is in version %(version)s by now, and the file tells an earlier one.")
            % {"metric": row.name, "version": row.version}
        )
    if row.version > 1 or row.retired_on is not None:
        values = {name: value for name, value in values.items() if name != "origin"}
    return _defined(Metric, organisation, {"code": code}, values, by)[1]


def _defined(
    model: type[models.Model],
    organisation: Organisation,
    key: Mapping[str, Any],
    values: dict[str, Any],
    by: Person | None,
    keep: tuple[str, ...] = (),
) -> tuple[Any, Defined]:
    """Make the row of this key say these values; the audit trail tells from what to what. `keep`: not what stands."""
    manager = model._default_manager
    row = manager.filter(organisation=organisation, **key).first()
    noun = str(model._meta.model_name)
    if row is None:
        row = manager.create(organisation=organisation, **key, **values)
        audit.record(f"{noun}.define", by=by, target=row, code=key["code"])
        return row, Defined(created=1)
    changes = {
        name: [getattr(row, name), value]
        for name, value in values.items()
        if name not in keep and getattr(row, name) != value
    }
    if not changes:
        return row, Defined(unchanged=1)
    for name, (_before, after) in changes.items():
        setattr(row, name, after)
    row.save(update_fields=list(changes))
    audit.record(f"{noun}.redefine", by=by, target=row, code=key["code"], changes=changes)
    return row, Defined(changed=1)
