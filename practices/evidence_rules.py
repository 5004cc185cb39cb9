"""What may be attached as evidence, and who may see it. Pure.

A file must agree three times: its extension, the content type the browser gave, and how its bytes begin.
It is never opened in the browser, only downloaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath
from urllib.parse import urlsplit

from equity.roles import COMMUNITY, Role

LONGEST_SIGNATURE = 8
_ZIP = b"PK\x03\x04"
_OFFICE = "application/vnd.openxmlformats-officedocument."


class Visibility(StrEnum):
    """Who may see evidence: the institution's own people, its community board too, or everybody."""

    INSTITUTION = "institution"
    COMMUNITY = "community"
    PUBLIC = "public"


INSIDE_ROLES: tuple[Role, ...] = tuple(role for role in Role if role not in COMMUNITY)
"""Roles that see all evidence; the community's roles see what was shown to them or to everybody."""


@dataclass(frozen=True)
class FileKind:
    """A kind of file that is accepted.

    `content_type` is what we store and send; `also_sent` is what some browsers call it.
    """

    content_type: str
    extensions: tuple[str, ...]
    signature: bytes = b""
    also_sent: tuple[str, ...] = ()


FILE_KINDS = (
    FileKind("application/pdf", (".pdf",), b"%PDF-"),
    FileKind("image/png", (".png",), b"\x89PNG\r\n\x1a\n"),
    FileKind("image/jpeg", (".jpg", ".jpeg"), b"\xff\xd8\xff"),
    FileKind("text/plain", (".txt",)),
    FileKind("text/csv", (".csv",), also_sent=("application/csv", "application/vnd.ms-excel")),
    FileKind(f"{_OFFICE}wordprocessingml.document", (".docx",), _ZIP),
    FileKind(f"{_OFFICE}spreadsheetml.sheet", (".xlsx",), _ZIP),
    FileKind(f"{_OFFICE}presentationml.presentation", (".pptx",), _ZIP),
)
ACCEPTED_EXTENSIONS: tuple[str, ...] = tuple(
    extension for kind in FILE_KINDS for extension in kind.extensions
)


def file_kind(name: str, content_type: str, first_bytes: bytes) -> FileKind | None:
    """The accepted kind that extension, content type and first bytes agree on; None when they do not."""
    extension = PurePath(name).suffix.lower()
    sent = content_type.split(";")[0].strip().lower()
    for kind in FILE_KINDS:
        if extension in kind.extensions:
            named = sent == kind.content_type or sent in kind.also_sent
            return kind if named and first_bytes.startswith(kind.signature) else None
    return None


def extension_for(content_type: str) -> str:
    """The extension that a stored file is downloaded with; none when the type is not one of ours."""
    return next((kind.extensions[0] for kind in FILE_KINDS if kind.content_type == content_type), "")


def is_web_link(url: str) -> bool:
    """An http or https address with a host, and without a name and password in it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    named = parts.username is not None or parts.password is not None
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not named
