"""What people fill in about groups: which to compare, what should change, how few may be missing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from equity.language import told
from equity.tenancy.models import Person
from metrics.actions.groups import ways_to_count
from metrics.forms.choosing import AREA, day
from metrics.forms.dashboards import set_choices
from metrics.group_versions import first_days
from metrics.library.entries import LibraryDimension
from metrics.models import Category

LINES = {"rows": 8}


def read_lines(text: str, pattern: str = "") -> list[tuple[str, str]]:
    """“48201, Houston” in each line → (code, label); without a comma the line is both. Raises when one does not fit."""
    found = []
    for line in filter(None, (part.strip() for part in text.splitlines())):
        code, _comma, label = (part.strip() for part in line.partition(","))
        code = code if pattern and re.fullmatch(pattern, code) else slugify(code)[:40]
        if not code or (pattern and not re.fullmatch(pattern, code)):
            raise forms.ValidationError(
                gettext("“%(line)s” does not begin with such a code.") % {"line": line}
            )
        found.append((code, (label or line)[:120]))
    if len({code for code, _label in found}) < len(found):
        raise forms.ValidationError(gettext("A line is there twice."))
    return found


class AdoptDimensionForm(forms.Form):
    """How several answers count, and which places there are, where a dimension asks for it."""

    counting = forms.ChoiceField(
        label=_("How do people with several answers count?"), widget=forms.RadioSelect
    )
    places = forms.CharField(
        label=_("Which places?"),
        widget=forms.Textarea(attrs=LINES),
        help_text=_("One in each line: its code, a comma, its name."),
    )

    def __init__(self, data: Any = None, *, entry: LibraryDimension) -> None:
        super().__init__(data)
        self._entry = entry
        ways = ways_to_count(entry)
        if len(ways) > 1:
            set_choices(
                self, "counting", [(one.code, f"{told(one.name)}. {told(one.explanation)}") for one in ways]
            )
        else:
            del self.fields["counting"]
        if not entry.place:
            del self.fields["places"]

    def clean_places(self) -> list[tuple[str, str]]:
        return read_lines(self.cleaned_data["places"], self._entry.place)


class OwnDimensionForm(forms.Form):
    """Groups of one's own."""

    name = forms.CharField(label=_("What do people differ in?"), max_length=100)
    categories = forms.CharField(
        label=_("Which groups are there?"),
        widget=forms.Textarea(attrs=LINES),
        help_text=_("One in each line."),
    )
    several = forms.BooleanField(label=_("A person can be in more than one of them"), required=False)

    def clean_categories(self) -> list[tuple[str, str]]:
        return read_lines(self.cleaned_data["categories"])


class _ChangeForm(forms.Form):
    """A change of groups; `becomes` gives it as plain values."""

    def __init__(self, data: Any = None, *, groups: Sequence[Category], reference: str = "") -> None:
        super().__init__(data)
        self.groups, self.reference = groups, reference
        self.build()
        self.fields["why"] = forms.CharField(label=_("Why?"), widget=forms.Textarea(attrs=AREA))

    def build(self) -> None:
        """Add the fields of this kind of change."""

    def becomes(self) -> dict[str, Any]:
        """What it should be."""
        return {}


class LabelForm(_ChangeForm):
    """What a group is called."""

    def build(self) -> None:
        choices = [(one.code, told(one.label)) for one in self.groups]
        self.fields["category"] = forms.ChoiceField(label=_("Which group?"), choices=choices)
        self.fields["label"] = forms.CharField(label=_("What should it be called?"), max_length=120)
        self.fields["short"] = forms.CharField(label=_("And in short?"), max_length=60, required=False)

    def becomes(self) -> dict[str, Any]:
        filled = self.cleaned_data
        return {"category": filled["category"], "label": filled["label"], "short": filled["short"]}


class OrderForm(_ChangeForm):
    """The place of each group."""

    def build(self) -> None:
        for number, one in enumerate(self.groups, start=1):
            self.fields[one.code] = forms.IntegerField(
                label=told(one.label), min_value=1, max_value=999, initial=number
            )

    def becomes(self) -> dict[str, Any]:
        places = [(self.cleaned_data[one.code], number, one.code) for number, one in enumerate(self.groups)]
        return {"order": [code for _place, _number, code in sorted(places)]}


class ReferenceForm(_ChangeForm):
    """The group that others are compared with."""

    def build(self) -> None:
        choices = [
            ("", _("None: compare with everybody")),
            *((one.code, told(one.label)) for one in self.groups),
        ]
        self.fields["reference"] = forms.ChoiceField(
            label=_("Which group are the others compared with?"),
            choices=choices,
            required=False,
            initial=self.reference,
        )

    def becomes(self) -> dict[str, Any]:
        return {"reference": self.cleaned_data["reference"]}


class GroupingForm(_ChangeForm):
    """Which groups are shown as one."""

    def build(self) -> None:
        self.fields["name"] = forms.CharField(label=_("What is this grouping called?"), max_length=100)
        for one in self.groups:
            self.fields[f"of-{one.code}"] = forms.CharField(
                label=told(one.label), max_length=120, initial=told(one.label)
            )
        for one in self.groups:
            self.fields[f"of-{one.code}"].help_text = gettext(
                "Shown under this name. The same name joins groups."
            )

    def becomes(self) -> dict[str, Any]:
        joined: dict[str, list[str]] = {}
        for one in self.groups:
            name = self.cleaned_data[f"of-{one.code}"].strip()
            joined.setdefault(one.label if name == told(one.label) else name, []).append(one.code)
        groups = [
            {"code": slugify(label)[:40], "label": label, "categories": codes}
            for label, codes in joined.items()
        ]
        name = self.cleaned_data["name"]
        return {"code": slugify(name)[:40], "name": name, "groups": groups}


class VersionForm(_ChangeForm):
    """A newer list of the library, from the first day of a year on."""

    def build(self) -> None:
        days = [(day.isoformat(), date_format(day)) for day in first_days()]
        self.fields["first_day"] = forms.ChoiceField(label=_("From when on?"), choices=days)
        self.fields["bridge"] = forms.BooleanField(
            label=_("Also show older numbers by the newer groups, where everybody in a group can be found"),
            required=False,
        )

    def becomes(self) -> dict[str, Any]:
        filled = self.cleaned_data
        return {"first_day": filled["first_day"], "bridge": filled["bridge"]}


CHANGE_FORMS: dict[str, type[_ChangeForm]] = {
    "label": LabelForm,
    "order": OrderForm,
    "reference": ReferenceForm,
    "grouping": GroupingForm,
    "version": VersionForm,
}


class MissingGoalForm(forms.Form):
    """How few may be missing, by when, and who answers for it."""

    owner = forms.ChoiceField(label=_("Who answers for it?"))
    at_most = forms.DecimalField(
        label=_("How many in 100 may be missing at most?"),
        min_value=0,
        max_value=100,
        max_digits=4,
        decimal_places=1,
    )
    by_date = forms.DateField(label=_("By when?"), widget=day())

    def __init__(self, data: Any = None, *, people: Sequence[Person]) -> None:
        super().__init__(data)
        self.people = {str(person.pk): person for person in people}
        set_choices(self, "owner", [(key, person.name) for key, person in self.people.items()])

    def clean_owner(self) -> Person:
        return self.people[self.cleaned_data["owner"]]

    def clean_by_date(self) -> Any:
        given = self.cleaned_data["by_date"]
        if given <= timezone.localdate():
            raise forms.ValidationError(gettext("Choose a day that is still to come."))
        return given
