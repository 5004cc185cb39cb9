"""What the page of due data is narrowed to."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from metrics.due import Asked, When


class DueForm(forms.Form):
    """Whose, and how pressing: a GET form."""

    whose = forms.ChoiceField(
        label=_("Whose"), required=False, choices=[("", _("Everybody’s")), ("mine", _("Mine"))]
    )
    when = forms.ChoiceField(
        label=_("When"),
        required=False,
        choices=[
            ("", _("Late or not")),
            (When.OVERDUE.value, _("Late")),
            (When.SOON.value, _("Not late yet")),
        ],
    )

    def __init__(self, asked: Asked) -> None:
        given = {"whose": "mine" if asked.mine else "", "when": asked.when.value if asked.when else ""}
        super().__init__(initial=given, auto_id="filter-%s")
