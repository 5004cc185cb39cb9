"""One table of a TOML file, read key by key: wrong keys become faults, never exceptions half-way."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from metrics.reading.errors import KeyFault, Problem
from metrics.reading.errors import gettext_noop as _

MISSING = Problem(_("This key is missing."), _("Add it; the example mapping shows how."))
UNKNOWN_KEY = Problem(
    _("This key is not known here."), _("Check its spelling, and that it stands in the right table.")
)
NOT_TEXT = Problem(_("This is not text."), _('Write it between quotation marks, as in "race".'))
NOT_TEXTS = Problem(
    _("This is not a list of texts."), _('Write it as in ["<30", ">30"], with at least one text.')
)
NOT_PAIRS = Problem(_("This is not a table of texts."), _('Write it as in { "F" = "female", "M" = "male" }.'))
NOT_A_TABLE = Problem(_("This is not a table."), _("Give it a heading of its own, as in [source]."))
NOT_LISTS = Problem(
    _("This is not a list of lists of texts."), _('Write it as in [["race"], ["race", "payer"]].')
)
NOT_NUMBERS = Problem(
    _("This is not a number, and not a list of numbers that follow one another."),
    _("Write whole numbers from 1, as in 3 or as in [3, 4]."),
)
NOT_ONE_OF = Problem(_('"%(given)s" is not possible here.'), _("Write one of: %(choices)s."))


class Table:
    """A table and the keys that were read from it. All tables of a file share one list of faults."""

    def __init__(
        self, content: Mapping[str, Any], path: str = "", faults: list[KeyFault] | None = None
    ) -> None:
        self._content = content
        self._path = path
        self._read: set[str] = set()
        self.faults: list[KeyFault] = [] if faults is None else faults

    def __contains__(self, key: str) -> bool:
        return key in self._content

    def __iter__(self) -> Iterator[str]:
        """The keys, in the order of the file."""
        return iter(self._content)

    def fault(self, key: str, problem: Problem, **parts: str | int) -> None:
        """Note that this key of the table is wrong; the empty key is the table itself."""
        self.faults.append(KeyFault(problem, key=self._dotted(key), parts=parts))

    def refuse_leftovers(self) -> None:
        """A key that nobody read is a misspelling, or stands in the wrong table."""
        for key in self._content:
            if key not in self._read:
                self.fault(key, UNKNOWN_KEY)

    def text(self, key: str, default: str | None = None) -> str:
        """A text that is not empty; where it is wrong, a fault and the empty text."""
        value = self._get(key, default)
        if value is None:
            return ""
        if not isinstance(value, str) or (value == "" and default is None):
            self.fault(key, NOT_TEXT)
            return ""
        return value

    def text_among(self, key: str, choices: Collection[str], default: str | None = None) -> str:
        """A text that is one of these; where it is wrong, a fault and the default or the empty text."""
        value = self.text(key, default)
        if value and value not in choices:
            self.fault(key, NOT_ONE_OF, given=value, choices=", ".join(map(_shown, sorted(choices))))
            return default or ""
        return value

    def texts(self, key: str) -> frozenset[str]:
        """At least one text; the empty text is allowed (an empty cell)."""
        value = self._get(key)
        if value is None:
            return frozenset()
        if not _is_texts(value) or not value:
            self.fault(key, NOT_TEXTS)
            return frozenset()
        return frozenset(value)

    def distinct_texts(self, key: str) -> tuple[str, ...]:
        """At least one text, each once, in the order of the file."""
        texts = self.texts(key)
        return tuple(dict.fromkeys(text for text in self._get(key, []) if text in texts)) if texts else ()

    def text_by_text(self, key: str) -> dict[str, str]:
        """A table from text to text, with at least one pair."""
        value = self._get(key)
        if value is None:
            return {}
        if not isinstance(value, dict) or not value or not _is_texts(list(value.values())):
            self.fault(key, NOT_PAIRS)
            return {}
        return dict(value)

    def lists_of_texts(self, key: str) -> list[tuple[str, ...]]:
        """A list of lists of texts; none when the key is not there."""
        value = self._get(key, [])
        if not isinstance(value, list) or not all(map(_is_texts, value)):
            self.fault(key, NOT_LISTS)
            return []
        return [tuple(texts) for texts in value]

    def numbers(self, key: str, default: int) -> range:
        """A whole number from 1, or several that follow one another."""
        value = self._get(key, default)
        numbers = value if isinstance(value, list) else [value]
        if not numbers or any(type(number) is not int or number < 1 for number in numbers):
            self.fault(key, NOT_NUMBERS)
            return range(default, default + 1)
        following = range(numbers[0], numbers[0] + len(numbers))
        if numbers != list(following):
            self.fault(key, NOT_NUMBERS)
        return following

    def table(self, key: str, *, required: bool = True) -> Table:
        """The table under this key; an empty one where there is none."""
        value = self._get(key, None if required else {})
        return self._table(key, {} if value is None else value)

    def tables(self, key: str) -> list[Table]:
        """The tables under this key: none, one `[key]`, or several `[[key]]`."""
        value = self._get(key, [])
        return [self._table(key, entry) for entry in (value if isinstance(value, list) else [value])]

    def _table(self, key: str, value: object) -> Table:
        if isinstance(value, dict):
            return Table(value, self._dotted(key), self.faults)
        self.fault(key, NOT_A_TABLE)
        return Table({}, self._dotted(key), self.faults)

    def _get(self, key: str, default: Any = None) -> Any:
        self._read.add(key)
        if key not in self._content and default is None:
            self.fault(key, MISSING)
        return self._content.get(key, default)

    def _dotted(self, key: str) -> str:
        return f"{self._path}.{key}".strip(".")


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)


def _shown(choice: str) -> str:
    return '"\\t"' if choice == "\t" else f'"{choice}"'
