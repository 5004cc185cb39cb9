"""Disclosure control: no count of 1 to 10 people is shown, and none can be worked out.

Only plain values come in and go out; nothing here knows of the database.

1. :func:`build_table` turns rows into cells and writes down every equation that outsiders know too.
2. :func:`protect` hides cells, and proves with witness tables that it is enough.
3. :func:`verify` checks that proof without trusting the search.
4. :func:`certify` does all three for a release, and leaves out parts where the whole cannot be certified.
5. ``measures`` computes rates and inequality measures from what is visible, and from nothing else.
"""

from metrics.disclosure.cells import (
    LEAST_THRESHOLD,
    CellKey,
    Count,
    Dimension,
    Group,
    InconsistentTable,
    Row,
    Structure,
    Table,
    Whole,
)
from metrics.disclosure.certificate import Certificate, Dropped, Effort, Part, Reason, Unproved, Witness
from metrics.disclosure.degrade import PLAN, Certification, Others, certify
from metrics.disclosure.differences import determined
from metrics.disclosure.equations import build_table
from metrics.disclosure.measures import (
    Derived,
    View,
    VisibleGroups,
    compare,
    derive,
    rate,
    visible_groups,
)
from metrics.disclosure.protect import protect
from metrics.disclosure.verify import verify

__all__ = [
    "LEAST_THRESHOLD",
    "PLAN",
    "CellKey",
    "Certificate",
    "Certification",
    "Count",
    "Derived",
    "Dimension",
    "Dropped",
    "Effort",
    "Group",
    "InconsistentTable",
    "Others",
    "Part",
    "Reason",
    "Row",
    "Structure",
    "Table",
    "Unproved",
    "View",
    "VisibleGroups",
    "Whole",
    "Witness",
    "build_table",
    "certify",
    "compare",
    "derive",
    "determined",
    "protect",
    "rate",
    "verify",
    "visible_groups",
]
