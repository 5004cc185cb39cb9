"""The furniture of every page: status words, form fields, the hidden pill, pages of a list, the ring.

A builtin of the template engine: templates need no `{% load %}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.forms import BaseForm, BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.http import QueryDict
from django.template import Context
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from equity import ring as geometry

register = template.Library()

STATUS = {
    # state: (class, words)
    "not_started": ("none", gettext_lazy("Not started")),
    "draft": ("none", gettext_lazy("Draft")),
    "drafted": ("under", gettext_lazy("Being checked")),
    "queued": ("none", gettext_lazy("Waiting its turn")),
    "under_way": ("under", gettext_lazy("Under way")),
    "open": ("under", gettext_lazy("Open")),
    "running": ("under", gettext_lazy("Under way")),
    "certified": ("under", gettext_lazy("Ready to publish")),
    "stuck": ("stuck", gettext_lazy("Stuck")),
    "late": ("late", gettext_lazy("Late")),
    "failed": ("late", gettext_lazy("Failed")),
    "refused": ("late", gettext_lazy("Cannot be published")),
    "revealed": ("under", gettext_lazy("Revealed")),
    "replied": ("under", gettext_lazy("Answered")),
    "ratified": ("under", gettext_lazy("Ratified")),
    "split": ("split", gettext_lazy("We see this differently")),
    "done": ("done", gettext_lazy("Done")),
    "published": ("done", gettext_lazy("Published")),
    "stopped": ("stopped", gettext_lazy("Stopped")),
    "superseded": ("stopped", gettext_lazy("A later one stands")),
    "withdrawn": ("stopped", gettext_lazy("Withdrawn")),
}
"""What is done is plain; what is late, stuck, failed or split is ember. An unknown state looks as "none"."""

SHARE_OF_STATE = {"done": 1.0, "under_way": 0.5}

MEMBER_PLACES = (
    # nav key, words, URL name, permission
    ("home", gettext_lazy("Home"), "desk:home", "see_programme"),
    ("programme", gettext_lazy("Programme"), "practices:programme", "see_programme"),
    ("gaps", gettext_lazy("Gaps"), "metrics:levels", "see_dashboards"),
    ("community", gettext_lazy("Community"), "accountability:rounds", "see_rounds"),
    ("people", gettext_lazy("People"), "desk:people", "see_people"),
    ("history", gettext_lazy("History"), "desk:history", "see_audit_trail"),
)
PLACE_OF_APP = {
    "practices": "programme",
    "metrics": "gaps",
    "accountability": "community",
    "mandates": "gaps",
    "keys": "gaps",
}


@register.simple_tag
def status(state: Any, words: Any = "") -> SafeString:
    """`{% status practice.status %}`, or with other words: `{% status "late" words=_("12 days late") %}`."""
    key = str(getattr(state, "value", state))
    kind, usual = STATUS.get(key, ("none", getattr(state, "label", key.replace("_", " ").capitalize())))
    return format_html('<span class="status status--{}">{}</span>', kind, words or usual)


@register.simple_tag
def hidden_pill() -> SafeString:
    """A number that is hidden for privacy: always these words, never a zero, a blank or a dash."""
    return format_html('<span class="pill">{}</span>', _("Hidden to protect privacy"))


@register.inclusion_tag("components/field.html")
def field(
    bound: BoundField, label: Any = "", hint: Any = None, optional: bool = True, **attrs: Any
) -> dict[str, Any]:
    """`{% field form.email autocomplete="email" %}`: label, hint, what is wrong, and the control.

    `label` and `hint` replace the form's own (`hint=""`: none). `optional=False` leaves out "(optional)", as
    filters do. Further arguments become attributes of the control (`hx_post` becomes `hx-post`).
    """
    if hint is not None:
        bound.help_text = hint  # Django names it in the control's aria-describedby, as it names the errors
    attributes = {name.replace("_", "-"): value for name, value in attrs.items()}
    return {
        "control": bound.as_widget(attrs=attributes),
        "described_by": bound.aria_describedby,
        "errors": bound.errors,
        "hidden": bound.is_hidden,
        "hint": bound.help_text,
        "id": bound.auto_id or bound.html_name,
        "label": label or bound.label,
        "optional": optional and not bound.field.required,
        "shape": _shape(bound),
    }


def _shape(bound: BoundField) -> str:
    widget = bound.field.widget
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return "group"
    return "tick" if isinstance(widget, CheckboxInput) else "line"


@register.inclusion_tag("components/error_summary.html")
def error_summary(*forms: BaseForm) -> dict[str, Any]:
    """`{% error_summary form %}`, or several forms of one page: what is wrong, with links to the fields."""
    return {"problems": [problem for form in forms if form.is_bound for problem in _problems(form)]}


def _problems(form: BaseForm) -> Iterable[dict[str, Any]]:
    for message in form.non_field_errors():
        yield {"message": message, "anchor": "", "label": ""}
    for bound in form:
        for message in bound.errors:
            yield {"message": message, "anchor": bound.auto_id, "label": bound.label}


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: Context, pages: Any) -> dict[str, Any]:
    """`{% pagination page %}` under a list: the former and the next page; the filters of the address stay."""
    query = context["request"].GET
    return {
        "pages": pages,
        "newer": _page_address(query, pages.previous_page_number()) if pages.has_previous() else "",
        "older": _page_address(query, pages.next_page_number()) if pages.has_next() else "",
    }


def _page_address(query: QueryDict, number: int) -> str:
    changed = query.copy()
    changed["page"] = str(number)
    return f"?{changed.urlencode()}"


@register.inclusion_tag("components/ring.html")
def ring(steps: Iterable[Any], centre: Any = "", caption: Any = "") -> dict[str, Any]:
    """`{% ring steps centre="9 of 24" caption="promises kept" %}` beside the list of the same steps.

    A step is a share from 0 to 1, or has one (`share`), or has a `state`: done fills its arc, under way half.
    """
    return {"arcs": geometry.arcs([_share(step) for step in steps]), "centre": centre, "caption": caption}


def _share(step: Any) -> float:
    if isinstance(step, int | float):
        return float(step)
    share = _read(step, "share")
    return SHARE_OF_STATE.get(str(_read(step, "state")), 0.0) if share is None else float(share)


def _read(step: Any, name: str) -> Any:
    return step.get(name) if isinstance(step, Mapping) else getattr(step, name, None)


@register.inclusion_tag("components/member_navigation.html", takes_context=True)
def member_navigation(context: Context) -> dict[str, Any]:
    """The institution's name and its pages. The current one: the context's `nav`, or the address's app."""
    institution = context["institution"]
    here = context.get("nav") or _place(context.get("request"))
    places = [
        {
            "words": words,
            "address": reverse(name, kwargs={"institution": institution.slug}),
            "current": key == here,
        }
        for key, words, name, permission in MEMBER_PLACES
        if permission in (context.get("may") or ())
    ]
    return {"institution": institution, "places": places, "path": getattr(context.get("request"), "path", "")}


def _place(request: Any) -> str:
    match = getattr(request, "resolver_match", None)
    if match is None:
        return ""
    if match.namespace == "desk":
        return "people" if str(match.url_name).startswith("unit") else str(match.url_name)
    return PLACE_OF_APP.get(match.namespace, "")
