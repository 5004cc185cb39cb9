"""The audit trail of a practice, told in words."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from equity.tenancy.models import AuditEvent
from practices.models import EVIDENCE_VISIBILITIES, STATUS_NAMES
from practices.workflow import PracticeStatus


def told(event: AuditEvent) -> str:
    """What somebody did, as a sentence without its subject: 'said that it is under way'."""
    teller = TELLERS.get(event.event)
    return teller(event.details) if teller else event.event


def _adopted(details: dict[str, Any]) -> str:
    return _("adopted practice %(code)s of the guide") % {"code": details["code"]}


def _added(details: dict[str, Any]) -> str:
    return _("added it as a local practice")


def _assigned(details: dict[str, Any]) -> str:
    after = details["after"]
    owner = after["owner"] or _("nobody")
    if after["due"]:
        due = date_format(datetime.date.fromisoformat(after["due"]))
        return _("set the owner to %(owner)s and the day to %(due)s") % {"owner": owner, "due": due}
    return _("set the owner to %(owner)s, without a day") % {"owner": owner}


def _updated(details: dict[str, Any]) -> str:
    before, after = (STATUS_NAMES[PracticeStatus(details[key])] for key in ("before", "after"))
    if details["before"] == details["after"]:
        return _("told news; it stays “%(status)s”") % {"status": after}
    return _("changed it from “%(before)s” to “%(after)s”") % {"before": before, "after": after}


def _attached(details: dict[str, Any]) -> str:
    return _("attached a file as evidence") if details["kind"] == "file" else _("attached a link as evidence")


def _shown(details: dict[str, Any]) -> str:
    names = dict(EVIDENCE_VISIBILITIES)
    return _("changed who may see a piece of evidence: %(after)s") % {"after": names[details["after"]]}


TELLERS: dict[str, Callable[[dict[str, Any]], str]] = {
    "practice.adopt": _adopted,
    "practice.add_local": _added,
    "practice.assign": _assigned,
    "practice.update": _updated,
    "evidence.attach": _attached,
    "evidence.show_to": _shown,
}
