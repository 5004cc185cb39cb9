"""How often somebody may ask: so many requests in each minute, counted in the cache, told in headers.

A key is counted by its prefix. Without a key the caller is counted by a keyed hash of the address, which the cache
forgets after the minute: no address is stored. When the cache does not answer, nobody is refused.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

WINDOW = 60


@dataclass(frozen=True, slots=True)
class Limit:
    """Where a caller stands: `quota` requests a minute, `used` of them in this one, which ends in `reset` seconds."""

    quota: int
    used: int
    reset: int

    @property
    def exceeded(self) -> bool:
        return self.used > self.quota

    @property
    def headers(self) -> dict[str, str]:
        """After the IETF's draft “RateLimit header fields for HTTP”: the policy, and what is left of it."""
        left = max(self.quota - self.used, 0)
        return {
            "RateLimit-Policy": f'"minute";q={self.quota};w={WINDOW}',
            "RateLimit": f'"minute";r={left};t={self.reset}',
        }


def count(request: HttpRequest, prefix: str) -> Limit:
    """Count this request, by the prefix of its key if it has one, and say where its caller stands."""
    minute, second = divmod(int(time.time()), WINDOW)
    quota = settings.API_RATE_PER_MINUTE if prefix else settings.API_RATE_PER_MINUTE_WITHOUT_KEY
    caller = f"key:{prefix}" if prefix else f"address:{_address_hash(request)}"
    return Limit(quota, _counted(f"api-rate:{caller}:{minute}"), WINDOW - second)


def _counted(name: str) -> int:
    try:
        if cache.add(name, 1, timeout=2 * WINDOW):
            return 1
        return int(cache.incr(name))
    except (RedisError, ValueError):
        logger.warning("The cache does not count requests; nobody is held back.")
        return 0


def _address_hash(request: HttpRequest) -> str:
    return salted_hmac("equity.api.throttling", _address(request), algorithm="sha256").hexdigest()[:32]


def _address(request: HttpRequest) -> str:
    """The caller's address. Behind a proxy of ours it is the last one in the list, which that proxy wrote."""
    if settings.SECURE_PROXY_SSL_HEADER:
        forwarded = request.headers.get("X-Forwarded-For", "").rsplit(",", 1)[-1].strip()
        if forwarded:
            return forwarded
    return str(request.META.get("REMOTE_ADDR", ""))
