"""Tables to take away."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from django.utils.translation import gettext as _

from practices.models import AdoptedPractice

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def inert(value: object) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe stands before text that begins one."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def practices_as_csv(practices: Iterable[AdoptedPractice]) -> str:
    """One line a practice, under a line of headings; days as YYYY-MM-DD.

    It begins with the mark by which Excel knows UTF-8.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        [
            _("Code"),
            _("Practice"),
            _("Proposed by"),
            _("Goal"),
            _("Goal in words"),
            _("Status"),
            _("Since"),
            _("Owner"),
            _("Due"),
            _("Last news"),
            _("Adopted"),
        ]
    )
    for practice in practices:
        cells = (
            practice.code,
            practice.title,
            practice.get_proposed_by_display(),
            practice.goal.item.code,
            practice.goal.item.words.title,
            practice.get_status_display(),
            practice.status_since,
            practice.owner.name if practice.owner else "",
            practice.due,
            practice.last_news_on,
            practice.adopted_on,
        )
        writer.writerow([inert(cell) for cell in cells])
    return "\ufeff" + out.getvalue()
