"""Pages in Spanish: nothing of them is left in English, links stay in Spanish, and what is not translated is English."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import get_script_prefix, reverse
from django.utils.translation import get_language, override

from equity.language import told
from metrics.actions.choosing import adopt_metric
from metrics.library.read import shelf
from tests.cast import House
from tests.metrics.choosing import acting, entry
from tests.metrics.facts import Facts, released
from tests.project.spanish import LIBRARY, ROOT, WORDS, catalogue, said, untranslated

ENTRY = re.compile(r'^msgid "(?P<msgid>.*)"\nmsgstr "(?P<msgstr>.+)"$', re.MULTILINE)


def test_nothing_that_a_page_in_spanish_says_lacks_its_spanish() -> None:
    assert untranslated() == []


def test_sentences_are_found_in_templates_and_modules() -> None:
    found = {words for _file, words in said()}
    assert "Choose what to measure" in found
    assert "{name} counted <b>{number}</b> in {period}." in found
    assert "At most <b>%(share)s in 100</b> by %(day)s. %(name)s answers for it." in found


@pytest.mark.parametrize("compiled", [WORDS, LIBRARY])
def test_what_is_compiled_is_what_is_written(compiled: Path) -> None:
    """`make messages` compiles them."""
    there = catalogue(compiled)._catalog  # type: ignore[attr-defined]  # the only list of what is there
    written = dict(ENTRY.findall(compiled.with_suffix(".po").read_text(encoding="utf-8")))
    assert len(written) > 500
    for msgid, msgstr in written.items():
        plain = msgid.replace('\\"', '"').replace("\\n", "\n")
        context = f"library\x04{plain}" if compiled == LIBRARY else plain
        assert there.get(context, there.get(plain)) == msgstr.replace('\\"', '"').replace("\\n", "\n")


def test_places_for_numbers_and_names_are_the_same_in_both_languages() -> None:
    places = re.compile(r"%\(\w+\)s|%s|\{\w+\}|</?b\b")
    for msgid, msgstr in ENTRY.findall(WORDS.with_suffix(".po").read_text(encoding="utf-8")):
        assert sorted(places.findall(msgid)) == sorted(places.findall(msgstr)), msgid


def test_text_of_the_library_is_told_in_the_language_of_the_page() -> None:
    race = shelf().dimension("race_ethnicity")
    with override("es"):
        assert told(race.name) == "Raza y origen étnico"
        assert told("Words of our own") == "Words of our own"
        assert told("") == ""
    assert told(race.name) == race.name


# ---------------------------------------------------------------- pages
@pytest.fixture
def facts(house: House) -> Facts:
    """A measure of the library by sex, adopted as it is, published for a year."""
    facts = Facts(house.riverside, {"all": house.units["riverside/all"]})
    facts.dimension("sex", ["female", "male"])
    facts.metric(
        "interpreter-used",
        frequency=12,
        name=entry("interpreter-used").name,
        why=entry("interpreter-used").why,
    )
    counts = {"": (300, 1000), "sex=female": (120, 500), "sex=male": (180, 500)}
    facts.add("interpreter-used", "all", "2024", counts)
    facts.roll_up()
    released(facts, house.person("alice"), ["2024"])
    return facts


def test_public_pages_are_in_spanish_behind_their_prefix(facts: Facts, client: Client) -> None:
    page = client.get("/es/p/riverside/measures/interpreter-used/")
    words = page.content.decode()
    assert '<html lang="es">' in words
    assert "Hubo un intérprete capacitado" in words
    assert "¿Cómo se cuenta?" in words
    assert 'href="/es/p/riverside/"' in words
    assert 'href="/p/riverside/measures/interpreter-used/" lang="en"' in words
    assert "/static/css/" in words
    assert "/es/static" not in words
    english = client.get("/p/riverside/measures/interpreter-used/").content.decode()
    assert "A trained interpreter was there" in english
    assert 'href="/es/p/riverside/measures/interpreter-used/" lang="es"' in english
    assert (get_script_prefix(), get_language()) == ("/", "en-us")


@pytest.mark.parametrize("path", ["", "how-we-count/", "access/", "privacy/", "help/", "p/riverside/"])
def test_every_public_page_opens_in_spanish(facts: Facts, client: Client, path: str) -> None:
    page = client.get(f"/es/{path}")
    assert page.status_code == 200
    assert '<html lang="es">' in page.content.decode()
    assert "Set-Cookie" not in page.headers


def test_choosing_is_in_spanish_and_stays_there(house: House, client: Client) -> None:
    client.force_login(house.accounts["alice"])
    words = client.get("/es/o/riverside/measures/choose/").content.decode()
    assert "<b>todavía no mide nada</b>" in words
    assert "De vuelta en el hospital en 30 días" in words
    assert 'href="/es/o/riverside/measures/choose/library/readmission-30-day/"' in words
    found = client.get("/es/o/riverside/measures/choose/", {"q": "hospital en 30 días"}).content.decode()
    assert "De vuelta en el hospital en 30 días" in found
    assert "Hubo un intérprete" not in found
    own = client.post("/es/o/riverside/measures/choose/groups/library/sex/")
    assert own["Location"] == "/es/o/riverside/measures/choose/groups/of/sex/"
    page = client.get(own["Location"]).content.decode()
    assert "Sexo en el registro" in page
    assert "Femenino" in page


def test_what_is_taken_over_in_spanish_is_kept_as_the_library_says_it(house: House, client: Client) -> None:
    """So that everybody reads it in their own language."""
    client.force_login(house.accounts["alice"])
    client.post("/es/o/riverside/measures/choose/groups/library/sex/")
    with acting(house, "alice"):
        adopt_metric(organisation=house.riverside, entry=entry(), by=house.person("alice"))
    english = client.get(reverse("metrics:dimension", args=["riverside", "sex"])).content.decode()
    assert "Sex on record" in english
    assert "Sexo" not in english


def test_what_is_not_translated_is_in_english(house: House, client: Client) -> None:
    client.force_login(house.accounts["alice"])
    led = client.get("/es/o/riverside/programme/?a=b")
    assert led["Location"] == "/o/riverside/programme/?a=b"
    assert client.get("/es//elsewhere.example/")["Location"] == "/elsewhere.example/"
    words = client.get("/o/riverside/programme/").content.decode()
    assert '<html lang="en-us">' in words
    assert "Español" not in words


def test_every_file_that_is_named_is_there() -> None:
    from tests.project import spanish

    assert [name for name in (*spanish.PUBLIC_PAGES, *spanish.CHOOSING) if not (ROOT / name).exists()] == []
