"""Chunks may end anywhere: the records are those that Python's own `csv` reads from the whole file."""

from __future__ import annotations

import csv
import hashlib
import io
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.reading.errors import Problem, UnreadableFile
from metrics.reading.records import (
    LONGEST_RECORD,
    MISPLACED_QUOTE,
    NOT_IN_ENCODING,
    NUL_CHARACTER,
    ROW_TOO_LONG,
    UNCLOSED_QUOTE,
    RecordReader,
)

CELLS = st.text(alphabet=st.sampled_from("ab ,;\t\"\r\n'é€😀\u2028\x0b\x85=-"), max_size=6)
TABLES = st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=8)


def _chunks(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


def _read(chunks: list[bytes], reader: RecordReader) -> tuple[list[list[str]], Problem | None]:
    """The records before the end, or before the place that cannot be read, and what is wrong there."""
    records: list[list[str]] = []
    try:
        for chunk in chunks:
            for record in reader.feed(chunk):
                records.append(record)
        for record in reader.finish():
            records.append(record)
    except UnreadableFile as error:
        return records, error.fault.problem
    return records, None


@given(
    TABLES,
    st.lists(st.integers(0, 400), max_size=12),
    st.sampled_from(["\r\n", "\n", "\r"]),
    st.sampled_from([",", ";", "\t", "|"]),
    st.booleans(),
)
def test_records_are_the_same_for_any_chunks(
    table: list[list[str]], cuts: list[int], line_end: str, delimiter: str, with_bom: bool
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=line_end).writerows(table)
    whole = text.getvalue()
    data = whole.encode("utf-8-sig" if with_bom else "utf-8")
    expected = list(csv.reader(io.StringIO(whole, newline=""), delimiter=delimiter, strict=True))

    reader = RecordReader(delimiter=delimiter)
    assert _read(_chunks(data, cuts), reader) == (expected, None)
    assert reader.sha256 == hashlib.sha256(data).hexdigest()


@settings(derandomize=True)
@given(st.text(alphabet='a,"\r\n\0é', max_size=40), st.lists(st.integers(0, 60), max_size=8))
def test_broken_file_is_broken_in_the_same_place_for_any_chunks(text: str, cuts: list[int]) -> None:
    data = text.encode()
    assert _read(_chunks(data, cuts), RecordReader()) == _read([data], RecordReader())


@pytest.mark.parametrize(
    ("data", "records", "problem"),
    [
        (b"a,b\nc,\xff\xfe\n", [["a", "b"]], NOT_IN_ENCODING),
        (b"a,b\nc,\xc3", [["a", "b"]], NOT_IN_ENCODING),
        (b"\xff\xfea\0,\0b\0", [], NOT_IN_ENCODING),
        (b"a,b\nc,\0d\ne,f\n", [["a", "b"]], NUL_CHARACTER),
        (b'a,b\n"c"d,e\nf,g\n', [["a", "b"]], MISPLACED_QUOTE),
        (b'a,b\n"c,d\ne,f\n', [["a", "b"]], UNCLOSED_QUOTE),
        (b"a,b\nc," + b"x" * LONGEST_RECORD + b"\ne,f\n", [["a", "b"]], ROW_TOO_LONG),
        (b"a,b\n" + b"," * (LONGEST_RECORD + 1) + b"\n", [["a", "b"]], ROW_TOO_LONG),
        (b'a,b\n"' + b"x\n" * LONGEST_RECORD + b'"\n', [["a", "b"]], ROW_TOO_LONG),
    ],
)
@pytest.mark.parametrize("chunk_bytes", [50_000, 10**7])
def test_unreadable_place_is_told_after_the_rows_before_it(
    data: bytes, records: list[list[str]], problem: Problem, chunk_bytes: int
) -> None:
    chunks = [data[start : start + chunk_bytes] for start in range(0, len(data), chunk_bytes)]
    assert _read(chunks, RecordReader()) == (records, problem)


def test_longest_row_that_is_allowed_is_read() -> None:
    cell = "x" * (LONGEST_RECORD - len("a,\r\n"))
    assert _read([f"a,{cell}\r\nb,c\r\n".encode()], RecordReader()) == ([["a", cell], ["b", "c"]], None)


def test_quotation_mark_inside_an_unquoted_cell_is_text() -> None:
    assert _read([b'5" pipe,b\n'], RecordReader()) == ([['5" pipe', "b"]], None)


@pytest.mark.parametrize(("encoding", "byte"), [("windows-1252", b"\x80"), ("iso-8859-1", b"\xe9")])
def test_other_encodings_are_read(encoding: str, byte: bytes) -> None:
    assert _read([byte + b",a\n"], RecordReader(encoding=encoding)) == ([[byte.decode(encoding), "a"]], None)
