"""The list of rounds, one round, preparing one and moving it on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accountability import actions, policies, queries, sentences, visibility
from accountability.forms import RoundForm
from accountability.models import Round
from accountability.workflow import HEARD, Move, Stage, find, open_to
from equity.errors import NotAllowed, NotFound, RuleBroken
from equity.http import go, page
from equity.roles import Permission
from equity.tenancy.access import needs

DO: dict[Move, Callable[..., Any]] = {
    Move.OPEN: actions.open_round,
    Move.REVEAL: actions.reveal,
    Move.REPLY: actions.send_replies,
    Move.RATIFY: actions.ratify,
    Move.PUBLISH: actions.publish,
}


def address(request: Any, name: str, round: Round, **more: Any) -> str:
    """The address of one of a round's pages."""
    return reverse(
        f"accountability:{name}", kwargs={"institution": request.organisation.slug, "pk": round.pk, **more}
    )


@needs(Permission.SEE_ROUNDS)
def rounds(request: Any) -> HttpResponse:
    """Every round of the institution that this person sees."""
    found = queries.rounds(request.permissions)
    waiting = queries.waiting_for(request.person) if Permission.SCORE in request.permissions else []
    context = {
        "rounds": found,
        "waiting": {round.pk for round in waiting},
        "sentence": sentences.about_rounds(found, waiting),
        "bodies": queries.bodies(),
    }
    return page(request, "accountability/rounds.html", context)


@needs(Permission.SEE_ROUNDS)
def round_page(request: Any, pk: UUID) -> HttpResponse:
    """Where a round stands and what this person can do about it."""
    round = queries.round_for(pk, request.permissions)
    facts = queries.facts_of(round)
    mine = _mine(request, round)
    possible = open_to(round.at, request.permissions)
    now = policies.can_move(round, request.permissions, facts)
    context = {
        "round": round,
        "items": queries.items_of(round),
        "stages": sentences.stage_line(round),
        "sentence": sentences.about_round(round, facts.today, mine=mine),
        "mine": mine,
        "moves": [{"name": one.move.value, "button": sentences.STEPS[one.move].button} for one in now],
        "not_yet": [
            str(policies.NOT_YET[one.when])
            for one in possible
            if one not in now and not _one_of(now, one.move)
        ],
        "all_finished": facts.everyone_finished,
        "sees_whether_all_finished": visibility.sees_whether_all_finished(round.at, request.permissions),
        "can_change_plan": round.at is Stage.DRAFT,
        "can_reply": policies.can_reply(round, request.permissions, facts.today),
        "is_heard": round.at in HEARD,
        "seats": queries.seats_today(round.body) if round.at is Stage.DRAFT else None,
    }
    return page(request, "accountability/round.html", context)


def _one_of(now: list[Any], move: Move) -> bool:
    return any(one.move is move for one in now)


def _mine(request: Any, round: Round) -> str:
    if Permission.SCORE not in request.permissions or queries.reviewer_for(round, request.person) is None:
        return ""
    return "finished" if queries.has_finished(round, request.person) else "waiting"


@needs(Permission.RUN_ROUND)
def new_round(request: Any) -> HttpResponse:
    """Prepare a round."""
    questions = queries.questions()
    form = RoundForm(request.POST or None, initial=RoundForm.suggestion(questions), questions=questions)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.plan_round(body=form.cleaned_data["body"], by=request.person, **form.plan())
            return go(request, address(request, "round", made))
        except RuleBroken as error:
            form.add_error(None, error.message)
    return _plan_page(request, form, _("What is the next round about?"))


@needs(Permission.RUN_ROUND)
def edit_plan(request: Any, pk: UUID) -> HttpResponse:
    """Change a round that has not opened yet."""
    round = queries.round_for(pk, request.permissions)
    questions = queries.questions()
    form = RoundForm(
        request.POST or None, initial=RoundForm.of(round, list(queries.items_of(round))), questions=questions
    )
    form.fields["body"].disabled = True
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_plan(round=round, by=request.person, **form.plan())
            return go(request, address(request, "round", round))
        except RuleBroken as error:
            form.add_error(None, error.message)
    return _plan_page(request, form, _("What do you want to change?"), round)


def _plan_page(request: Any, form: RoundForm, question: str, round: Round | None = None) -> HttpResponse:
    context = {"form": form, "question": question, "round": round}
    return page(request, "accountability/round_form.html", context, status=422 if form.errors else 200)


@needs(Permission.SEE_ROUNDS)
def step(request: Any, pk: UUID, move: str) -> HttpResponse:
    """Ask once more, then move a round on."""
    round = queries.round_for(pk, request.permissions)
    wanted = Move(move) if move in DO else None
    if wanted is None:
        raise NotFound("")
    _check_ever(request, round, wanted)
    if request.method == "POST":
        DO[wanted](round=round, by=request.person)
        if wanted is Move.PUBLISH:
            messages.success(
                request,
                _("The round is being published. This takes a moment; load this page again to see it."),
            )
        return go(request, address(request, "round", round))
    policies.check_move(round, wanted, request.permissions, queries.facts_of(round))
    context = {"round": round, "step": sentences.STEPS[wanted], "today": timezone.localdate()}
    return page(request, "accountability/step.html", context)


def _check_ever(request: Any, round: Round, move: Move) -> None:
    """Who could never make this move here is told so, whatever the stage."""
    needed = {one.permission for stage in Stage if (one := find(move, stage))}
    if not needed & request.permissions:
        raise NotAllowed("")
