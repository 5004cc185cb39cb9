"""What people fill in about units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from equity.tenancy.models import Unit
from equity.tenancy.units import PARTS


class ParentForm(forms.Form):
    """Where a unit belongs."""

    parent = forms.ChoiceField(label=_("Part of"))

    def __init__(self, data: Any = None, *, parents: Sequence[Unit], **more: Any) -> None:
        super().__init__(data, **more)
        self.parents = {one.code: one for one in parents}
        cast(forms.ChoiceField, self.fields["parent"]).choices = [
            (code, one.name) for code, one in self.parents.items()
        ]

    def clean_parent(self) -> Unit:
        return self.parents[self.cleaned_data["parent"]]


class UnitForm(ParentForm):
    """A new unit."""

    name = forms.CharField(label=_("What is it called?"), max_length=200)
    kind = forms.ChoiceField(label=_("What is it?"), choices=[(kind.value, kind.label) for kind in PARTS])
    code = forms.SlugField(
        label=_("What do files call it?"),
        max_length=50,
        required=False,
        help_text=_("Letters, digits and hyphens. Left empty, it is made from the name. It never changes."),
    )


class NameForm(forms.Form):
    """Another name."""

    name = forms.CharField(label=_("What is it called?"), max_length=200)
