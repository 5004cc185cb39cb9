"""Comma-separated values after RFC 4180 that no spreadsheet mistakes for formulas. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A text that begins with one of these would be run by a spreadsheet; an apostrophe before it makes it text."""


def cell(value: Any) -> str:
    """One value as text. What is absent is blank, never a number that stands for it; true and false are words."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else value
    return str(value)


def table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """A header line and one line for each row; lines end in CRLF."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([cell(row[column]) for column in columns] for row in rows)
    return text.getvalue()
