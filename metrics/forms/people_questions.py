"""The questions about the values of a line list's columns, in the order in which they are asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from metrics.forms.people_columns import DENOMINATOR, OUTCOME, PERIOD, UNIT, PeopleColumnsForm
from metrics.forms.whole_file import DIMENSION
from metrics.reading.linelist_looking import PERIOD_CODES, PeopleColumn

YES, NO, IN, OUT = "yes", "no", "in", "out"

DAY_CHOICES = [
    (PERIOD_CODES, gettext_lazy("Period codes: 2024-01, 2024-Q1 or 2024")),
    ("%Y-%m-%d", gettext_lazy("Days: 2024-01-31")),
    ("%m/%d/%Y", gettext_lazy("Days: 01/31/2024")),
    ("%d/%m/%Y", gettext_lazy("Days: 31/01/2024")),
    ("%d.%m.%Y", gettext_lazy("Days: 31.01.2024")),
    ("%m/%d/%y", gettext_lazy("Days: 01/31/24")),
    ("%Y%m%d", gettext_lazy("Days: 20240131")),
    ("%Y-%m-%d %H:%M", gettext_lazy("Day and hour: 2024-01-31 14:05")),
    ("%Y-%m-%d %H:%M:%S", gettext_lazy("Day and hour: 2024-01-31 14:05:00")),
    ("%Y-%m-%dT%H:%M:%S", gettext_lazy("Day and hour: 2024-01-31T14:05:00")),
    ("%m/%d/%Y %H:%M", gettext_lazy("Day and hour: 01/31/2024 14:05")),
]
YES_WORDS = frozenset({"y", "yes", "true", "t", "1"})
NO_WORDS = frozenset({"n", "no", "false", "f", "0"})
NO_ANSWER_WORDS = {
    **dict.fromkeys(("", "?", "unknown", "unk", "not recorded", "missing"), ("unknown", "not_recorded")),
    **dict.fromkeys(("declined", "refused", "prefer not to say"), ("declined",)),
    "not asked": ("not_asked",),
}


@dataclass(frozen=True)
class Question:
    """One role and its columns, with the values that are asked about. `has_more`: rows have others, which are not told."""

    number: int
    role: str
    columns: list[PeopleColumn]
    values: list[str]
    mark: str = ""

    @property
    def names(self) -> str:
        """The names of the columns."""
        return ", ".join(column.name for column in self.columns)

    @property
    def has_more(self) -> bool:
        """Whether rows have other values too, which are not told."""
        return any(column.has_more for column in self.columns)

    @property
    def may_hold_several(self) -> bool:
        """Whether a row can have several answers."""
        return bool(self.mark) or len(self.columns) > 1

    @property
    def dimension(self) -> str:
        """The dimension that the columns are of."""
        return self.role.removeprefix(DIMENSION)


def questions_of(columns: PeopleColumnsForm) -> Iterator[Question]:
    """In the order in which a person thinks: when, where, what, of whom, by which groups."""
    singles = [[column] for column in columns.columns_of(DENOMINATOR)]
    asked = [(role, found) for role in (PERIOD, UNIT, OUTCOME) if (found := columns.columns_of(role))]
    asked += [(DENOMINATOR, single) for single in singles]
    asked += [(role, columns.columns_of(role)) for role in (DIMENSION + code for code in columns.dimensions)]
    for number, (role, found) in enumerate(asked):
        mark = columns.mark_of(role) if role.startswith(DIMENSION) else ""
        values = sorted({value for column in found for value in column.answers.get(mark, column.values)})
        yield Question(number, role, found, values, mark)
