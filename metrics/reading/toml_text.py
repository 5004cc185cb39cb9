"""Writes the lines of a TOML file: what a person said of a file becomes the text of its mapping."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping


def text_of(text: str) -> str:
    """A TOML text: JSON's, but for the one character that JSON leaves as it is and TOML does not."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def texts_of(texts: Iterable[str]) -> str:
    """A list of texts."""
    return f"[{', '.join(map(text_of, texts))}]"


def pairs_of(pairs: Mapping[str, str]) -> Iterator[str]:
    """One line for each pair."""
    for name, value in pairs.items():
        yield f"{text_of(name)} = {text_of(value)}"
