"""Writes the mapping of a table from what a person said of its columns; `table_mapping_file` reads it back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from metrics.reading.toml_text import pairs_of, text_of, texts_of


@dataclass(frozen=True)
class CodeAnswer:
    """One code for the whole table; or a column, and what its cells mean."""

    constant: str = ""
    column: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PeriodAnswer:
    """A column with days (`format`) or codes of periods; or the first day of the one period, and the last of a span."""

    grain: str
    column: str = ""
    format: str = ""
    start: str = ""
    end: str = ""


@dataclass(frozen=True)
class TableAnswers:
    """What every column is. `numbers`: role → column. `left_out`: column → the cells whose rows are no counts."""

    name: str
    metric: CodeAnswer
    unit: CodeAnswer
    period: PeriodAnswer
    numbers: Mapping[str, str]
    dimensions: Mapping[str, CodeAnswer]
    words: Mapping[str, str]
    left_out: Mapping[str, list[str]]
    encoding: str = "utf-8"
    delimiter: str = ","
    sheet: str = ""
    header_row: int = 1
    thousands: str = ""
    decimal: str = ""
    why_left_out: str = "Rows that are no counts"


def write_table_mapping(answers: TableAnswers) -> str:
    """The text of the mapping."""
    return "\n".join(_lines(answers)) + "\n"


def _lines(answers: TableAnswers) -> Iterator[str]:
    yield "[source]"
    yield 'format = "table"'
    yield f"name = {text_of(answers.name)}"
    yield f"encoding = {text_of(answers.encoding)}"
    yield f"delimiter = {text_of(answers.delimiter)}"
    yield "\n[layout]"
    if answers.sheet:
        yield f"sheet = {text_of(answers.sheet)}"
    yield f"header_row = {answers.header_row}"
    yield from _code("metric", "code", answers.metric)
    yield from _code("unit", "constant", answers.unit)
    yield "\n[period]"
    yield from pairs_of(
        {name: value for name, value in vars(answers.period).items() if value and isinstance(value, str)}
    )
    yield "\n[numbers]"
    yield from pairs_of(answers.numbers)
    yield from pairs_of(
        {
            name: value
            for name, value in (("thousands", answers.thousands), ("decimal", answers.decimal))
            if value
        }
    )
    if answers.words:
        yield "\n[blanks.words]"
        yield from pairs_of(answers.words)
    for dimension, answer in answers.dimensions.items():
        yield from _code(f"dimensions.{dimension}", "constant", answer, f"dimension = {text_of(dimension)}")
    for column, cells in answers.left_out.items():
        yield "\n[[leave_out]]"
        yield f"why = {text_of(answers.why_left_out)}"
        yield f"column = {text_of(column)}"
        yield f"in = {texts_of(cells)}"


def _code(table: str, constant: str, answer: CodeAnswer, *more: str) -> Iterator[str]:
    yield f"\n[{table}]"
    yield from more
    if answer.constant:
        yield f"{constant} = {text_of(answer.constant)}"
        return
    yield f"column = {text_of(answer.column)}"
    if answer.values:
        yield f"[{table}.values]"
        yield from pairs_of(answer.values)
