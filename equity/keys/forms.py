"""What people fill in about systems and keys."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from equity.keys.scopes import LONGEST_LIFE

LIVES = [(90, _("3 months")), (180, _("6 months")), (LONGEST_LIFE.days, _("12 months"))]


class KeyForm(forms.Form):
    """One more key."""

    days = forms.TypedChoiceField(
        label=_("For how long?"),
        choices=LIVES,
        coerce=int,
        initial=LONGEST_LIFE.days,
        help_text=_("Before it ends, make a second key, put that in its place, and revoke this one."),
    )

    @property
    def lifetime(self) -> timedelta:
        """How long the key lives."""
        return timedelta(days=self.cleaned_data["days"])


class SystemForm(KeyForm):
    """A system, with its first key."""

    name = forms.CharField(
        label=_("Which system?"),
        max_length=80,
        help_text=_("As your people call it, such as “Night export of the data warehouse”."),
    )
    field_order = ["name", "days"]
