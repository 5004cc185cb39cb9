"""A change of groups in words: from what to what."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from equity.language import told
from metrics.group_versions import Difference, differences
from metrics.models import Category, GroupChange

Kind = GroupChange.Kind


@dataclass(frozen=True)
class Told:
    """How it was and how it would be, as text."""

    was: str
    becomes: str
    differences: Sequence[Difference] = ()
    """Of a newer list: what becomes of each group."""


def told_change(change: GroupChange, groups: Iterable[Category]) -> Told:
    """Both sides of a change, with groups by their names of today."""
    if change.kind == Kind.VERSION:
        found = differences(change.dimension, change.was, change.becomes)
        return Told(_list(change.was), _list(change.becomes), found)
    names = {one.code: told(one.label) for one in groups}
    return Told(_told(change.kind, change.was, names), _told(change.kind, change.becomes, names))


def _list(side: dict[str, Any]) -> str:
    labels = "; ".join(told(one["label"]) for one in side["groups"])
    version = _("Version %(version)s: %(groups)s.") % {"version": side["version"], "groups": labels}
    if "first_day" not in side:
        return version
    holds = _("It holds from %(day)s on.") % {
        "day": date_format(datetime.date.fromisoformat(side["first_day"]))
    }
    return f"{version} {holds}"


def _told(kind: str, side: dict[str, Any], names: dict[str, str]) -> str:
    if not side:
        return _("Not there yet")
    if kind == Kind.LABEL:
        short = side.get("short") or ""
        label = told(side["label"])
        return f"{label} ({told(short)})" if short and short != side["label"] else label
    if kind == Kind.ORDER:
        return "; ".join(names.get(code, code) for code in side["order"])
    if kind == Kind.REFERENCE:
        code = side["reference"]
        return names.get(code, code) if code else _("None: everybody")
    joined = (
        f"{group['label']}: {', '.join(names.get(code, code) for code in group['categories'])}"
        for group in side["groups"]
    )
    return f"{side['name']}. {'; '.join(joined)}"
