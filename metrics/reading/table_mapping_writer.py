"""Writes the mapping of a table from what a person said of its columns; `table_mapping_file` reads it back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


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
    yield f"name = {_text(answers.name)}"
    yield f"encoding = {_text(answers.encoding)}"
    yield f"delimiter = {_text(answers.delimiter)}"
    yield "\n[layout]"
    if answers.sheet:
        yield f"sheet = {_text(answers.sheet)}"
    yield f"header_row = {answers.header_row}"
    yield from _code("metric", "code", answers.metric)
    yield from _code("unit", "constant", answers.unit)
    yield "\n[period]"
    yield from _pairs(
        {name: value for name, value in vars(answers.period).items() if value and isinstance(value, str)}
    )
    yield "\n[numbers]"
    yield from _pairs(answers.numbers)
    yield from _pairs(
        {
            name: value
            for name, value in (("thousands", answers.thousands), ("decimal", answers.decimal))
            if value
        }
    )
    if answers.words:
        yield "\n[blanks.words]"
        yield from _pairs(answers.words)
    for dimension, answer in answers.dimensions.items():
        yield from _code(f"dimensions.{dimension}", "constant", answer, f"dimension = {_text(dimension)}")
    for column, cells in answers.left_out.items():
        yield "\n[[leave_out]]"
        yield f"why = {_text(answers.why_left_out)}"
        yield f"column = {_text(column)}"
        yield f"in = [{', '.join(map(_text, cells))}]"


def _code(table: str, constant: str, answer: CodeAnswer, *more: str) -> Iterator[str]:
    yield f"\n[{table}]"
    yield from more
    if answer.constant:
        yield f"{constant} = {_text(answer.constant)}"
        return
    yield f"column = {_text(answer.column)}"
    if answer.values:
        yield f"[{table}.values]"
        yield from _pairs(answer.values)


def _pairs(pairs: Mapping[str, str]) -> Iterator[str]:
    for name, value in pairs.items():
        yield f"{_text(name)} = {_text(value)}"


def _text(text: str) -> str:
    """A TOML text: JSON's, but for the one character that JSON leaves as it is and TOML does not."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
