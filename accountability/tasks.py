"""Publishing a round: its findings and the programme's statement cross the wall in one transaction with its new stage."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from accountability import queries
from accountability.models import Round
from accountability.queries import Result
from accountability.workflow import Move, Stage, find, is_time
from equity import audit
from equity.publication import ledger
from equity.publication.ledger import Entry
from equity.publication.models import LedgerEntry, Release
from equity.tenancy import jobs
from equity.tenancy.models import Job, Person
from practices.queries import programme_statement


@jobs.work("accountability.publish_round")
def publish_round(job: Job) -> dict[str, Any]:
    """Publish a ratified round. One that is published already is left alone, so that the job can be done again."""
    round = queries.hold(job.arguments["round"], alone=True)
    transition = find(Move.PUBLISH, round.at)
    if transition is None or round.release is None:
        return {"entries": 0}
    by = Person.objects.filter(pk=job.asked_by).first() if job.asked_by else None
    entries = [*_findings(round), *_statement()]
    round.stage, round.published_at = transition.target.value, timezone.now()
    round.save(update_fields=["stage", "published_at"])
    audit.record(transition.event, by=by, target=round, before=transition.source.value, after=round.stage)
    _supersede_earlier(round)
    release = round.release
    release.state, release.report = Release.State.CERTIFIED.value, {"threshold": round.threshold}
    release.save(update_fields=["state", "report"])
    return {"entries": len(entries), "seq": ledger.publish(release, entries)}


def _findings(round: Round) -> list[Entry]:
    about = {
        "number": round.number,
        "title": round.title,
        "body": round.body.name,
        "opened_on": _day(round.opened_at),
        "revealed_on": _day(round.revealed_at),
    }
    results = queries.results_of(round, with_replies=True)
    return [_entry(about, result) for result in sorted(results, key=lambda result: result.item.position)]


def _entry(about: dict[str, Any], result: Result) -> Entry:
    item, reply, finding = result.item, result.reply, result.finding
    words = {
        "kind": item.kind,
        "code": item.code,
        "title": item.title,
        "question": item.question,
        "anchors": list(item.anchors),
    }
    document = finding.document(
        round=about,
        item=words,
        position=item.position,
        reply={"text": reply.text, "on": reply.on.isoformat()} if reply else None,
    )
    return Entry(LedgerEntry.Kind.FINDING.value, f"round/{about['number']}/{item.code}", document)


def _statement() -> list[Entry]:
    statement = programme_statement()
    return [Entry(LedgerEntry.Kind.STATEMENT.value, "programme", statement)] if statement else []


def _supersede_earlier(round: Round) -> None:
    """Earlier published rounds of the same body are followed by this one; what they published stays readable."""
    earlier = Round.objects.select_related("body").filter(
        body=round.body, number__lt=round.number, stage=Stage.PUBLISHED.value
    )
    for one in earlier:
        transition = find(Move.SUPERSEDE, one.at)
        if transition and is_time(transition, queries.facts_of(one)):
            one.stage = transition.target.value
            one.save(update_fields=["stage"])
            audit.record(
                transition.event, by=None, target=one, before=transition.source.value, after=one.stage
            )


def _day(moment: Any) -> str:
    return str(timezone.localtime(moment).date().isoformat())
