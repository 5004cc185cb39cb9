"""What can be done in the programme, what each rule refuses, and the row each leaves in the audit trail."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.utils import timezone

from equity.errors import RuleBroken
from equity.tenancy.models import AuditEvent
from practices import actions, queries
from practices.models import AdoptedPractice, ItemKind, Update
from practices.workflow import PracticeStatus
from tests.practices.conftest import Programme, minutes


def trail(event: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(event=event))


def attach(programme: Programme, **more: Any) -> Any:
    with programme.by("oscar") as oscar:
        return actions.attach_evidence_file(
            practice=programme.fresh(),
            title="Minutes",
            upload=minutes(),
            fact_date=timezone.localdate(),
            by=oscar,
            **more,
        )


def test_adopting_a_goal_keeps_the_reason_and_the_trail(programme: Programme) -> None:
    with programme.by("mona") as mona:
        goal = actions.adopt_goal(
            cycle=programme.cycle,
            item=programme.item("4.2", ItemKind.GOAL),
            reason=" Patients asked. ",
            by=mona,
        )
        assert (goal.reason, goal.adopted_by_id) == ("Patients asked.", mona.pk)
        event = trail("goal.adopt")[0]
        assert (event.by_name, event.target_id, event.details["code"]) == ("Mona", str(goal.pk), "4.2")


def test_goal_is_adopted_once_in_a_cycle(programme: Programme) -> None:
    with programme.by("alice") as alice, pytest.raises(RuleBroken, match="already"):
        actions.adopt_goal(cycle=programme.cycle, item=programme.goal.item, reason="Again.", by=alice)


def test_goal_needs_a_reason(programme: Programme) -> None:
    item = programme.goal.item
    with programme.by("alice") as alice:
        item = programme.item("1.1", ItemKind.GOAL)
        with pytest.raises(RuleBroken, match="why"):
            actions.adopt_goal(cycle=programme.cycle, item=item, reason="  ", by=alice)


def test_practice_is_not_adopted_as_a_goal(programme: Programme) -> None:
    with programme.by("alice") as alice:
        item = programme.item("1.1.1")
        with pytest.raises(RuleBroken):
            actions.adopt_goal(cycle=programme.cycle, item=item, reason="Why not.", by=alice)


def test_closed_cycle_takes_nothing_more(programme: Programme) -> None:
    with programme.by("alice") as alice:
        programme.cycle.ended_on = timezone.localdate()
        programme.cycle.save()
        practice = programme.fresh()
        item = programme.item("1.1", ItemKind.GOAL)
        with pytest.raises(RuleBroken, match="ended"):
            actions.adopt_goal(cycle=programme.cycle, item=item, reason="Late.", by=alice)
        with pytest.raises(RuleBroken, match="ended"):
            actions.post_update(
                practice=practice,
                status=PracticeStatus.UNDER_WAY,
                words="Late.",
                version=practice.version,
                by=alice,
            )
        with pytest.raises(RuleBroken, match="ended"):
            actions.attach_evidence_link(
                practice=practice,
                title="Late",
                url="https://example.org",
                fact_date=timezone.localdate(),
                by=alice,
            )


def test_practice_of_another_goal_is_refused(programme: Programme) -> None:
    with programme.by("alice") as alice:
        item = programme.item("1.1.1")
        with pytest.raises(RuleBroken, match="does not give"):
            actions.adopt_practice(goal=programme.goal, item=item, by=alice)


def test_part_of_a_practice_is_not_adopted_by_itself(programme: Programme) -> None:
    with programme.by("alice") as alice:
        goal = actions.adopt_goal(
            cycle=programme.cycle, item=programme.item("2.2", ItemKind.GOAL), reason="To learn.", by=alice
        )
        item = programme.item("2.2.1.a")
        with pytest.raises(RuleBroken, match="does not give"):
            actions.adopt_practice(goal=goal, item=item, by=alice)


def test_practice_is_adopted_once_for_a_goal(programme: Programme) -> None:
    with programme.by("alice") as alice:
        assert len(trail("practice.adopt")) == 1
        with pytest.raises(RuleBroken, match="already"):
            actions.adopt_practice(goal=programme.goal, item=programme.item("2.1.1"), by=alice)
        assert len(trail("practice.adopt")) == 1


def test_practice_may_have_been_agreed_earlier_in_its_cycle_and_never_later_than_today(
    programme: Programme,
) -> None:
    began, today = programme.cycle.started_on, timezone.localdate()
    with programme.by("alice") as alice:
        for day in (began - datetime.timedelta(days=1), today + datetime.timedelta(days=1)):
            with pytest.raises(RuleBroken, match="agreed after its cycle began"):
                actions.adopt_practice(
                    goal=programme.goal, item=programme.item("2.1.2"), by=alice, agreed_on=day
                )
        practice = actions.adopt_practice(
            goal=programme.goal, item=programme.item("2.1.2"), by=alice, agreed_on=began
        )
        assert practice.adopted_on == began
        assert began.isoformat() in {event.details["agreed_on"] for event in trail("practice.adopt")}


def test_local_practice_says_who_thought_of_it(programme: Programme) -> None:
    with programme.by("alice") as alice:
        practice = actions.add_local_practice(
            goal=programme.goal, title="Meet in the library", body="", proposed_by="community", by=alice
        )
        assert (practice.title, practice.code, practice.item) == ("Meet in the library", "", None)
        assert trail("practice.add_local")[0].details == {"goal": "2.1", "proposed_by": "community"}


def test_assigning_records_before_and_after(programme: Programme) -> None:
    due = datetime.date(2026, 9, 1)
    with programme.by("alice") as alice:
        practice = programme.fresh()
        oscar = programme.house.person("oscar")
        actions.assign(practice=practice, owner=oscar, due=due, version=practice.version, by=alice)
        assert (programme.fresh().owner, programme.fresh().due) == (oscar, due)
        assert trail("practice.assign")[0].details == {
            "before": {"owner": None, "due": None},
            "after": {"owner": "Oscar", "due": "2026-09-01"},
        }


@pytest.mark.parametrize("name", ["carmen", "walter"])
def test_owner_is_somebody_of_the_institution_who_can_post_updates(programme: Programme, name: str) -> None:
    with programme.by("alice") as alice:
        practice = programme.fresh()
        with pytest.raises(RuleBroken, match="owner"):
            actions.assign(
                practice=practice,
                owner=programme.house.person(name),
                due=None,
                version=practice.version,
                by=alice,
            )


def test_update_changes_status_news_and_version(programme: Programme) -> None:
    before = programme.practice.version
    programme.news(PracticeStatus.UNDER_WAY, "The council met for the first time.")
    with programme.by("oscar"):
        practice = programme.fresh()
        assert (practice.status, practice.version) == ("under_way", before + 1)
        assert [update.words for update in queries.updates_of(practice)] == [
            "The council met for the first time."
        ]
        assert trail("practice.update")[0].details == {"before": "not_started", "after": "under_way"}


def test_news_without_change_keeps_the_day_of_the_status(programme: Programme) -> None:
    with programme.by("alice"):
        AdoptedPractice.objects.update(
            status_since=datetime.date(2026, 2, 1), last_news_on=datetime.date(2026, 2, 1)
        )
    programme.news(PracticeStatus.NOT_STARTED, "Waiting for the budget.")
    with programme.by("alice"):
        practice = programme.fresh()
        assert (practice.status_since, practice.last_news_on) == (
            datetime.date(2026, 2, 1),
            timezone.localdate(),
        )


def test_update_needs_words(programme: Programme) -> None:
    with pytest.raises(RuleBroken, match="sentence"):
        programme.news(PracticeStatus.UNDER_WAY, "  ")


def test_move_outside_the_table_is_refused_and_leaves_nothing(programme: Programme) -> None:
    with pytest.raises(RuleBroken, match="cannot become"):
        programme.news(PracticeStatus.DONE)
    with programme.by("oscar"):
        assert Update.objects.count() == 0
        assert trail("practice.update") == []


def test_done_without_evidence_is_refused(programme: Programme) -> None:
    programme.news(PracticeStatus.UNDER_WAY)
    with pytest.raises(RuleBroken, match="without evidence"):
        programme.news(PracticeStatus.DONE)
    with programme.by("oscar"):
        assert programme.fresh().status == "under_way"


def test_done_with_evidence_is_accepted(programme: Programme) -> None:
    programme.news(PracticeStatus.UNDER_WAY)
    attach(programme)
    programme.news(PracticeStatus.DONE)
    with programme.by("oscar"):
        assert programme.fresh().status == "done"


def test_evidence_of_another_practice_proves_nothing(programme: Programme) -> None:
    attach(programme)
    with programme.by("alice") as alice:
        other = actions.adopt_practice(goal=programme.goal, item=programme.item("2.1.2"), by=alice)
        actions.post_update(
            practice=other, status=PracticeStatus.UNDER_WAY, words="Begun.", version=1, by=alice
        )
        with pytest.raises(RuleBroken, match="without evidence"):
            actions.post_update(
                practice=other, status=PracticeStatus.DONE, words="Done.", version=2, by=alice
            )


def test_writing_on_an_older_version_is_refused_and_shows_the_newer(programme: Programme) -> None:
    seen = programme.practice.version
    programme.news(PracticeStatus.UNDER_WAY)
    with programme.by("mona") as mona:
        with pytest.raises(actions.ChangedMeanwhile) as caught:
            actions.post_update(
                practice=programme.fresh(),
                status=PracticeStatus.STUCK,
                words="No money.",
                version=seen,
                by=mona,
            )
        assert caught.value.practice.status == "under_way"
        with pytest.raises(actions.ChangedMeanwhile):
            actions.assign(practice=programme.fresh(), owner=mona, due=None, version=seen, by=mona)
        assert programme.fresh().owner is None
