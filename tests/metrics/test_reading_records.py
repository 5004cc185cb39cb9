"""Chunks may end anywhere: the records are those that Python's own `csv` reads from the whole file."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import lzma
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from metrics.reading.decompress import CUT_SHORT, TOO_LARGE
from metrics.reading.errors import Problem, UnreadableFile
from metrics.reading.records import (
    ENCODINGS,
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


# The last three characters stand for single bytes: the first two of a longer character, and one that no encoding but
# ISO 8859-1 has.
BROKEN_FILES = st.text(alphabet='a,"\r\n\0é\ufeff\udce2\udc82\udc81', max_size=40)


@given(
    BROKEN_FILES,
    st.lists(st.integers(0, 60), max_size=8),
    st.sampled_from(sorted(ENCODINGS)),
    st.sampled_from([bytes, gzip.compress, lzma.compress]),
    st.just(10**9) | st.integers(0, 60),
)
@example("aaaaaaaa\raaaa\0éééé", [32], "utf-8", bytes, 10**9)
@example("\ufeff\ufeffa\n\ufeffa\n\udc81", [5], "utf-8", bytes, 10**9)
def test_broken_file_is_broken_in_the_same_place_for_any_chunks(
    text: str, cuts: list[int], encoding: str, pack: Callable[[bytes], bytes], limit_bytes: int
) -> None:
    data = text.encode(errors="surrogateescape")
    whole = _read([data], RecordReader(encoding=encoding, limit_bytes=limit_bytes))
    parts = _chunks(pack(data), cuts)
    assert _read(parts, RecordReader(encoding=encoding, limit_bytes=limit_bytes)) == whole


@pytest.mark.parametrize(
    ("data", "records", "problem"),
    [
        (b"a,b\nc,\xff\xfe\n", [["a", "b"]], NOT_IN_ENCODING),
        (b"a,b\nc,\xc3", [["a", "b"]], NOT_IN_ENCODING),
        (b"a,b\r\xff", [["a", "b"]], NOT_IN_ENCODING),
        (b"a\0,\0b\0", [], NUL_CHARACTER),
        (b"\xff\xfea\0,\0b\0\n\0\0\xd8", [["a", "b"]], NOT_IN_ENCODING),
        (b"a,b\nc,\0d\ne,f\n", [["a", "b"]], NUL_CHARACTER),
        (b"a,b\r\0", [["a", "b"]], NUL_CHARACTER),
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


def test_row_before_the_end_of_the_limit_or_of_a_cut_file_is_read() -> None:
    assert _read([b"a,b\rc,d\r"], RecordReader(limit_bytes=4)) == ([["a", "b"]], TOO_LARGE)
    assert _read([gzip.compress(b"a,b\r")[:-1]], RecordReader()) == ([["a", "b"]], CUT_SHORT)


def test_longest_row_that_is_allowed_is_read() -> None:
    cell = "x" * (LONGEST_RECORD - len("a,\r\n"))
    assert _read([f"a,{cell}\r\nb,c\r\n".encode()], RecordReader()) == ([["a", cell], ["b", "c"]], None)


def test_byte_order_mark_belongs_to_the_text_anywhere_but_at_the_start() -> None:
    data = "\ufeffa,\ufeffb\n\ufeffc,d\n".encode()
    assert _read([data], RecordReader()) == ([["a", "\ufeffb"], ["\ufeffc", "d"]], None)


def test_quotation_mark_inside_an_unquoted_cell_is_text() -> None:
    assert _read([b'5" pipe,b\n'], RecordReader()) == ([['5" pipe', "b"]], None)


@pytest.mark.parametrize(("encoding", "byte"), [("windows-1252", b"\x80"), ("iso-8859-1", b"\xe9")])
def test_other_encodings_are_read(encoding: str, byte: bytes) -> None:
    assert _read([byte + b",a\n"], RecordReader(encoding=encoding)) == ([[byte.decode(encoding), "a"]], None)


@pytest.mark.parametrize(
    ("told", "mark", "written"),
    [
        ("utf-8", b"\xef\xbb\xbf", "utf-8"),
        ("utf-8", b"\xff\xfe", "utf-16-le"),
        ("utf-8", b"\xfe\xff", "utf-16-be"),
        ("windows-1252", b"\xef\xbb\xbf", "utf-8"),
        ("windows-1252", b"", "windows-1252"),
        ("utf-16-le", b"", "utf-16-le"),
    ],
)
@pytest.mark.parametrize("chunk_bytes", [1, 2, 3, 1_000])
def test_encoding_is_the_one_of_the_mark_or_the_one_that_is_told(
    told: str, mark: bytes, written: str, chunk_bytes: int
) -> None:
    data = mark + "Grün,b\nc,é\n".encode(written)
    chunks = [data[start : start + chunk_bytes] for start in range(0, len(data), chunk_bytes)]
    assert _read(chunks, RecordReader(encoding=told)) == ([["Grün", "b"], ["c", "é"]], None)


def test_encoding_that_nobody_told_is_not_guessed() -> None:
    _records, problem = _read(["Grün,b\n".encode("windows-1252")], RecordReader())
    assert problem is NOT_IN_ENCODING
