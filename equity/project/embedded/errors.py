"""What the supervisor says when it cannot go on."""

from __future__ import annotations


class CannotStart(Exception):
    """Its message is for a person: what stands in the way, what to do about it, and that nothing was lost."""


class StopRequested(Exception):
    """Someone asked us to stop (Ctrl-C, SIGTERM, closed terminal) while we were waiting for something."""
