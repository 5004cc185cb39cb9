"""Files are read while they arrive. Nothing of a line list is kept, and no upload makes a temporary file.

Django hands every upload to the handlers of its request; a view that reads sets one of these before anything looks at
the form. Without them a file of 2.5 MB or more would be written to the disk of the server.
"""

from __future__ import annotations

import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.utils.translation import gettext as _

from equity.errors import RuleBroken
from metrics.known import Definitions
from metrics.preparing import Prepared, from_line_list, plain
from metrics.reading.linelist_source import LineListSource
from metrics.reading.mapping import LineListMapping

FIELD = "file"
"""The form field whose file is read. A file in any other field is let through to nowhere."""

LARGEST_COUNTS_FILE = 128 * 1024**2
"""Bytes of a counts file, compressed: far more than a million rows."""

LONGEST_TEXT = 256 * 1024


class PreparedFile(UploadedFile):
    """What stands in the form in place of a line list: its name, its size, and what was counted in it."""

    def __init__(self, name: str | None, size: int, prepared: Prepared) -> None:
        super().__init__(file=BytesIO(), name=name, size=size)
        self.prepared = prepared


class _ReadingHandler(FileUploadHandler, ABC):
    """Takes the one file of the form; what it makes of the bytes, its kinds say."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self._files_seen = 0
        self._reading = False

    def new_file(self, field_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, *args, **kwargs)
        self._reading = field_name == FIELD and self._files_seen == 0
        self._files_seen += self._reading

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._reading:
            self.take(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile | None:
        return self.made(file_size) if self._reading and self.file_name else None

    @abstractmethod
    def take(self, chunk: bytes) -> None:
        """Read the next bytes of the file."""

    @abstractmethod
    def made(self, size: int) -> UploadedFile:
        """What stands in the form."""


class LineListUploadHandler(_ReadingHandler):
    """Counts a line list chunk by chunk. When the last has come only the counts are left.

    `more` is kept with the counts: how they were counted.
    """

    def __init__(
        self,
        request: HttpRequest,
        mapping: LineListMapping,
        known: Definitions,
        *,
        on_progress: Callable[[int], None] | None = None,
        more: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(request)
        self._counter = LineListSource(mapping, known_units=known.codes.units, on_progress=on_progress)
        self._more = more or {}

    def take(self, chunk: bytes) -> None:
        self._counter.feed(chunk)

    def made(self, size: int) -> UploadedFile:
        return PreparedFile(self.file_name, size, from_line_list(self._counter.finish(), **self._more))


class HeldFile(UploadedFile):
    """A file of counts, compressed in memory until the view has read it. It is written nowhere."""

    def __init__(self, name: str | None, size: int, held: bytes) -> None:
        super().__init__(file=BytesIO(), name=name, size=size)
        self._held = held

    def blocks(self) -> Iterator[bytes]:
        """Its bytes as they came, a block at a time; can be asked for again."""
        return plain(self._held)


class HoldingUploadHandler(_ReadingHandler):
    """Keeps a file of counts compressed in memory until its last byte has come; the view then reads it row by row."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self._compressor = zlib.compressobj(level=1)
        self._held = bytearray()

    def take(self, chunk: bytes) -> None:
        self._held += self._compressor.compress(chunk)
        if len(self._held) > LARGEST_COUNTS_FILE:
            raise RuleBroken(
                _("This file is too large for counts. Send it in parts, for example one for each year.")
            )

    def made(self, size: int) -> UploadedFile:
        self._held += self._compressor.flush()
        return HeldFile(self.file_name, size, bytes(self._held))


class TextUploadHandler(_ReadingHandler):
    """Holds a small text file, such as a mapping. Of a larger one nothing is held."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self._text = bytearray()

    def take(self, chunk: bytes) -> None:
        if len(self._text) <= LONGEST_TEXT:
            self._text += chunk

    def made(self, size: int) -> UploadedFile:
        return UploadedFile(file=BytesIO(self._text), name=self.file_name, size=size)
