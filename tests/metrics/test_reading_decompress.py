"""Plain, gzip and xz files are the same file; bombs, damage and foreign files are told in words."""

from __future__ import annotations

import gzip
import io
import lzma
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.reading.decompress import (
    CUT_SHORT,
    DAMAGED,
    NOT_A_TEXT_FILE,
    PIECE_BYTES,
    TOO_LARGE,
    Expander,
)
from metrics.reading.errors import UnreadableFile

TEXT = b"race,readmitted\r\n" + b"".join(b"Asian,%d\r\n" % number for number in range(30_000))


def _gzip_of_two_members(data: bytes) -> bytes:
    middle = len(data) // 2
    return gzip.compress(data[:middle]) + gzip.compress(data[middle:]) + b"\0" * 8


def _xz_of_two_streams(data: bytes) -> bytes:
    middle = len(data) // 2
    return lzma.compress(data[:middle]) + b"\0" * 4 + lzma.compress(data[middle:]) + b"\0" * 8


PACKED: list[Callable[[bytes], bytes]] = [
    bytes,
    gzip.compress,
    lzma.compress,
    _gzip_of_two_members,
    _xz_of_two_streams,
]


def _expand(data: bytes, chunk_bytes: int, limit_bytes: int = 10**9) -> Iterator[bytes]:
    expander = Expander(limit_bytes)
    for start in range(0, len(data), chunk_bytes):
        yield from expander.feed(data[start : start + chunk_bytes])
    yield from expander.finish()


@pytest.mark.parametrize("pack", PACKED)
@pytest.mark.parametrize("chunk_bytes", [1, 7, 4_096, 10**7])
def test_file_expands_to_its_plain_bytes_in_small_pieces(
    pack: Callable[[bytes], bytes], chunk_bytes: int
) -> None:
    pieces = list(_expand(pack(TEXT), chunk_bytes))
    assert b"".join(pieces) == TEXT
    assert max(map(len, pieces)) <= PIECE_BYTES


@given(st.binary(max_size=300), st.sampled_from(PACKED[1:]), st.integers(1, 40))
def test_any_bytes_come_back_from_any_chunks(
    data: bytes, pack: Callable[[bytes], bytes], chunk_bytes: int
) -> None:
    assert b"".join(_expand(pack(data), chunk_bytes)) == data


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress])
def test_file_that_expands_beyond_the_limit_is_refused(pack: Callable[[bytes], bytes]) -> None:
    limit = 2 * 1024**2
    at_the_limit, beyond = b"a" * limit, b"a" * (limit + 1)
    assert sum(map(len, _expand(pack(at_the_limit), 1_000, limit))) == limit
    given = 0
    with pytest.raises(UnreadableFile) as refused:
        for piece in _expand(pack(beyond), 1_000, limit):
            given += len(piece)
    assert given == limit
    assert refused.value.fault.problem is TOO_LARGE
    assert refused.value.fault.reason == "The file holds more than 2 MB of text."


@pytest.mark.parametrize("compress", [gzip.compress, lzma.compress])
def test_bomb_costs_no_memory(compress: Callable[[bytes], bytes]) -> None:
    bomb = compress(b"\n" * 80_000_000)
    tracemalloc.start()
    expander = Expander(limit_bytes=70_000_000)
    with pytest.raises(UnreadableFile):
        for _piece in chain(expander.feed(bomb), expander.finish()):
            pass
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
@pytest.mark.parametrize("kept", [7, 20, 0.5, 0.99])
def test_compressed_file_that_was_cut_short_is_refused(pack: Callable[[bytes], bytes], kept: float) -> None:
    packed = pack(TEXT)
    part = packed[: int(kept if kept > 1 else kept * len(packed))]
    with pytest.raises(UnreadableFile) as refused:
        list(_expand(part, 1_000))
    assert refused.value.fault.problem is CUT_SHORT


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
def test_file_with_one_damaged_byte_is_never_accepted(pack: Callable[[bytes], bytes]) -> None:
    packed = pack(TEXT)
    for position in range(20, len(packed), len(packed) // 50):
        damaged = packed[:position] + bytes([packed[position] ^ 0xFF]) + packed[position + 1 :]
        with pytest.raises(UnreadableFile) as refused:
            list(_expand(damaged, 1_000))
        assert refused.value.fault.problem in (DAMAGED, CUT_SHORT)


@pytest.mark.parametrize("pack", PACKED[1:])
def test_damaged_file_gives_the_same_bytes_for_any_chunks(pack: Callable[[bytes], bytes]) -> None:
    packed = pack(TEXT)
    for position in range(20, len(packed), len(packed) // 10):
        damaged = packed[:position] + bytes([packed[position] ^ 0xFF]) + packed[position + 1 :]
        given = {_readable_part(damaged, chunk_bytes) for chunk_bytes in (1, 977, 40_000, 10**7)}
        assert len(given) == 1


def _readable_part(data: bytes, chunk_bytes: int) -> bytes:
    given = bytearray()
    with pytest.raises(UnreadableFile):
        for piece in _expand(data, chunk_bytes):
            given += piece
    return bytes(given)


def test_wrong_checksum_is_told_as_damage() -> None:
    packed = gzip.compress(TEXT)
    with pytest.raises(UnreadableFile) as refused:
        list(_expand(packed[:-8] + bytes(4) + packed[-4:], 1_000))
    assert refused.value.fault.problem is DAMAGED


def test_workbook_is_refused_in_words() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(UnreadableFile) as refused:
        list(_expand(packed.getvalue(), 3))
    assert refused.value.fault.problem is NOT_A_TEXT_FILE
    assert "CSV UTF-8" in refused.value.fault.how_to_mend


def test_empty_file_is_plain_and_empty() -> None:
    assert list(_expand(b"", 1)) == []
