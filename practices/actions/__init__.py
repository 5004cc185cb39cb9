"""What can be done in the programme. Each action is atomic, keeps the rules and writes one audit row."""

from practices.actions.evidence import attach_evidence_file, attach_evidence_link, show_evidence_to
from practices.actions.programme import (
    ChangedMeanwhile,
    add_local_practice,
    adopt_goal,
    adopt_practice,
    assign,
    post_update,
)

__all__ = [
    "ChangedMeanwhile",
    "add_local_practice",
    "adopt_goal",
    "adopt_practice",
    "assign",
    "attach_evidence_file",
    "attach_evidence_link",
    "post_update",
    "show_evidence_to",
]
