"""What a route asks of whoever opens it: a persona, and inside an institution a permission.

Every view declares it once; the middleware obeys it, the system check refuses a route without it, and the test matrix is
generated from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from equity.roles import Permission
from equity.tenancy.personas import Persona

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Access:
    """`needs`: a permission in the institution that the address names; none: any signed-in person.

    `by_itself`: the view enters its persona itself (an API key decides which, and a key is not known here).
    """

    persona: Persona
    needs: Permission | None = None
    by_itself: bool = False


def access(
    persona: Persona, needs: Permission | None = None, *, by_itself: bool = False
) -> Callable[[View], View]:
    """Declare on a view who may open it."""

    def mark(view: View) -> View:
        view.access = Access(persona, needs, by_itself)  # type: ignore[attr-defined]  # a view is a function with a mark
        return view

    return mark


def public(view: View) -> View:
    """Anybody; reads the catalogue and the ledger only, needs no session."""
    return access(Persona.PUBLIC)(view)


def signed_in(view: View) -> View:
    """Anybody who signed in; sees their own rows only, until an institution is named."""
    return access(Persona.MEMBER)(view)


def needs(permission: Permission) -> Callable[[View], View]:
    """A member of the institution in the address whose roles allow `permission`."""
    return access(Persona.MEMBER, permission)


def access_of(view: Callable[..., Any]) -> Access | None:
    """The declared access of a view; the sign-in pages of allauth run as the sign-in persona."""
    declared = getattr(view, "access", None)
    if isinstance(declared, Access):
        return declared
    if view.__module__.startswith("allauth."):
        return Access(Persona.SIGNIN)
    return None
