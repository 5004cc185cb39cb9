"""What the pages in Spanish say, read from their templates and modules, and what of it lacks its Spanish.

python -m tests.project.spanish        (`make untranslated`)
"""

from __future__ import annotations

import ast
import gettext
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation.template import templatize

from metrics.library.read import load_library
from metrics.library.texts import texts

ROOT = Path(__file__).resolve().parents[2]
WORDS = ROOT / "locale" / "es" / "LC_MESSAGES" / "django.mo"
LIBRARY = ROOT / "locale" / "library" / "es" / "LC_MESSAGES" / "django.mo"

PUBLIC_PAGES = (
    "templates/base.html", "templates/error.html", "templates/components", "templates/measure",
    "templates/public/access.html", "templates/public/finding.html", "templates/public/front.html",
    "templates/public/help.html", "templates/public/how_we_count.html", "templates/public/institution.html",
    "templates/public/institution", "templates/public/measure.html", "templates/public/measure",
    "templates/public/privacy.html", "templates/public/taken_back.html", "templates/public/withdrawn.html",
    "equity/http.py", "equity/public/measures.py", "equity/public/sentences.py", "equity/public/views.py",
    "equity/templatetags", "equity/publication/models.py", "equity/cycle/models.py",
    "equity/tenancy/models/people.py", "metrics/ages.py", "metrics/aiming.py", "metrics/charts.py",
    "metrics/crossing.py", "metrics/index_words.py", "metrics/regrouped.py", "metrics/spreads.py",
    "metrics/tables.py", "metrics/wording.py", "metrics/telling.py", "metrics/silences.py", "metrics/stats",
    "metrics/models/definition.py", "accountability/models/scores.py",
)  # fmt: skip
CHOOSING = (
    "templates/metrics/_entry.html", "templates/metrics/_late.html", "templates/metrics/_unmeasured.html",
    "templates/metrics/choose", "templates/metrics/groups", "metrics/forms/choosing.py", "metrics/forms/groups.py",
    "metrics/actions/choosing.py", "metrics/actions/groups.py", "metrics/actions/proposals.py",
    "metrics/actions/versions.py", "metrics/group_changes.py", "metrics/group_versions.py",
    "metrics/group_words.py", "metrics/views/kept.py", "metrics/targets.py", "metrics/models/choosing.py",
    "metrics/models/groups.py",
)  # fmt: skip
"""Templates and modules of the addresses that `equity.language.SPOKEN` names."""

EXAMPLE = (
    "metrics/example/dimensions.toml",
    "metrics/example/metrics.toml",
    "equity/desk/example/hospital-year.toml",
)
MEANING = ("numerator", "denominator", "exclusions", "source")

CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
SAID = re.compile(r"""(?:\b_|n?gettext)\(\s*u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")


def said() -> Iterator[tuple[str, str]]:
    """Every sentence of these files with the file that says it."""
    for name in (*PUBLIC_PAGES, *CHOOSING):
        place = ROOT / name
        for path in [place] if place.is_file() else sorted(place.rglob("*")):
            if path.suffix in {".html", ".py"}:
                read = _of_template if path.suffix == ".html" else _of_module
                for words in read(path.read_text(encoding="utf-8")):
                    yield path.relative_to(ROOT).as_posix(), words


def _of_template(text: str) -> Iterator[str]:
    for literal in SAID.findall(templatize(text)):
        yield str(ast.literal_eval(literal))


def _of_module(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and _name(node.func) in CALLS and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def _name(called: ast.expr) -> str:
    return (
        called.id
        if isinstance(called, ast.Name)
        else called.attr
        if isinstance(called, ast.Attribute)
        else ""
    )


def of_the_example() -> Iterator[str]:
    """What the example institutions measure, and by which groups."""
    for name in EXAMPLE:
        told = tomllib.loads((ROOT / name).read_text(encoding="utf-8"))
        for metric in told.get("metric", ()):
            yield from (metric.get(field, "") for field in ("name", *MEANING, "why", "caution"))
        for dimension in told.get("dimension", ()):
            yield dimension["name"]
            for category in dimension["category"]:
                yield from (category["label"], category.get("short", ""))


def catalogue(path: Path) -> gettext.GNUTranslations:
    """A compiled catalogue."""
    with path.open("rb") as file:
        return gettext.GNUTranslations(file)


def untranslated() -> list[tuple[str, str]]:
    """File and sentence, for everything that a page in Spanish would say in English."""
    words, library = catalogue(WORDS), catalogue(LIBRARY)
    known = {key[0] if isinstance(key, tuple) else key for key, value in words._catalog.items() if value}  # type: ignore[attr-defined]  # the only list of what is there
    missing = [
        (file, one) for file, one in said() if one not in known and one.replace("%%", "%") not in known
    ]
    every = [*texts(load_library()), *filter(None, dict.fromkeys(of_the_example()))]
    untold = [("metrics/library or an example", one) for one in every if not _told(library, one)]
    return [*dict.fromkeys(missing), *untold]


def _told(library: gettext.GNUTranslations, text: str) -> bool:
    there: dict[str, str] = library._catalog  # type: ignore[attr-defined]  # a text may be the same in both languages
    return bool(there.get(f"library\x04{text}"))


if __name__ == "__main__":
    for place, sentence in untranslated():
        print(f"{place}: {sentence}")
