"""Somebody at a browser without JavaScript: keeps cookies, follows redirects, fills in forms. No browser is needed."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar
from urllib.parse import urlencode, urlsplit

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
BOUNDARY = "----a-line-that-stands-in-no-file"


@dataclass(frozen=True)
class Seen:
    """A page: where one came to, and what it says."""

    path: str
    text: str


class PlainVisitor:
    """Signed in as an account of the house."""

    def __init__(self, address: str, email: str, password: str) -> None:
        self._address = address
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar())
        )
        self.send("/accounts/login/", {"login": email, "password": password})

    def open(self, path: str) -> Seen:
        return self._answer(urllib.request.Request(self._address + path))

    def send(self, path: str, fields: Mapping[str, str | list[str]] = {}) -> Seen:
        """Open the page of a form, fill the form in and send it."""
        given = {**fields, "csrfmiddlewaretoken": self._token(path)}
        return self._answer(
            urllib.request.Request(self._address + path, urlencode(given, doseq=True).encode())
        )

    def send_file(self, path: str, name: str, text: str) -> Seen:
        """Open the page of a form with one file, choose the file and send it."""
        disposition = 'Content-Disposition: form-data; name="'
        parts = (
            f'{disposition}csrfmiddlewaretoken"\r\n\r\n{self._token(path)}',
            f'{disposition}file"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n{text}',
        )
        body = _joined(parts).encode()
        request = urllib.request.Request(self._address + path, body)
        request.add_header("Content-Type", f"multipart/form-data; boundary={BOUNDARY}")
        return self._answer(request)

    def _token(self, path: str) -> str:
        found = TOKEN.search(self.open(path).text)
        assert found, f"{path} has no form"
        return found[1]

    def _answer(self, request: urllib.request.Request) -> Seen:
        try:
            with self._opener.open(request) as response:
                return Seen(urlsplit(response.url).path, response.read().decode())
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{error.code} at {request.full_url}: {error.read().decode()}") from error


def _joined(parts: Iterable[str]) -> str:
    return "".join(f"--{BOUNDARY}\r\n{part}\r\n" for part in parts) + f"--{BOUNDARY}--\r\n"
