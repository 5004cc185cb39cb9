"""The ready metrics: enough of them, at every level and for every purpose, in plain words, with standards that exist."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.db.models import CharField

from metrics.example import make_willow_ferry
from metrics.library.entries import Better, LibraryMetric, Purpose
from metrics.library.entries import Level as LibraryLevel
from metrics.library.read import load_library
from metrics.models import Level, Metric
from metrics.reading.cells import MetricKind

LIBRARY = load_library()
CATALOGUE = Path(__file__).resolve().parents[3] / "practices" / "catalogue"
EXAMPLE = Path(make_willow_ferry.__file__).parent / "metrics.toml"
LONGEST_SENTENCE = 25
WORDS_WE_DO_NOT_USE = (
    "stakeholder",
    "at-risk",
    "at risk",
    "vulnerable",
    "minorit",
    "non-compliant",
    "utiliz",
)

FORM_OF_CODES = {
    "AHRQ CAHPS": r"",
    "AHRQ Quality Indicators": r"(PSI|PQI|PDI) \d\d",
    "CBE": r"\d{4}",
    "CMS Hospital IQR": r"SDOH-[12]",
    "CMS Hospital OQR": r"OP-\d\d",
    "CMS eCQM": r"CMS\d{1,4}",
    "EEO-1 Component 1": r"1\.1, 1\.2",
    "GHG Protocol": r"Scope 1, Scope 2",
    "HCAHPS": r"H_[A-Z]+(_\d)?",
    "HCAI Hospital Equity Measures": r"",
    "HEDIS": r"[A-Z]{3}(-E)?",
    "HRSA UDS": r"Table [3-7][AB]?, .+",
    "HUD System Performance Measures": r"Measure [1-7]",
    "IRS Form 990, Schedule C": r"",
    "IRS Form 990, Schedule H": r"Part [IV]+, line \d+",
    "Joint Commission": r"(PC|HBIPS)-\d\d?",
    "MIT Living Wage Calculator": r"",
    "NCHS": r"USALEEP",
    "US Census Bureau, ACS": r"[BS]\d{4,5}",
    "US Code of Federal Regulations": r"\d+ CFR .+",
    "US Internal Revenue Code": r"Section .+",
}
"""How the codes of each system look; empty where the publisher gives an address only."""


def _guides() -> dict[str, dict[str, Any]]:
    guides = {}
    for path in sorted(CATALOGUE.glob("*.toml")):
        catalogue = tomllib.loads(path.read_text(encoding="utf-8"))
        guides[catalogue["guide"]["code"]] = {item["code"]: item for item in catalogue["item"]}
    return guides


def _named(metric: LibraryMetric) -> str:
    return metric.code


every_metric = pytest.mark.parametrize("metric", LIBRARY.metrics, ids=_named)


def test_library_holds_metrics_for_every_level_and_purpose() -> None:
    assert len(LIBRARY.metrics) >= 44
    held = Counter((metric.level, metric.purpose) for metric in LIBRARY.metrics)
    assert {(level, purpose) for level in LibraryLevel for purpose in Purpose} == set(held)
    assert min(held.values()) >= 3


def test_codes_and_names_differ() -> None:
    for texts in ([metric.code for metric in LIBRARY.metrics], [metric.name for metric in LIBRARY.metrics]):
        assert [text for text, times in Counter(texts).items() if times > 1] == []


def test_metric_is_found_by_its_code() -> None:
    assert LIBRARY.metric("local-spend").name == "Money spent with local vendors"
    with pytest.raises(KeyError):
        LIBRARY.metric("local-spending")


def test_vocabulary_is_that_of_the_models() -> None:
    assert [*LibraryLevel] == Level.values
    assert [*Purpose] == Metric.Purpose.values
    assert [*Better] == Metric.Better.values
    assert {*MetricKind} == set(Metric.Kind.values)


@every_metric
def test_metric_fits_into_the_model(metric: LibraryMetric) -> None:
    for field in ("code", "name", "source"):
        column = Metric._meta.get_field(field)
        assert isinstance(column, CharField)
        assert column.max_length is not None
        assert len(getattr(metric, field)) <= column.max_length, field


@every_metric
def test_metric_speaks_to_items_that_the_guides_have(metric: LibraryMetric) -> None:
    guides = _guides()
    assert guides["light-and-heat"][metric.level]["kind"] == "level"
    for reference in metric.speaks_to:
        assert reference.item in guides[reference.guide], reference


def test_every_goal_of_the_guide_has_a_metric() -> None:
    goals = {code for code, item in _guides()["light-and-heat"].items() if item["kind"] == "goal"}
    spoken_to = {
        ".".join(reference.item.split(".")[:2])
        for metric in LIBRARY.metrics
        for reference in metric.speaks_to
        if reference.guide == "light-and-heat"
    }
    assert goals - spoken_to == set()


@every_metric
def test_words_are_plain_and_sentences_short(metric: LibraryMetric) -> None:
    for text in (metric.name, metric.why, metric.caution):
        for sentence in re.split(r"(?<=[.?!])\s+", text):
            assert len(sentence.split()) <= LONGEST_SENTENCE, sentence
    for text in (metric.why, metric.caution):
        assert text.endswith((".", "?")), text
        assert len(re.findall(r"[.?!](\s|$)", text)) <= 2, text
    everything = " ".join(
        (metric.name, metric.numerator, metric.denominator, metric.exclusions, metric.why, metric.caution)
    )
    assert [word for word in WORDS_WE_DO_NOT_USE if word in everything.lower()] == []


@every_metric
def test_what_counts_no_people_is_compared_by_places_at_most(metric: LibraryMetric) -> None:
    if not metric.counts_people and metric.kind is not MetricKind.INDEX:
        assert [code for code in metric.dimensions if not LIBRARY.dimension(code).place] == []


@every_metric
def test_standards_have_codes_of_their_system(metric: LibraryMetric) -> None:
    for standard in metric.standards:
        assert re.fullmatch(FORM_OF_CODES[standard.system], standard.code), standard
        assert standard.code or standard.url
        assert standard.url == "" or standard.url.startswith("https://")
    systems = [(standard.system, standard.code) for standard in metric.standards]
    assert len(set(systems)) == len(systems)


def test_standards_that_health_departments_ask_for_are_there() -> None:
    held = {
        (standard.system, standard.code): metric.code
        for metric in LIBRARY.metrics
        for standard in metric.standards
    }
    assert {
        ("CBE", "1789"): "readmission-30-day",
        ("CMS eCQM", "CMS165"): "blood-pressure-controlled",
        ("CMS eCQM", "CMS122"): "diabetes-uncontrolled",
        ("CMS eCQM", "CMS125"): "breast-cancer-screening",
        ("CMS eCQM", "CMS334"): "cesarean-first-birth",
        ("Joint Commission", "PC-02"): "cesarean-first-birth",
        ("HCAHPS", "H_COMP_1"): "nurses-listened",
        ("AHRQ Quality Indicators", "PSI 03"): "pressure-injuries",
        ("AHRQ Quality Indicators", "PQI 90"): "avoidable-stays",
        ("CMS Hospital IQR", "SDOH-1"): "social-needs-screened",
        ("CMS Hospital IQR", "SDOH-2"): "social-needs-found",
    }.items() <= held.items()


def test_example_metrics_mean_what_the_library_means() -> None:
    shared = 0
    ready = {metric.code: metric for metric in LIBRARY.metrics}
    for metric in tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))["metric"]:
        if metric["code"] in ready:
            shared += 1
            for key in ("level", "purpose", "kind", "better", "counts_people"):
                assert getattr(ready[metric["code"]], key) == metric[key], (metric["code"], key)
    assert shared >= 10
