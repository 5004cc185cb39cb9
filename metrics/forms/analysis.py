"""What an analyst asks of the measures of inequality: of a pasted table, and of a figure."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.forms.dashboards import set_choices
from metrics.reading.errors import RowError
from metrics.reading.groups_table import MOST_CHARACTERS, BadTable, PastedGroup, read_groups

SCALES = (1, 100, 1_000, 10_000, 100_000)
MOST_TOLD = 20
"""So many faults are told at once; mending them shows the rest."""

EXAMPLE = """group,estimate,se,population,reference
Group A,11.2,0.3,5120,
Group B,14.9,0.6,1810,
Group C,9.8,0.5,2240,yes
"""


class PastedForm(forms.Form):
    """A table of groups, and what its numbers mean."""

    table = forms.CharField(
        label=gettext_lazy("Your table"),
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false", "class": "code"}),
        max_length=MOST_CHARACTERS,
        strip=False,
        help_text=gettext_lazy(
            "Copy it from a spreadsheet: one line of headings, then one line a group. Headings: group; estimate and se, "
            "or events; population; order; reference. What you do not know stays blank."
        ),
    )
    better = forms.ChoiceField(
        label=gettext_lazy("Which way is better?"),
        choices=[("lower", gettext_lazy("Lower is better")), ("higher", gettext_lazy("Higher is better"))],
    )
    ordered = forms.ChoiceField(
        label=gettext_lazy("Have the groups an order?"),
        choices=[
            ("no", gettext_lazy("No, as race or language has none")),
            ("yes", gettext_lazy("Yes, the column “order” counts up from the most disadvantaged")),
        ],
    )
    scale = forms.TypedChoiceField(
        label=gettext_lazy("What are the estimates per?"),
        coerce=int,
        initial=100,
        choices=[(scale, gettext_lazy("A share of 1") if scale == 1 else f"{scale:,}") for scale in SCALES],
    )
    level = forms.TypedChoiceField(
        label=gettext_lazy("How sure should the ranges be?"),
        coerce=float,
        initial="0.95",
        choices=[("0.9", "90%"), ("0.95", "95%"), ("0.99", "99%")],
    )
    against = forms.ChoiceField(
        label=gettext_lazy("What are PAR and PAF against?"),
        choices=[("best", gettext_lazy("The best group")), ("declared", gettext_lazy("The reference"))],
    )
    force = forms.BooleanField(
        label=gettext_lazy("Go on with the groups that have an estimate, though others have none"),
        required=False,
    )

    def clean_table(self) -> list[PastedGroup]:
        try:
            return read_groups(self.cleaned_data["table"])
        except BadTable as error:
            raise ValidationError(_told(error.faults)) from error


def _told(faults: list[RowError]) -> list[str]:
    told = [_in_words(fault) for fault in faults[:MOST_TOLD]]
    if len(faults) > MOST_TOLD:
        told.append(_("And %(count)s more.") % {"count": len(faults) - MOST_TOLD})
    return told


def _in_words(fault: RowError) -> str:
    reason, how_to_mend = fault.translated(_)
    words = f"{reason} {how_to_mend}"
    if fault.row is None:
        return words
    if fault.column is None:
        return _("Row %(row)s: %(words)s") % {"row": fault.row, "words": words}
    return _("Row %(row)s, column “%(column)s”: %(words)s") % {
        "row": fault.row,
        "column": fault.column,
        "words": words,
    }


class OrderForm(forms.Form):
    """How the groups of a figure are looked at; filters in the address, so that a wrong one means: the usual."""

    order = forms.ChoiceField(
        label=gettext_lazy("Order"),
        required=False,
        choices=[
            ("none", gettext_lazy("The groups have no order")),
            ("rising", gettext_lazy("The first group is the most disadvantaged")),
            ("falling", gettext_lazy("The first group is the most advantaged")),
        ],
    )
    reference = forms.ChoiceField(label=gettext_lazy("Reference"), required=False)

    def __init__(self, data: Any, groups: list[tuple[str, str]]) -> None:
        asked = {name: data.get(name, "") for name in ("order", "reference")}
        super().__init__(asked, auto_id="filter-%s")
        set_choices(self, "reference", [("", gettext_lazy("None")), *groups])

    def chosen(self) -> tuple[str, str | None]:
        """The order and the reference asked for, where there are such."""
        self.is_valid()
        return self.cleaned_data.get("order") or "none", self.cleaned_data.get("reference") or None
