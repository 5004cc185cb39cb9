"""The community's pages, below /o/<institution>/community/."""

from __future__ import annotations

from django.urls import path

from accountability.views import results, rounds, scoring

app_name = "accountability"
ROUND = "rounds/<uuid:pk>"

urlpatterns = [
    path("", rounds.rounds, name="rounds"),
    path("rounds/new/", rounds.new_round, name="new_round"),
    path(f"{ROUND}/", rounds.round_page, name="round"),
    path(f"{ROUND}/plan/", rounds.edit_plan, name="edit_plan"),
    path(f"{ROUND}/step/<slug:move>/", rounds.step, name="step"),
    path(f"{ROUND}/score/", scoring.start, name="start"),
    path(f"{ROUND}/score/<int:number>/", scoring.score, name="score"),
    path(f"{ROUND}/score/<int:number>/draft/", scoring.draft, name="draft"),
    path(f"{ROUND}/score/<int:number>/step-back/", scoring.step_back, name="step_back"),
    path(f"{ROUND}/check/", scoring.check, name="check"),
    path(f"{ROUND}/thanks/", scoring.thanks, name="thanks"),
    path(f"{ROUND}/together/", results.together, name="together"),
    path(f"{ROUND}/reply/", results.replies, name="replies"),
    path(f"{ROUND}/reply/<int:number>/", results.reply, name="reply"),
]
