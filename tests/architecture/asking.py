"""Opening addresses, and comparing what the answers tell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from equity.tenancy.personas import Login

METHODS = ("get", "post")
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"')


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written in the block is taken back, so that every address is tried on the same houses."""
    with transaction.atomic(using=Login.OWNER.value):
        yield
        transaction.set_rollback(True, using=Login.OWNER.value)


def ask(client: Any, method: str, address: str, sent: dict[str, Any] | None = None) -> Any:
    """Open an address or send a form to it; nothing of it lasts. The answer's words are in `body`."""
    with undone():
        response = getattr(client, method)(address, sent)
        response.body = b"".join(response) if response.streaming else response.content
        return response


def final(client: Any, response: Any) -> int:
    """The status of the page at which a browser arrives in the end."""
    if response.status_code != 302:
        return int(response.status_code)
    return int(client.get(response.headers["Location"], follow=True).status_code)


def told(response: Any, values: Iterable[Any]) -> tuple[int, str, str]:
    """All that an answer tells: its status, where it leads, its words.

    The values that were asked for are blotted out of it, and so is the form's one-time token.
    """
    body, where = TOKEN.sub("", response.body.decode()), response.headers.get("Location", "")
    for value in sorted(map(str, values), key=len, reverse=True):
        body, where = body.replace(value, "▮"), where.replace(value, "▮")
    return response.status_code, where, body
