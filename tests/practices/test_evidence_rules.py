"""Which files and links may be attached."""

from __future__ import annotations

import pytest

from equity.roles import Role
from practices.evidence_rules import INSIDE_ROLES, extension_for, file_kind, is_web_link

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize(
    ("name", "content_type", "first_bytes", "stored_as"),
    [
        ("Minutes.PDF", "application/pdf", b"%PDF-1.7", "application/pdf"),
        ("photo.jpeg", "image/jpeg", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("photo.png", "image/png", b"\x89PNG\r\n\x1a\n", "image/png"),
        ("plan.docx", DOCX, b"PK\x03\x04", DOCX),
        ("table.csv", "text/csv; charset=utf-8", b"a,b\n1,2", "text/csv"),
        ("table.csv", "application/vnd.ms-excel", b"a,b\n1,2", "text/csv"),
        ("notes.txt", "text/plain", b"", "text/plain"),
    ],
)
def test_file_is_accepted_when_name_type_and_bytes_agree(
    name: str, content_type: str, first_bytes: bytes, stored_as: str
) -> None:
    kind = file_kind(name, content_type, first_bytes)
    assert kind is not None
    assert kind.content_type == stored_as


@pytest.mark.parametrize(
    ("name", "content_type", "first_bytes"),
    [
        ("page.html", "text/html", b"<html>"),
        ("page.svg", "image/svg+xml", b"<svg"),
        ("run.exe", "application/pdf", b"%PDF-1.7"),
        ("minutes.pdf", "text/html", b"%PDF-1.7"),
        ("minutes.pdf", "application/pdf", b"<script>"),
        ("minutes.pdf.html", "application/pdf", b"%PDF-1.7"),
        ("minutes", "application/pdf", b"%PDF-1.7"),
        ("plan.docx", DOCX, b"MZ\x90\x00"),
    ],
)
def test_file_is_refused_when_anything_disagrees(name: str, content_type: str, first_bytes: bytes) -> None:
    assert file_kind(name, content_type, first_bytes) is None


@pytest.mark.parametrize(
    "url", ["https://example.org/minutes", "http://example.org:8080/a?b=c#d", "HTTPS://EXAMPLE.ORG"]
)
def test_web_link_is_accepted(url: str) -> None:
    assert is_web_link(url)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://example.org/x",
        "https://",
        "//example.org",
        "example.org",
        "https://user:secret@example.org/",
        "https://[bad",
        "",
    ],
)
def test_link_of_another_kind_is_refused(url: str) -> None:
    assert not is_web_link(url)


def test_download_extension_is_of_the_stored_type_only() -> None:
    assert extension_for("application/pdf") == ".pdf"
    assert extension_for("text/html") == ""


def test_community_roles_are_not_inside() -> None:
    assert set(INSIDE_ROLES) == set(Role) - {Role.REVIEWER, Role.FACILITATOR}
