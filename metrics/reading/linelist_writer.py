"""Writes the mapping of a line list from what a person said of its columns; `mapping_file` reads it back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from metrics.reading.mapping import DenominatorRule, DimensionRule, NumeratorRule, Source, UnitRule
from metrics.reading.table_mapping_writer import PeriodAnswer
from metrics.reading.toml_text import pairs_of, text_of, texts_of


@dataclass(frozen=True)
class LineListAnswers:
    """What was said of every column. `together`: dimensions whose groups are also counted in combination."""

    source: Source
    metric: str
    unit: UnitRule
    period: PeriodAnswer
    numerator: NumeratorRule
    denominator: Sequence[DenominatorRule] = ()
    dimensions: Sequence[DimensionRule] = ()
    together: Sequence[Sequence[str]] = field(default_factory=tuple)


def write_line_list_mapping(answers: LineListAnswers) -> str:
    """The text of the mapping."""
    return "\n".join(_lines(answers)) + "\n"


def _lines(answers: LineListAnswers) -> Iterator[str]:
    alone = [[rule.dimension] for rule in answers.dimensions]
    yield f"strata = [{', '.join(map(texts_of, chain(alone, answers.together)))}]"
    yield "\n[source]"
    source = answers.source
    yield from _said(
        name=source.name, encoding=source.encoding, delimiter=source.delimiter, sheet=source.sheet
    )
    yield "\n[metric]"
    yield from _said(code=answers.metric)
    yield "\n[unit]"
    yield from _said(constant=answers.unit.constant or "", column=answers.unit.column or "")
    yield from _values("unit", answers.unit.values or {})
    yield "\n[period]"
    yield from _said(**vars(answers.period))
    yield "\n[numerator]"
    yield from _said(column=answers.numerator.column)
    yield f"equals = {texts_of(sorted(answers.numerator.equals))}"
    if answers.numerator.others is not None:
        yield f"others = {texts_of(sorted(answers.numerator.others))}"
    for rule in answers.denominator:
        yield "\n[[denominator]]"
        yield from _said(column=rule.column)
        yield f"{'not_in' if rule.excludes else 'in'} = {texts_of(sorted(rule.values))}"
    for dimension in answers.dimensions:
        yield from _dimension(dimension)


def _dimension(rule: DimensionRule) -> Iterator[str]:
    yield f"\n[dimensions.{rule.dimension}]"
    if len(rule.columns) == 1:
        yield from _said(column=rule.columns[0])
    else:
        yield f"columns = {texts_of(rule.columns)}"
    yield from _said(dimension=rule.dimension, separator=rule.separator, several=rule.several, rest=rule.rest)
    if rule.no_answer:
        yield f"no_answer = {texts_of(sorted(rule.no_answer))}"
    yield from _values(f"dimensions.{rule.dimension}", rule.values)


def _said(**keys: str) -> Iterator[str]:
    """One line for each key that says something."""
    for name, value in keys.items():
        if value:
            yield f"{name} = {text_of(value)}"


def _values(table: str, values: Mapping[str, str]) -> Iterator[str]:
    if values:
        yield f"[{table}.values]"
        yield from pairs_of(values)
