"""What holds for a whole file, where no column says it; asked of every file whose columns are mapped on a page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.importing import Words
from metrics.known import Definitions

KEPT_FOR = 24 * 60 * 60
"""Seconds. So long a page of questions can be answered."""

DIMENSION = "dimension:"
"""Before the code of a dimension, in the role of a column."""


class WholeFileForm(forms.Form):
    """The name of the source, and the unit and the period of all rows."""

    name = forms.CharField(
        label=gettext_lazy("What do you call this source?"),
        max_length=120,
        help_text=gettext_lazy("The next file with the same columns is read in the same way."),
    )
    metric = forms.ChoiceField(label=gettext_lazy("Measure, if no column says it"), required=False)
    unit = forms.ChoiceField(label=gettext_lazy("Unit, if no column says it"), required=False)
    start = forms.DateField(
        label=gettext_lazy("First day of the period, if no column says it"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    end = forms.DateField(
        label=gettext_lazy("Last day, for a stretch that is no month, quarter or year"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, known: Definitions, words: Words, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._known, self._words = known, words
        units = [(code, words.units.get(code, code)) for code in known.codes.units]
        self._choose("unit", [("", _("A column says it")), *units])

    def _choose(self, name: str, choices: list[tuple[str, Any]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]  # a ChoiceField

    def _dimensions(self) -> list[tuple[str, Any]]:
        """The roles of columns that hold groups."""
        codes = self._known.codes.categories
        return [(DIMENSION + code, self._words.dimensions.get(code, code)) for code in codes]
