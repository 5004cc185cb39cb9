"""The command for analysts: cases in, results out, and clear words for input that cannot be used."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

SUBGROUPS = [
    {"name": "A", "estimate": 10.0, "se": 1.0, "population": 500},
    {"name": "B", "estimate": 20.0, "se": 1.2, "population": 300},
    {"name": "C", "estimate": 0, "se": None, "population": 200},
]
CASE = {
    "name": "Returns by race",
    "dimension_ordered": False,
    "favourable": False,
    "indicator_scale": 100,
    "subgroups": SUBGROUPS,
}
RECORDS = "weight,psu,strata,subgroup_order,seen\n" + "".join(
    f"{1 + row % 3},{row % 10},{row % 2},{row % 4},{'' if row == 5 else int(row % 7 > row % 4)}\n"
    for row in range(80)
)


def written(folder: Path, content: Any) -> Path:
    path = folder / "cases.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def results(folder: Path, *options: str, **changed: Any) -> dict[str, Any]:
    output = StringIO()
    path = written(folder, {"cases": [CASE | changed]})
    call_command("inequality", str(path), "--draws", "50", *options, stdout=output)
    return json.loads(output.getvalue())["cases"][0]


def refused(folder: Path, content: Any, *options: str) -> str:
    with pytest.raises(CommandError) as error:
        call_command("inequality", str(written(folder, content)), *options, stdout=StringIO())
    return str(error.value)


def test_results_have_the_form_of_the_expected_numbers(tmp_path: Path) -> None:
    found = results(tmp_path)
    assert found["name"] == "Returns by race"
    difference = found["results"]["D"]
    assert {key: difference[key] for key in ("value", "se", "ci", "se_scale")} == {
        "value": 20.0,
        "se": None,
        "ci": "analytic",
        "se_scale": "value",
    }
    assert difference["no_range"] == "Standard errors are missing."


def test_infinite_and_missing_numbers_are_told_apart(tmp_path: Path) -> None:
    found = results(tmp_path)["results"]
    assert found["R"]["value"] == "inf"
    assert found["R"]["se"] is None
    assert found["MDRU"] | {"ci": ""} == {
        "value": None,
        "se": None,
        "lower": None,
        "upper": None,
        "ci": "",
        "draws_sd": None,
        "error": "No reference subgroup is declared.",
    }


def test_excess_is_told_by_subgroup(tmp_path: Path) -> None:
    excess = results(tmp_path)["results"]["EXCESS"]
    assert excess["value"] == pytest.approx(110.0)
    assert [(one["name"], one["value"]) for one in excess["subgroups"]] == [
        ("A", 50.0),
        ("B", 60.0),
        ("C", 0.0),
    ]


def test_results_go_to_a_file_when_one_is_named(tmp_path: Path) -> None:
    target = tmp_path / "results.json"
    output = StringIO()
    path = written(tmp_path, {"cases": [CASE]})
    call_command(
        "inequality", str(path), "--output", str(target), "--draws", "9", "--seed", "4", stdout=output
    )
    assert output.getvalue() == ""
    assert json.loads(target.read_text())["meta"] == {"conventions": "decided", "draws": 9, "seed": 4}


def test_cases_keep_their_order_whatever_their_kind(tmp_path: Path) -> None:
    ordered = [row | {"order": place} for place, row in enumerate(SUBGROUPS)]
    (tmp_path / "records.csv").write_text(RECORDS)
    cases = [
        CASE | {"name": "second kind", "kind": "individual", "data_file": "records.csv", "outcome": "seen"},
        CASE | {"name": "unordered"},
        CASE | {"name": "ordered", "dimension_ordered": True, "subgroups": ordered},
    ]
    output = StringIO()
    call_command("inequality", str(written(tmp_path, {"cases": cases})), "--draws", "0", stdout=output)
    found = json.loads(output.getvalue())["cases"]
    assert [one["name"] for one in found] == ["second kind", "unordered", "ordered"]
    assert list(found[0]["results_by_design"]) == ["survey", "weighted", "unweighted"]
    assert "BGV" in found[1]["results"]
    assert "SII" in found[2]["results"]


def test_records_of_people_by_the_designs_asked_for(tmp_path: Path) -> None:
    (tmp_path / "records.csv").write_text(RECORDS.replace(",,", ",NA,"))
    more = {
        "kind": "individual",
        "data_file": "records.csv",
        "outcome": "seen",
        "designs": {"weighted": "by weight"},
    }
    found = results(tmp_path, **more)["results_by_design"]
    assert list(found) == ["weighted"]
    assert found["weighted"]["SII"]["se"] > 0


def test_as_healthequal_keeps_its_conventions(tmp_path: Path) -> None:
    positive = [row | {"estimate": row["estimate"] + 5, "se": 1.0} for row in SUBGROUPS]
    ours = results(tmp_path, subgroups=positive)["results"]
    theirs = results(tmp_path, "--as-healthequal", subgroups=positive)["results"]
    assert theirs["R"]["se_scale"] == "log"
    assert theirs["R"]["se"] == ours["R"]["se_log"]
    assert theirs["PAF"]["se"] == pytest.approx(ours["PAF"]["se"] / 100)
    assert theirs["MLD"]["se"] == pytest.approx(ours["MLD"]["se"] / 1000)


def test_impact_against_the_declared_reference(tmp_path: Path) -> None:
    marked = [row | {"reference": row["name"] == "A"} for row in SUBGROUPS]
    assert results(tmp_path, subgroups=marked)["results"]["PAR"]["value"] == pytest.approx(-11)
    declared = results(tmp_path, "--reference", "declared", subgroups=marked)
    assert declared["results"]["PAR"]["value"] == pytest.approx(-1)


def test_setting_average_that_is_not_passed_is_not_used(tmp_path: Path) -> None:
    bare = [{"name": row["name"], "estimate": row["estimate"]} for row in SUBGROUPS]
    assert results(tmp_path, subgroups=bare, setting_average=12)["results"]["PAR"]["value"] == -12
    unused = results(tmp_path, subgroups=bare, setting_average=12, setting_average_passed=False)
    assert unused["results"]["PAR"]["error"] == "Populations are missing."


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('{"cases": [', "This is not JSON"),
        ("[]", 'an object with a list "cases"'),
        ({"cases": []}, '"cases" must be a list that is not empty'),
        ({"cases": [5]}, "case 1: must be an object"),
        ({"cases": [CASE | {"name": ""}]}, 'case 1: "name" must be a text'),
        ({"cases": [CASE, CASE]}, 'Two cases are named "Returns by race"'),
        ({"cases": [CASE | {"kind": "other"}]}, '"kind" must be one of: aggregate, individual'),
        ({"cases": [CASE | {"favourable": 1}]}, '"favourable" must be true or false'),
        ({"cases": [CASE | {"dimension_ordered": None}]}, '"dimension_ordered" must be true or false'),
        ({"cases": [CASE | {"indicator_scale": None}]}, '"indicator_scale" must be a number of 0 or more'),
        ({"cases": [CASE | {"indicator_scale": 0}]}, '"indicator_scale" must be above 0'),
        ({"cases": [CASE | {"conf_level": 95}]}, '"conf_level" must lie between 0 and 1'),
        ({"cases": [CASE | {"subgroups": {}}]}, '"subgroups" must be a list that is not empty'),
        ({"cases": [CASE | {"subgroups": ["A"]}]}, "subgroup 1: must be an object"),
        (
            {"cases": [CASE | {"subgroups": [{"estimate": "12"}]}]},
            '"estimate" must be a number of 0 or more, or null',
        ),
        (
            {"cases": [CASE | {"subgroups": [{"estimate": True}]}]},
            '"estimate" must be a number of 0 or more, or null',
        ),
        ({"cases": [CASE | {"subgroups": [{"estimate": 10**400}]}]}, '"estimate" must be a number'),
        (
            '{"cases": [{"name": "x", "subgroups": [{"se": NaN}]}]}',
            '"se" must be a number of 0 or more, or null',
        ),
        ({"cases": [CASE | {"subgroups": [{"reference": True}] * 2}]}, "can have one reference only"),
        ({"cases": [{"name": "x", "kind": "individual"}]}, '"data_file" must be a text'),
        (
            {"cases": [{"name": "x", "kind": "individual", "data_file": "../y.csv", "outcome": "z"}]},
            "the name of a file beside the cases",
        ),
        (
            {
                "cases": [
                    {"name": "x", "kind": "individual", "data_file": "y", "outcome": "z", "designs": ["no"]}
                ]
            },
            '"designs" must name some of: survey, weighted, unweighted',
        ),
    ],
)
def test_input_that_cannot_be_used_is_named(tmp_path: Path, content: Any, sentence: str) -> None:
    assert sentence in refused(tmp_path, content)


def test_all_faults_are_told_at_once_up_to_a_limit(tmp_path: Path) -> None:
    message = refused(tmp_path, {"cases": [CASE | {"name": "x", "subgroups": [{"se": -1}] * 30}]})
    assert 'Case "x", subgroup 20: "se"' in message
    assert "... and 10 more." in message


@pytest.mark.parametrize(
    ("records", "sentence"),
    [
        ("seen,subgroup_order\n1,1\n", "There is no column psu, strata, weight."),
        (RECORDS.replace("\n1,", "\nmany,"), "The column weight holds something that is not a number."),
        (RECORDS.replace("\n1,", "\n-1,"), "Weights must be 0 or more"),
        ("seen,subgroup_order,weight,psu,strata\n", "Fewer than three people have a known outcome."),
    ],
)
def test_records_that_cannot_be_used_are_named(tmp_path: Path, records: str, sentence: str) -> None:
    (tmp_path / "records.csv").write_text(records)
    case = {"name": "x", "kind": "individual", "data_file": "records.csv", "outcome": "seen"}
    message = refused(tmp_path, {"cases": [case]})
    assert 'Case "x", records.csv: ' in message
    assert sentence in message


def test_files_that_cannot_be_read_or_written_are_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"none\.json cannot be read: No such file"):
        call_command("inequality", str(tmp_path / "none.json"))
    case = {"name": "x", "kind": "individual", "data_file": "none.csv", "outcome": "seen"}
    assert "none.csv cannot be read" in refused(tmp_path, {"cases": [case]})
    assert "cannot be written" in refused(
        tmp_path, {"cases": [CASE]}, "--output", str(tmp_path / "no" / "x.json")
    )
    (tmp_path / "cases.json").write_bytes(b"\xff\xfe")
    with pytest.raises(CommandError, match="not a text file in UTF-8"):
        call_command("inequality", str(tmp_path / "cases.json"))


def test_one_draw_is_too_few(tmp_path: Path) -> None:
    assert "two draws or more" in refused(tmp_path, {"cases": [CASE]}, "--draws", "1")
