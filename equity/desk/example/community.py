"""The example's community board: its seats, a round, and what its reviewers say. All words are invented."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from zlib import crc32

from accountability import queries
from accountability.actions.bodies import fill_seat, found_body
from accountability.actions.rounds import open_round, plan_round
from accountability.actions.scoring import save_draft, submit
from accountability.models import Body, Group, Round, RoundItem
from equity.desk.example.cast import Player
from equity.tenancy.acting import acting_as
from equity.tenancy.models import Organisation, Person
from equity.tenancy.personas import Persona

REASONS: dict[str, tuple[str, ...]] = {
    "0": (
        "I asked at two meetings and nobody could show me anything.",
        "We have seen no sign of this where I live.",
    ),
    "1": (
        "They said they would. I have it in writing, but I have not seen it happen.",
        "A plan was read out. The people it is about were not in the room.",
        "There is a page about it. It has not changed since last winter.",
    ),
    "2": (
        "They do it most months now, and they come to our building to do it.",
        "I sat in the meeting and my question went into the minutes.",
        "It works for people who speak English. My mother needs it in her language.",
    ),
    "3": ("Our board decides this with them, and someone from outside checks the numbers.",),
    "not_enough": ("I joined the board this spring. I have not seen enough to judge this.",),
}
LEAN = {"lived_experience": 0, "community": 1}


def seat_board(
    *,
    organisation: Organisation,
    name: str,
    facilitator: Person,
    players: Iterable[tuple[Player, Person]],
    today: datetime.date,
) -> Body:
    """Found the board and fill its seats, as its facilitator."""
    body = found_body(organisation=organisation, name=name, by=facilitator)
    since = today - datetime.timedelta(days=150)
    for player, person in players:
        if player.seat:
            fill_seat(body=body, person=person, group=Group(player.seat), since=since, by=facilitator)
    return body


def open_first_round(*, body: Body, title: str, facilitator: Person, today: datetime.date) -> Round:
    """A round over all nine criteria and the four level dashboards."""
    planned = plan_round(
        body=body,
        title=title,
        reveal_from=today + datetime.timedelta(days=21),
        reply_days=30,
        questions=queries.questions(),
        by=facilitator,
    )
    return open_round(round=planned, by=facilitator)


def _level(item: RoundItem, player: Player, chance: int) -> int:
    """Most questions have one half of the scale; on some, people with lived experience see less than the others."""
    kind = crc32(item.code.encode())
    if kind % 4 == 0:
        return LEAN[player.seat] + chance % 3
    return (0 if kind % 3 else 2) + chance % 2


def _answer(item: RoundItem, player: Player) -> tuple[str, str]:
    """An answer that depends on nothing but the question and the player: the example is the same everywhere."""
    chance = crc32(f"{item.code}/{player.key}".encode())
    value = "not_enough" if chance % 11 == 0 else str(_level(item, player, chance))
    reasons = REASONS[value]
    return value, reasons[chance // 11 % len(reasons)]


def score(*, round: Round, organisation: Organisation, player: Player, person: Person) -> None:
    """Answer every question and send, as this reviewer and nobody else."""
    with acting_as(Persona.MEMBER, organisation=organisation, person=person):
        if queries.has_finished(round, person):
            return
        for item in queries.items_of(round):
            value, reason = _answer(item, player)
            save_draft(item=item, value=value, reason=reason, by=person)
        submit(round=round, by=person)
