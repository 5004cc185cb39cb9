"""The catalogue in the database is what the files say, and an edition in use is never edited."""

from __future__ import annotations

import tomllib
from collections import Counter
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona
from practices.loading import CatalogueError, Outcome, catalogue_files, load
from practices.models import Guide, GuideItem, GuideText

SMALL = """
[guide]
code = "small"
edition = "1"
title = "A small guide"
summary = "For tests."
source = "Ours."
language = "en"

[[item]]
kind = "step"
code = "1"
position = 1
title = "Begin"
body = "Begin somewhere."

[[item]]
kind = "goal"
code = "1.1"
parent = "1"
position = 1
title = "Promise"
body = "Promise something."
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small-1.toml"
    path.write_text(SMALL)
    return path


def loaded(path: Path) -> Outcome:
    with acting_as(Persona.OPERATOR):
        return load(path)[1]


def run_command(*files: Any) -> str:
    out = StringIO()
    call_command("load_catalogue", *files, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("path", catalogue_files(), ids=lambda path: path.stem)
def test_counts_by_kind_in_database_equal_the_file(catalogue: None, path: Path) -> None:
    document = tomllib.loads(path.read_text())
    with acting_as(Persona.OPERATOR):
        items = GuideItem.objects.filter(guide__code=document["guide"]["code"])
        assert Counter(items.values_list("kind", flat=True)) == Counter(
            item["kind"] for item in document["item"]
        )


@pytest.mark.parametrize("path", catalogue_files(), ids=lambda path: path.stem)
def test_words_parents_and_levels_in_database_equal_the_file(catalogue: None, path: Path) -> None:
    document = tomllib.loads(path.read_text())
    keys = ("title", "body", "note", "question")
    expected = {
        item["code"]: (
            item.get("parent"),
            item.get("level", ""),
            [item.get(key, "") for key in keys],
            item.get("anchors", []),
        )
        for item in document["item"]
    }
    with acting_as(Persona.OPERATOR):
        texts = GuideText.objects.filter(item__guide__code=document["guide"]["code"]).select_related(
            "item__parent"
        )
        found = {
            text.item.code: (
                text.item.parent.code if text.item.parent else None,
                text.item.level,
                [getattr(text, key) for key in keys],
                text.anchors,
            )
            for text in texts
        }
    assert found == expected


def test_loading_again_changes_nothing(small: Path, house: Any) -> None:
    assert loaded(small) is Outcome.LOADED
    with acting_as(Persona.OPERATOR):
        before = list(GuideItem.objects.values_list("pk", flat=True))
    assert loaded(small) is Outcome.UNCHANGED
    with acting_as(Persona.OPERATOR):
        assert list(GuideItem.objects.values_list("pk", flat=True)) == before


def test_comment_in_file_is_no_change(small: Path, house: Any) -> None:
    loaded(small)
    small.write_text("# read again\n" + SMALL)
    assert loaded(small) is Outcome.UNCHANGED


def test_changed_edition_not_in_use_is_replaced(small: Path, house: Any) -> None:
    loaded(small)
    small.write_text(SMALL.replace("Promise something.", "Promise it in writing."))
    assert loaded(small) is Outcome.REPLACED
    with acting_as(Persona.OPERATOR):
        assert Guide.objects.filter(code="small").count() == 1
        assert (
            GuideText.objects.get(item__guide__code="small", item__code="1.1").body
            == "Promise it in writing."
        )


def test_changed_edition_in_use_is_refused_and_left_alone(programme: Any, tmp_path: Path) -> None:
    original = next(path for path in catalogue_files() if path.stem == "light-and-heat-2021")
    changed = tmp_path / original.name
    changed.write_text(original.read_text().replace("Name a core team to lead the change", "Name a team"))
    with pytest.raises(CatalogueError, match="new edition"):
        loaded(changed)
    with acting_as(Persona.OPERATOR):
        assert GuideText.objects.get(item__code="2.1").title == "Name a core team to lead the change"


def test_same_words_under_a_new_edition_are_loaded_beside_the_old(programme: Any, tmp_path: Path) -> None:
    original = next(path for path in catalogue_files() if path.stem == "light-and-heat-2021")
    newer = tmp_path / "light-and-heat-2027.toml"
    newer.write_text(original.read_text().replace('edition = "2021"', 'edition = "2027"'))
    assert loaded(newer) is Outcome.LOADED
    with acting_as(Persona.OPERATOR):
        assert Guide.objects.filter(code="light-and-heat").count() == 2


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (SMALL.replace('source = "Ours."', ""), "lacks source"),
        (SMALL.replace('parent = "1"', 'parent = "9"'), "comes before its parent '9'"),
        (SMALL.replace('code = "1.1"', 'code = "1"'), "is there twice"),
        (SMALL.replace('title = "Promise"', ""), "lacks title"),
        ("[guide", "cannot be read"),
    ],
)
def test_wrong_file_is_refused_in_words(small: Path, house: Any, wrong: str, told: str) -> None:
    small.write_text(wrong)
    with pytest.raises(CatalogueError, match=told):
        loaded(small)


def test_command_loads_what_comes_with_the_code_and_says_so(house: Any) -> None:
    said = run_command()
    assert "light-and-heat 2021: loaded, 161 items." in said
    assert "clinic 2025: loaded, 49 items." in said
    assert "light-and-heat 2021: unchanged" in run_command()


def test_command_fails_in_words(small: Path, house: Any) -> None:
    small.write_text("[guide")
    with pytest.raises(CommandError, match=r"small-1\.toml cannot be read"):
        run_command(small)
