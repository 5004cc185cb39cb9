"""Loading a health department's set of definitions from a TOML file. An edition that is there never changes.

    [set]
    code = "readmissions"            # of the set; its editions share it
    edition = 1
    name = "Core measures"
    department = "Department of Health of …"
    jurisdiction = "OH"              # two letters of a state, or five FIPS digits
    published_on = "2026-01-15"
    source = "https://…"
    sample = true                    # only when it is invented

    [[metric]]                       # keys as in the library, without version, speaks_to and standard

The department's own sign-in comes later; until then whoever runs the site loads its file.
"""

from __future__ import annotations

import datetime
import hashlib
import re
import tomllib
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from equity.errors import RuleBroken
from equity.tenancy.acting import current
from metrics.definition_fields import COUNTED_ONCE, MONTHS
from metrics.library.entries import Better, Level, Purpose
from metrics.library.indexes import WITHOUT_DENOMINATOR, composition_of
from metrics.library.read import shelf
from metrics.library.table import LibraryTable
from metrics.models import DefinitionSet, SetMetric
from metrics.reading.cells import MetricKind
from metrics.reading.errors import MappingError, Problem
from metrics.reading.errors import gettext_noop as _later
from metrics.reading.periods import Grain

JURISDICTION = re.compile(r"[A-Z]{2}|[0-9]{5}")
NOT_A_JURISDICTION = Problem(
    _later("This is not a state or a county."), _later("Write two letters of a state, or five FIPS digits.")
)
NOT_A_DAY = Problem(_later("This is not a day."), _later("Write it as in 2026-01-15."))
UNKNOWN_DIMENSION = Problem(
    _later('The library has no dimension "%(code)s".'), _later("Use the code of one of them.")
)
TWICE = Problem(
    _later('"%(code)s" is there twice.'), _later("Give the later one another code, or delete it.")
)
EMPTY = Problem(_later("The set has no metric."), _later("Add a [[metric]] table for each."))


@dataclass(frozen=True)
class Loaded:
    """The edition, and whether it is new."""

    definition_set: DefinitionSet
    created: bool


def load_set(text: str) -> Loaded:
    """Publish an edition. The same file again changes nothing; another text under its number is refused.

    Raises `RuleBroken` with everything that is wrong with the file.
    """
    head, metrics = _read(text)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    known = DefinitionSet.objects.filter(code=head["code"], edition=head["edition"]).first()
    if known is not None:
        if known.sha256 != sha256:
            raise RuleBroken(
                _(
                    "Edition %(edition)s of “%(name)s” is published and says something else. Give this one the next number."
                )
                % {"edition": known.edition, "name": known.name}
            )
        return Loaded(known, created=False)
    with transaction.atomic(using=current().alias):
        made = DefinitionSet.objects.create(**head, sha256=sha256)
        SetMetric.objects.bulk_create(
            SetMetric(definition_set=made, position=position, **values)
            for position, values in enumerate(metrics, start=1)
        )
    return Loaded(made, created=True)


def _read(text: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    try:
        root = LibraryTable(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise RuleBroken(_("The file is not valid TOML: %(place)s.") % {"place": error}) from None
    head, metrics = _head(root.inner("set")), [_metric(table) for table in root.entries("metric")]
    codes = [one["code"] for one in metrics]
    for code in {code for code in codes if codes.count(code) > 1}:
        root.fault("metric", TWICE, code=code)
    if not metrics:
        root.fault("metric", EMPTY)
    root.refuse_leftovers()
    if root.faults:
        raise RuleBroken(str(MappingError(root.faults)))
    return head, metrics


def _head(table: LibraryTable) -> dict[str, Any]:
    jurisdiction = table.text("jurisdiction")
    if jurisdiction and not JURISDICTION.fullmatch(jurisdiction):
        table.fault("jurisdiction", NOT_A_JURISDICTION)
    head = {
        "code": table.code(),
        "edition": table.number("edition"),
        "name": table.text("name"),
        "department": table.text("department"),
        "jurisdiction": jurisdiction,
        "published_on": _day(table, "published_on"),
        "source": table.text("source"),
        "sample": table.truth("sample", default=False),
    }
    table.refuse_leftovers()
    return head


def _day(table: LibraryTable, key: str) -> datetime.date | None:
    told = table.text(key)
    try:
        return datetime.date.fromisoformat(told) if told else None
    except ValueError:
        table.fault(key, NOT_A_DAY)
        return None


def _metric(table: LibraryTable) -> dict[str, Any]:
    kind = table.choice("kind", MetricKind)
    known = {dimension.code for dimension in shelf().dimensions}
    dimensions = table.codes("dimensions")
    for code in dimensions:
        if code not in known:
            table.fault("dimensions", UNKNOWN_DIMENSION, code=code)
    grain = Grain(table.text_among("frequency", tuple(Grain)) or Grain.YEAR)
    values = {
        "code": table.code(),
        "name": table.text("name"),
        "level": table.choice("level", Level).value,
        "purpose": table.choice("purpose", Purpose).value,
        "kind": kind.value,
        "per": table.number("per", default=100),
        "better": table.choice("better", Better).value,
        "counts_people": table.truth("counts_people"),
        "numerator": table.text("numerator"),
        "denominator": table.text("denominator", default="" if kind in WITHOUT_DENOMINATOR else None),
        "exclusions": table.text("exclusions", default=""),
        "source": table.text("source"),
        "frequency": MONTHS[grain],
        **{field: table.truth(field, default=False) for field in COUNTED_ONCE},
        "why": table.text("why"),
        "caution": table.text("caution", default=""),
        "dimensions": list(dimensions),
        "composition": composition_of(table, kind),
    }
    table.refuse_leftovers()
    return values
