"""Counts into observations, in sets: staged by COPY, resolved, checked, written. No Python runs for a row.

staging.py   the file's cells in temporary tables, each distinct place and period resolved once
checking.py  what applying would do, and what stands against it
undoing.py   what a batch wrote, taken back
writing.py   missing strata and series, then the observations: new ones, changed ones

    with staged(organisation_id, chunks) as stage:
        refuse_obstacles(stage)
        written = write(stage, batch_id)

Runs as the worker persona, inside its transaction: all or nothing.
"""

from metrics.ingest.checking import Checked, Obstacle, check, obstacles, refuse_obstacles
from metrics.ingest.staging import Stage, staged
from metrics.ingest.undoing import KEPT_FOR, KEPT_FOR_DAYS, Undone, forget_what_is_too_old, pass_on, undo
from metrics.ingest.writing import Written, write

__all__ = [
    "KEPT_FOR",
    "KEPT_FOR_DAYS",
    "Checked",
    "Obstacle",
    "Stage",
    "Undone",
    "Written",
    "check",
    "forget_what_is_too_old",
    "obstacles",
    "pass_on",
    "refuse_obstacles",
    "staged",
    "undo",
    "write",
]
