"""A change of groups in words: from what to what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from metrics.models import Category, GroupChange

Kind = GroupChange.Kind


@dataclass(frozen=True)
class Told:
    """How it was and how it would be, as text."""

    was: str
    becomes: str


def told_change(change: GroupChange, groups: Iterable[Category]) -> Told:
    """Both sides of a change, with groups by their names of today."""
    names = {one.code: one.label for one in groups}
    return Told(_told(change.kind, change.was, names), _told(change.kind, change.becomes, names))


def _told(kind: str, side: dict[str, Any], names: dict[str, str]) -> str:
    if not side:
        return _("Not there yet")
    if kind == Kind.LABEL:
        short = side.get("short") or ""
        return f"{side['label']} ({short})" if short and short != side["label"] else str(side["label"])
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
