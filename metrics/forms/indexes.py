"""What people fill in to define an index: its parts, how much each weighs, and the ends of each scale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from metrics.composition import INDEX, Component, Composition, composition_of
from metrics.definition_fields import COUNTED_ONCE, DEFINITION
from metrics.forms.choosing import ChangeForm, DefinitionForm
from metrics.forms.dashboards import set_choices
from metrics.models import Metric
from metrics.stats.composite import Aggregation
from metrics.wording import unit_words

MOST_PARTS = 6
"""More parts than this nobody can keep in mind."""

AGGREGATIONS = [
    (Aggregation.GEOMETRIC.value, _("Multiplied: a good part cannot make up for one at its worst")),
    (Aggregation.ARITHMETIC.value, _("Added up: a good part makes up for a bad one")),
]
YEARLY = 12


@dataclass(frozen=True, slots=True)
class PartFields:
    """The fields of one part."""

    number: int
    measure: BoundField
    weight: BoundField
    worst: BoundField
    best: BoundField

    @property
    def fields(self) -> tuple[BoundField, ...]:
        """In the order of the columns."""
        return self.measure, self.weight, self.worst, self.best


def fitting_parts(metrics: Sequence[Metric]) -> list[Metric]:
    """Measures that an index can be made of: those with a good and a bad end that are none themselves."""
    return [one for one in metrics if one.kind != INDEX and one.better != "neither" and not one.retired_on]


OF_COUNTS = (
    "kind", "denominator", "exclusions", "per", "better", "counts_people", "frequency", *COUNTED_ONCE,
)  # fmt: skip
"""Questions that an index does not answer: it counts nothing, and its parts do."""


class IndexForm(DefinitionForm):
    """An index in full."""

    numerator = forms.CharField(
        label=_("What does it tell?"),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("In words that somebody understands who sees the number alone."),
    )
    aggregation = forms.ChoiceField(
        label=_("How do the parts become one number?"), choices=AGGREGATIONS, widget=forms.RadioSelect,
        initial=Aggregation.GEOMETRIC.value,
    )  # fmt: skip

    def __init__(self, data: Any = None, *, metrics: Sequence[Metric], **more: Any) -> None:
        super().__init__(data, **more)
        for name in OF_COUNTS:
            del self.fields[name]
        offered = [
            (one.code, f"{one.name} ({unit_words(one) or _now('as it was counted')})")
            for one in fitting_parts(metrics)
        ]
        for number in range(1, MOST_PARTS + 1):
            self.fields[f"measure_{number}"] = forms.ChoiceField(label=_("Measure"), required=False)
            set_choices(self, f"measure_{number}", [("", _now("None")), *offered])
            for name, label in (
                ("weight", _("Weight")),
                ("worst", _("Worst value")),
                ("best", _("Best value")),
            ):
                self.fields[f"{name}_{number}"] = forms.FloatField(label=label, required=False)
        self.order_fields(["name", "level", "purpose", "numerator", "aggregation"])

    def parts(self) -> Iterator[PartFields]:
        """The fields of each part, for a table."""
        for number in range(1, MOST_PARTS + 1):
            yield PartFields(
                number, *(self[f"{name}_{number}"] for name in ("measure", "weight", "worst", "best"))
            )

    def questions(self) -> Iterator[BoundField]:
        """All other fields, one after the other."""
        of_parts = {bound.name for part in self.parts() for bound in part.fields}
        return (bound for bound in self if bound.name not in of_parts)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for number in range(1, MOST_PARTS + 1):
            if not cleaned.get(f"measure_{number}"):
                continue
            for name in ("worst", "best"):
                field = f"{name}_{number}"
                if cleaned.get(field) is None and field not in self.errors:
                    self.add_error(field, _now("Write a number."))
        return cleaned

    def composition(self) -> Composition:
        """The parts as they were filled in; where no weight was, 1."""
        told = self.cleaned_data
        return Composition(
            Aggregation(told["aggregation"]),
            tuple(
                Component(
                    told[f"measure_{number}"],
                    _plain(1 if told.get(f"weight_{number}") is None else told[f"weight_{number}"]),
                    _plain(told[f"worst_{number}"]),
                    _plain(told[f"best_{number}"]),
                )
                for number in range(1, MOST_PARTS + 1)
                if told[f"measure_{number}"]
            ),
        )

    def values(self) -> dict[str, Any]:
        """The fields of a definition."""
        return {
            **dict.fromkeys(DEFINITION, ""),
            **{field: self.cleaned_data[field] for field in DEFINITION if field in self.cleaned_data},
            **dict.fromkeys(COUNTED_ONCE, False),
            "kind": INDEX,
            "per": 100,
            "better": "higher",
            "counts_people": False,
            "frequency": YEARLY,
            "composition": self.composition().stored,
        }

    @staticmethod
    def of(values: dict[str, Any]) -> dict[str, Any]:
        """Initial values from a definition."""
        told = composition_of(values["composition"])
        of_parts = {
            f"{name}_{number}": getattr(one, name)
            for number, one in enumerate(told.components if told else (), start=1)
            for name in ("measure", "weight", "worst", "best")
        }
        return {**values, **of_parts, **({"aggregation": told.aggregation.value} if told else {})}


class ChangeIndexForm(IndexForm, ChangeForm):
    """The same, and whether it still tells what it told."""


def _plain(number: float) -> int | float:
    """100, not 100.0: so that what is filled in again is the same."""
    return int(number) if float(number).is_integer() else number
