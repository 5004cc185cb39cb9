"""Everything that can be done: to bodies and seats, to a round, by a reviewer, by the institution that replies."""

from accountability.actions.bodies import end_seat, fill_seat, found_body
from accountability.actions.replies import write_reply
from accountability.actions.rounds import (
    change_plan,
    open_round,
    plan_round,
    publish,
    ratify,
    reveal,
    send_replies,
)
from accountability.actions.scoring import save_draft, submit

__all__ = [
    "change_plan",
    "end_seat",
    "fill_seat",
    "found_body",
    "open_round",
    "plan_round",
    "publish",
    "ratify",
    "reveal",
    "save_draft",
    "send_replies",
    "submit",
    "write_reply",
]
