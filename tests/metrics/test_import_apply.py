"""A counts file becomes observations, all or nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from equity.errors import RuleBroken
from equity.tenancy import jobs
from equity.tenancy.acting import acting_as
from equity.tenancy.models import Job
from equity.tenancy.personas import Persona
from metrics.actions.imports import apply_batch, create_batch
from metrics.example import make_willow_ferry
from metrics.known import definitions_of
from metrics.models import Batch, Dimension, Metric, Observation, Rollup, Series, Stratum, StratumPart
from metrics.preparing import from_counts, plain
from metrics.tasks import imports
from tests.cast import House
from tests.metrics.importing import (
    address,
    again,
    applied,
    apply,
    as_member,
    csv_of,
    define,
    file_of,
    observations,
    run_jobs,
    uploaded,
)

EAST = "pain-30-minutes,east,2024-01,,30,60"
BLACK = "pain-30-minutes,east,2024-01,black,12,20"
WHITE = "pain-30-minutes,east,2024-01,white,18,40"


@pytest.fixture
def defined(house: House) -> House:
    define(house)
    return house


def test_counts_become_observations_and_are_added_up(defined: House) -> None:
    batch = applied(defined, csv_of([EAST, BLACK]))
    assert batch.state == Batch.State.APPLIED
    assert observations(defined) == {
        ("east", "2024-01-01", "", 30, 60, ""),
        ("east", "2024-01-01", "race_ethnicity=black", 12, 20, ""),
    }
    with acting_as(Persona.OPERATOR):
        whole = Rollup.objects.get(series__unit__code="all", series__stratum__key="", grain=12)
        assert (whole.numerator, whole.denominator) == (30, 60)
        parts = StratumPart.objects.filter(stratum__key="race_ethnicity=black")
        assert [part.category.code for part in parts] == ["black"]
        assert Stratum.objects.get(key="race_ethnicity=black").by == "race_ethnicity"


def test_file_of_two_years_is_kept_as_it_was_sent(defined: House) -> None:
    with acting_as(Persona.OPERATOR):
        for code in ("alder", "ferry", "millrace"):
            parent = defined.units["riverside/all"]
            type(parent).objects.create(
                organisation=defined.riverside, parent=parent, code=code, name=code, kind="clinic"
            )
    shipped = make_willow_ferry.FILE.read_bytes()
    with as_member(defined):
        known = definitions_of(defined.riverside)
    sent = from_counts([shipped[start : start + 999] for start in range(0, len(shipped), 999)], known)
    assert sent.errors == []
    again_ = from_counts(plain(sent.content), known)
    assert b"".join(plain(again_.content)) == b"".join(plain(sent.content))
    applied(defined, shipped.decode())
    with acting_as(Persona.OPERATOR):
        assert Observation.objects.count() == len(shipped.splitlines()) - 1
        blanks = set(Observation.objects.values_list("blank", flat=True))
        wait = Observation.objects.filter(series__metric__code="interpreter-wait", blank="").first()
    assert blanks == {"", "not_collected", "not_asked", "withheld", "not_yet_due"}
    assert wait is not None
    assert wait.squares is not None


def test_each_kind_of_blank_is_kept(defined: House) -> None:
    words = ["not collected", "not asked", "withheld", "not yet due"]
    applied(
        defined, csv_of(f"pain-30-minutes,east,2024-0{month},,{word}," for month, word in enumerate(words, 1))
    )
    assert {(cell[3], cell[5]) for cell in observations(defined)} == {
        (None, word.replace(" ", "_")) for word in words
    }


def test_same_file_twice_changes_nothing_and_says_so(defined: House, client: Client) -> None:
    first = applied(defined, csv_of([EAST, BLACK]))
    second = uploaded(defined, csv_of([EAST, BLACK]))
    assert (
        second.report["check"]["new"],
        second.report["check"]["changed"],
        second.report["check"]["unchanged"],
    ) == (0, 0, 2)
    client.force_login(defined.accounts["bea"])
    page = client.get(address("import_batch", pk=second.pk)).content.decode()
    assert "Nothing would change." in page
    assert "The very same file was sent by Bea" in page
    apply(defined, second)
    assert again(defined, second.pk).report["applied"]["unchanged"] == 2
    with acting_as(Persona.OPERATOR):
        assert set(Observation.objects.values_list("batch_id", flat=True)) == {first.pk}


def test_changed_cell_is_told_before_and_changed_after(defined: House, client: Client) -> None:
    applied(defined, csv_of([EAST, BLACK]))
    batch = uploaded(defined, csv_of([EAST, BLACK.replace("12,20", "13,20"), WHITE]))
    check = batch.report["check"]
    assert (check["new"], check["changed"], check["unchanged"]) == (1, 1, 1)
    client.force_login(defined.accounts["bea"])
    page = client.get(address("import_batch", pk=batch.pk)).content.decode()
    assert "12 of 20" in page
    assert "13 of 20" in page
    assert "Black or African American" in page
    apply(defined, batch)
    assert ("east", "2024-01-01", "race_ethnicity=black", 13, 20, "") in observations(defined)


def test_number_may_become_a_blank_and_back(defined: House) -> None:
    applied(defined, csv_of([EAST]))
    applied(defined, csv_of([EAST.replace("30,60", "withheld,")]))
    assert observations(defined) == {("east", "2024-01-01", "", None, None, "withheld")}
    with acting_as(Persona.OPERATOR):
        assert not Rollup.objects.exists()
    applied(defined, csv_of([EAST]))
    assert observations(defined) == {("east", "2024-01-01", "", 30, 60, "")}


def test_groups_that_do_not_add_up_are_flagged(defined: House) -> None:
    agreeing = uploaded(defined, csv_of([EAST, BLACK, WHITE]))
    assert agreeing.report["check"]["disagreement_total"] == 0
    batch = uploaded(defined, csv_of([EAST, BLACK.replace("12,20", "12,25"), WHITE]))
    assert batch.report["check"]["disagreements"] == [
        {"metric": "pain-30-minutes", "unit": "east", "period": "2024-01", "by": "race_ethnicity",
         "parts": [30, 65], "whole": [30, 60]}
    ]  # fmt: skip


def test_groups_that_overlap_need_not_add_up(defined: House) -> None:
    with acting_as(Persona.OPERATOR):
        Dimension.objects.filter(code="race_ethnicity").update(partition=False)
    batch = uploaded(defined, csv_of([EAST, BLACK.replace("12,20", "12,25"), WHITE]))
    assert batch.report["check"]["disagreement_total"] == 0


@pytest.mark.parametrize(("first", "second"), [("east", "all"), ("all", "east")])
def test_unit_and_a_unit_above_it_cannot_both_have_counts(defined: House, first: str, second: str) -> None:
    applied(defined, csv_of([EAST.replace("east", first)]))
    before = observations(defined)
    batch = uploaded(defined, csv_of([EAST.replace("east", second)]))
    (obstacle,) = batch.report["check"]["obstacles"]
    assert obstacle["kind"] == "twice_in_a_branch"
    with as_member(defined), pytest.raises(RuleBroken, match="Something stands against"):
        apply_batch(batch=batch, by=defined.person("bea"))
    assert observations(defined) == before
    applied(defined, csv_of([EAST.replace("east", first).replace("2024-01", "2024-02")]))


def test_units_side_by_side_may_have_counts_of_the_same_measure(defined: House) -> None:
    applied(defined, csv_of([EAST, EAST.replace("east", "west")]))
    assert len(observations(defined)) == 2


def test_two_units_of_a_branch_in_one_file_are_an_obstacle(defined: House, client: Client) -> None:
    batch = uploaded(defined, csv_of([EAST, EAST.replace("east", "all")]))
    client.force_login(defined.accounts["bea"])
    page = client.get(address("import_batch", pk=batch.pk)).content.decode()
    assert "East Hospital and for Riverside Health, which it is part of" in page


def test_obstacle_that_arose_after_the_check_fails_the_job(defined: House) -> None:
    batch = uploaded(defined, csv_of([EAST.replace("east", "all")]))
    applied(defined, csv_of([EAST]))
    before = observations(defined)
    with as_member(defined):
        job = apply_batch(batch=batch, by=defined.person("bea"))
    assert not jobs.run(defined.riverside.pk, job.pk)
    with acting_as(Persona.OPERATOR):
        job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert "counted twice" in job.outcome["error"]
    assert observations(defined) == before


def test_definition_that_changed_after_the_check_fails_the_job(defined: House) -> None:
    batch = uploaded(defined, csv_of([EAST]))
    with acting_as(Persona.OPERATOR):
        Metric.objects.filter(code="pain-30-minutes").update(frequency=3)
    with as_member(defined):
        job = apply_batch(batch=batch, by=defined.person("bea"))
    assert not jobs.run(defined.riverside.pk, job.pk)
    assert observations(defined) == set()


def test_work_killed_at_its_very_end_leaves_nothing_and_runs_again(defined: House, monkeypatch: Any) -> None:
    batch = uploaded(defined, csv_of([EAST, BLACK]))
    with as_member(defined):
        job = apply_batch(batch=batch, by=defined.person("bea"))
    rolled_up = imports.roll_up

    def killed(organisation_id: int) -> Any:
        rolled_up(organisation_id)
        raise MemoryError

    monkeypatch.setattr(imports, "roll_up", killed)
    assert not jobs.run(defined.riverside.pk, job.pk)
    with acting_as(Persona.OPERATOR):
        assert not any(model.objects.exists() for model in (Observation, Rollup, Series, Stratum))
    assert again(defined, batch.pk).state == Batch.State.UPLOADED
    monkeypatch.setattr(imports, "roll_up", rolled_up)
    run_jobs(defined)
    assert again(defined, batch.pk).state == Batch.State.APPLIED
    assert len(observations(defined)) == 2


def test_work_that_failed_on_our_side_is_told_without_its_name(
    defined: House, client: Client, monkeypatch: Any
) -> None:
    def broken(organisation_id: int, *_: Any) -> Any:
        raise ConnectionResetError("peer 10.0.0.7")

    monkeypatch.setattr(imports.ingest, "staged", broken)
    with as_member(defined):
        prepared = from_counts([csv_of([EAST]).encode()], definitions_of(defined.riverside))
        batch = create_batch(
            organisation=defined.riverside, prepared=prepared, name="counts.csv", by=defined.person("bea")
        )
    with acting_as(Persona.OPERATOR):
        job = Job.objects.get()
    for _ in range(jobs.ATTEMPTS):
        jobs.run(defined.riverside.pk, job.pk)
    client.force_login(defined.accounts["bea"])
    page = client.get(address("import_batch", pk=batch.pk)).content.decode()
    assert "nothing is lost" in page
    assert job.reference in page
    assert "Send the file again" in page
    assert "ConnectionResetError" not in page
    assert "10.0.0.7" not in page


def test_apply_asked_twice_writes_once(defined: House) -> None:
    batch = uploaded(defined, csv_of([EAST]))
    with as_member(defined):
        for _ in range(2):
            apply_batch(batch=batch, by=defined.person("bea"))
    run_jobs(defined)
    assert again(defined, batch.pk).report["applied"]["new"] == 1
    with as_member(defined), pytest.raises(RuleBroken, match="applied already"):
        apply_batch(batch=again(defined, batch.pk), by=defined.person("bea"))


def test_counts_are_sent_looked_at_and_applied_on_the_pages(defined: House, client: Client) -> None:
    client.force_login(defined.accounts["bea"])
    place = client.post(address("import_counts"), {"file": file_of(csv_of([EAST, BLACK]))})["Location"]
    assert "being checked" in client.get(place).content.decode()
    assert client.post(place).status_code == 422
    run_jobs(defined)
    assert "<b>2 new</b>" in client.get(place).content.decode()
    assert client.post(place).status_code == 302
    assert "being added" in client.get(place, headers={"HX-Request": "true"}).content.decode()
    run_jobs(defined)
    assert "The counts are in" in client.get(place).content.decode()
    assert "counts.csv" in client.get(address("imports")).content.decode()
