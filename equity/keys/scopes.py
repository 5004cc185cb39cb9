"""What a key may reach, pure. A key reaches nothing that the person who answers for it could not do."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from equity.roles import Permission

BRAND = "lhi"
"""How the keys of institutions begin. Those of departments that pull what is published begin with `lh`."""

LONGEST_LIFE = timedelta(days=365)
MOST_LIVE = 2
"""Live keys of one system: the one in use, and the one that takes its place."""


class Scope(StrEnum):
    """One thing that a key opens."""

    SEND_COUNTS = "batches:write"


NEEDS: dict[Scope, Permission] = {Scope.SEND_COUNTS: Permission.IMPORT_COUNTS}
"""What the person who answers for a system must be allowed to do themselves."""
