"""The resources of a FHIR file, and every name that a reference to one of them has."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from metrics.reading.json_node import Node


class References:
    """Resources, and the entries of a Bundle in their place (also of a Bundle in a Bundle)."""

    def __init__(self, *contents: object) -> None:
        self._found = list(_resources(contents))
        self.kinds = {str(resource.get("resourceType", "")) for _url, resource in self._found}

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        """The resources of this kind, in their order."""
        return [resource for _url, resource in self._found if resource.get("resourceType") == kind]

    def names_of(self, reference: Node) -> list[str]:
        """What a reference calls its resource, then what that resource is called in this file: `Organization/7`,
        an address, or an identifier as `system|value`."""
        literal = reference.text("reference").partition("/_history/")[0]
        names = [literal, *_identifier(reference.raw("identifier"))]
        for url, resource in self._found:
            own = f"{resource.get('resourceType')}/{resource.get('id')}"
            if literal and literal in (url, own):
                names += [own if "id" in resource else "", url]
                identifiers = resource.get("identifier", [])
                for identifier in identifiers if isinstance(identifiers, list) else []:
                    names += _identifier(identifier)
        return list(dict.fromkeys(filter(None, names)))


def _resources(contents: Iterable[object]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(address, resource), with those that a resource contains: without an address."""
    waiting: deque[tuple[str, object]] = deque(("", content) for content in contents)
    while waiting:
        url, resource = waiting.popleft()
        if not isinstance(resource, dict):
            continue
        if resource.get("resourceType") != "Bundle":
            yield url, resource
            waiting.extend(("", contained) for contained in _list(resource.get("contained")))
            continue
        for entry in _list(resource.get("entry")):
            if isinstance(entry, dict):
                waiting.append((str(entry.get("fullUrl", "")), entry.get("resource")))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _identifier(value: object) -> list[str]:
    if not isinstance(value, dict) or not isinstance(value.get("value"), str):
        return []
    system = value.get("system")
    return [f"{system}|{value['value']}"] if isinstance(system, str) else [value["value"]]
