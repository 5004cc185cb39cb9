"""What can go wrong in the programme's own words. Views and the API turn each into one status."""

from __future__ import annotations


class DomainError(Exception):
    """A rule of the programme says no. `message` is shown to the person who asked."""

    status = 409

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotAllowed(DomainError):
    """This person may not do this here."""

    status = 403


class NotFound(DomainError):
    """It does not exist for this person: absent and forbidden look the same."""

    status = 404


class RuleBroken(DomainError):
    """The person may do it, but not now or not this way (a state, a missing reason, a closed round)."""

    status = 409
