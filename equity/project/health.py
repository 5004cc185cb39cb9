"""Whether this process can do its work: the database answers, and Valkey answers."""

from __future__ import annotations

from django.core.cache import cache
from django.db import connections
from django.http import HttpRequest, JsonResponse
from redis.exceptions import RedisError

from equity.tenancy.access import access
from equity.tenancy.acting import current
from equity.tenancy.personas import Persona


@access(Persona.SIGNIN)
def health(request: HttpRequest) -> JsonResponse:
    """200 when all parts answer, 503 with the name of the part that does not."""
    parts = {}
    with connections[current().alias].cursor() as cursor:
        cursor.execute("SELECT 1")
        parts["database"] = cursor.fetchone() == (1,)
    try:
        cache.set("health", 1, 5)
        parts["broker"] = cache.get("health") == 1
    except (OSError, RedisError):
        parts["broker"] = False
    well = all(parts.values())
    return JsonResponse({"status": "ok" if well else "failing", **parts}, status=200 if well else 503)
