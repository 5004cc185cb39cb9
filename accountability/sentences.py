"""The one lit sentence of a page, and the words before a step that cannot be taken back."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accountability.models import Round
from accountability.workflow import Move, Stage


@dataclass(frozen=True)
class Step:
    """What a move is called, what it does, and the button that does it."""

    question: Any
    effect: Any
    button: Any


STEPS = {
    Move.OPEN: Step(
        gettext_lazy("Open this round for scoring?"),
        gettext_lazy(
            "The questions, the days and the reviewers are then fixed. Nobody sees a score until you reveal the round,"
            " and you do not see who has finished."
        ),
        gettext_lazy("Open the round"),
    ),
    Move.REVEAL: Step(
        gettext_lazy("Reveal this round?"),
        gettext_lazy(
            "Everyone sees the findings at the same moment: the board, the institution, you. No score can come in after"
            " this, and the institution’s days to reply begin."
        ),
        gettext_lazy("Reveal the round"),
    ),
    Move.REPLY: Step(
        gettext_lazy("Send the institution’s replies?"),
        gettext_lazy("The board can then read them. A finding without a reply will say so in public."),
        gettext_lazy("Send the replies"),
    ),
    Move.RATIFY: Step(
        gettext_lazy("Does the board stand by these findings?"),
        gettext_lazy("After this no reply can be written or changed. Findings without a reply say so."),
        gettext_lazy("Ratify the round"),
    ),
    Move.PUBLISH: Step(
        gettext_lazy("Publish this round?"),
        gettext_lazy(
            "Findings, reasons and replies go to the public page, without names. Nobody can take them back, and neither"
            " can the institution."
        ),
        gettext_lazy("Publish the round"),
    ),
}

STAGES = (
    (Stage.DRAFT, gettext_lazy("Prepare")),
    (Stage.OPEN, gettext_lazy("Score")),
    (Stage.REVEALED, gettext_lazy("Reveal")),
    (Stage.REPLIED, gettext_lazy("Reply")),
    (Stage.RATIFIED, gettext_lazy("Ratify")),
    (Stage.PUBLISHED, gettext_lazy("Publish")),
)


def stage_line(round: Round) -> list[dict[str, Any]]:
    """The stages in their order, the present one marked; a round without a reply passed that stage by."""
    now = Stage.PUBLISHED if round.at is Stage.SUPERSEDED else round.at
    return [{"words": words, "is_now": stage is now} for stage, words in STAGES]


def about_rounds(rounds: Sequence[Round], waiting: Sequence[Round]) -> str:
    """The sentence above the list of rounds."""
    if waiting:
        return ngettext(
            "One round waits for your answers.", "%(count)s rounds wait for your answers.", len(waiting)
        ) % {"count": len(waiting)}
    open_ones = [round for round in rounds if round.at is Stage.OPEN]
    if open_ones:
        day = date_format(min(round.reveal_from for round in open_ones))
        return _(
            "The board is scoring. What it finds is sealed until %(day)s, or until everyone has finished."
        ) % {"day": day}
    revealed = [round for round in rounds if round.at is Stage.REVEALED]
    if revealed:
        day = date_format(min(round.reply_due_on for round in revealed if round.reply_due_on))
        return _("The board has been heard. The institution has until %(day)s to reply.") % {"day": day}
    if any(round.at in (Stage.PUBLISHED, Stage.SUPERSEDED) for round in rounds):
        return _("What the board found is public, with the institution’s replies.")
    if rounds:
        return _("A round is being prepared.")
    return _("No review round has been held yet.")


def about_round(round: Round, today: datetime.date, *, mine: str) -> str:
    """The sentence above one round. `mine`: "waiting", "finished", or "" for who does not review it."""
    if round.at is Stage.OPEN and mine == "waiting":
        return _("The board waits for your answers. Nobody sees them until everyone is heard.")
    if round.at is Stage.OPEN and mine == "finished":
        return _("Your answers are in. They stay sealed until everyone is heard.")
    due = date_format(round.reply_due_on) if round.reply_due_on else ""
    if round.at is Stage.REVEALED and round.reply_due_on and today > round.reply_due_on:
        return _("The institution had until %(day)s to reply, and has not sent its replies.") % {"day": due}
    sentences = {
        Stage.DRAFT: _("This round is not open yet. Look through the questions, then open it."),
        Stage.OPEN: _("The board is scoring. Everything is sealed until the reveal."),
        Stage.REVEALED: _("The board has been heard. The institution has until %(day)s to reply.")
        % {"day": due},
        Stage.REPLIED: _("The institution has replied. The board decides whether it stands by its findings."),
        Stage.RATIFIED: _("The board stands by its findings. They can be published."),
        Stage.PUBLISHED: _("What the board found is public, and stays so."),
        Stage.SUPERSEDED: _("What the board found is public. A later round has followed it."),
    }
    return sentences[round.at]
