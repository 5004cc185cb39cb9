"""The operator takes files in on a shell, in the name of a person."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from equity.tenancy.acting import acting_as
from equity.tenancy.models import AuditEvent
from equity.tenancy.personas import Persona
from metrics.example import make_readmission_counts
from metrics.models import Batch
from tests.cast import House
from tests.metrics.importing import csv_of, define, observations

EAST = "pain-30-minutes,east,2024-01,,30,60"


@pytest.fixture
def counts(tmp_path: Path) -> Path:
    path = tmp_path / "counts.csv"
    path.write_text(csv_of([EAST]), encoding="utf-8")
    return path


def command(name: str, *args: object, by: str = "bea@example.org") -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command(name, *map(str, args), "--organisation", "riverside", "--by", by, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_counts_file_is_checked_and_only_applied_when_asked(house: House, counts: Path) -> None:
    define(house)
    out, err = command("import_counts", counts)
    assert "1 new, 0 changed, 0 as before." in out
    assert "1 rows read" in err
    assert observations(house) == set()
    out, _err = command("import_counts", counts, "--apply")
    assert "Applied." in out
    assert observations(house) == {("east", "2024-01-01", "", 30, 60, "")}
    with acting_as(Persona.OPERATOR):
        assert set(AuditEvent.objects.filter(event="batch.upload").values_list("by_name", flat=True)) == {
            "Bea"
        }


def test_line_list_is_counted_and_applied(house: House, tmp_path: Path) -> None:
    define(house)
    path = tmp_path / "stays.csv"
    rows = ["race,gender,age,payer_code,readmitted", *["Asian,Male,[0-10),MC,<30"] * 3]
    path.write_text("\n".join(rows), encoding="utf-8")
    command("count_line_list", path, "--mapping", make_readmission_counts.MAPPING, "--apply")
    assert ("all", "1999-01-01", "race_ethnicity=asian", 3, 3, "") in observations(house)


def test_errors_are_told_row_by_row(house: House, counts: Path) -> None:
    define(house)
    counts.write_text(csv_of([EAST.replace("30,60", "70,60")]), encoding="utf-8")
    with pytest.raises(CommandError, match="Row 2 numerator: The numerator 70 is greater"):
        command("import_counts", counts, "--apply")
    with acting_as(Persona.OPERATOR):
        assert Batch.objects.get().state == Batch.State.REFUSED


@pytest.mark.parametrize(
    "by", ["carmen@example.org", "mona@example.org", "walter@example.org", "nobody@example.org"]
)
def test_person_must_be_allowed_to_import_there(house: House, counts: Path, by: str) -> None:
    define(house)
    with pytest.raises(CommandError, match="may not import counts"):
        command("import_counts", counts, by=by)
    with acting_as(Persona.OPERATOR):
        assert not Batch.objects.exists()


def test_branch_rule_is_told(house: House, counts: Path) -> None:
    define(house)
    counts.write_text(csv_of([EAST, EAST.replace("east", "all")]), encoding="utf-8")
    with pytest.raises(CommandError, match="which it is part of"):
        command("import_counts", counts, "--apply")
    assert observations(house) == set()
