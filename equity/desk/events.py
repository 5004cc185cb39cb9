"""The events of the audit trail in words, as they follow a person's name: "Alice" "adopted a practice".

An app that tells its events better than a list of words can, with what changed from what to what, is
asked first.
"""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from equity.tenancy.models import AuditEvent
from practices import history as practices_history

UUID_SHAPE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

WORDS = {
    "organisation.open": _("opened this institution’s place here"),
    "membership.grant": _("gave a role"),
    "membership.end": _("ended a role"),
    "cycle.open": _("opened a cycle"),
    "step.move": _("moved a step"),
    "goal.adopt": _("adopted a goal"),
    "practice.adopt": _("adopted a practice"),
    "practice.add_local": _("added a practice of our own"),
    "practice.assign": _("changed who owns a practice, or when it is due"),
    "practice.update": _("told how a practice stands"),
    "evidence.attach": _("added evidence"),
    "evidence.show_to": _("changed who may see a piece of evidence"),
    "dimension.define": _("added a way to compare groups"),
    "dimension.redefine": _("changed a way to compare groups"),
    "category.define": _("added a group"),
    "category.redefine": _("changed a group"),
    "metric.define": _("added a measure"),
    "metric.redefine": _("changed a measure"),
    "metric.choose": _("chose a measure"),
    "metric.reword": _("changed the words of a measure"),
    "metric.new_version": _("changed what a measure counts, from a day on"),
    "metric.when_due": _("said when the counts of a measure are due, and who answers for them"),
    "metric.retire": _("retired a measure"),
    "metric.hold": _("changed who decides on publishing a measure"),
    "metric.target": _("set a target"),
    "metric_proposal.make": _("proposed a measure"),
    "metric_proposal.answer": _("answered a proposal"),
    "release.consent": _("gave the community’s word on publishing"),
    "group_change.propose": _("proposed a change of groups"),
    "group_change.decide": _("decided on a change of groups"),
    "dimension.adopt": _("took over a way to compare groups"),
    "dimension.missing_goal": _("set a goal for missing answers"),
    "unit.define": _("added a unit"),
    "unit.add": _("added a unit"),
    "unit.rename": _("gave a unit another name"),
    "unit.move": _("moved a unit"),
    "unit.close": _("closed a unit"),
    "unit.reopen": _("opened a unit again"),
    "unit.redefine": _("changed a unit"),
    "system.open": _("let one of our systems send counts"),
    "system.answer_for": _("answers for one of our systems from now on"),
    "system_key.make": _("made a key for one of our systems"),
    "system_key.revoke": _("revoked a key of one of our systems"),
    "batch.upload": _("uploaded a file of counts"),
    "batch.send": _("sent counts"),
    "batch.apply": _("added the counts of a file"),
    "rollup.differ": _("found sums that are not what the counts say; the operators know of it"),
    "batch.undo": _("undid the counts of a file"),
    "mapping.save": _("wrote down how a kind of file is read"),
    "mapping.change": _("changed how a kind of file is read"),
    "mapping.delete": _("deleted how a kind of file is read"),
    "joining.take_part": _("took part in the sums of a health department"),
    "joining.end": _("left the sums of a health department"),
    "release.draft": _("prepared a release"),
    "release.set_aside": _("set a release aside, because counts behind it were taken back"),
    "release.publish": _("published a release"),
    "release.withdraw": _("withdrew published figures"),
    "body.found": _("set up a governance body"),
    "seat.fill": _("gave a seat"),
    "seat.end": _("ended a seat"),
    "round.plan": _("planned a round"),
    "round.change_plan": _("changed the plan of a round"),
    "round.open": _("opened a round for scoring"),
    "round.reveal": _("revealed a round"),
    "round.reply": _("sent the institution’s replies"),
    "round.ratify": _("ratified a round"),
    "round.publish": _("published a round"),
    "round.supersede": _("let a later round take its place"),
    "scores.seal": _("sealed the scores"),
    "reply.write": _("wrote a reply"),
    "reply.change": _("changed a reply"),
    "mandate.open": _("began a report that the law asks for"),
    "mandate.extend": _("noted more time for a report"),
    "mandate.link_measures": _("said which measures answer a report"),
    "mandate.link_groups": _("said which groups make up those of a report"),
    "mandate.describe": _("described who reports"),
    "mandate.answer": _("answered questions of a report"),
    "mandate.state": _("wrote about priority areas"),
    "mandate.plan": _("planned what to do about a disparity"),
    "mandate.submit": _("submitted a report"),
}


def words_of(kind: str) -> str:
    """A kind of event. One that nobody has described yet shows its code: nothing is ever left out."""
    return str(WORDS.get(kind, kind))


def told(event: AuditEvent) -> str:
    """What somebody did, as it follows their name."""
    return (
        practices_history.told(event) if event.event in practices_history.TELLERS else words_of(event.event)
    )


def facts_of(event: AuditEvent) -> list[tuple[str, str]]:
    """The details that its words do not tell already, as names and values."""
    if event.event in practices_history.TELLERS:
        return []
    known = {name: value for name, value in event.details.items() if not _says_nothing(value)}
    facts = [
        (_spoken(name), _spoken(value)) for name, value in known.items() if name not in ("before", "after")
    ]
    if {"before", "after"} <= known.keys():
        change = {"before": _spoken(known["before"]), "after": _spoken(known["after"])}
        facts.append((gettext("changed"), gettext("from %(before)s to %(after)s") % change))
    return facts


def target_of(event: AuditEvent) -> str:
    """The name of what it was done to; what is called by its key only has none."""
    return "" if UUID_SHAPE.search(event.target_name) else event.target_name


def _says_nothing(value: Any) -> bool:
    """Empty, or a key that only the database can read."""
    return value in ("", None, [], {}) or (isinstance(value, str) and UUID_SHAPE.fullmatch(value) is not None)


def _spoken(value: Any) -> str:
    """A code, or several, as one would say them."""
    if isinstance(value, dict):
        return ", ".join(f"{_spoken(name)} {_spoken(part)}" for name, part in value.items())
    if isinstance(value, list):
        return ", ".join(_spoken(part) for part in value)
    return str(value).replace("_", " ")
