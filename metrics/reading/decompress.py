"""Plain, gzip and xz bytes alike become a stream of small pieces of plain bytes.

The kind is told by the first bytes of the file, never by its name. Pieces are small and the sum of all pieces
is limited, so that a tiny file that expands to terabytes costs neither memory nor a day of counting.
"""

from __future__ import annotations

import lzma
import zlib
from collections.abc import Iterator
from typing import Protocol

from metrics.reading.errors import Problem, UnreadableFile
from metrics.reading.errors import gettext_noop as _

PIECE_BYTES = 64 * 1024
PACKED_BLOCK_BYTES = 16 * 1024
DEFAULT_LIMIT_BYTES = 1024**3
_XZ_MEMORY_BYTES = 128 * 1024**2
_LONGEST_MAGIC = 6

TOO_LARGE = Problem(
    _("The file holds more than %(megabytes)s MB of text."),
    _("Split it into several files, for example one for each year, and send them one after another."),
)
DAMAGED = Problem(
    _("The compressed file is damaged, or needs more memory than we allow."),
    _("Compress it again with gzip or xz at their usual settings, or send the plain CSV file."),
)
CUT_SHORT = Problem(
    _("The compressed file ends before its end: a part is missing."),
    _("The upload or the copy stopped too early. Send the file again."),
)
NOT_A_TEXT_FILE = Problem(
    _("This is a workbook, a zip file or another packed file, not a text file."),
    _('Save the sheet as "CSV UTF-8" and send that file, plain or compressed with gzip or xz.'),
)

_GZIP_MAGIC = b"\x1f\x8b"
_XZ_MAGIC = b"\xfd7zXZ\x00"
_FOREIGN_MAGICS = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\xd0\xcf\x11\xe0",
    b"BZh",
    b"\x28\xb5\x2f\xfd",
    b"7z\xbc\xaf",
)


class _Kind(Protocol):
    def feed(self, data: bytes) -> Iterator[bytes]:
        """Plain bytes, in pieces."""
        ...

    def finish(self) -> Iterator[bytes]:
        """The last plain bytes, when the file ends here."""
        ...


class Expander:
    """Takes the bytes of a file as they come and gives plain bytes, at most `PIECE_BYTES` at a time."""

    def __init__(self, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> None:
        self._limit_bytes = limit_bytes
        self._given = 0
        self._head = b""
        self._kind: _Kind | None = None

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The plain bytes that this chunk brings. Raises `UnreadableFile`."""
        if self._kind is not None:
            yield from self._limited(self._kind.feed(chunk))
            return
        self._head += chunk
        if len(self._head) >= _LONGEST_MAGIC:
            yield from self._open()

    def finish(self) -> Iterator[bytes]:
        """The last plain bytes. Raises `UnreadableFile` when a compressed file was cut short."""
        if self._kind is None:
            yield from self._open()
        if self._kind is not None:
            yield from self._limited(self._kind.finish())

    def _open(self) -> Iterator[bytes]:
        self._kind = _kind_of(self._head)
        head, self._head = self._head, b""
        yield from self._limited(self._kind.feed(head))

    def _limited(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            allowed = self._limit_bytes - self._given
            self._given += len(piece)
            if len(piece) > allowed:
                yield piece[:allowed]
                raise UnreadableFile(TOO_LARGE, megabytes=self._limit_bytes // 1024**2)
            yield piece


def _kind_of(head: bytes) -> _Kind:
    if head.startswith(_GZIP_MAGIC):
        return _Packed(_Gzip())
    if head.startswith(_XZ_MAGIC):
        return _Packed(_Xz())
    if head.startswith(_FOREIGN_MAGICS):
        raise UnreadableFile(NOT_A_TEXT_FILE)
    return _Plain()


class _Plain:
    def feed(self, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), PIECE_BYTES):
            yield data[start : start + PIECE_BYTES]

    def finish(self) -> Iterator[bytes]:
        return iter(())


class _Unpacker(Protocol):
    complete: bool
    """Whether the file may end here."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Plain bytes, in pieces."""
        ...


class _Packed:
    """Compressed bytes, unpacked a block of the file at a time.

    A decompressor that meets damage gives nothing of the call in which it does. Blocks that begin at the same places
    however the file came make that the same call, so that a damaged file always gives the same bytes.
    """

    def __init__(self, unpacker: _Unpacker) -> None:
        self._unpacker = unpacker
        self._waiting = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._waiting += data
        while len(self._waiting) >= PACKED_BLOCK_BYTES:
            block = bytes(self._waiting[:PACKED_BLOCK_BYTES])
            del self._waiting[:PACKED_BLOCK_BYTES]
            yield from self._unpacker.feed(block)

    def finish(self) -> Iterator[bytes]:
        yield from self._unpacker.feed(bytes(self._waiting))
        if not self._unpacker.complete:
            raise UnreadableFile(CUT_SHORT)


class _Gzip:
    """A gzip file may be several members one after another, and may end in zero bytes."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(wbits=31)
        self.complete = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        while True:
            if self._member.eof:
                data = data.lstrip(b"\0")
                if not data:
                    return
                self._member = zlib.decompressobj(wbits=31)
            try:
                piece = self._member.decompress(data, PIECE_BYTES)
            except zlib.error:
                raise UnreadableFile(DAMAGED) from None
            self.complete = self._member.eof
            if piece:
                yield piece
            data = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
            held_back = len(piece) == PIECE_BYTES
            if not data and not held_back:
                return


class _Xz:
    """An xz file may be several streams one after another, and may end in zero bytes."""

    def __init__(self) -> None:
        self._stream = _xz_stream()
        self.complete = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        while True:
            if self._stream.eof:
                data = data.lstrip(b"\0")
                if not data:
                    return
                self._stream = _xz_stream()
            try:
                piece = self._stream.decompress(data, PIECE_BYTES)
            except lzma.LZMAError:
                raise UnreadableFile(DAMAGED) from None
            self.complete = self._stream.eof
            if piece:
                yield piece
            data = self._stream.unused_data if self._stream.eof else b""
            if not self._stream.eof and self._stream.needs_input:
                return


def _xz_stream() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=_XZ_MEMORY_BYTES)
