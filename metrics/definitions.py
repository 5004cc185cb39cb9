"""What an institution measures, and by which groups, from TOML files such as those in `example/`.

Loading the same file again changes nothing. What is not in the file stays as it is: a definition that counts hang on is
never deleted, and how it counts does not change once it has counts.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from equity import audit
from equity.errors import RuleBroken
from equity.tenancy.acting import current
from equity.tenancy.models import Organisation, Person
from metrics.ingest.staging import GRAINS
from metrics.models import Category, Dimension, Level, Metric, Observation
from metrics.reading.cells import is_code
from metrics.reading.errors import MappingError, Problem
from metrics.reading.mapping_keys import NOT_A_CODE
from metrics.reading.periods import OBSERVED
from metrics.reading.periods import Grain as FileGrain
from metrics.reading.toml_table import NOT_A_TABLE, Table

NOT_A_TRUTH = Problem(
    gettext_noop("This is neither true nor false."), gettext_noop("Write true or false, without marks.")
)
NOT_A_NUMBER = Problem(
    gettext_noop("This is not a whole number."), gettext_noop("Write digits only, without marks.")
)

FIXED_BY_COUNTS = ("kind", "frequency", "counts_people")
"""How a metric counts: with other answers here its observations would mean something else."""


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
            dimension, outcome = _defined(Dimension, organisation, {"code": code}, values, by)
            defined += outcome
            for category_code, category_values in categories.items():
                key = {"dimension": dimension, "code": category_code}
                defined += _defined(Category, organisation, key, category_values, by)[1]
    return defined


def define_metrics(
    *, organisation: Organisation, text: str, by: Person | None, institution: str | None = None
) -> Defined:
    """Define the `[[metric]]` tables of a TOML file. A table that names an `institution` counts for that one only.

    Raises `RuleBroken` with everything that is wrong with the file.
    """
    root = _read(text)
    read = [
        (table.text("institution", default=""), table.code(), _metric(table, position))
        for position, table in enumerate(root.entries("metric"))
    ]
    _refuse_faults(root)
    defined = Defined()
    with transaction.atomic(using=current().alias):
        for meant_for, code, values in read:
            if meant_for not in ("", institution):
                continue
            defined += _defined(Metric, organisation, {"code": code}, values, by)[1]
    return defined


class _Table(Table):
    """A table of definitions: also truths, whole numbers, and tables of its own, which know their number."""

    def truth(self, key: str, *, default: bool) -> bool:
        """true or false."""
        value = self._get(key, default)
        if not isinstance(value, bool):
            self.fault(key, NOT_A_TRUTH)
            return default
        return value

    def whole_number(self, key: str, *, default: int) -> int:
        """A whole number, 0 or more."""
        value = self._get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            self.fault(key, NOT_A_NUMBER)
            return default
        return value

    def code(self) -> str:
        """The code that everything else refers to."""
        code = self.text("code")
        if code and not is_code(code):
            self.fault("code", NOT_A_CODE, code=code)
        return code

    def entries(self, key: str) -> list[_Table]:
        """The tables under this key, each named by its number."""
        value = self._get(key, [])
        found = value if isinstance(value, list) else [value]
        if not all(isinstance(entry, dict) for entry in found):
            self.fault(key, NOT_A_TABLE)
            return []
        return [
            _Table(entry, f"{self._dotted(key)}.{number}", self.faults)
            for number, entry in enumerate(found, start=1)
        ]


def _read(text: str) -> _Table:
    try:
        return _Table(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise RuleBroken(_("The file is not valid TOML: %(place)s.") % {"place": error}) from None


def _refuse_faults(root: _Table) -> None:
    root.refuse_leftovers()
    if root.faults:
        raise RuleBroken(str(MappingError(root.faults)))


def _dimension(table: _Table, position: int) -> dict[str, Any]:
    values = {
        "name": table.text("name"),
        "partition": table.truth("partition", default=True),
        "position": position,
    }
    for key in ("standard_name", "standard_system"):
        table.text(key, default="")
    return values


def _categories(table: _Table) -> dict[str, dict[str, Any]]:
    system = table.text("standard_system", default="")
    categories = {}
    for number, entry in enumerate(table.entries("category"), start=1):
        standard = entry.text("standard", default="")
        categories[entry.code()] = {
            "label": entry.text("label"),
            "short_label": entry.text("short", default=""),
            "missing": entry.truth("missing", default=False),
            "standard_system": system if standard else "",
            "standard_code": standard,
            "position": entry.whole_number("position", default=number),
        }
        entry.refuse_leftovers()
    table.refuse_leftovers()
    return categories


def _metric(table: _Table, position: int) -> dict[str, Any]:
    grain = table.text_among("frequency", OBSERVED) or FileGrain.MONTH
    values = {
        "name": table.text("name"),
        "level": table.text_among("level", Level.values),
        "purpose": table.text_among("purpose", Metric.Purpose.values),
        "kind": table.text_among("kind", Metric.Kind.values),
        "better": table.text_among("better", Metric.Better.values),
        "counts_people": table.truth("counts_people", default=True),
        "per": table.whole_number("per", default=100),
        "numerator": table.text("numerator"),
        "denominator": table.text("denominator", default=""),
        "why": table.text("why", default=""),
        "frequency": GRAINS[FileGrain(grain)].value,
        "source": table.text("source"),
        "chosen_by": table.text_among("chosen_by", ("institution", "community"), default="institution"),
        "position": position,
    }
    table.lists_of_texts("strata")
    table.refuse_leftovers()
    return values


def _defined(
    model: type[models.Model],
    organisation: Organisation,
    key: Mapping[str, Any],
    values: dict[str, Any],
    by: Person | None,
) -> tuple[Any, Defined]:
    """Make the row of this key say these values; the audit trail tells from what to what."""
    manager = model._default_manager
    row = manager.filter(organisation=organisation, **key).first()
    noun = str(model._meta.model_name)
    if row is None:
        row = manager.create(organisation=organisation, **key, **values)
        audit.record(f"{noun}.define", by=by, target=row, code=key["code"])
        return row, Defined(created=1)
    changes = {
        name: [getattr(row, name), value] for name, value in values.items() if getattr(row, name) != value
    }
    if not changes:
        return row, Defined(unchanged=1)
    if isinstance(row, Metric):
        _refuse_another_meaning(row, changes)
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes))
    audit.record(f"{noun}.redefine", by=by, target=row, code=key["code"], changes=changes)
    return row, Defined(changed=1)


def _refuse_another_meaning(metric: Metric, changes: Mapping[str, Any]) -> None:
    fixed = [name for name in FIXED_BY_COUNTS if name in changes]
    counts = Observation.objects.filter(organisation_id=metric.organisation_id, series__metric=metric)
    if fixed and counts.exists():
        raise RuleBroken(
            _(
                "“%(metric)s” has counts already, so this cannot change any more: %(what)s. Define a new measure instead."
            )
            % {"metric": metric.name, "what": ", ".join(fixed)}
        )
