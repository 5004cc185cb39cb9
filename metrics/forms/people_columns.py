"""What the columns of a line list are: one question for each, about its name alone."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from django import forms
from django.core import signing
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.forms.whole_file import DIMENSION, KEPT_FOR, WholeFileForm
from metrics.importing import Words
from metrics.known import WORD_OF_GRAIN, Definitions
from metrics.reading.cells import MetricKind
from metrics.reading.linelist_looking import LookedPeople, PeopleColumn
from metrics.reading.periods import Grain, containing
from metrics.reading.table_mapping_writer import PeriodAnswer

PERIOD, UNIT, OUTCOME, DENOMINATOR = "period", "unit", "outcome", "denominator"
SALT = "metrics.people"
_PLACES = frozenset({"unit", "hospital", "site", "clinic", "facility", "department", "ward"})
COUNTED_BY_ROWS = (MetricKind.PROPORTION, MetricKind.RATE)

MARK_WORDS = {
    ";": gettext_lazy("Semicolon"),
    ",": gettext_lazy("Comma"),
    "|": gettext_lazy("Bar"),
    "/": gettext_lazy("Slash"),
    "+": gettext_lazy("Plus sign"),
    "&": gettext_lazy("And sign (&)"),
}


def packed(looked: LookedPeople) -> str:
    """What may be told of a line list, to go with the pages of questions and come back with the answers."""
    return signing.dumps(asdict(looked), salt=SALT, compress=True)


def unpacked(text: str) -> LookedPeople:
    """What was told, from the page. Raises `signing.BadSignature`."""
    content = signing.loads(text, salt=SALT, max_age=KEPT_FOR)
    columns = [PeopleColumn(**column) for column in content.pop("columns")]
    return LookedPeople(columns=columns, **content)


class PeopleColumnsForm(WholeFileForm):
    """The measure, and what each column says of it."""

    metric = forms.ChoiceField(
        label=gettext_lazy("Which measure do the rows give?"),
        help_text=gettext_lazy("Shares and rates only: each row counts once."),
    )

    def __init__(
        self, looked: LookedPeople, known: Definitions, words: Words, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(known, words, *args, **kwargs)
        self._looked = looked
        metrics = [code for code in known.in_use if known.codes.metrics[code] in COUNTED_BY_ROWS]
        self._choose("metric", [("", _("Choose one"))] + [(code, words.metrics[code]) for code in metrics])
        suggested = _suggested(looked, words)
        for place, column in enumerate(looked.columns):
            self.fields[f"role_{place}"] = forms.ChoiceField(
                label=column.name, choices=self._roles(), initial=suggested[place], required=False
            )
            if column.answers:
                marks = [(mark, MARK_WORDS[mark]) for mark in column.answers]
                self.fields[f"mark_{place}"] = forms.ChoiceField(
                    label=_("Between several answers in one cell of “%(column)s”") % {"column": column.name},
                    choices=[("", _("Nothing: one answer in each cell")), *marks],
                    initial=column.separator,
                    required=False,
                )

    def _roles(self) -> list[tuple[str, Any]]:
        return [
            ("", _("Nothing: leave it aside")),
            (PERIOD, _("The day or the period")),
            (UNIT, _("The unit")),
            (OUTCOME, _("Whether it happened: what is counted")),
            (DENOMINATOR, _("Which rows count at all")),
            (_("Group by"), self._dimensions()),
        ]

    def asked(self) -> Iterator[dict[str, Any]]:
        """Each column with its question, and the one about several answers; for the template."""
        for place, column in enumerate(self._looked.columns):
            mark = f"mark_{place}"
            yield {
                "column": column,
                "role": self[f"role_{place}"],
                "mark": self[mark] if mark in self.fields else None,
            }

    def columns_of(self, role: str) -> list[PeopleColumn]:
        """The columns that were given this role."""
        return [
            column
            for place, column in enumerate(self._looked.columns)
            if self.cleaned_data.get(f"role_{place}") == role
        ]

    def mark_of(self, role: str) -> str:
        """What stands between several answers in the cells of these columns."""
        places = range(len(self._looked.columns))
        marks = [self._mark(place) for place in places if self.cleaned_data.get(f"role_{place}") == role]
        return next(filter(None, marks), "")

    def _mark(self, place: int) -> str:
        return str(self.cleaned_data.get(f"mark_{place}", ""))

    @property
    def dimensions(self) -> list[str]:
        """The dimensions that columns were given to, in the order of the file."""
        roles = (self.cleaned_data.get(f"role_{place}", "") for place in range(len(self._looked.columns)))
        return list(
            dict.fromkeys(role.removeprefix(DIMENSION) for role in roles if role.startswith(DIMENSION))
        )

    @property
    def grain(self) -> Grain:
        """The length of the periods that the measure is counted for."""
        return Grain(WORD_OF_GRAIN[self._known.frequencies[self.cleaned_data["metric"]]])

    def constant_period(self) -> PeriodAnswer:
        """The one period of all rows, for a measure that was chosen."""
        start, end = self.cleaned_data["start"], self.cleaned_data["end"]
        if self.grain is Grain.WHOLE:
            return PeriodAnswer(self.grain, start=start.isoformat(), end=end.isoformat())
        return PeriodAnswer(self.grain, start=containing(start, self.grain).start.isoformat())

    def clean(self) -> dict[str, Any]:
        """A fault at each question that needs another answer."""
        cleaned = super().clean() or {}
        self._check_single_roles(cleaned)
        if not self.columns_of(UNIT) and not cleaned.get("unit"):
            self.add_error("unit", _("Choose one here, or say which column says it."))
        outcome = self.columns_of(OUTCOME)
        if not outcome:
            self.add_error(None, _("Say which column tells whether it happened."))
        elif not outcome[0].values:
            self.add_error(
                self._field_of(outcome[0]),
                _("This column has no value that enough rows share. Choose a column with few values."),
            )
        if cleaned.get("metric"):
            self._check_period(cleaned)
        return cleaned

    def _check_single_roles(self, cleaned: Mapping[str, Any]) -> None:
        seen = set()
        for place in range(len(self._looked.columns)):
            role = cleaned.get(f"role_{place}", "")
            if role in (PERIOD, UNIT, OUTCOME) and role in seen:
                self.add_error(f"role_{place}", _("Another column is this already."))
            seen.add(role)

    def _check_period(self, cleaned: Mapping[str, Any]) -> None:
        column = self.columns_of(PERIOD)
        if self.grain is Grain.WHOLE:
            if column:
                self.add_error(
                    self._field_of(column[0]),
                    _(
                        "This measure is counted for a stretch of days: leave this column aside, and write the days."
                    ),
                )
            self._check_days(cleaned)
        elif not column and not cleaned.get("start"):
            self.add_error("start", _("Write the first day, or say which column is the period."))

    def _check_days(self, cleaned: Mapping[str, Any]) -> None:
        start: datetime.date | None = cleaned.get("start")
        end: datetime.date | None = cleaned.get("end")
        if start is None:
            self.add_error("start", _("Write the first day of the stretch."))
        if end is None or (start is not None and end < start):
            self.add_error("end", _("Write the last day of the stretch."))

    def _field_of(self, column: PeopleColumn) -> str:
        return f"role_{self._looked.columns.index(column)}"


def _suggested(looked: LookedPeople, words: Words) -> list[str]:
    """What names of columns say by themselves. A person looks at every one of them."""
    found: list[str] = []
    for column in looked.columns:
        role = PERIOD if column.days else _role_of(column.name.casefold(), words)
        found.append("" if role in found else role)
    return found


def _role_of(name: str, words: Words) -> str:
    """A place is a unit. A dimension is meant by its code, its name, or a word of its name that no other has."""
    if name in _PLACES:
        return UNIT
    named = {code: {code, label.casefold()} for code, label in words.dimensions.items()}
    parts = {
        code: set(re.split(r"[\W_]+", f"{code} {label}".casefold()))
        for code, label in words.dimensions.items()
    }
    for meant in (named, parts):
        codes = [code for code, texts in meant.items() if name in texts]
        if len(codes) == 1:
            return DIMENSION + codes[0]
    return ""
