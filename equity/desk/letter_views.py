"""Stopping the weekly e-mail, and starting it again, without signing in: the signed address says whose it is."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from equity.desk import letters as post
from equity.http import page
from equity.tenancy.access import access
from equity.tenancy.personas import Persona


@csrf_exempt
@never_cache
@access(Persona.SIGNIN)
@require_http_methods(["GET", "HEAD", "POST"])
def letters(request: Any, token: str) -> HttpResponse:
    """Asks first: mail scanners open every link. Posting stops it, or starts it with `word=start`.

    A mail program posts by itself when somebody presses its own button (RFC 8058). It has no cookie of ours, so no token
    against forged requests is asked for: whoever has the address may stop the e-mail, and nothing else.
    """
    account = post.account_of(token)
    stopped = account.letters_stopped_at is not None
    if request.method == "POST":
        stopped = request.POST.get("word") != "start"
        (post.stop if stopped else post.start)(account)
    context = {"stopped": stopped, "changed": request.method == "POST"}
    return page(request, "desk/letters/page.html", context)
