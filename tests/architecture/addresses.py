"""Every route of the site by its name, read from the resolver."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from equity.tenancy.access import Access, access_of


@dataclass(frozen=True)
class Route:
    """A route: its name with its namespace, and the parameters that its address has."""

    name: str
    parameters: tuple[str, ...]
    pattern: URLPattern

    @property
    def namespace(self) -> str:
        return self.name.rpartition(":")[0]

    @property
    def access(self) -> Access:
        declared = access_of(self.pattern.callback)
        assert declared is not None, self.name
        return declared

    @property
    def place(self) -> str:
        """The parameter that names an institution; "" when the address names none."""
        if "institution" in self.parameters:
            return "institution"
        return "slug" if self.namespace == "public" and "slug" in self.parameters else ""

    @property
    def others(self) -> list[str]:
        """Its parameters without the institution."""
        return [parameter for parameter in self.parameters if parameter != self.place]

    def address(self, institution: str = "", given: Mapping[str, Any] | None = None) -> str:
        """The address with these values of its parameters."""
        place = {self.place: institution} if self.place else {}
        return reverse(self.name, kwargs={**place, **(given or {})})


def _parameters(pattern: Any) -> tuple[str, ...]:
    """Of `path()` and of `re_path()`."""
    return (*getattr(pattern, "converters", ()), *getattr(getattr(pattern, "regex", None), "groupindex", ()))


def _walk(resolver: URLResolver, namespace: str, before: tuple[str, ...]) -> Iterator[Route]:
    for one in resolver.url_patterns:
        parameters = (*before, *_parameters(one.pattern))
        if isinstance(one, URLResolver):
            yield from _walk(one, one.namespace or namespace, parameters)
        else:
            named = f"{namespace}:{one.name}" if namespace else str(one.name)
            yield Route(named, tuple(dict.fromkeys(parameters)), one)


def named_routes() -> list[Route]:
    """Every route of ours; those of the sign-in library are known by the persona that it runs as."""
    return [
        route
        for route in _walk(get_resolver(), "", ())
        if not route.pattern.callback.__module__.startswith("allauth.")
    ]
