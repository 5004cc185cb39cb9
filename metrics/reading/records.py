"""Bytes in chunks of any size become the records of a CSV file, one at a time.

`csv.reader` pulls whole lines; an upload pushes chunks that end anywhere: in a character, in a line, between
the quotation marks of a cell. So each chunk is read up to its last complete record, and the rest waits.

What comes out depends on the bytes of the file alone, never on where its chunks end: also in a broken file, whose
records before the broken place are the same ones every time.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
from collections.abc import Iterator

from metrics.reading.decompress import DEFAULT_LIMIT_BYTES, Expander
from metrics.reading.errors import Problem, UnreadableFile
from metrics.reading.errors import gettext_noop as _

Row = tuple[int, list[str]]
"""The number of a row, from 1, and its cells."""

LONGEST_RECORD = 128 * 1024
"""Characters. A longer row is an error: nothing in a file can make the reader hold more than this."""

ENCODINGS = frozenset({"utf-8", "utf-16-le", "utf-16-be", "windows-1252", "iso-8859-1"})
"""Encodings that a file may have, under the names that Python gives them. One that is not told is never guessed."""

BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
"""What some programs write at the very start of a file tells its encoding, whatever else is said. It belongs to no cell."""

_LONGEST_MARK = max(map(len, BYTE_ORDER_MARKS))

DELIMITERS = frozenset({",", ";", "\t", "|"})

NO_ROWS = Problem(
    _("The file has no rows below its header."), _("Export the file again, with the header row and the rows.")
)
COLUMN_TWICE = Problem(
    _("The header has this column more than once."), _("Give each column a name of its own.")
)
WRONG_SEPARATOR = Problem(
    _("The header is one single cell: its columns are not separated as expected."),
    _("State the separator of the file (comma, semicolon, tab or bar), or export it with the one expected."),
)
WRONG_WIDTH = Problem(
    _("This row has %(cells)s cells; the header has %(columns)s."),
    _("Look for a separator too many or too few, or for a missing quotation mark."),
)
NOT_IN_ENCODING = Problem(
    _("The bytes of this row are not %(encoding)s text."),
    _('Save the file as "CSV UTF-8", or state the encoding that it was saved in.'),
)
NUL_CHARACTER = Problem(
    _("This row holds a NUL character, which no text has."),
    _(
        "The file may be damaged, or saved as UTF-16 without a mark: then write its encoding in the mapping, or export "
        "it again as CSV UTF-8."
    ),
)
MISPLACED_QUOTE = Problem(
    _("A quotation mark in this row is in the wrong place."),
    _("Write a quotation mark inside a quoted cell twice, and close the cell before the next separator."),
)
UNCLOSED_QUOTE = Problem(
    _("A quotation mark is opened in this row and never closed."),
    _("Close the cell with a quotation mark, or write the mark twice if it belongs to the text."),
)
ROW_TOO_LONG = Problem(
    _("This row is longer than %(characters)s characters."),
    _("A quotation mark may be open, or the line ends may be missing. Export the file again."),
)


class RecordReader:
    """Pushes bytes in, gives records out. The rows before a broken place are given before it is reported."""

    def __init__(
        self, *, encoding: str = "utf-8", delimiter: str = ",", limit_bytes: int = DEFAULT_LIMIT_BYTES
    ) -> None:
        self._encoding = encoding
        self._delimiter = delimiter
        self._expander = Expander(limit_bytes)
        self._decoder: codecs.IncrementalDecoder | None = None
        self._start = b""
        self._line_ends = io.IncrementalNewlineDecoder(None, translate=False)
        self._digest = hashlib.sha256()
        self._waiting: list[str] = []
        self._waiting_length = 0

    @property
    def sha256(self) -> str:
        """Of the bytes as they came, compressed or not."""
        return self._digest.hexdigest()

    def note(self, chunk: bytes) -> None:
        """Add a chunk to the digest without reading it (the file is already known to be broken)."""
        self._digest.update(chunk)

    def feed(self, chunk: bytes) -> Iterator[list[str]]:
        """The records that can be read now. Raises `UnreadableFile`; then only `note` may follow."""
        self._digest.update(chunk)
        yield from self._read_pieces(self._expander.feed(chunk))

    def finish(self) -> Iterator[list[str]]:
        """The records that were waiting for the end of the file. Raises `UnreadableFile`."""
        yield from self._read_pieces(self._expander.finish())
        yield from self._read(b"", final=True)

    def _read_pieces(self, pieces: Iterator[bytes]) -> Iterator[list[str]]:
        """Where the bytes end early (damage, a limit), a row that a CR has ended is complete."""
        while True:
            try:
                piece = next(pieces, None)
            except UnreadableFile:
                yield from self._records_of(self._whole_line_ends("", final=True))
                raise
            if piece is None:
                return
            yield from self._read(piece)

    def _read(self, piece: bytes, *, final: bool = False) -> Iterator[list[str]]:
        text, problem = self._decode(piece, final=final)
        text = self._whole_line_ends(text, final=final or problem is not None)
        before_nul, nul, _after = text.partition("\0")
        if nul:
            text, problem = before_nul, NUL_CHARACTER
        yield from self._records_of(text, final=final and problem is None)
        if problem is not None:
            raise UnreadableFile(problem, encoding=self._encoding.upper())

    def _decode(self, piece: bytes, *, final: bool) -> tuple[str, Problem | None]:
        """The text of the piece, up to the first byte that cannot be read."""
        if self._decoder is None:
            self._start += piece
            if len(self._start) < _LONGEST_MARK and not final:
                return "", None
            self._decoder, piece = self._opened(self._start)
        try:
            return self._decoder.decode(piece, final), None
        except UnicodeDecodeError as error:
            return error.object[: error.start].decode(self._encoding), NOT_IN_ENCODING

    def _opened(self, start: bytes) -> tuple[codecs.IncrementalDecoder, bytes]:
        """The decoder, and the first bytes without their mark."""
        for mark, encoding in BYTE_ORDER_MARKS.items():
            if start.startswith(mark):
                self._encoding, start = encoding, start[len(mark) :]
                break
        return codecs.getincrementaldecoder(self._encoding)(), start

    def _whole_line_ends(self, text: str, *, final: bool) -> str:
        """The text with its line ends as they are. A CR at its end may be half of a CRLF: it waits for what follows."""
        return self._line_ends.decode(text, final)

    def _records_of(self, text: str, *, final: bool = False) -> Iterator[list[str]]:
        self._wait(text)
        if final or "\n" in text or "\r" in text:
            waiting = "".join(self._waiting)
            ready = len(waiting) if final else _end_of_last_line(waiting)
            lines = _Lines(waiting[:ready])
            yield from self._parse(lines, final=final)
            self._waiting.clear()
            self._waiting_length = 0
            self._wait(waiting[lines.start_of_record :])
        if self._waiting_length > LONGEST_RECORD:
            raise _too_long()

    def _wait(self, text: str) -> None:
        if text:
            self._waiting.append(text)
            self._waiting_length += len(text)

    def _parse(self, lines: _Lines, *, final: bool) -> Iterator[list[str]]:
        reader = csv.reader(lines, delimiter=self._delimiter, strict=True)
        problem = None
        try:
            for record in reader:
                if lines.record_length > LONGEST_RECORD:
                    raise _too_long()
                lines.start_of_record = lines.position
                yield record
        except csv.Error:
            problem = UNCLOSED_QUOTE if lines.exhausted else MISPLACED_QUOTE
        if lines.record_length > LONGEST_RECORD:
            raise _too_long()
        if problem is MISPLACED_QUOTE or (problem is UNCLOSED_QUOTE and final):
            raise UnreadableFile(problem)


class _Lines:
    """The lines of a text for `csv.reader`, and where in the text the record that is being read began."""

    def __init__(self, text: str) -> None:
        self._lines = io.StringIO(text, newline="")
        self.position = 0
        self.start_of_record = 0
        self.exhausted = False

    @property
    def record_length(self) -> int:
        return self.position - self.start_of_record

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.position += len(line)
            yield line
        self.exhausted = True


def _end_of_last_line(text: str) -> int:
    """Lines end in LF, CRLF or CR."""
    return max(text.rfind("\n"), text.rfind("\r")) + 1


def _too_long() -> UnreadableFile:
    return UnreadableFile(ROW_TOO_LONG, characters=LONGEST_RECORD)
