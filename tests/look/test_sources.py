"""What the content policy and the design forbid in templates and style sheets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.look.css import COMMENT, ROOT

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STYLES = sorted((ROOT / "static/css").glob("*.css"))
SCRIPTS = sorted((ROOT / "static/js").glob("*.js"))
COLOR = re.compile(
    r"#[0-9a-fA-F]{3,8}\b|\b(?:rgba?|hsla?|oklch|lab|lch)\(|(?<![\w-])(?:white|black|red|green|blue)(?=\s*[;,)])"
)
INLINE_HANDLER = re.compile(r"<[^>]*\son[a-z]+\s*=", re.DOTALL)
SCRIPT = re.compile(r"<script\b[^>]*>")
IN_SVG_ATTRIBUTE = re.compile(r"\b(?:fill|stroke)=\"#")


def _id(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("template", TEMPLATES, ids=_id)
def test_template_has_no_inline_style(template: Path) -> None:
    assert not re.search(r"\bstyle\s*=|<style\b", template.read_text())


@pytest.mark.parametrize("template", TEMPLATES, ids=_id)
def test_template_has_no_inline_script(template: Path) -> None:
    text = template.read_text()
    assert [tag for tag in SCRIPT.findall(text) if " src=" not in tag] == []
    assert not INLINE_HANDLER.search(text)
    assert "javascript:" not in text
    assert "hx-on" not in text


@pytest.mark.parametrize("template", TEMPLATES, ids=_id)
def test_template_colors_nothing(template: Path) -> None:
    assert not IN_SVG_ATTRIBUTE.search(template.read_text())


@pytest.mark.parametrize("template", TEMPLATES, ids=_id)
def test_template_loads_nothing_from_elsewhere(template: Path) -> None:
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", template.read_text())


@pytest.mark.parametrize(
    "source", [path for path in (*STYLES, *SCRIPTS) if path.name != "tokens.css"], ids=_id
)
def test_colors_stand_in_the_tokens_only(source: Path) -> None:
    assert COLOR.findall(COMMENT.sub("", source.read_text())) == []


@pytest.mark.parametrize("style", STYLES, ids=_id)
def test_style_uses_tokens_that_exist(style: Path) -> None:
    declared = {name for path in STYLES for name in re.findall(r"(--[a-z0-9-]+)\s*:", path.read_text())}
    assert set(re.findall(r"var\((--[a-z0-9-]+)", style.read_text())) <= declared


def test_every_class_of_a_template_is_styled() -> None:
    defined = {name for path in STYLES for name in re.findall(r"\.([a-zA-Z][\w-]*)", path.read_text())}
    unstyled = {"gaps"}
    for template in TEMPLATES:
        for value in re.findall(r"class=\"([^\"{]*)\"", template.read_text()):
            assert set(value.split()) <= defined | unstyled, template
