"""After the reveal: where do we agree, and what does the institution answer?"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone

from accountability import actions, policies, queries, visibility
from accountability.forms import ReplyForm
from accountability.models import ANSWER_LABELS, LEVEL_LABELS, Round, Score
from accountability.queries import Result
from accountability.tally import Agreement
from accountability.views.rounds import address
from equity.errors import NotFound
from equity.http import go, page
from equity.roles import Permission
from equity.tenancy.access import needs


@needs(Permission.SEE_ROUNDS)
def together(request: Any, pk: UUID) -> HttpResponse:
    """The findings, the most split first. Before the reveal this page holds nothing but that it is sealed."""
    round = queries.round_for(pk, request.permissions)
    if not visibility.sees_results(round.at, request.permissions):
        return page(request, "accountability/sealed.html", {"round": round})
    scores = queries.my_scores(round, request.person)
    results = [
        _shown(result, scores.get(result.item.pk))
        for result in queries.results_for(round, request.permissions)
    ]
    split = [result for result in results if result["agreement"] == Agreement.SPLIT]
    context = {
        "round": round,
        "split": split,
        "others": [result for result in results if result not in split],
        "total": len(results),
        "sees_replies": visibility.sees_replies(round.at, request.permissions),
        "any_hidden": any(result["tally"].hidden for result in results),
    }
    return page(request, "accountability/together.html", context)


@needs(Permission.REPLY_TO_ROUND)
def replies(request: Any, pk: UUID) -> HttpResponse:
    """Which findings the institution has answered, and which it has not."""
    round = _revealed(request, pk)
    results = queries.results_for(round, request.permissions)
    today = timezone.localdate()
    context = {
        "round": round,
        "results": [_shown(result, None) for result in results],
        "answered": sum(result.reply is not None for result in results),
        "can_reply": policies.can_reply(round, request.permissions, today),
        "moves": policies.can_move(round, request.permissions, queries.facts_of(round)),
    }
    return page(request, "accountability/replies.html", context)


@needs(Permission.REPLY_TO_ROUND)
def reply(request: Any, pk: UUID, number: int) -> HttpResponse:
    """One finding, and what the institution answers to it."""
    round = _revealed(request, pk)
    item = queries.item_for(round, number)
    policies.check_may_reply(round, request.permissions, timezone.localdate())
    result = next(one for one in queries.results_for(round, request.permissions) if one.item.pk == item.pk)
    form = ReplyForm(request.POST or None, initial={"text": result.reply.text if result.reply else ""})
    if request.method == "POST" and form.is_valid():
        actions.write_reply(item=item, text=form.cleaned_data["text"], by=request.person)
        return go(request, address(request, "replies", round))
    context = {"round": round, "result": _shown(result, None), "form": form}
    return page(request, "accountability/reply.html", context, status=422 if form.errors else 200)


def _revealed(request: Any, pk: UUID) -> Round:
    round = queries.round_for(pk, request.permissions)
    if not visibility.sees_results(round.at, request.permissions):
        raise NotFound("")
    return round


def _shown(result: Result, mine: Score | None) -> dict[str, Any]:
    return {
        "item": result.item,
        "tally": result.tally,
        "agreement": result.tally.agreement,
        "is_split": result.tally.agreement is Agreement.SPLIT,
        "is_same": result.tally.agreement is Agreement.SAME,
        "has_no_scores": result.tally.agreement is Agreement.NO_SCORES,
        "reasons": result.finding.reasons,
        "reply": result.reply,
        "mine": _in_words(mine) if mine else "",
    }


def _in_words(score: Score) -> str:
    return (
        f"{score.level}, {LEVEL_LABELS[score.level]}"
        if score.level is not None
        else str(ANSWER_LABELS[score.answer])
    )
