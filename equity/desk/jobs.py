"""Long work in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

WORDS = {
    "accountability.publish_round": _("Publishing the round"),
    "desk.remind": _("Sending the weekly e-mails"),
    "metrics.apply_batch": _("Adding the counts"),
    "metrics.certify_release": _("Checking that no small number can be worked out"),
    "metrics.certify_totals": _("Checking that no small number can be worked out"),
    "metrics.check_batch": _("Checking the file"),
    "metrics.check_metrics": _("Checking that no small number can be worked out"),
    "metrics.check_rollups": _("Comparing the sums with the counts"),
    "metrics.give_counts": _("Giving counts to the sums of a health department"),
    "metrics.publish_release": _("Publishing the figures"),
    "metrics.roll_up": _("Adding up units and years"),
    "metrics.undo_batch": _("Undoing a file"),
    "metrics.withdraw_figures": _("Withdrawing the figures"),
}


def words_of_job(kind: str) -> str:
    """What is being done, for the line above the bar."""
    return str(WORDS.get(kind, _("Working on it")))
