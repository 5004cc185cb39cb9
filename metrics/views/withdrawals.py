"""Withdrawals: what was taken back, and taking something back."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from equity.errors import RuleBroken
from equity.http import go, page
from equity.publication.models import WhyWithdrawn
from equity.roles import Permission
from equity.tenancy.access import needs
from metrics import withdrawing
from metrics.actions.withdrawals import withdraw_figures
from metrics.forms.withdrawals import WithdrawForm
from metrics.gone import told_once
from metrics.wording import period_label


@needs(Permission.SEE_DASHBOARDS)
@require_safe
def withdrawals(request: Any) -> HttpResponse:
    """What is withdrawn now, and on which measures this person decides."""
    context = {
        "withdrawn": told_once(withdrawing.withdrawn(request.organisation.pk)),
        "metrics": withdrawing.may_be_withdrawn(request.permissions),
    }
    return page(request, "metrics/withdrawals/list.html", context)


@needs(Permission.SEE_DASHBOARDS)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: Any, metric: str) -> HttpResponse:
    """Say what goes and why; then look at it once more; then it goes. Who may depends on who holds the measure."""
    found = withdrawing.metric_for(metric, request.permissions)
    form = WithdrawForm(request.POST or None, periods=withdrawing.published_periods(found))
    context: dict[str, Any] = {"form": form, "metric": found}
    if request.method == "POST" and form.is_valid():
        if "sure" not in request.POST:
            return page(request, "metrics/withdrawals/confirm.html", context | _told(form))
        try:
            withdraw_figures(
                metric=found,
                periods=form.chosen_periods(),
                reason=form.cleaned_data["reason"],
                words=form.cleaned_data["words"],
                by=request.person,
            )
            return go(
                request, reverse("metrics:withdrawals", kwargs={"institution": request.organisation.slug})
            )
        except RuleBroken as broken:
            form.add_error(None, broken.message)
    return page(
        request, "metrics/withdrawals/withdraw.html", context, status=422 if request.method == "POST" else 200
    )


def _told(form: WithdrawForm) -> dict[str, Any]:
    return {
        "periods": [period_label(one) for one in form.chosen_periods()],
        "reason": WhyWithdrawn(form.cleaned_data["reason"]).label,
    }
