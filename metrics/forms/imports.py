"""Files and mappings, as people send them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.known import Definitions
from metrics.mappings import checked_mapping
from metrics.preparing import Prepared
from metrics.reading.errors import KeyFault, MappingError
from metrics.uploads import LONGEST_TEXT


class _FileForm(forms.Form):
    """One file, read by the upload handler while it arrived."""

    @property
    def prepared(self) -> Prepared:
        """What was read from the file."""
        prepared: Prepared = self.cleaned_data["file"].prepared
        return prepared


class LineListForm(_FileForm):
    file = forms.FileField(
        label=gettext_lazy("The line list"),
        help_text=gettext_lazy(
            "CSV or another text table with one row for each person or visit, plain or packed with gzip or xz."
        ),
        max_length=255,
    )


class CountsForm(_FileForm):
    file = forms.FileField(
        label=gettext_lazy("The counts"),
        help_text=gettext_lazy(
            "CSV with one row for each measure, unit, period and group, plain or packed with gzip or xz."
        ),
        max_length=255,
    )


class MappingChoiceForm(forms.Form):
    """Which of the mappings that are here."""

    mapping = forms.ChoiceField(label=gettext_lazy("Count it as before"), widget=forms.RadioSelect)

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

    def clean(self) -> dict[str, Any]:
        """The text, wherever it came from, and a fault for each key that needs mending."""
        cleaned = super().clean() or {}
        text = cleaned.get("text") or self._text_of_file(cleaned.get("file"))
        if not text.strip():
            raise forms.ValidationError(_("Paste a mapping, or choose a file that holds one."))
        try:
            checked_mapping(text, self._known)
        except MappingError as error:
            raise forms.ValidationError([_sentence(fault) for fault in error.faults]) from None
        return {**cleaned, "text": text}

    def _text_of_file(self, file: Any) -> str:
        if file is None:
            return ""
        if file.size > LONGEST_TEXT:
            raise forms.ValidationError(
                _(
                    "This file is too large for a mapping. A mapping is a small text; the line list comes in the next step."
                )
            )
        try:
            return str(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise forms.ValidationError(_("This file is not UTF-8 text.")) from None


def _sentence(fault: KeyFault) -> str:
    reason, mend = fault.translated(_)
    return f"{fault.key}: {reason} {mend}" if fault.key else f"{reason} {mend}"
