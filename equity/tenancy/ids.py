"""Identifiers of public objects: time-ordered, so that indexes stay compact, and impossible to enumerate.

Scores and answers use `uuid.uuid4` instead: a time-ordered id would tell when somebody else wrote.
"""

from __future__ import annotations

import os
import threading
import time
import uuid

_lock = threading.Lock()
_last_tick = 0


def uuid7() -> uuid.UUID:
    """RFC 9562 version 7: 48 bits of milliseconds, 12 of sub-milliseconds, 62 random; monotonic per process."""
    global _last_tick
    nanoseconds = time.time_ns()
    tick = (nanoseconds // 1_000_000 << 12) | ((nanoseconds % 1_000_000) * 4096 // 1_000_000)
    with _lock:
        tick = max(tick, _last_tick + 1)
        _last_tick = tick
    random_bits = int.from_bytes(os.urandom(8), "big") & ((1 << 62) - 1)
    return uuid.UUID(int=(tick >> 12) << 80 | 0x7 << 76 | (tick & 0xFFF) << 64 | 0b10 << 62 | random_bits)
