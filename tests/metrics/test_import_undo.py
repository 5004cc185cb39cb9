"""An applied file can be undone for 30 days; then what stands there is what the files that were not undone make."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import timedelta
from itertools import permutations

import openpyxl
import pytest
from django.db import connections, transaction
from django.test import Client
from django.utils import timezone

from equity.errors import RuleBroken
from equity.tenancy.acting import acting_as
from equity.tenancy.models import AuditEvent, Unit
from equity.tenancy.personas import Persona
from metrics import ingest
from metrics.actions.imports import undo_batch
from metrics.models import Batch, Before, Observation, Rollup
from metrics.rollups import roll_up, roll_up_again
from tests.cast import House
from tests.metrics.importing import (
    address,
    again,
    applied,
    as_member,
    csv_of,
    define,
    file_of,
    observations,
    run_jobs,
    uploaded,
)

Said = dict[tuple[str, str], tuple[int, int]]
FILES: list[Said] = [
    {("01", ""): (30, 60), ("01", "black"): (12, 20), ("02", ""): (1, 40), ("04", ""): (7, 70)},
    {("01", ""): (31, 60), ("01", "black"): (12, 20), ("03", ""): (5, 50)},
    {("01", ""): (30, 60), ("02", ""): (2, 40), ("03", ""): (5, 50), ("04", ""): (7, 70)},
]


@pytest.fixture
def defined(house: House) -> House:
    define(house)
    return house


def text_of(said: Said) -> str:
    return csv_of(
        f"pain-30-minutes,east,2024-{month},{group},{n},{d}" for (month, group), (n, d) in said.items()
    )


def stored(house: House) -> Said:
    return {
        (start[5:7], key.removeprefix("race_ethnicity=")): (numerator or 0, denominator or 0)
        for _unit, start, key, numerator, denominator, _blank in observations(house)
    }


def made_by(files: Iterable[Said]) -> Said:
    found: Said = {}
    for said in files:
        found |= said
    return found


def undo(house: House, batch: Batch) -> Batch:
    with as_member(house):
        undo_batch(batch=batch, by=house.person("bea"))
    run_jobs(house)
    return again(house, batch.pk)


def rollups(house: House) -> set[tuple[object, ...]]:
    with acting_as(Persona.OPERATOR):
        rows = Rollup.objects.filter(organisation=house.riverside)
        return set(rows.values_list("series_id", "grain", "start", "numerator", "denominator"))


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_what_stands_there_is_what_the_other_files_make(order: tuple[int, ...], defined: House) -> None:
    batches = [applied(defined, text_of(said), f"{number}.csv") for number, said in enumerate(FILES)]
    left = dict(enumerate(FILES))
    for number in order:
        batch = undo(defined, batches[number])
        del left[number]
        assert batch.state == Batch.State.UNDONE
        assert stored(defined) == made_by(left.values())
        added_up = rollups(defined)
        with acting_as(Persona.WORKER, organisation=defined.riverside):
            roll_up_again(defined.riverside.pk)
        assert rollups(defined) == added_up
    with acting_as(Persona.OPERATOR):
        assert not Before.objects.exists()


def test_undoing_tells_what_went_back_and_what_stays(defined: House, client: Client) -> None:
    first = applied(defined, text_of(FILES[0]))
    applied(defined, text_of(FILES[1]))
    batch = undo(defined, first)
    assert {name: batch.report["undone"][name] for name in ("restored", "removed", "kept")} == {
        "restored": 0,
        "removed": 2,
        "kept": 2,
    }
    client.force_login(defined.accounts["bea"])
    page = client.get(address("import_batch", pk=first.pk)).content.decode()
    assert "0 counts say again what they said before, 2 are gone." in page
    assert "2 stay, because later files say them too or changed them." in page


def test_only_an_applied_file_can_be_undone_and_only_once(defined: House, client: Client) -> None:
    batch = uploaded(defined, text_of(FILES[0]))
    with as_member(defined), pytest.raises(RuleBroken):
        undo_batch(batch=batch, by=defined.person("bea"))
    done = undo(defined, applied(defined, text_of(FILES[1])))
    with as_member(defined), pytest.raises(RuleBroken):
        undo_batch(batch=done, by=defined.person("bea"))
    client.force_login(defined.accounts["carmen"])
    assert client.post(address("import_undo", pk=done.pk)).status_code == 403


def test_after_30_days_it_is_too_late_and_nothing_is_kept_for_it(defined: House, client: Client) -> None:
    applied(defined, text_of(FILES[0]))
    old = applied(defined, text_of(FILES[1]))
    with acting_as(Persona.OPERATOR):
        Batch.objects.update(applied_at=timezone.now() - timedelta(days=31))
        assert Before.objects.filter(batch=old).exists()
    with as_member(defined), pytest.raises(RuleBroken, match="30 days"):
        undo_batch(batch=again(defined, old.pk), by=defined.person("bea"))
    client.force_login(defined.accounts["bea"])
    assert client.post(address("import_undo", pk=old.pk)).status_code == 409
    applied(defined, text_of({("09", ""): (1, 90)}))
    with acting_as(Persona.OPERATOR):
        assert not Before.objects.filter(batch=old).exists()


def test_person_undoes_on_the_page_and_the_trail_says_so(defined: House, client: Client) -> None:
    batch = applied(defined, text_of(FILES[0]))
    client.force_login(defined.accounts["bea"])
    assert (
        address("import_undo", pk=batch.pk)
        in client.get(address("import_batch", pk=batch.pk)).content.decode()
    )
    assert (
        "What is published stays published"
        in client.get(address("import_undo", pk=batch.pk)).content.decode()
    )
    assert client.post(address("import_undo", pk=batch.pk)).status_code == 302
    run_jobs(defined)
    assert observations(defined) == set()
    with acting_as(Persona.OPERATOR):
        assert AuditEvent.objects.filter(event="batch.undo").count() == 1


def test_undoing_that_is_cut_short_changes_nothing(defined: House) -> None:
    """What a killed worker leaves: the transaction never commits."""
    applied(defined, text_of(FILES[0]))
    batch = applied(defined, text_of(FILES[1]))
    before = stored(defined), rollups(defined)
    with acting_as(Persona.WORKER, organisation=defined.riverside) as _acting:
        with transaction.atomic(using="owner"):
            ingest.undo(defined.riverside.pk, batch.pk)
            roll_up(defined.riverside.pk)
            transaction.set_rollback(True, using="owner")
    assert (stored(defined), rollups(defined)) == before
    undo(defined, batch)
    assert stored(defined) == FILES[0]


def test_another_institution_keeps_what_it_has(defined: House) -> None:
    batch = applied(defined, text_of(FILES[0]))
    with acting_as(Persona.WORKER, organisation=defined.elsewhere), connections["owner"].cursor() as cursor:
        ingest.undo(defined.elsewhere.pk, batch.pk)
        cursor.execute("SELECT 1")
    assert stored(defined) == FILES[0]
    with acting_as(Persona.OPERATOR):
        assert Unit.objects.filter(organisation=defined.elsewhere).exists()
        assert Observation.objects.filter(organisation=defined.riverside).count() == len(FILES[0])


# ---- the preview, and the table of errors


def test_counts_that_will_be_hidden_are_listed_for_insiders(defined: House, client: Client) -> None:
    batch = uploaded(
        defined, csv_of(["pain-30-minutes,east,2024-01,,30,60", "pain-30-minutes,east,2024-01,black,17,20"])
    )
    assert batch.report["check"]["small"] == 1
    client.force_login(defined.accounts["bea"])
    page = client.get(address("import_batch", pk=batch.pk)).content.decode()
    assert "Which counts will be hidden?" in page
    assert "17 of 20" in page
    assert "More may be hidden" in page


def test_errors_come_as_a_workbook_that_runs_nothing(defined: House, client: Client) -> None:
    client.force_login(defined.accounts["bea"])
    rows = [f"pain-30-minutes,east,2024-01,,=1+{number},60" for number in range(150)]
    sent = client.post(address("import_counts"), {"file": file_of(csv_of(rows))})
    pk = sent["Location"].rstrip("/").rsplit("/", 1)[1]
    response = client.get(address("import_errors_workbook", pk=pk))
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    assert sheet is not None
    found = list(sheet.iter_rows(values_only=True))
    assert found[0] == ("Row", "Column", "Your value", "What is wrong", "How to mend it")
    assert len(found) == 151
    assert found[1][:3] == (2, "numerator", "=1+0")
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
