"""What stands behind the parameters of addresses, for the tests that try to reach it from another institution.

A new route with a parameter fails those tests until the parameter has a line here: in SAMPLES when it finds an object of
one institution, in NOT_AN_OBJECT with the reason when it does not.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from equity.roles import MAY
from practices.workflow import PracticeStatus
from tests.architecture.addresses import Route
from tests.architecture.two_houses import PLANNED, STANDS_FOR, Standing, minutes
from tests.cast import ROLES

Key = tuple[str, str]
"""A route's name, or a namespace for all of its routes; and a parameter. The name goes before the namespace."""

SAMPLES: dict[Key, Callable[[Standing], Any]] = {
    ("desk:job", "pk"): lambda stands: stands.job.pk,
    ("practices", "pk"): lambda stands: stands.riverside.practice.pk,
    ("practices:evidence", "pk"): lambda stands: stands.riverside.shown.pk,
    ("keys", "pk"): lambda stands: stands.sending.pk,
    ("keys:revoke", "pk"): lambda stands: stands.sending_key.pk,
    ("metrics", "metric"): lambda stands: "seen-in-time",
    ("metrics:proposal", "pk"): lambda stands: stands.proposed.pk,
    ("metrics:proposal_decline", "pk"): lambda stands: stands.proposed.pk,
    ("metrics", "dimension"): lambda stands: stands.local,
    ("metrics:group_change", "pk"): lambda stands: stands.change.pk,
    ("desk", "unit"): lambda stands: "east",
    ("desk:unit_move", "unit"): lambda stands: "new-wing",
    ("desk:unit_close", "unit"): lambda stands: "new-wing",
    ("desk:unit_reopen", "unit"): lambda stands: "old-wing",
    ("metrics:release_consent", "pk"): lambda stands: stands.held.pk,
    ("metrics:metric_give_back", "metric"): lambda stands: "held-in-trust",
    ("metrics:release", "pk"): lambda stands: stands.release.pk,
    ("metrics:release_publish", "pk"): lambda stands: stands.release.pk,
    ("metrics:leave_sums", "pk"): lambda stands: stands.joining.pk,
    ("metrics:import_batch", "pk"): lambda stands: stands.checked.pk,
    ("metrics:import_mapping", "pk"): lambda stands: stands.saved.pk,
    ("metrics:import_undo", "pk"): lambda stands: stands.counted.pk,
    ("metrics:import_errors_workbook", "pk"): lambda stands: stands.refused.pk,
    ("metrics:import_errors", "pk"): lambda stands: stands.refused.pk,
    ("accountability", "pk"): lambda stands: stands.board.open.pk,
    ("accountability:edit_plan", "pk"): lambda stands: stands.board.planned.pk,
    ("accountability:step", "pk"): lambda stands: stands.board.planned.pk,
    ("accountability:thanks", "pk"): lambda stands: stands.board.heard.pk,
    ("accountability:together", "pk"): lambda stands: stands.board.heard.pk,
    ("accountability:replies", "pk"): lambda stands: stands.board.heard.pk,
    ("accountability:reply", "pk"): lambda stands: stands.board.heard.pk,
    ("mandates", "pk"): lambda stands: stands.mandated.report.pk,
    ("mandates:file", "pk"): lambda stands: stands.mandated.file.pk,
    ("mandates:reporter", "pk"): lambda stands: stands.mandated.reporter.pk,
    ("mandates:facts", "pk"): lambda stands: stands.mandated.reporter.pk,
    ("mandates:answers", "pk"): lambda stands: stands.mandated.reporter.pk,
    ("mandates:statements", "pk"): lambda stands: stands.mandated.reporter.pk,
    ("mandates:plan", "pk"): lambda stands: stands.mandated.reporter.pk,
    ("public:measure", "metric"): lambda stands: "seen-in-time",
    ("public:finding", "number"): lambda stands: 1,
    ("public:finding", "code"): lambda stands: "1.1",
}

NOT_AN_OBJECT: dict[Key, tuple[Any, str]] = {
    ("catalogue:goal", "code"): ("2.1", "A goal of the guide, which is the same for everybody."),
    ("practices", "code"): ("2.1", "A goal of the guide; the page shows what one's own cycle made of it."),
    ("practices", "number"): (2, "One of the five steps, in one's own cycle."),
    ("metrics", "entry"): ("interpreter-wait", "A metric of the library, which is the same for everybody."),
    ("metrics:dimension_adopt", "entry"): ("sexual_orientation", "A dimension of the library, as above."),
    ("metrics:group_propose", "kind"): ("label", "One of the four kinds of change."),
    ("metrics:adopt_from_set", "number"): (
        99,
        "A definition of a health department's set, which is the same for everybody.",
    ),
    ("desk:letters", "token"): (
        "0198c2f000007000800000000000000.unsigned",
        "A signed address of one person's own; tests/desk/test_letters.py tries others.",
    ),
    ("metrics", "level"): ("patient", "One of the four levels."),
    ("metrics:import_progress", "upload"): (
        "0198c2f0-0000-7000-8000-000000000000",
        "A name that the sender's browser made up; the count behind it is kept for that person.",
    ),
    ("accountability:step", "move"): ("open", "A move of the workflow."),
    ("mandates", "by"): ("payer", "A way to compare of the template, which is the same for everybody."),
    ("mandates", "sheet"): ("core", "A sheet of the template."),
    ("mandates", "disparity"): (
        PLANNED,
        "Measure, way to compare and group of the template; whose it is the reporter says.",
    ),
    ("accountability", "number"): (1, "A question's place in the round that the address names."),
}

SENT: dict[str, Callable[[Standing], dict[str, Any]]] = {
    "practices:post_update": lambda stands: {
        "status": PracticeStatus.UNDER_WAY.value,
        "words": "It moves again.",
        "version": stands.riverside.practice.version,
    },
    "practices:assign": lambda stands: {
        "owner": stands.house.person("oscar").pk,
        "version": stands.riverside.practice.version,
    },
    "practices:attach_file": lambda stands: {**_proof(), "upload": minutes()},
    "practices:attach_link": lambda stands: {**_proof(), "url": "https://riverside.example/minutes"},
    "practices:show_evidence_to": lambda stands: {
        "evidence": stands.riverside.shown.pk,
        "visibility": "public",
    },
    "metrics:import_batch": lambda stands: {},
    "metrics:import_undo": lambda stands: {},
    "metrics:import_mapping": lambda stands: {"name": stands.saved.name, "text": stands.saved.text},
    "metrics:release_publish": lambda stands: {},
    "metrics:leave_sums": lambda stands: {},
    "mandates:extension": lambda stands: {},
    "mandates:measures": lambda stands: {"measure-cesarean": "none"},
    "mandates:group": lambda stands: {"group-medicare": ["medicaid"]},
    "mandates:submit": lambda stands: {"as_of": 0, "note": "A count was put right."},
    "mandates:facts": lambda stands: {"kind": "acute", "identifier": "106000001"},
    "mandates:answers": lambda stands: {"yes-equity-leader": "yes"},
    "mandates:statements": lambda stands: {"text-access": "We opened on Saturdays."},
    "mandates:plan": lambda stands: {"objective": "Half as many", "area": "access"},
    "metrics:release_consent": lambda stands: {"metric": "held-in-trust", "word": "agree"},
    "metrics:withdraw": lambda stands: {
        "periods": ["2024-Q1"],
        "reason": "wrong",
        "words": "It was another hospital's.",
        "sure": "yes",
    },
    "metrics:proposal_decline": lambda stands: {"reason": "We cannot count it yet."},
    "metrics:group_change": lambda stands: {"word": "approve"},
    "metrics:group_propose": lambda stands: {"category": "by-bus", "label": "Bus", "why": "It is shorter."},
    "metrics:missing_goal": lambda stands: {
        "owner": stands.house.person("bea").pk,
        "at_most": "5",
        "by_date": timezone.localdate() + datetime.timedelta(days=100),
    },
    "keys:another": lambda stands: {"days": "90"},
    "keys:answer": lambda stands: {},
    "keys:revoke": lambda stands: {},
    "desk:unit_rename": lambda stands: {"name": "East Campus"},
    "desk:unit_move": lambda stands: {"parent": "east"},
    "desk:unit_close": lambda stands: {},
    "desk:unit_reopen": lambda stands: {},
    "metrics:metric_due": lambda stands: {"owner": stands.house.person("bea").pk, "due_days": 14},
    "metrics:metric_retire": lambda stands: {"reason": "Nobody used it."},
    "metrics:metric_target": lambda stands: {
        "stratum": "",
        "value": "80",
        "by_date": timezone.localdate() + datetime.timedelta(days=100),
        "reason": "The board.",
    },
    "metrics:metric_change": lambda stands: {**CHANGED, "meaning": "same"},
    "metrics:metric_give": lambda stands: {},
    "metrics:metric_give_back": lambda stands: {},
    "accountability:edit_plan": lambda stands: {
        "title": "Another title",
        "reveal_from": timezone.localdate() + datetime.timedelta(days=20),
        "reply_days": 30,
        "questions": ["C1.1"],
    },
    "accountability:step": lambda stands: {},
    "accountability:score": lambda stands: {"value": "2", "reason": "We saw it."},
    "accountability:draft": lambda stands: {"value": "2", "reason": "We saw"},
    "accountability:step_back": lambda stands: {"reason": "My sister leads it."},
    "accountability:check": lambda stands: {},
    "accountability:reply": lambda stands: {"text": "We will post our reasons."},
}
"""What a form of the page sends. Whoever may send it succeeds with it; a route that is not here only shows."""


CHANGED = {
    "name": "Seen in time, or called",
    "level": "patient",
    "purpose": "impact",
    "kind": "proportion",
    "better": "higher",
    "counts_people": "yes",
    "per": 100,
    "numerator": "Those it reached",
    "denominator": "Everybody",
    "frequency": 3,
    "source": "The record",
    "why": "People asked.",
}
"""The form of a definition."""


def _proof() -> dict[str, Any]:
    return {"title": "Minutes", "fact_date": timezone.localdate(), "visibility": "institution"}


ONLY_FACILITATORS = frozenset({"accountability:step"})
"""Routes that everybody may open, with an object here that is the facilitator's alone."""


def _of(table: dict[Key, Any], route: Route, parameter: str) -> Any:
    return table.get((route.name, parameter)) or table.get((route.namespace, parameter))


def is_known(route: Route, parameter: str) -> bool:
    """Whether it is in exactly one of the two tables."""
    return bool(_of(SAMPLES, route, parameter)) is not bool(_of(NOT_AN_OBJECT, route, parameter))


def has_object(route: Route) -> bool:
    """Whether the address finds an object of one institution."""
    return any(_of(SAMPLES, route, parameter) for parameter in route.others)


def plain(route: Route) -> dict[str, Any]:
    """Values of the parameters that find no object."""
    found = {parameter: _of(NOT_AN_OBJECT, route, parameter) for parameter in route.others}
    return {parameter: entry[0] for parameter, entry in found.items() if entry}


def standing(route: Route, stands: Standing) -> dict[str, Any]:
    """Values of the parameters that find an object of Riverside."""
    found = {parameter: _of(SAMPLES, route, parameter) for parameter in route.others}
    return {parameter: sample(stands) for parameter, sample in found.items() if sample}


def absent(given: Any) -> Any:
    """A value of the same kind that finds nothing anywhere."""
    if isinstance(given, UUID):
        return uuid4()
    return 9999 if isinstance(given, int) else "no-such-thing"


def allowed(route: Route) -> str:
    """Somebody of Riverside who may open a route, and see the object that stands for it."""
    if route.name in ONLY_FACILITATORS:
        return "farid"
    return next(name for name in STANDS_FOR if may(name, route))


def may(name: str, route: Route) -> bool:
    """Whether the role of somebody of the cast includes what a route needs."""
    return route.access.needs is None or route.access.needs in MAY[ROLES[name]]


# ---------------------------------------------------------------- inside one institution
@dataclass(frozen=True)
class Hidden:
    """An object that some see and others do not, though the roles of all may open the page."""

    why: str
    route: str
    pk: Callable[[Standing], UUID]
    status_of: dict[str, int]


HIDDEN_FROM = (
    Hidden(
        "a round that is being prepared",
        "accountability:round",
        lambda stands: stands.board.planned.pk,
        {"farid": 200, "alice": 404, "bea": 404, "carmen": 404},
    ),
    Hidden(
        "a move of a round that is being prepared",
        "accountability:step",
        lambda stands: stands.board.planned.pk,
        {"farid": 200, "alice": 404, "bea": 404, "carmen": 404},
    ),
    Hidden(
        "evidence for the institution's own people",
        "practices:evidence",
        lambda stands: stands.riverside.kept.pk,
        {"alice": 200, "oscar": 200, "carmen": 404, "farid": 404},
    ),
    Hidden(
        "a question of a round in which one holds no seat",
        "accountability:score",
        lambda stands: stands.board.open.pk,
        {"carmen": 200, "rosa": 200, "dora": 403},
    ),
    Hidden(
        "answers of a round in which one holds no seat",
        "accountability:check",
        lambda stands: stands.board.open.pk,
        {"carmen": 200, "rosa": 200, "dora": 403},
    ),
    Hidden(
        "a finding before the reveal",
        "accountability:reply",
        lambda stands: stands.board.open.pk,
        {"alice": 404},
    ),
)
