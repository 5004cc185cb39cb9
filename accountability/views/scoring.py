"""Scoring on a phone: one question a page, kept as it is typed, checked, then sent once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse

from accountability import actions, policies, queries
from accountability.forms import AnswerForm, DraftForm, StepBackForm
from accountability.models import ANSWER_LABELS, LEVEL_LABELS, Answer, Draft, Round, RoundItem
from accountability.views.rounds import address
from equity.errors import RuleBroken
from equity.http import go, page
from equity.roles import Permission
from equity.tenancy.access import needs

EVIDENCE_SHOWN = 20


@needs(Permission.SCORE)
def start(request: Any, pk: UUID) -> HttpResponse:
    """To the first question without a whole answer, or to the check."""
    round = _scored_round(request, pk)
    drafts = queries.my_drafts(round, request.person)
    open_items = (item for item in queries.items_of(round) if not _is_whole(drafts.get(item.pk)))
    first = next(open_items, None)
    if first is None:
        return go(request, address(request, "check", round))
    return go(request, address(request, "score", round, number=first.position))


@needs(Permission.SCORE)
def score(request: Any, pk: UUID, number: int) -> HttpResponse:
    """One question: five cards and a reason. "Finish later" keeps half an answer."""
    round = _scored_round(request, pk)
    if queries.has_finished(round, request.person):
        return go(request, address(request, "thanks", round))
    item = queries.item_for(round, number)
    if request.method == "POST" and "later" in request.POST and _keep(request, item):
        return go(request, address(request, "round", round))
    draft = queries.my_drafts(round, request.person).get(item.pk)
    if request.method == "POST":
        form = AnswerForm(request.POST)
        if form.is_valid():
            actions.save_draft(item=item, by=request.person, **form.cleaned_data)
            return go(request, _after(request, round, item))
    else:
        form = AnswerForm(initial=_standing(draft))
    return page(
        request,
        "accountability/score.html",
        _question(request, round, item, form, draft),
        status=422 if form.errors else 200,
    )


@needs(Permission.SCORE)
def draft(request: Any, pk: UUID, number: int) -> HttpResponse:
    """Keep what is being typed, and say so. Only a form that is sent keeps anything: an address alone would empty it."""
    round = _scored_round(request, pk)
    if request.method != "POST":
        return go(request, address(request, "score", round, number=number))
    is_kept = _keep(request, queries.item_for(round, number))
    return page(
        request, "accountability/score/saved.html", {"is_kept": is_kept}, status=200 if is_kept else 422
    )


@needs(Permission.SCORE)
def step_back(request: Any, pk: UUID, number: int) -> HttpResponse:
    """A reviewer who is too close to a question says so, and why."""
    round = _scored_round(request, pk)
    item = queries.item_for(round, number)
    form = StepBackForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.save_draft(
            item=item, value=Answer.RECUSED.value, reason=form.cleaned_data["reason"], by=request.person
        )
        return go(request, _after(request, round, item))
    context = {"round": round, "item": item, "form": form}
    return page(request, "accountability/step_back.html", context, status=422 if form.errors else 200)


@needs(Permission.SCORE)
def check(request: Any, pk: UUID) -> HttpResponse:
    """All my answers and what is missing; then send them, once."""
    round = _scored_round(request, pk)
    if request.method == "POST":
        try:
            actions.submit(round=round, by=request.person)
            return go(request, address(request, "thanks", round))
        except RuleBroken as error:
            return _check_page(request, round, error.message)
    if queries.has_finished(round, request.person):
        return go(request, address(request, "thanks", round))
    return _check_page(request, round)


@needs(Permission.SCORE)
def thanks(request: Any, pk: UUID) -> HttpResponse:
    """What I sent, and what happens next."""
    round = queries.round_for(pk, request.permissions)
    if not queries.has_finished(round, request.person):
        return go(request, address(request, "round", round))
    return page(request, "accountability/thanks.html", {"round": round})


def _scored_round(request: Any, pk: UUID) -> Round:
    """The round, if this person may score it now, or has."""
    round = queries.round_for(pk, request.permissions)
    if not queries.has_finished(round, request.person):
        policies.check_may_score(round, queries.reviewer_for(round, request.person), request.permissions)
    return round


def _keep(request: Any, item: RoundItem) -> bool:
    """Keep half an answer. What cannot be one, a text that is too long, leaves what was kept before as it is."""
    form = DraftForm(request.POST)
    if not form.is_valid():
        return False
    actions.save_draft(item=item, by=request.person, **form.cleaned_data)
    return True


def _standing(draft: Draft | None) -> dict[str, str]:
    """What the page begins with; a reason for stepping back is no reason for a score."""
    if draft is None or draft.value == Answer.RECUSED.value:
        return {}
    return {"value": draft.value, "reason": draft.reason}


def _after(request: Any, round: Round, item: RoundItem) -> str:
    """The next question, or the check after the last one."""
    if queries.items_of(round).filter(position__gt=item.position).exists():
        return address(request, "score", round, number=item.position + 1)
    return address(request, "check", round)


def _question(
    request: Any, round: Round, item: RoundItem, form: AnswerForm, draft: Draft | None
) -> dict[str, Any]:
    drafts = queries.my_drafts(round, request.person)
    items = list(queries.items_of(round))
    chosen = form["value"].value()
    return {
        "round": round,
        "item": item,
        "form": form,
        "total": len(items),
        "ticks": [
            "now" if one.pk == item.pk else "done" if _is_whole(drafts.get(one.pk)) else "" for one in items
        ],
        "cards": [
            {
                "value": str(level),
                "title": f"{level}. {LEVEL_LABELS[level]}",
                "words": words,
                "checked": chosen == str(level),
            }
            for level, words in enumerate(item.anchors)
        ],
        "not_enough": Answer.NOT_ENOUGH,
        "has_stepped_back": draft is not None and draft.value == Answer.RECUSED.value,
        "next": _after(request, round, item),
        "evidence": queries.shown_evidence()[:EVIDENCE_SHOWN],
    }


def _check_page(request: Any, round: Round, error: str = "") -> HttpResponse:
    drafts = queries.my_drafts(round, request.person)
    lines = [{"item": item, **_in_words(drafts.get(item.pk))} for item in queries.items_of(round)]
    context = {
        "round": round,
        "lines": lines,
        "missing": sum(not line["is_whole"] for line in lines),
        "whole": sum(line["is_whole"] for line in lines),
        "error": error,
    }
    return page(request, "accountability/check.html", context, status=422 if error else 200)


def _in_words(draft: Draft | None) -> dict[str, Any]:
    if draft is None or not draft.value:
        return {"answer": "", "reason": draft.reason if draft else "", "is_whole": False}
    if draft.value.isdigit():
        level = int(draft.value)
        answer = f"{level}. {LEVEL_LABELS[level]}"
    else:
        answer = str(ANSWER_LABELS[draft.value])
    return {"answer": answer, "reason": draft.reason, "is_whole": draft.is_whole}


def _is_whole(draft: Draft | None) -> bool:
    return draft is not None and draft.is_whole
