"""What people fill in to choose, define, change, retire and aim. The rules are kept by the actions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from equity.tenancy.models import Person
from metrics.definition_fields import DEFINITION
from metrics.expecting import LONGEST_DUE_DAYS
from metrics.forms.dashboards import set_choices
from metrics.models import Level, Metric

FREQUENCIES = [(1, _("Every month")), (3, _("Every quarter")), (12, _("Every year"))]
AREA = {"rows": 3}


def day() -> forms.DateInput:
    """A date as browsers ask for it."""
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ShelfForm(forms.Form):
    """Which metrics of the library to show; in the address."""

    level = forms.ChoiceField(label=_("Level"), required=False, choices=[("", _("All")), *Level.choices])
    purpose = forms.ChoiceField(
        label=_("Question"), required=False, choices=[("", _("All")), *Metric.Purpose.choices]
    )
    q = forms.CharField(
        label=_("Words"), required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"})
    )

    def asked(self, name: str) -> str:
        """What was asked, when it makes sense."""
        return str(self.cleaned_data.get(name, "")) if self.is_valid() or self.is_bound else ""


class DefinitionForm(forms.Form):
    """A definition in full."""

    name = forms.CharField(label=_("What is it called?"), max_length=200)
    level = forms.ChoiceField(label=_("On which level?"), choices=Level.choices)
    purpose = forms.ChoiceField(label=_("Which question does it answer?"), choices=Metric.Purpose.choices)
    kind = forms.ChoiceField(
        label=_("What kind of number is it?"),
        choices=[one for one in Metric.Kind.choices if one[0] != Metric.Kind.INDEX],
        help_text=_("A share counts some out of all. A rate counts events for each so many people or days."),
    )
    numerator = forms.CharField(label=_("What is counted?"), widget=forms.Textarea(attrs=AREA))
    denominator = forms.CharField(
        label=_("Out of what?"),
        required=False,
        widget=forms.Textarea(attrs=AREA),
        help_text=_("Leave it empty for a count."),
    )
    exclusions = forms.CharField(
        label=_("Who or what is left out?"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    per = forms.IntegerField(
        label=_("Shown for each how many?"),
        min_value=1,
        max_value=1_000_000,
        initial=100,
        help_text=_("100 reads “11 in 100”."),
    )
    better = forms.ChoiceField(label=_("Which way is better?"), choices=Metric.Better.choices)
    counts_people = forms.TypedChoiceField(
        label=_("Does it count people or their visits?"),
        choices=[("yes", _("Yes: small counts are hidden")), ("no", _("No: dollars, meetings, letters"))],
        coerce=lambda value: value == "yes",
        initial="yes",
    )
    frequency = forms.TypedChoiceField(label=_("How often is it counted?"), choices=FREQUENCIES, coerce=int)
    once_over_periods = forms.BooleanField(
        label=_("A person who comes several times in a year is counted once in the year"),
        required=False,
        help_text=_("Then months and quarters are not added up: the year is counted and sent by itself."),
    )
    once_over_units = forms.BooleanField(
        label=_("A person who goes to several units is counted once in the whole institution"),
        required=False,
        help_text=_("Then units are not added up: the whole is counted and sent by itself."),
    )
    source = forms.CharField(label=_("Where do the numbers come from?"), max_length=300)
    why = forms.CharField(label=_("Why does it matter?"), widget=forms.Textarea(attrs=AREA))
    caution = forms.CharField(
        label=_("How can it mislead?"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        needs_base = cleaned.get("kind") in {"proportion", "rate", "mean"}
        if needs_base and not cleaned.get("denominator"):
            self.add_error("denominator", _now("Say out of what it is counted."))
        return cleaned

    def values(self) -> dict[str, Any]:
        """The fields of a definition."""
        return {field: self.cleaned_data[field] for field in DEFINITION if field != "composition"} | {
            "composition": {}
        }

    def code(self) -> str:
        """A code made from the name."""
        return slugify(self.cleaned_data["name"])[:60].strip("-") or "measure"

    @staticmethod
    def of(values: dict[str, Any]) -> dict[str, Any]:
        """Initial values from a definition."""
        return {**values, "counts_people": "yes" if values["counts_people"] else "no"}


class ChangeForm(DefinitionForm):
    """The same, and whether it still counts what it counted."""

    meaning = forms.ChoiceField(
        label=_("Does it still count the same?"),
        choices=[
            ("same", _("Yes, these are only better words")),
            ("other", _("No, it counts something else from a day on")),
        ],
        widget=forms.RadioSelect,
        initial="same",
    )
    first_day = forms.DateField(
        label=_("From which day on?"),
        required=False,
        widget=day(),
        help_text=_("Lines break at that day. Counts before it stay as they are."),
    )
    reason = forms.CharField(
        label=_("Why does it change?"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("meaning") == "other":
            for field, words in (("first_day", _now("Choose a day.")), ("reason", _now("Say why."))):
                if not cleaned.get(field) and field not in self.errors:
                    self.add_error(field, words)
        return cleaned


class ReasonForm(forms.Form):
    """Why: for retiring, declining, refusing."""

    reason = forms.CharField(label=_("Why?"), widget=forms.Textarea(attrs=AREA))


class WhenDueForm(forms.Form):
    """Who answers for the counts of a measure, and until when they are to be here."""

    owner = forms.ChoiceField(label=_("Who answers for its counts?"), required=False)
    due_days = forms.IntegerField(
        label=_("How many days after the end of a period are its counts due?"),
        min_value=0,
        max_value=LONGEST_DUE_DAYS,
    )

    def __init__(self, data: Any = None, *, people: Sequence[Person], **more: Any) -> None:
        super().__init__(data, **more)
        self.people = {str(person.pk): person for person in people}
        choices = [(key, person.name) for key, person in self.people.items()]
        set_choices(self, "owner", [("", _("Nobody yet")), *choices])

    def clean_owner(self) -> Person | None:
        return self.people.get(self.cleaned_data["owner"])


class TargetForm(forms.Form):
    """What a group should reach by when; an empty number gives an earlier target up."""

    stratum = forms.ChoiceField(label=_("For whom?"), required=False)
    value = forms.DecimalField(
        label=_("What should it reach?"), required=False, max_digits=14, decimal_places=4
    )
    by_date = forms.DateField(label=_("By when?"), required=False, widget=day())
    reason = forms.CharField(label=_("Where does this target come from?"), widget=forms.Textarea(attrs=AREA))

    def __init__(self, data: Any = None, *, groups: list[tuple[str, str]], unit: str, **more: Any) -> None:
        super().__init__(data, **more)
        set_choices(self, "stratum", [("", _("Everybody")), *groups])
        self.fields["value"].help_text = _now("%(unit)s. Leave it empty to give an earlier target up.") % {
            "unit": unit
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        value, by_date = cleaned.get("value"), cleaned.get("by_date")
        if value is not None and by_date is None and "by_date" not in self.errors:
            self.add_error("by_date", _now("Choose a day."))
        if by_date is not None and by_date <= timezone.localdate():
            self.add_error("by_date", _now("Choose a day that is still to come."))
        return cleaned


class ProposalForm(forms.Form):
    """What the community wants to know."""

    name = forms.CharField(label=_("What do you want to know?"), max_length=200)
    words = forms.CharField(
        label=_("What should be counted?"),
        widget=forms.Textarea(attrs=AREA),
        help_text=_("In your own words. For example: calls of security on patients, out of all visits."),
    )
    why = forms.CharField(label=_("Why does it matter to you?"), widget=forms.Textarea(attrs=AREA))
    level = forms.ChoiceField(label=_("Where should one look?"), choices=Level.choices)
    purpose = forms.ChoiceField(label=_("Which question does it answer?"), choices=Metric.Purpose.choices)
    community_holds = forms.BooleanField(
        label=_("We want to decide whether its figures are published"), required=False
    )
    library_code = forms.CharField(required=False, widget=forms.HiddenInput)
