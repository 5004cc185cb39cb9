"""Loading the catalogue files. An edition that is in use is never edited: a change to it is a new edition.

A file that was loaded before and has not changed is left alone: loading again on every start costs nothing.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import ForeignObjectRel
from django.utils import timezone

from equity.tenancy.acting import current
from practices.models import Guide, GuideItem, GuideText

CATALOGUE = Path(__file__).resolve().parent / "catalogue"
GUIDE_KEYS = frozenset({"code", "edition", "title", "summary", "source", "language"})
ITEM_KEYS = frozenset({"kind", "code", "position"})
TEXT_KEYS = ("title", "body", "note", "question", "anchors")


class Outcome(StrEnum):
    """What loading a file did."""

    LOADED = "loaded"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"


class CatalogueError(Exception):
    """A catalogue file cannot be loaded. The message says what to do."""


def catalogue_files() -> list[Path]:
    """Every guide edition that comes with the code."""
    return sorted(CATALOGUE.glob("*.toml"))


def load(path: Path) -> tuple[Guide, Outcome]:
    """Bring one edition into the database, in one transaction. Acts as the operator.

    Raises CatalogueError when the file is not a catalogue, or when it differs from an edition that is in use.
    """
    document = _read(path)
    words, digest = document["guide"], digest_of(document)
    with transaction.atomic(using=current().alias):
        standing = (
            Guide.objects.select_for_update().filter(code=words["code"], edition=words["edition"]).first()
        )
        if standing is None:
            return _create(document, digest), Outcome.LOADED
        if standing.digest == digest:
            return standing, Outcome.UNCHANGED
        users = users_of(standing)
        if users:
            raise CatalogueError(
                f"{path.name}: edition {standing.edition} of “{standing.code}” is in use ({', '.join(users)})"
                " and is never edited. Give the changed file a new edition."
            )
        _remove(standing)
        return _create(document, digest), Outcome.REPLACED


def digest_of(document: dict[str, Any]) -> str:
    """SHA-256 of what a file says: comments and spacing do not count."""
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def users_of(guide: Guide) -> list[str]:
    """Names of the tables, of any app, with a row that refers to an item of this edition."""
    referring = [
        field.remote_field
        for field in GuideItem._meta.get_fields(include_hidden=True)
        if isinstance(field, ForeignObjectRel) and field.related_model not in (GuideItem, GuideText)
    ]
    return sorted(
        {
            str(field.model._meta.verbose_name_plural)
            for field in referring
            if field.model._base_manager.filter(**{f"{field.name}__guide": guide}).exists()
        }
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CatalogueError(f"{path.name} cannot be read: {error}") from error
    guide, items = document.get("guide", {}), document.get("item", [])
    missing = GUIDE_KEYS - set(guide)
    if missing:
        raise CatalogueError(f"{path.name}: [guide] lacks {', '.join(sorted(missing))}.")
    known: set[str] = set()
    for item in items:
        _check_item(path, item, known)
        known.add(item["code"])
    return document


def _check_item(path: Path, item: dict[str, Any], known: set[str]) -> None:
    missing = (ITEM_KEYS | {"title"}) - set(item)
    if missing:
        raise CatalogueError(
            f"{path.name}: an item {item.get('code', '')!r} lacks {', '.join(sorted(missing))}."
        )
    if item["code"] in known:
        raise CatalogueError(f"{path.name}: the code {item['code']!r} is there twice.")
    if "parent" in item and item["parent"] not in known:
        raise CatalogueError(
            f"{path.name}: {item['code']!r} comes before its parent {item['parent']!r}, or it has none."
        )


def _create(document: dict[str, Any], digest: str) -> Guide:
    words = document["guide"]
    guide = Guide.objects.create(
        **{key: words[key] for key in GUIDE_KEYS}, digest=digest, loaded_at=timezone.now()
    )
    made: dict[str, GuideItem] = {}
    waiting = document["item"]
    while waiting:  # once a generation: parents must stand before their children
        ready = [item for item in waiting if "parent" not in item or item["parent"] in made]
        for grown in GuideItem.objects.bulk_create(_grown(guide, item, made) for item in ready):
            made[grown.code] = grown
        waiting = [item for item in waiting if item["code"] not in made]
    GuideText.objects.bulk_create(
        GuideText(
            item=made[item["code"]],
            language=guide.language,
            reviewed=True,
            **{key: item[key] for key in TEXT_KEYS if key in item},
        )
        for item in document["item"]
    )
    return guide


def _grown(guide: Guide, item: dict[str, Any], made: dict[str, GuideItem]) -> GuideItem:
    return GuideItem(
        guide=guide,
        parent=made[item["parent"]] if "parent" in item else None,
        level=item.get("level", ""),
        **{key: item[key] for key in ITEM_KEYS},
    )


def _remove(guide: Guide) -> None:
    """Take out an edition that nobody uses; parents and children go in one statement."""
    GuideText.objects.filter(item__guide=guide).delete()
    items = GuideItem.objects.filter(guide=guide)
    items._raw_delete(current().alias)
    guide.delete()
