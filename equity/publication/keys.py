"""API keys, pure: `lh_live_<8 to tell it by>_<43 secret>_<6 check>`.

The check digits let a scanner find a leaked key and let us refuse a mistyped one without asking the database. The secret has
256 random bits, so a fast hash is enough to keep (ASVS 6.5.2 asks for 112).
"""

from __future__ import annotations

import hashlib
import re
import secrets
import zlib
from dataclasses import dataclass

SCOPES = frozenset({"observations:read"})
PATTERN = re.compile(r"^(lh_live_[a-z0-9]{8})_([A-Za-z0-9-]{43})_([0-9a-f]{8})$")
ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"


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


def generate() -> Made:
    """A new key from the operating system's random source."""
    prefix = "lh_live_" + "".join(secrets.choice(ALPHABET) for _ in range(8))
    body = f"{prefix}_{secrets.token_urlsafe(32).replace('_', '-')}"
    secret = f"{body}_{_check(body)}"
    return Made(secret, prefix, hash_of(secret))


def is_well_formed(text: str) -> bool:
    """Whether the shape and the check digits are right; says nothing about whether the key exists."""
    match = PATTERN.match(text)
    return bool(match) and _check(f"{match[1]}_{match[2]}") == match[3] if match else False
