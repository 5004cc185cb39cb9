"""Files and mappings, as people send them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.known import Definitions
from metrics.mappings import checked_mapping, kind_of
from metrics.preparing import Prepared
from metrics.reading.errors import KeyFault, MappingError
from metrics.uploads import LONGEST_TEXT


class LineListForm(forms.Form):
    """One line list, counted by the upload handler while it arrived."""

    file = forms.FileField(
        label=gettext_lazy("The line list"),
        help_text=gettext_lazy(
            "One row for each person or visit: CSV or another text table, plain or packed with gzip or xz, or an .xlsx"
            " workbook."
        ),
        max_length=255,
    )

    @property
    def prepared(self) -> Prepared:
        """What was counted."""
        prepared: Prepared = self.cleaned_data["file"].prepared
        return prepared


class CountsForm(forms.Form):
    """One file of counts in our own layout, held by the upload handler."""

    file = forms.FileField(
        label=gettext_lazy("The counts"),
        help_text=gettext_lazy(
            "One row for each measure, unit, period and group: CSV, plain or packed with gzip or xz, or an .xlsx"
            " workbook."
        ),
        max_length=255,
    )


class TableForm(forms.Form):
    """One file of counts in somebody else's layout, held by the upload handler."""

    file = forms.FileField(
        label=gettext_lazy("The file"),
        help_text=gettext_lazy(
            "A table as CSV, TSV or .xlsx, or measure reports as JSON; plain or packed with gzip or xz."
        ),
        max_length=255,
    )


class MappingChoiceForm(forms.Form):
    """Which of the mappings that are here."""

    mapping = forms.ChoiceField(label=gettext_lazy("Read it as before"), widget=forms.RadioSelect)

    def __init__(self, choices: list[tuple[str, str | Promise]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mapping"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField
        if len(choices) == 1:
            self.fields["mapping"].initial = choices[0][0]


class NewMappingForm(forms.Form):
    """The text of a mapping, pasted or as a small file."""

    text = forms.CharField(
        label=gettext_lazy("Paste the mapping"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "autocomplete": "off"}),
        max_length=LONGEST_TEXT,
    )
    file = forms.FileField(label=gettext_lazy("Or send it as a file"), required=False)

    def __init__(self, known: Definitions, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._known = known
        self.kind = ""
        """The kind of file that the mapping is for, when it is a good one."""

    def clean(self) -> dict[str, Any]:
        """The text, wherever it came from, and a fault for each key that needs mending."""
        cleaned = super().clean() or {}
        text = cleaned.get("text") or self._text_of_file(cleaned.get("file"))
        if not text.strip():
            raise forms.ValidationError(_("Paste a mapping, or choose a file that holds one."))
        try:
            self.kind = kind_of(checked_mapping(text, self._known))
        except MappingError as error:
            raise forms.ValidationError([sentence(fault) for fault in error.faults]) from None
        return {**cleaned, "text": text}

    def _text_of_file(self, file: Any) -> str:
        if file is None:
            return ""
        if file.size > LONGEST_TEXT:
            raise forms.ValidationError(
                _(
                    "This file is too large for a mapping. A mapping is a small text; the file with the data comes in the next step."
                )
            )
        try:
            return str(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise forms.ValidationError(_("This file is not UTF-8 text.")) from None


def sentence(fault: KeyFault) -> str:
    reason, mend = fault.translated(_)
    return f"{fault.key}: {reason} {mend}" if fault.key else f"{reason} {mend}"
