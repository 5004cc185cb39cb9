"""Who plays in the example. All people are invented."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.crypto import salted_hmac

from equity.roles import Role

REAL_COUNTS = "hospitals-130"
INVENTED = "willow-ferry"

SAMPLE_NOTES = {
    REAL_COUNTS: "The counts are real: a public study of 130 US hospitals, 1999 to 2008"
    " (Clore, Cios, DeShazo and Strack, UCI dataset 296, CC BY 4.0; we counted them)."
    " The people, the board, the promises and the scores are made up.",
    INVENTED: "Not real. Willow Ferry Health, its people and its numbers are made up.",
}


@dataclass(frozen=True)
class Player:
    """An account of the example: `seat` is the stakeholder group of a seat in the community board."""

    key: str
    name: str
    role: Role
    seat: str = ""
    shown: str = ""

    def email(self, slug: str) -> str:
        return f"{self.key}@{slug}.example"


CAST: tuple[Player, ...] = (
    Player(
        "lead",
        "Lena Okafor",
        Role.EQUITY_LEAD,
        shown="equity lead: runs the programme, imports, replies, publishes",
    ),
    Player("council", "Marcus Bell", Role.COUNCIL_MEMBER, shown="council member: every gap, every count"),
    Player("analyst", "Ines Duarte", Role.ANALYST, shown="analyst: loads counts, prepares releases"),
    Player("owner", "Tom Reyes", Role.PRACTICE_OWNER, shown="practice owner: posts updates and evidence"),
    Player(
        "facilitator", "Farah Siddiqui", Role.FACILITATOR, shown="board facilitator: runs the review round"
    ),
    Player(
        "rosa", "Rosa Delgado", Role.REVIEWER, "lived_experience", "community reviewer who has not scored yet"
    ),
    Player(
        "james",
        "James Whitfield",
        Role.REVIEWER,
        "lived_experience",
        "community reviewer who has not scored yet",
    ),
    Player("amina", "Amina Yusuf", Role.REVIEWER, "lived_experience"),
    Player("li", "Li Wei", Role.REVIEWER, "lived_experience"),
    Player("grace", "Grace Tallbear", Role.REVIEWER, "lived_experience"),
    Player("pastor", "Samuel Price", Role.REVIEWER, "community"),
    Player("tenants", "Dolores Vega", Role.REVIEWER, "community"),
    Player("clinic", "Nadia Haddad", Role.REVIEWER, "community"),
    Player("youth", "Tyrell Banks", Role.REVIEWER, "community"),
    Player("elders", "Hanh Tran", Role.REVIEWER, "community"),
)
NOT_YET_SCORED = frozenset({"rosa", "james"})


def password() -> str:
    """The example accounts' password: different in every installation, the same at every start."""
    return f"light-and-heat-{salted_hmac('equity.desk.example', settings.SECRET_KEY).hexdigest()[:8]}"
