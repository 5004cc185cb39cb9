"""Keys as texts, pure: `<brand>_live_<8 to tell it by>_<43 secret>_<8 check>`.

The brand says what kind of key it is, to people, to us and to scanners that look for leaked ones. The check digits tell a
mistyped key from a wrong one without asking the database. The secret has 256 random bits, so a fast hash is enough to keep
(ASVS 6.5.2 asks for 112).
"""

from __future__ import annotations

import hashlib
import re
import secrets
import zlib
from dataclasses import dataclass
from enum import StrEnum

ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
REST = r"_live_[a-z0-9]{8})_([A-Za-z0-9-]{43})_([0-9a-f]{8})"


class Fault(StrEnum):
    """Why a text cannot be a key."""

    SHAPE = "shape"
    """It does not look like one."""
    CHECK = "check"
    """It looks like one, and the check digits do not fit: a character is wrong or missing."""


@dataclass(frozen=True)
class Made:
    """A fresh key: `secret` is shown once, the rest is kept."""

    secret: str
    prefix: str
    key_hash: str


def _check(text: str) -> str:
    return f"{zlib.crc32(text.encode()):08x}"


def hash_of(secret: str) -> str:
    """SHA-256 in hexadecimal; what the database keeps and compares."""
    return hashlib.sha256(secret.encode()).hexdigest()


def generate(brand: str) -> Made:
    """A new key from the operating system's random source."""
    prefix = f"{brand}_live_" + "".join(secrets.choice(ALPHABET) for _ in range(8))
    body = f"{prefix}_{secrets.token_urlsafe(32).replace('_', '-')}"
    secret = f"{body}_{_check(body)}"
    return Made(secret, prefix, hash_of(secret))


def fault_of(text: str, brand: str) -> Fault | None:
    """What is wrong with the text of a key; says nothing about whether the key exists."""
    match = re.fullmatch(f"({re.escape(brand)}{REST}", text)
    if match is None:
        return Fault.SHAPE
    return None if _check(f"{match[1]}_{match[2]}") == match[3] else Fault.CHECK
