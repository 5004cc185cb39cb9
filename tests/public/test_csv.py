"""Tables that any reader of RFC 4180 reads back, and that no spreadsheet runs."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equity.public.csv import cell, table

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-1.5, "-1.5"),
        ("plain", "plain"),
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@sum", "'@sum"),
        ("\t=1", "'\t=1"),
    ],
)
def test_cell_is_text_that_runs_nothing(value: object, expected: str) -> None:
    assert cell(value) == expected


def test_lines_end_as_rfc_4180_says_and_quotes_are_doubled() -> None:
    assert table(["a", "b"], [{"a": 'say "x"', "b": "1,2"}]) == 'a,b\r\n"say ""x""","1,2"\r\n'


@given(st.lists(st.tuples(TEXT, TEXT), max_size=5))
def test_table_is_read_back_as_it_was_written(pairs: list[tuple[str, str]]) -> None:
    text = table(["a", "b"], [{"a": first, "b": second} for first, second in pairs])
    header, *lines = list(csv.reader(io.StringIO(text, newline="")))
    assert header == ["a", "b"]
    assert lines == [[cell(first), cell(second)] for first, second in pairs]
