"""Pages in Spanish: the same addresses behind /es/, for the pages that have all their own words in Spanish.

The language stands in the address and nowhere else: no cookie, and a page in one language can be kept by anybody between.
Links made for a page in Spanish stay in Spanish by themselves, because the prefix is a script prefix.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import get_script_prefix, set_script_prefix
from django.utils.translation import get_language, override, pgettext

SPANISH = "es"
SPOKEN = re.compile(
    r"/$|/p/|/(how-we-count|access|privacy|help)/|/o/[^/]+/measures/(choose/|releases/[^/]+/consent/)"
)
"""The addresses of pages in Spanish. Their templates and modules are named in tests/project/spanish.py."""


def told(text: Any) -> Any:
    """A text of the library in the language of the page; what an institution wrote itself stays as it wrote it."""
    return pgettext("library", text) if text and isinstance(text, str) else text


class OtherLanguage(NamedTuple):
    """The same page in the other language."""

    code: str
    name: str
    address: str


def other_language(request: HttpRequest) -> OtherLanguage | None:
    """The page that somebody looks at in the other language; none where there is only one."""
    if not SPOKEN.match(request.path_info):
        return None
    query = request.META.get("QUERY_STRING", "")
    address = f"{request.path_info}?{query}" if query else request.path_info
    if get_language() == SPANISH:
        return OtherLanguage("en", "English", address)
    return OtherLanguage(SPANISH, "Español", f"/{SPANISH}{address}")


class LanguageMiddleware:
    """Answers /es/… in Spanish, and leads from there to the page in English where it is not translated."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language, _slash, rest = request.path_info.removeprefix("/").partition("/")
        if language != SPANISH:
            return self.get_response(request)
        plain = f"/{rest}"
        if not SPOKEN.match(plain):
            query = request.META.get("QUERY_STRING", "")
            return HttpResponseRedirect(f"/{rest.lstrip('/')}{'?' if query else ''}{query}")
        prefix = get_script_prefix()
        request.path_info = plain
        set_script_prefix(f"{prefix}{SPANISH}/")
        try:
            with override(SPANISH):
                return self.get_response(request)
        finally:
            set_script_prefix(prefix)
