"""Which tables of people the counts of a metric are, and which numbers of a published cell each count guards. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from metrics.disclosure import CellKey, Row
from metrics.disclosure.cells import Outcome
from metrics.figures import parts_of
from metrics.questions import Address, Count, Question


class Counted(NamedTuple):
    """One table of people: the counts that a row has, and which numbers of a cell tell each of its outcomes."""

    numbers: Callable[[Count], tuple[int, int]]
    needs: Mapping[Outcome, frozenset[str]]

    @property
    def outcomes(self) -> list[tuple[Outcome, str]]:
        """The outcomes that are one number of a cell, with that number's name."""
        return [(outcome, next(iter(names))) for outcome, names in self.needs.items() if len(names) == 1]


JOINT = Counted(
    lambda count: (count.numerator, count.denominator or 0),
    {
        "numerator": frozenset({"numerator"}),
        "complement": frozenset({"numerator", "denominator"}),
        "denominator": frozenset({"denominator"}),
    },
)
EVENTS = Counted(lambda count: (0, count.numerator), {"denominator": frozenset({"numerator"})})
EXPOSURE = Counted(lambda count: (0, count.denominator or 0), {"denominator": frozenset({"denominator"})})


@dataclass(frozen=True)
class Part:
    """One table of people of one metric, under a name of its own when it is judged with others."""

    code: str
    question: Question
    counted: Counted
    name: str

    def place(self, unit: str) -> str:
        return f"{self.name}: {unit}" if self.name else unit

    def period(self, code: str) -> str:
        """A measure that counts a person once in a long period has periods of its own: they are no sums of the shorter."""
        return f"{code}, each person once" if self.question.once else code

    def row(self, where: Address, count: Count) -> Row:
        return Row(*self._group(where), *self.counted.numbers(count))

    def key(self, where: Address, outcome: Outcome) -> CellKey:
        return CellKey(*self._group(where), outcome)

    def _group(self, where: Address) -> tuple[str, str, tuple[tuple[str, str], ...]]:
        stratum = tuple(sorted(parts_of(where.stratum).items()))
        return self.place(where.place), self.period(where.period.code), stratum

    def value(self, count: Count, outcome: Outcome) -> int:
        numerator, denominator = self.counted.numbers(count)
        if outcome == "complement":
            return denominator - numerator
        return numerator if outcome == "numerator" else denominator

    def always_known(self, where: Address) -> dict[CellKey, int]:
        """In a table of one number, nobody is counted in its numerator."""
        return {} if "numerator" in self.counted.needs else {self.key(where, "numerator"): 0}

    def guarded(self, where: Address, hidden: frozenset[CellKey]) -> set[str]:
        """The numbers of an address that its hidden outcomes take with them."""
        return {name for outcome, name in self.counted.outcomes if self.key(where, outcome) in hidden}


def parts_of_metrics(
    questions: Mapping[str, Question], counts: Mapping[str, Mapping[Address, Count]]
) -> list[Part]:
    """The tables of all metrics. A table that stands alone needs no name."""
    found = [
        (code, number, counted)
        for code, question in questions.items()
        for number, counted in enumerate(_tables(question.kind, counts[code].values()))
        if counts[code]
    ]
    return [
        Part(code, questions[code], counted, f"{code}/{number}" if len(found) > 1 else "")
        for code, number, counted in found
    ]


def _tables(kind: str, counts: Iterable[Count]) -> list[Counted]:
    """Which tables of people a metric's counts are.

    Of an average the people are in the denominator; their sum is hidden wherever their number is. Events of a rate
    that never exceed their exposure are judged as a part of it, the stricter rule: a reader may take them to be one.
    """
    if kind == "mean":
        return [EXPOSURE]
    if kind == "count":
        return [EVENTS]
    if kind == "proportion" or all(count.numerator <= (count.denominator or 0) for count in counts):
        return [JOINT]
    return [EVENTS, EXPOSURE]
