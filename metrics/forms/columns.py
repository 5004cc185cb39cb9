"""What the columns of a table are, as a person says it: one question for each column, and one for each of its words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from django import forms
from django.core import signing
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.forms.imports import sentence
from metrics.forms.whole_file import DIMENSION, KEPT_FOR, WholeFileForm
from metrics.importing import Words
from metrics.known import WORD_OF_GRAIN, Definitions
from metrics.mappings import checked_mapping
from metrics.reading.errors import MappingError
from metrics.reading.looking import Looked, LookedColumn
from metrics.reading.periods import Grain
from metrics.reading.table_mapping import NumberRole
from metrics.reading.table_mapping_file import MEANINGS
from metrics.reading.table_mapping_writer import CodeAnswer, PeriodAnswer, TableAnswers, write_table_mapping

EVERYBODY, LEFT_OUT = "everybody", "leave out"

ENCODING_CHOICES = [
    ("utf-8", gettext_lazy("UTF-8, or as its first bytes say")),
    ("windows-1252", gettext_lazy("Windows (Western European)")),
    ("utf-16-le", gettext_lazy("UTF-16 without a mark")),
    ("iso-8859-1", gettext_lazy("ISO 8859-1")),
]
DELIMITER_CHOICES = [
    ("", gettext_lazy("The one that makes the most columns")),
    (",", gettext_lazy("Comma")),
    (";", gettext_lazy("Semicolon")),
    ("\t", gettext_lazy("Tab")),
    ("|", gettext_lazy("Bar")),
]
FORMAT_CHOICES = [
    ("", gettext_lazy("Period codes: 2024-01, 2024-Q1 or 2024")),
    ("%Y-%m-%d", gettext_lazy("Days: 2024-01-31")),
    ("%m/%d/%Y", gettext_lazy("Days: 01/31/2024")),
    ("%d/%m/%Y", gettext_lazy("Days: 31/01/2024")),
    ("%d.%m.%Y", gettext_lazy("Days: 31.01.2024")),
    ("%b %Y", gettext_lazy("Months: Jan 2024")),
    ("%B %Y", gettext_lazy("Months: January 2024")),
]
MARK_CHOICES = [
    ("", gettext_lazy("None")),
    (",", gettext_lazy("Comma")),
    (".", gettext_lazy("Point")),
    (" ", gettext_lazy("Space")),
]


COUNTS, PEOPLE = "counts", "people"
ROWS_CHOICES = [
    (COUNTS, gettext_lazy("Counts: how many of how many")),
    (PEOPLE, gettext_lazy("One person or one visit: a line list")),
]


class LookForm(forms.Form):
    """A file to look at, what its rows are, and how it is to be opened."""

    rows = forms.ChoiceField(
        label=gettext_lazy("What is in each row?"),
        choices=ROWS_CHOICES,
        widget=forms.RadioSelect,
        initial=COUNTS,
        required=False,
    )
    file = forms.FileField(
        label=gettext_lazy("The file"),
        help_text=gettext_lazy("CSV, TSV or .xlsx; plain or packed with gzip or xz."),
        max_length=255,
    )
    sure = forms.BooleanField(
        label=gettext_lazy("No row is about one person: show me its first rows"), required=False
    )
    sheet = forms.CharField(
        label=gettext_lazy("Sheet of a workbook"),
        required=False,
        help_text=gettext_lazy("Empty: the first one."),
    )
    header_row = forms.IntegerField(
        label=gettext_lazy("Row with the names of the columns"), min_value=1, max_value=100, initial=1
    )
    encoding = forms.ChoiceField(label=gettext_lazy("Encoding of a text file"), choices=ENCODING_CHOICES)
    delimiter = forms.ChoiceField(
        label=gettext_lazy("What separates the columns"), choices=DELIMITER_CHOICES, required=False
    )
    anew = forms.BooleanField(
        label=gettext_lazy("Ask about the columns even if such a table was read before"), required=False
    )

    @property
    def is_about_people(self) -> bool:
        """Whether the person says that each row is about somebody."""
        return bool(self.cleaned_data["rows"] == PEOPLE)

    @property
    def how_people(self) -> dict[str, Any]:
        """How a line list is to be opened: the names of its columns are in its first row."""
        return {name: self.cleaned_data[name] for name in ("sheet", "encoding", "delimiter")}

    @property
    def how(self) -> dict[str, Any]:
        """How the table is to be opened."""
        return {name: self.cleaned_data[name] for name in ("sheet", "header_row", "encoding", "delimiter")}


def packed(looked: Looked) -> str:
    """What was seen of a table, to go with the page of questions and come back with the answers."""
    return signing.dumps(asdict(looked), salt="metrics.columns", compress=True)


def unpacked(text: str) -> Looked:
    """What was seen, from the page. Raises `signing.BadSignature`."""
    content = signing.loads(text, salt="metrics.columns", max_age=KEPT_FOR)
    columns = [LookedColumn(**column) for column in content.pop("columns")]
    return Looked(columns=columns, **content)


class ColumnsForm(WholeFileForm):
    """The questions about one table."""

    grain = forms.ChoiceField(label=gettext_lazy("How long is a period?"))
    format = forms.ChoiceField(
        label=gettext_lazy("How is it written?"), choices=FORMAT_CHOICES, required=False
    )
    thousands = forms.ChoiceField(
        label=gettext_lazy("Mark between thousands"), choices=MARK_CHOICES, required=False
    )
    decimal = forms.ChoiceField(
        label=gettext_lazy("Mark before decimals"), choices=MARK_CHOICES[:3], required=False
    )

    def __init__(self, looked: Looked, known: Definitions, words: Words, *args: Any, **kwargs: Any) -> None:
        super().__init__(known, words, *args, **kwargs)
        self._looked = looked
        self.text = ""
        metrics = [(code, words.metrics.get(code, code)) for code in known.in_use]
        self._choose("metric", [("", _("A column says it")), *metrics])
        self._choose("grain", [(grain.value, label) for grain, label in GRAIN_WORDS.items()])
        frequencies = sorted(known.frequencies.values())
        if frequencies and not self.is_bound:
            self.initial["grain"] = WORD_OF_GRAIN[frequencies[len(frequencies) // 2]]
        own = _suggested(looked, known, words)
        for place, column in enumerate(looked.columns):
            self.fields[f"role_{place}"] = forms.ChoiceField(
                label=column.name, choices=self._roles(), initial=own.roles[place], required=False
            )
            for number, value in enumerate([] if column.is_prose else column.words):
                self.fields[f"value_{place}_{number}"] = forms.CharField(
                    label=value or _("(empty)"),
                    required=False,
                    initial=own.codes.get(value.casefold(), ""),
                    widget=forms.TextInput(attrs={"list": "codes", "autocomplete": "off"}),
                )

    def _roles(self) -> list[tuple[str, Any]]:
        return [
            ("", _("Nothing: leave it aside")),
            ("metric", _("The measure")),
            ("unit", _("The unit")),
            ("period", _("The period")),
            (NumberRole.NUMERATOR.value, _("Numerator: how many")),
            (NumberRole.DENOMINATOR.value, _("Denominator: of how many")),
            (NumberRole.COMPLEMENT.value, _("The others: denominator less numerator")),
            (NumberRole.SUM_OF_SQUARES.value, _("Sum of squares")),
            ("percent", _("A percentage, only to compare")),
            ("share", _("A share of 1, only to compare")),
            (_("Group by"), self._dimensions()),
        ]

    def asked(self) -> Iterator[dict[str, Any]]:
        """Each column with its question, and those about its words; for the template."""
        for place, column in enumerate(self._looked.columns):
            names = [f"value_{place}_{number}" for number, _value in enumerate(column.words)]
            fields = [self[name] for name in names if name in self.fields]
            yield {
                "column": column,
                "role": self[f"role_{place}"],
                "values": fields,
                "open": column.is_number or any(one.errors for one in fields),
            }

    def codes(self) -> Iterator[tuple[str, str]]:
        """Every code that a word can mean, with its name; for the list of suggestions."""
        for (dimension, code), label in self._words.categories.items():
            yield code, f"{self._words.dimensions.get(dimension, dimension)}: {label}"
        yield from self._words.units.items()
        yield from self._words.metrics.items()
        for meaning in MEANINGS:
            yield meaning, _("In place of a number")
        yield EVERYBODY, _("Everybody, not a group")
        yield LEFT_OUT, _("Leave such rows out: they are no counts")

    def clean(self) -> dict[str, Any]:
        """The mapping as text, when everything is said; else a fault at each question that needs an answer."""
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        columns = self._columns_of_roles(cleaned)
        if self.errors:
            return cleaned
        try:
            text = write_table_mapping(self._answers(cleaned, columns))
            if not self.errors:
                checked_mapping(text, self._known)
                self.text = text
        except MappingError as error:
            raise forms.ValidationError([sentence(fault) for fault in error.faults]) from None
        return cleaned

    def _columns_of_roles(self, cleaned: Mapping[str, Any]) -> dict[str, int]:
        """Role → place of its column. Each role is one column's only."""
        found: dict[str, int] = {}
        for place, _column in enumerate(self._looked.columns):
            role = cleaned.get(f"role_{place}", "")
            if role and role in found:
                self.add_error(f"role_{place}", _("Another column is this already."))
            elif role:
                found[role] = place
        for role in ("metric", "unit"):
            if role not in found and not cleaned.get(role):
                self.add_error(role, _("Choose one here, or say which column says it."))
        if "period" not in found and not cleaned.get("start"):
            self.add_error("start", _("Write the first day, or say which column is the period."))
        return found

    def _answers(self, cleaned: Mapping[str, Any], columns: Mapping[str, int]) -> TableAnswers:
        looked = self._looked
        left_out: dict[str, list[str]] = {}
        return TableAnswers(
            name=cleaned["name"],
            metric=self._code(cleaned, columns, "metric", left_out),
            unit=self._code(cleaned, columns, "unit", left_out),
            period=self._period(cleaned, columns),
            numbers={
                role: looked.columns[columns[role]].name
                for role in (*NumberRole, "share", "percent")
                if role in columns
            },
            dimensions={
                role.removeprefix(DIMENSION): self._code(cleaned, columns, role, left_out)
                for role in columns
                if role.startswith(DIMENSION)
            },
            words=self._number_words(cleaned, columns),
            left_out=left_out,
            encoding=looked.encoding,
            delimiter=looked.delimiter,
            sheet=looked.sheet,
            header_row=looked.header_row,
            thousands=cleaned["thousands"],
            decimal=cleaned["decimal"],
            why_left_out=_("Rows that are no counts"),
        )

    def _period(self, cleaned: Mapping[str, Any], columns: Mapping[str, int]) -> PeriodAnswer:
        if "period" in columns:
            column = self._looked.columns[columns["period"]].name
            return PeriodAnswer(cleaned["grain"], column=column, format=cleaned["format"])
        end = cleaned["end"].isoformat() if cleaned["end"] and cleaned["grain"] == Grain.WHOLE else ""
        return PeriodAnswer(cleaned["grain"], start=cleaned["start"].isoformat(), end=end)

    def _code(
        self,
        cleaned: Mapping[str, Any],
        columns: Mapping[str, int],
        role: str,
        left_out: dict[str, list[str]],
    ) -> CodeAnswer:
        """What the cells of a column mean. Cells that look like numbers must be codes themselves."""
        if role not in columns:
            return CodeAnswer(constant=cleaned[role])
        place = columns[role]
        column = self._looked.columns[place]
        if column.has_more or column.is_prose or column.is_number:
            return CodeAnswer(column=column.name)
        values = {value: value for value in column.values if value not in column.words}
        for number, value in enumerate(column.words):
            code = cleaned.get(f"value_{place}_{number}", "").strip()
            if code == LEFT_OUT:
                left_out.setdefault(column.name, []).append(value)
            elif code == EVERYBODY and role.startswith(DIMENSION):
                values[value] = ""
            elif code:
                values[value] = code
            else:
                self.add_error(f"value_{place}_{number}", _("Say what this means."))
        return CodeAnswer(column=column.name, values=values)

    def _number_words(self, cleaned: Mapping[str, Any], columns: Mapping[str, int]) -> dict[str, str]:
        words: dict[str, str] = {}
        for role in (*NumberRole, "share", "percent"):
            if role not in columns:
                continue
            place = columns[role]
            column = self._looked.columns[place]
            for number, value in enumerate([] if column.is_prose else column.words):
                meaning = cleaned.get(f"value_{place}_{number}", "").strip()
                if meaning in MEANINGS and words.get(value, meaning) == meaning:
                    words[value] = meaning
                elif value not in words:
                    self.add_error(
                        f"value_{place}_{number}",
                        _("Say why there is no number: %(words)s.") % {"words": ", ".join(MEANINGS)},
                    )
        return words


GRAIN_WORDS = {
    Grain.MONTH: gettext_lazy("A month"),
    Grain.QUARTER: gettext_lazy("A quarter"),
    Grain.YEAR: gettext_lazy("A year"),
    Grain.WHOLE: gettext_lazy("Another stretch of days"),
}


class _Suggested:
    """What the names of columns and values say by themselves. A person looks at every one of them."""

    def __init__(self) -> None:
        self.roles: list[str] = []
        self.codes: dict[str, str] = {}


def _suggested(looked: Looked, known: Definitions, words: Words) -> _Suggested:
    found = _Suggested()
    for names in (words.metrics, words.units):
        found.codes |= {name.casefold(): code for code, name in names.items()} | {
            code: code for code in names
        }
    for (_dimension, code), label in words.categories.items():
        found.codes |= {label.casefold(): code, code: code}
    found.codes |= {"suppressed": "withheld", "not available": "not_collected", "n/a": "not_collected"}
    found.codes |= dict.fromkeys(("all", "total", "everybody", "overall"), EVERYBODY)
    roles = {name: name for name in ("metric", "unit", "period", *NumberRole, "percent", "share")}
    roles |= {"measure": "metric", "month": "period", "quarter": "period", "year": "period", "date": "period"}
    for code in known.codes.categories:
        roles |= {code: DIMENSION + code, words.dimensions.get(code, code).casefold(): DIMENSION + code}
    found.roles = [roles.get(column.name.casefold(), "") for column in looked.columns]
    found.roles = [role if role not in found.roles[:place] else "" for place, role in enumerate(found.roles)]
    return found


class SavedMappingForm(forms.Form):
    """A mapping that is remembered, to be changed."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    text = forms.CharField(
        label=gettext_lazy("The mapping"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "false", "autocomplete": "off"}),
    )

    def __init__(self, known: Definitions, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._known = known

    def clean_text(self) -> str:
        """A mapping that can be read and fits what is defined here."""
        text: str = self.cleaned_data["text"]
        try:
            checked_mapping(text, self._known)
        except MappingError as error:
            raise forms.ValidationError([sentence(fault) for fault in error.faults]) from None
        return text
