"""A value of a JSON file and the place where it stands, read key by key: what is wrong becomes an error with that place.

Places are written as in FHIRPath: `MeasureReport.group[0].population[1].count`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any, NoReturn

from metrics.reading.errors import Problem, UnreadableFile
from metrics.reading.errors import gettext_noop as _

NOT_JSON = Problem(
    _("The file is not valid JSON: %(place)s."),
    _("Send the report as the FHIR server gives it, in JSON and not in XML."),
)
NOT_UTF8 = Problem(
    _("The bytes of this file are not UTF-8 text."), _("JSON is always UTF-8: export the file again.")
)
MISSING = Problem(_("This element is missing."), _("Ask the sender to add it; FHIR requires it here."))
NOT_A_TEXT = Problem(_("This element is not text."), _("Ask the sender to correct the report."))
NOT_AN_OBJECT = Problem(
    _("This element is not an object, or not a list of objects, as FHIR writes it."),
    _("Ask the sender to correct the report."),
)

Fault = Callable[..., None]
"""Notes a problem: the problem, the place, and the named parts of its sentences."""


def parse_documents(data: bytes) -> list[Any]:
    """The documents of a file: one, or one in each line (NDJSON). Raises `UnreadableFile`, also for a key that
    is written twice: which would count?
    """
    text = _text(data)
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) > 1 and lines[0].strip().startswith("{") and lines[0].strip().endswith("}"):
        return [_parsed(line) for line in lines]
    return [_parsed(text)]


def parse_document(data: bytes) -> Any:
    """The one document that the bytes are. Raises `UnreadableFile` as `parse_documents` does."""
    return _parsed(_text(data))


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableFile(NOT_UTF8) from None


def _parsed(text: str) -> Any:
    try:
        return json.loads(
            text, object_pairs_hook=_object, parse_float=Decimal, parse_constant=_refuse_constant
        )
    except (ValueError, ArithmeticError) as error:
        raise UnreadableFile(NOT_JSON, place=str(error)) from None
    except RecursionError:
        raise UnreadableFile(NOT_JSON, place="it is nested too deeply") from None


class Node:
    """An object of the file."""

    def __init__(self, content: dict[str, Any], place: str, fault: Fault) -> None:
        self._content = content
        self._fault = fault
        self.place = place

    def __contains__(self, key: str) -> bool:
        return key in self._content

    def raw(self, key: str) -> Any:
        """The value as it stands; None when there is none."""
        return self._content.get(key)

    def wrong(self, problem: Problem, key: str = "", **parts: str | int) -> None:
        """Note that something is wrong with this key, or with the object itself."""
        self._fault(problem, f"{self.place}.{key}".strip("."), **parts)

    def text(self, key: str, *, required: bool = False) -> str:
        """A text; the empty one where there is none."""
        value = self._content.get(key)
        if isinstance(value, str):
            return value
        if value is not None:
            self.wrong(NOT_A_TEXT, key)
        elif required:
            self.wrong(MISSING, key)
        return ""

    def child(self, key: str) -> Node:
        """The object under this key; an empty one where there is none."""
        value = self._content.get(key, {})
        if not isinstance(value, dict):
            self.wrong(NOT_AN_OBJECT, key)
            value = {}
        return Node(value, f"{self.place}.{key}", self._fault)

    def children(self, key: str) -> list[Node]:
        """The objects in the list under this key; none where there is no list."""
        value = self._content.get(key, [])
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            self.wrong(NOT_AN_OBJECT, key)
            return []
        return [
            Node(entry, f"{self.place}.{key}[{number}]", self._fault) for number, entry in enumerate(value)
        ]

    def names(self) -> list[str]:
        """Of a CodeableConcept: `system|code`, then bare codes, then the text."""
        codings = [(coding.text("system"), coding.text("code")) for coding in self.children("coding")]
        full = [f"{system}|{code}" for system, code in codings if system and code]
        bare = [code for _system, code in codings if code]
        return list(dict.fromkeys([*full, *bare, *filter(None, [self.text("text")])]))

    def holds(self, key: str) -> bool:
        """Whether this object or any below it has this key."""
        return any(key in found for found in _objects([self._content]))


def _objects(values: Iterable[Any]) -> Iterator[dict[str, Any]]:
    waiting = list(values)
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield value
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        (twice, _times), *_others = Counter(key for key, _value in pairs).most_common(1)
        raise ValueError(f'the key "{twice[:60]}" is written twice in one object')
    return content


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")
