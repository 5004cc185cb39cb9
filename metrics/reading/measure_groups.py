"""The counts of one group of a FHIR measure report: everybody, and each stratum of its stratifiers.

A count is taken from populations, never from the score: the score is compared. Of a proportion the denominator is what
is reported less the exclusions and exceptions, unless the mapping says that they are out of it already.

FHIR writes counts as whole numbers. Where a metric has decimals, a sender of amounts writes them with their decimals,
and they are kept to the last digit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from metrics.reading.cells import LARGEST_NUMBER, OVERALL, BlankKind, MetricKind, Stratum, stratum_of
from metrics.reading.counts_numbers import Numbers, read_numbers, told, written
from metrics.reading.errors import Problem
from metrics.reading.errors import gettext_noop as _
from metrics.reading.json_node import Node
from metrics.reading.measure_mapping import MeasureRule, StratifierRule
from metrics.reading.shares import SHARE_DISAGREES, share_agrees, share_in_words

NOT_A_NUMBER_OF_PEOPLE = Problem(
    _("A count is a whole number from 0, and this is none."), _("Ask the sender to correct the report.")
)
NOT_AN_AMOUNT = Problem(
    _("This is no number from 0, or one that is too large or too fine to be kept."),
    _("Ask the sender to correct the report."),
)
NO_COUNT = Problem(
    _('The population "%(population)s" has no count, and no reason why.'),
    _("Ask the sender to state the count, or why it is absent (data-absent-reason) beside it."),
)
REASON_NOT_EXPLAINED = Problem(
    _('The count is absent for the reason "%(value)s", which the mapping does not explain.'),
    _(
        "Add the reason to words under [blanks] in the mapping: withheld, not_collected, not_asked or not_yet_due."
    ),
)
POPULATION_MISSING = Problem(
    _('There is no population "%(population)s" here, and without it nothing is counted.'),
    _(
        "Name the populations of this measure in the mapping, leave the stratifier out, or ask the sender for it."
    ),
)
POPULATION_TWICE = Problem(
    _('The population "%(population)s" is here more than once.'), _("Ask the sender which of them counts.")
)
POPULATION_NOT_USED = Problem(
    _('The population "%(population)s" has no place in this metric.'),
    _("Add it to ignore under [[measure]] in the mapping, if it may be left away."),
)
LESS_THAN_NOTHING = Problem(
    _("More are excluded (%(excluded)s) than the denominator has (%(value)s)."),
    _(
        'Write exclusions = "already_out" in the mapping if the denominator is without them, or ask the sender.'
    ),
)
HOLDS_NUMBER_AND_REASON = Problem(
    _("Some populations that are needed here have a count, and another has a reason why it has none."),
    _("Ask the sender to give all of them, or none."),
)
STRATIFIER_NOT_IN_MAPPING = Problem(
    _('The stratifier "%(value)s" is not in the mapping.'),
    _("Add it under [dimensions], or leave it out with [[leave_out]] and the reason why."),
)
CODE_NOT_IN_MAPPING = Problem(
    _('"%(value)s" is not in the mapping.'), _("Add it to the values of this dimension in the mapping.")
)
VALUE_OR_COMPONENTS = Problem(
    _("A stratum has either one value or components, and this one has both or neither."),
    _("Ask the sender to correct the report."),
)
DIMENSION_TWICE = Problem(
    _('Two components of this stratum are both the dimension "%(value)s".'),
    _("Ask the sender to correct the report."),
)
SCORE_IS_NO_SHARE = Problem(
    _("The score cannot be compared with the counts."), _("Only the counts are kept. Nothing needs mending.")
)

_INITIAL = "initial-population"
_OUT_OF_DENOMINATOR = ("denominator-exclusion", "denominator-exception")
_OUT_OF_NUMERATOR = ("numerator-exclusion",)
_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_LARGEST_SCORE = 10**6
_MOST_DIGITS = 40


class Found(NamedTuple):
    """One count of a group, where it stands, and its stratum."""

    node: Node
    stratum: Stratum
    numbers: Numbers


class GroupReader:
    """Reads groups of one metric. What is wrong goes to the nodes, scores that disagree to `flags` beside them."""

    def __init__(
        self,
        rule: MeasureRule,
        kind: str,
        decimals: int,
        dimensions: Sequence[StratifierRule],
        blanks: Mapping[str, BlankKind],
        left_out: frozenset[str],
    ) -> None:
        self._rule = rule
        self._kind = kind
        self._decimals = decimals
        self._dimensions = {one.stratifier: one for one in dimensions}
        self._blanks = blanks
        self._left_out = left_out
        self.stratifiers_left_out: list[str] = []
        self.flags: list[tuple[Problem, str, dict[str, str | int]]] = []

    def read(self, group: Node) -> Iterator[Found]:
        """The good counts of a group. A group without populations says nothing of everybody."""
        stratifiers = group.children("stratifier")
        if "population" in group or not stratifiers:
            yield from self._counted(group, OVERALL)
        for stratifier in stratifiers:
            yield from self._stratifier(stratifier)

    def _stratifier(self, stratifier: Node) -> Iterator[Found]:
        names = [name for code in stratifier.children("code") for name in code.names()]
        unwanted = self._left_out.intersection(names)
        if unwanted:
            self.stratifiers_left_out.append(min(unwanted))
            return
        for stratum in stratifier.children("stratum"):
            key = self._stratum(stratum, names)
            if key is not None:
                yield from self._counted(stratum, key)

    def _stratum(self, stratum: Node, names: Sequence[str]) -> Stratum | None:
        components = stratum.children("component")
        if bool(components) == ("value" in stratum):
            stratum.wrong(VALUE_OR_COMPONENTS)
            return None
        if not components:
            pairs = [self._pair(stratum, names)]
        else:
            pairs = [self._pair(component, component.child("code").names()) for component in components]
        good = [pair for pair in pairs if pair is not None]
        dimensions = [dimension for dimension, _code in good]
        for dimension in sorted({one for one in dimensions if dimensions.count(one) > 1}):
            stratum.wrong(DIMENSION_TWICE, value=dimension)
            return None
        return stratum_of(*good) if len(good) == len(pairs) else None

    def _pair(self, node: Node, names: Sequence[str]) -> tuple[str, str] | None:
        """The dimension of these names, and the category of the node's value."""
        rule = next((self._dimensions[name] for name in names if name in self._dimensions), None)
        if rule is None:
            node.wrong(STRATIFIER_NOT_IN_MAPPING, value=_first(names))
            return None
        codes = node.child("value").names()
        category = next((rule.values[code] for code in codes if code in rule.values), None)
        if category is None:
            node.wrong(CODE_NOT_IN_MAPPING, "value", value=_first(codes))
            return None
        return rule.dimension, category

    def _counted(self, node: Node, stratum: Stratum) -> Iterator[Found]:
        numbers = self._numbers(node)
        if numbers is not None:
            self._compare(node, numbers)
            yield Found(node, stratum, numbers)

    def _numbers(self, node: Node) -> Numbers | None:
        populations = self._populations(node)
        if populations is None:
            return None
        counts: dict[str, int | Decimal] = {}
        blanks: set[BlankKind] = set()
        for population, count in populations.items():
            if isinstance(count, BlankKind):
                blanks.add(count)
            else:
                counts[population] = count
        if blanks:
            if counts or len(blanks) > 1:
                node.wrong(HOLDS_NUMBER_AND_REASON, "population")
                return None
            return Numbers(blank=blanks.pop())
        return self._reckoned(node, counts)

    def _populations(self, node: Node) -> dict[str, int | Decimal | BlankKind] | None:
        """The populations that this metric is made of; None when something is wrong with them."""
        found: dict[str, int | Decimal | BlankKind] = {}
        is_good = True
        for population in node.children("population"):
            code = self._code(population)
            if code not in self._used:
                if code != _INITIAL and code not in self._rule.ignored:
                    population.wrong(POPULATION_NOT_USED, population=code)
                    is_good = False
                continue
            if code in found:
                population.wrong(POPULATION_TWICE, population=code)
                is_good = False
            count = self._count(population, code)
            if count is None:
                is_good = False
            else:
                found[code] = count
        for needed in self._needed:
            if is_good and needed not in found:
                node.wrong(POPULATION_MISSING, population=needed)
                is_good = False
        return found if is_good else None

    def _code(self, population: Node) -> str:
        """The code that this metric knows, of all that the population has."""
        names = population.child("code").names()
        known = self._used | self._rule.ignored | {_INITIAL}
        return next((name for name in names if name in known), _first(names).rpartition("|")[2])

    @property
    def _needed(self) -> tuple[str, ...]:
        if self._kind == MetricKind.COUNT:
            return (self._rule.numerator,)
        return self._rule.numerator, self._rule.denominator

    @property
    def _used(self) -> frozenset[str]:
        """With `already_out` the exclusions say nothing more, and are known all the same."""
        if self._kind == MetricKind.COUNT:
            return frozenset(self._needed)
        return frozenset((*self._needed, *_OUT_OF_DENOMINATOR, *_OUT_OF_NUMERATOR))

    def _count(self, population: Node, code: str) -> int | Decimal | BlankKind | None:
        count = population.raw("count")
        if type(count) is int and count >= 0:
            return count
        if count is not None:
            amount = _amount(count) if self._decimals else None
            if amount is None:
                population.wrong(NOT_AN_AMOUNT if self._decimals else NOT_A_NUMBER_OF_PEOPLE, "count")
            return amount
        reason = next(
            (
                extension.text("valueCode")
                for extension in population.child("_count").children("extension")
                if extension.text("url") == _ABSENT
            ),
            "",
        )
        if not reason:
            population.wrong(NO_COUNT, population=code)
            return None
        if reason not in self._blanks:
            population.wrong(REASON_NOT_EXPLAINED, "_count", value=reason)
        return self._blanks.get(reason)

    def _reckoned(self, node: Node, counts: Mapping[str, int | Decimal]) -> Numbers | None:
        numerator = counts[self._rule.numerator]
        denominator: int | Decimal | None = None
        if self._kind != MetricKind.COUNT:
            denominator = counts[self._rule.denominator]
            if self._rule.subtracts:
                excluded = sum(counts.get(code, 0) for code in _OUT_OF_DENOMINATOR)
                if excluded > denominator:
                    parts = {"value": told(denominator), "excluded": told(excluded)}
                    node.wrong(LESS_THAN_NOTHING, "population", **parts)
                    return None
                denominator -= excluded
                numerator = max(numerator - sum(counts.get(code, 0) for code in _OUT_OF_NUMERATOR), 0)
        cells = {"numerator": numerator, "denominator": denominator, "sum_of_squares": None}
        texts = {name: "" if number is None else written(number) for name, number in cells.items()}
        read = read_numbers(texts, self._kind, self._decimals)
        if isinstance(read, Numbers):
            return read
        for fault in read:
            node.wrong(fault.problem, "population", **fault.parts)
        return None

    def _compare(self, node: Node, numbers: Numbers) -> None:
        """A score of a proportion may be written as 0.7 or as 70."""
        if "measureScore" not in node or numbers.numerator is None or not numbers.denominator:
            return
        value = node.child("measureScore").raw("value")
        place = f"{node.place}.measureScore"
        if value is None:
            return
        stated = _score(value)
        if stated is None:
            self.flags.append((SCORE_IS_NO_SHARE, place, {}))
        elif not any(
            share_agrees(stated, numbers.numerator, numbers.denominator, out_of=out_of) for out_of in (1, 100)
        ):
            parts: dict[str, str | int] = {
                "value": str(stated),
                "numerator": told(numbers.numerator),
                "denominator": told(numbers.denominator),
                "counted": share_in_words(numbers.numerator, numbers.denominator),
            }
            self.flags.append((SHARE_DISAGREES, place, parts))


def _amount(value: Any) -> int | Decimal | None:
    """A number with decimals, without the zeros at its end; None when it cannot be kept."""
    if not isinstance(value, Decimal) or not 0 <= value <= LARGEST_NUMBER:
        return None
    if value == value.to_integral_value():
        return int(value)
    digits = f"{value:f}".rstrip("0") if value.adjusted() > -_MOST_DIGITS else ""
    return Decimal(digits) if 0 < len(digits) < _MOST_DIGITS else None


def _score(value: Any) -> Decimal | None:
    """A number of a size that a share or percentage can have."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return None
    score = Decimal(value)
    exponent = score.as_tuple().exponent
    is_short = isinstance(exponent, int) and -_MOST_DIGITS < exponent < _MOST_DIGITS
    return score if is_short and 0 <= score <= _LARGEST_SCORE else None


def _first(names: Sequence[str]) -> str:
    return names[0] if names else ""
