"""The public pages: anybody, no session, no script needed."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page

from equity.api import problems
from equity.errors import NotFound
from equity.public import csv, measures, queries, rows, schema, sentences
from equity.public.caching import PUBLIC_FOR_A_MINUTE, ledger_page
from equity.tenancy.access import access
from equity.tenancy.personas import Persona
from metrics import showing, squares
from metrics.figures import Definition
from metrics.index_words import MadeOf, made_of
from metrics.wording import not_together

DRAWN = 6
"""Measures that are drawn on an institution's page: those with the widest gaps. The others are told in words."""


def _page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    of: queries.Institution | None = None,
    status: int = 200,
) -> HttpResponse:
    """A page without messages: they belong to a session, and this page is everybody's."""
    own = {"public_institution": of, "sample_note": of.sample_note if of else "", "messages": ()}
    return render(request, f"public/{template}.html", {**own, **context}, status=status)


@ledger_page
def front(request: HttpRequest) -> HttpResponse:
    """Which institutions publish here."""
    found = queries.institutions()
    return _page(request, "front", {"institutions": found, "sentence": sentences.front(len(found))})


@ledger_page
def institution(request: HttpRequest, slug: str) -> HttpResponse:
    """What one institution promised, what it shows, and what the community says."""
    of = queries.institution(slug)
    board = measures.board(of)
    said = queries.review_round(of, _round_number(request))
    leading = board.cards[0].figure if board.cards else None
    context = {
        "sentence": sentences.institution(of.name, leading, said.findings if said else ()),
        "cards": [
            (card.figure.metric, card.figure, showing.summary(of.name, card.figure, draw=place < DRAWN))
            for place, card in enumerate(board.cards)
        ],
        "ways": board.ways,
        "matrix": squares.told(board.rows),
        "withdrawn": board.withdrawn,
        "programme": queries.programme(of),
        "round": said,
    }
    return _page(request, "institution", context, of)


@ledger_page
def finding(request: HttpRequest, slug: str, number: int, code: str) -> HttpResponse:
    """One item of a review round with all reasons."""
    of = queries.institution(slug)
    said, found = queries.finding(of, number, code)
    return _page(
        request,
        "finding",
        {"round": said, "finding": found, "sentence": sentences.finding(of.name, found)},
        of,
    )


@ledger_page
def measure(request: HttpRequest, slug: str, metric: str) -> HttpResponse:
    """One measure: who fares how, how wide the gap is, and how it was counted."""
    of = queries.institution(slug)
    asked = {name: request.GET.get(name, "") for name in ("by", "unit", "period", "also")}
    try:
        found = measures.measure(of, metric, **asked)
    except NotFound:
        taken_back = measures.taken_back(of, metric, asked["period"])
        return _page(request, "withdrawn", {"withdrawn": taken_back}, of, status=HTTPStatus.GONE)
    figure = found.figure
    days = (found.history[0].period.start, found.history[-1].period.end) if found.history else None
    done = queries.done(of, figure.metric.level, *days) if days else []
    codes = [one.code for one in figure.way.dimensions] if figure.way else []
    first, second = sorted(codes, key=lambda code: code != asked["by"]) if len(codes) == 2 else ("", "")
    context = {
        "found": found,
        "first": first,
        "second": second,
        "single": [way for way in found.ways if len(way.dimensions) == 1],
        "apart": not_together(full=False) if found.apart else "",
        "metric": figure.metric,
        "made_of": _made_of(of.slug, figure.metric),
        "figure": figure,
        "query": request.GET.urlencode(),
        **showing.measure(
            of.name,
            figure,
            found.history,
            found.gaps,
            found.trend,
            done,
            found.changed,
            found.aims,
            found.parts,
        ),
    }
    return _page(request, "measure", context, of)


def _made_of(slug: str, metric: Definition) -> MadeOf | None:
    """The parts of an index as they were published with it, each with its page here."""
    told = metric.composition
    names = {one["measure"]: one["name"] for one in told["components"]} if told else {}
    return made_of(told, names.__getitem__, lambda code: reverse("public:measure", args=[slug, code]))


@ledger_page
def data(request: HttpRequest, slug: str) -> HttpResponse:
    """Every published figure of an institution as CSV; `?metric=` narrows it to one measure."""
    of = queries.institution(slug)
    entries = queries.observations(of, request.GET.get("metric", ""))
    table = csv.table(rows.COLUMNS, (rows.flat(rows.observation(entry)) for entry in entries))
    response = HttpResponse(table, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{of.slug}.csv"'
    return response


@ledger_page
def how_we_count(request: HttpRequest) -> HttpResponse:
    return _page(request, "how_we_count", {})


@ledger_page
def access_page(request: HttpRequest) -> HttpResponse:
    return _page(request, "access", {})


@ledger_page
def privacy(request: HttpRequest) -> HttpResponse:
    return _page(request, "privacy", {})


@ledger_page
def help_page(request: HttpRequest) -> HttpResponse:
    return _page(request, "help", {})


@access(Persona.PUBLIC, by_itself=True)
@csrf_exempt
@gzip_page
def api_docs(request: HttpRequest) -> HttpResponse:
    """The API's own page: addresses, examples, and every kind of error under its anchor. Reads no database."""
    if request.method not in ("GET", "HEAD"):
        detail = _("This page can only be read.")
        return problems.respond(problems.METHOD_NOT_ALLOWED, detail, headers={"Allow": "GET, HEAD"})
    context = {
        "problems": problems.PROBLEMS,
        "addresses": schema.addresses(),
        "columns": rows.COLUMNS,
        "base": request.build_absolute_uri("/").rstrip("/"),
        "batches": reverse("sending:batches", args=["riverside"]),
        "largest": settings.API_LARGEST_DOCUMENT,
        "rate": settings.API_RATE_PER_MINUTE,
        "rate_without_key": settings.API_RATE_PER_MINUTE_WITHOUT_KEY,
    }
    response = _page(request, "api", context)
    response.headers["Cache-Control"] = PUBLIC_FOR_A_MINUTE
    return response


def _round_number(request: HttpRequest) -> int | None:
    asked = request.GET.get("round", "")
    if not asked:
        return None
    if not asked.isascii() or not asked.isdigit() or len(asked) > 5:
        raise NotFound("")
    return int(asked)
