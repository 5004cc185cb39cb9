"""Documents as publishers write them, and the way they get into the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from equity.publication import ledger
from equity.publication.actions import draft_release
from equity.publication.ledger import Entry
from equity.publication.models import Release
from equity.tenancy.acting import acting_as
from equity.tenancy.models import Organisation, Person
from equity.tenancy.personas import Persona
from metrics.stats import Proportion, Rate

METRIC = {
    "code": "readmission",
    "name": "Back in the hospital within 30 days",
    "level": "patient",
    "kind": "proportion",
    "better": "lower",
    "purpose": "impact",
    "counts_people": True,
    "per": 100,
    "numerator": "Stays followed by another stay within 30 days",
    "denominator": "All stays",
    "source": "Line list of stays",
    "why": "A quick return can mean that people went home too early.",
}
FALLS = METRIC | {
    "code": "falls",
    "name": "Falls",
    "kind": "rate",
    "per": 1000,
    "numerator": "Falls",
    "denominator": "Bed-days",
}
WAIT = METRIC | {
    "code": "wait",
    "name": "Minutes waited",
    "kind": "mean",
    "per": 1,
    "numerator": "Minutes waited",
}

DIMENSIONS = {"race": "Race and ethnicity", "payer": "Who pays"}
LABELS = {
    "black": ("Black or African American", 1),
    "asian": ("Asian", 2),
    "white": ("White", 3),
    "unknown": ("Not recorded", 4),
    "medicaid": ("Medicaid", 1),
    "private": ("Private insurance", 2),
}
YEAR = ("2025-01-01", "2025-12-31", "year", "2025")
SPAN = ("2021-01-01", "2025-12-31", "span", "2021 to 2025")
WHOLE = ("all", "Riverside Health")
EAST = ("east", "East Hospital")


def observation(
    numerator: int | None,
    denominator: int | None,
    *,
    metric: dict[str, Any] = METRIC,
    unit: tuple[str, str] = WHOLE,
    period: tuple[str, str, str, str] = YEAR,
    status: str = "published",
    audience: str = "public",
    op: str = "upsert",
    **dims: str,
) -> Entry:
    """One figure. Without `dims` it is everybody's."""
    start, end, grain, label = period
    document = {
        "metric": metric,
        "unit": {"code": unit[0], "name": unit[1], "root": unit == WHOLE},
        "period": {"start": start, "end": end, "grain": grain, "label": label},
        "dims": dims,
        "labels": {
            dimension: {
                "dimension": DIMENSIONS[dimension],
                "category": LABELS[category][0],
                "missing": category == "unknown",
                "position": LABELS[category][1],
            }
            for dimension, category in dims.items()
        },
        "status": status,
        **_numbers(metric, numerator, denominator, status),
    }
    stratum = "&".join(f"{name}={dims[name]}" for name in sorted(dims))
    return Entry(
        kind="observation",
        key=f"{metric['code']}|{unit[0]}|{start}..{end}|{stratum}",
        document=document,
        metric=metric["code"],
        period_start=date.fromisoformat(start),
        period_end=date.fromisoformat(end),
        op=op,
        audience=audience,
    )


def _numbers(
    metric: dict[str, Any], numerator: int | None, denominator: int | None, status: str
) -> dict[str, Any]:
    if status != "published" or numerator is None or not denominator:
        return {"numerator": None, "denominator": denominator, "rate": None, "ci": None, "reliable": None}
    if metric["kind"] not in ("proportion", "rate"):
        rate, ci = numerator / denominator, [numerator / denominator - 1, numerator / denominator + 1]
        return {"numerator": numerator, "denominator": denominator, "rate": rate, "ci": ci, "reliable": True}
    proportion = metric["kind"] == "proportion"
    observed = (
        Proportion(numerator, denominator) if proportion else Rate(numerator, denominator, metric["per"])
    )
    estimate = observed.estimate()
    assert estimate
    shown = estimate.scaled(metric["per"]) if proportion else estimate
    return {
        "numerator": numerator,
        "denominator": denominator,
        "rate": shown.value,
        "ci": [shown.low, shown.high],
        "reliable": observed.reliable,
    }


def finding(
    code: str = "1.1",
    *,
    number: int = 1,
    title: str = "It says why",
    position: int = 1,
    levels: Sequence[int] = (3, 2, 1, 0),
    reply: dict[str, str] | None = None,
    hidden_group: bool = True,
    split: bool = False,
) -> Entry:
    """One criterion of a round: the community seats are shown, the executive seats are too few."""
    scores = [level for level, people in enumerate(levels) for _ in range(people)]
    groups = [
        {
            "group": "community",
            "label": "Community seats",
            "shown": True,
            "replies": len(scores) + 1,
            "levels": list(levels),
            "not_enough": 1,
            "recused": 0,
            "median": sorted({scores[(len(scores) - 1) // 2], scores[len(scores) // 2]}),
            "split": split,
        }
    ]
    if hidden_group:
        nothing = dict.fromkeys(("replies", "levels", "not_enough", "recused", "median", "split"))
        groups.append({"group": "executive", "label": "Executive seats", "shown": False, **nothing})
    document = {
        "round": {
            "number": number,
            "title": f"Round {number}",
            "body": "Riverside community board",
            "opened_on": "2026-04-01",
            "revealed_on": "2026-04-12",
        },
        "item": {
            "kind": "criterion",
            "code": code,
            "title": title,
            "question": "Does the institution give its reasons, where anyone can read them?",
            "anchors": ["It does not.", "It says that it will.", "It does.", "It does, and others checked."],
        },
        "position": position,
        "groups": groups,
        "threshold": 5,
        "reasons": [
            {
                "group": "Community seats",
                "level": 1,
                "text": "They promise reasons & give none.",
                "language": "en",
            },
            {
                "group": None,
                "level": "not_enough",
                "text": "Nos enteramos por el periódico.",
                "language": "es",
            },
        ],
        "reply": reply,
    }
    return Entry(kind="finding", key=f"round/{number}/{code}", document=document)


def statement() -> Entry:
    """How far the five steps have come."""
    names = ("Commit", "Build capacity", "Assess and strategize", "Change practice and policy", "Learn")
    states = ("done", "under_way", "under_way", "not_started", "not_started")
    steps = [
        {"number": number, "name": name, "state": state}
        for number, (name, state) in enumerate(zip(names, states, strict=True), start=1)
    ]
    goals = [{"code": "1.1", "title": "Put money behind it", "status": "under_way"}]
    return Entry(kind="statement", key="programme", document={"cycle": 2, "steps": steps, "goals": goals})


def certify(
    organisation: Organisation, person: Person, *, kind: str = "figures", title: str = "Figures"
) -> Release:
    """A release that may be published."""
    with acting_as(Persona.MEMBER, organisation=organisation, person=person):
        release = draft_release(organisation=organisation, kind=kind, title=title, by=person)
    with acting_as(Persona.WORKER, organisation=organisation):
        Release.objects.filter(pk=release.pk).update(state=Release.State.CERTIFIED)
    return release


def publish(
    organisation: Organisation, person: Person, entries: Sequence[Entry], *, kind: str = "figures"
) -> int:
    """Publish rows as a job does: as the worker, in one release. Returns its number."""
    release = certify(organisation, person, kind=kind)
    with acting_as(Persona.WORKER, organisation=organisation):
        return ledger.publish(release, entries)
