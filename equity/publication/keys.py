"""Keys of those who pull the ledger, pure: `lh_live_…`, made as every key is (`equity.keys.secret`)."""

from __future__ import annotations

from equity.keys import secret
from equity.keys.secret import Made, hash_of

__all__ = ["SCOPES", "Made", "generate", "hash_of", "is_well_formed"]

BRAND = "lh"
SCOPES = frozenset({"observations:read"})


def generate() -> Made:
    """A new key."""
    return secret.generate(BRAND)


def is_well_formed(text: str) -> bool:
    """Whether the shape and the check digits are right; says nothing about whether the key exists."""
    return secret.fault_of(text, BRAND) is None
