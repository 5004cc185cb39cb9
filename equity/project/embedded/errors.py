"""What the supervisor says, and how it says that it cannot go on."""

from __future__ import annotations

import contextlib
import sys


class CannotStart(Exception):
    """Its message is for a person: what stands in the way, what to do about it, and that nothing was lost."""


class StopRequested(Exception):
    """Someone asked us to stop (Ctrl-C, SIGTERM, closed terminal) while we were waiting for something."""


def say(sentence: str) -> None:
    """Tell a person. The terminal may be closed by now: that must not keep us from stopping in order."""
    with contextlib.suppress(OSError):
        sys.stdout.write(f"{sentence}\n")
        sys.stdout.flush()


def complain(sentence: str) -> None:
    """Tell a person without mixing it into the output of a command that we run."""
    with contextlib.suppress(OSError):
        sys.stderr.write(f"{sentence}\n")
