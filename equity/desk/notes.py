"""Practices beside measures: what the institution did on a level, on the charts of that level.

Measures and practices know nothing of each other; this is where they meet, for people of the institution. What the public
sees of it comes from the ledger.
"""

from __future__ import annotations

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from equity.tenancy.models import Organisation
from metrics.annotations import Note
from practices import queries
from practices.queries import Happening


def of_practices(organisation: Organisation, code: str, level: str, start: date, end: date) -> list[Note]:
    """Practices of the measure's level that were agreed, begun, done or stopped in these days."""
    return [
        Note(one.on, _words(one), reverse("practices:practice", args=[organisation.slug, one.practice_id]))
        for one in queries.dated_practices(level, start, end)
    ]


def _words(one: queries.Dated) -> str:
    return {
        Happening.AGREED: _("Agreed: %(title)s"),
        Happening.BEGUN: _("Begun: %(title)s"),
        Happening.DONE: _("Done: %(title)s"),
        Happening.STOPPED: _("Stopped: %(title)s"),
    }[one.what] % {"title": one.title}
