"""Pages drawn from the ledger are the same for everybody: no session, kept for a minute, known by the ledger's last number."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from equity.publication.queries import last_seq
from equity.tenancy.access import public

PUBLIC_FOR_A_MINUTE = "public, max-age=60"
DRAWN_FROM = ("templates", "locale", "equity/public", "metrics")
DRAWN_BY = frozenset({".html", ".mo", ".py"})


@cache
def edition() -> str:
    """What the software itself adds to a page: another edition of it draws the same ledger differently."""
    digest = hashlib.sha256(getattr(staticfiles_storage, "manifest_hash", "").encode())
    for folder in DRAWN_FROM:
        for path in sorted(Path(settings.BASE_DIR, folder).rglob("*")):
            if path.suffix in DRAWN_BY:
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def ledger_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Anybody may open it, without a session. A browser that has it already is told so before anything is worked out."""

    @public
    @require_safe
    @gzip_page
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        tag = f'"{last_seq()}-{get_language()}-{edition()}"'
        response = get_conditional_response(request, etag=tag) or view(request, *args, **kwargs)
        response.headers["ETag"] = tag
        response.headers["Cache-Control"] = PUBLIC_FOR_A_MINUTE
        return response

    return answered
