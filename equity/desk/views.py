"""The screens that join the apps. Thin: each asks `queries` or `history` and draws."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from equity.desk import history as trail
from equity.desk import queries
from equity.desk.jobs import words_of_job
from equity.desk.letters import stop_path
from equity.http import page
from equity.roles import Permission
from equity.tenancy import progress
from equity.tenancy.access import needs, signed_in
from equity.tenancy.models import Job

EVENTS_ON_A_PAGE = 50


@signed_in
@require_safe
def me(request: Any) -> HttpResponse:
    """Every institution one belongs to, and what waits there."""
    places = queries.places_of(request.person, timezone.localdate())
    return page(
        request,
        "desk/me.html",
        {
            "places": places,
            "waiting": sum(len(place.waiting) for place in places),
            "letters": stop_path(request.person.pk),
        },
    )


@needs(Permission.SEE_PROGRAMME)
@require_safe
def home(request: Any) -> HttpResponse:
    """An institution's first page: where the work stands and what needs somebody."""
    found = queries.home(request.person, request.permissions, timezone.localdate())
    return page(request, "desk/home.html", {"home": found})


@needs(Permission.SEE_PEOPLE)
@require_safe
def people(request: Any) -> HttpResponse:
    """Who belongs to the institution, in which roles, since when."""
    members = queries.members()
    context = {
        "members": members,
        "institution_members": [member for member in members if not member.in_community],
        "community_members": [member for member in members if member.in_community],
    }
    return page(request, "desk/people.html", context)


@needs(Permission.SEE_AUDIT_TRAIL)
@require_safe
def history(request: Any) -> HttpResponse:
    """Who did what, when."""
    filters = trail.Filters.read(request.GET)
    events = Paginator(trail.events(filters), EVENTS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "filters": filters,
        "events": events,
        "lines": [trail.line(event) for event in events],
        "event_choices": trail.event_choices(),
        "person_choices": trail.person_choices(),
    }
    return page(request, "desk/history.html", context)


@needs(Permission.SEE_AUDIT_TRAIL)
@require_safe
def history_csv(request: Any) -> HttpResponse:
    """The same events as a file, all of them."""
    found = trail.events(trail.Filters.read(request.GET))
    response = HttpResponse(trail.as_csv(found.iterator()), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="history-{request.organisation.slug}.csv"'
    return response


@needs(Permission.SEE_PROGRAMME)
@require_safe
def job(request: Any, pk: UUID) -> HttpResponse:
    """How far a piece of long work has come. While it runs, htmx asks again every two seconds.

    `?next=` is where its result can be seen: the page that started it passes its own address.
    """
    found = queries.job_for(pk)
    then = request.GET.get("next", "")
    context = {
        "job": found,
        "words": words_of_job(found.kind),
        "progress": {} if found.is_interrupted else progress.of(found.pk),
        "finished": found.state in {Job.State.DONE, Job.State.FAILED},
        "next": then if url_has_allowed_host_and_scheme(then, None) else "",
    }
    return page(request, "desk/job.html", context, block="progress")
