from accountability.models.bodies import GROUP_LABELS, Body, Group, Seat
from accountability.models.rounds import STAGE_LABELS, Reply, Reviewer, Round, RoundItem
from accountability.models.scores import ANSWER_LABELS, LEVEL_LABELS, Answer, Draft, Score, Submission

__all__ = [
    "ANSWER_LABELS",
    "GROUP_LABELS",
    "LEVEL_LABELS",
    "STAGE_LABELS",
    "Answer",
    "Body",
    "Draft",
    "Group",
    "Reply",
    "Reviewer",
    "Round",
    "RoundItem",
    "Score",
    "Seat",
    "Submission",
]
