"""Dimensions of the library: real codes, a fair order, the same three blanks, and crosswalks that say what is lost."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from django.db.models import CharField

from metrics.example import make_willow_ferry
from metrics.library.entries import LibraryDimension, Relation
from metrics.library.read import load_library
from metrics.models import Category, Dimension

LIBRARY = load_library()
EXAMPLE = Path(make_willow_ferry.__file__).parent / "dimensions.toml"
LONGEST_SENTENCE = 25

NAMED_BY_THE_GUIDE = {
    "race_ethnicity", "language", "gender_identity", "sexual_orientation", "income", "payer", "social_risk",
    "immigration_status", "disability", "neighborhood",
}  # fmt: skip

SEVEN_MINIMUM_GROUPS = {
    "american_indian": "1002-5",
    "asian": "2028-9",
    "black": "2054-5",
    "hispanic": "2135-2",
    "middle_eastern": "2118-8",
    "pacific_islander": "2076-8",
    "white": "2106-3",
}
SIX_DISABILITY_QUESTIONS = {
    "hearing": "69856-3",
    "vision": "69857-1",
    "cognitive": "69858-9",
    "walking": "69859-7",
    "self_care": "69860-5",
    "independent_living": "69861-3",
}

VERHOEFF_D = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
    [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
    [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
    [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
    [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
    [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
    [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
    [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
]
VERHOEFF_P = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
    [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
    [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
    [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
    [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
    [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
    [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
]


def _luhn_holds(code: str) -> bool:
    """The check digit of LOINC and of the CDC code set: modulus 10."""
    digits = [int(digit) for digit in reversed(code.replace("-", ""))]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _verhoeff_holds(code: str) -> bool:
    """The check digit of SNOMED CT."""
    check = 0
    for place, digit in enumerate(reversed(code)):
        check = VERHOEFF_D[check][VERHOEFF_P[place % 8][int(digit)]]
    return check == 0


CHECKED_CODES = {
    "urn:oid:2.16.840.1.113883.6.238": _luhn_holds,
    "http://loinc.org": _luhn_holds,
    "http://snomed.info/sct": _verhoeff_holds,
    "urn:ietf:bcp:47": lambda code: re.fullmatch(r"[a-z]{2,3}", code) is not None,
    "https://nahdo.org/sopt": lambda code: re.fullmatch(r"\d{1,2}", code) is not None,
    "HRSA UDS Table 4": lambda code: code in {"1", "2", "3", "4"},
    "EEO-1 Component 1 job category": lambda code: code in {"1.1", "1.2", *"23456789"},
    "http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes": lambda code: (
        re.fullmatch(r"(food|transportation|utility)-insecurity|housing-instability", code) is not None
    ),
    "http://terminology.hl7.org/CodeSystem/data-absent-reason": lambda code: (
        code in {"unknown", "not-asked", "asked-declined"}
    ),
}


def _named(dimension: LibraryDimension) -> str:
    return f"{dimension.code}-{dimension.version}"


every_dimension = pytest.mark.parametrize("dimension", LIBRARY.dimensions, ids=_named)


def _codes(dimension: LibraryDimension) -> dict[str, str]:
    return {category.code: category.standard_code for category in dimension.answers}


def test_dimensions_of_the_guide_are_there() -> None:
    held = {dimension.code for dimension in LIBRARY.dimensions}
    assert held >= NAMED_BY_THE_GUIDE | {"age", "sex", "zip_area", "census_tract"}


def test_dimension_is_found_by_its_code_and_version() -> None:
    assert LIBRARY.dimension("race_ethnicity").version == 2
    assert LIBRARY.dimension("race_ethnicity", 1).superseded_by == 2
    with pytest.raises(KeyError):
        LIBRARY.dimension("race_ethnicity", 3)


@every_dimension
def test_white_and_men_are_never_first(dimension: LibraryDimension) -> None:
    lists = [dimension.answers, *(grouping.groups for grouping in dimension.groupings)]
    for groups in lists:
        if groups:
            assert not re.match(r"(white|man|men|male)\b", groups[0].label.lower())


@every_dimension
def test_groups_without_a_ladder_stand_in_the_order_of_their_labels(dimension: LibraryDimension) -> None:
    labels = [category.label.casefold() for category in dimension.answers]
    assert dimension.ordered or labels == sorted(labels)


def test_only_age_and_income_run_from_least_to_most() -> None:
    assert {dimension.code for dimension in LIBRARY.dimensions if dimension.ordered} == {"age", "income"}


@every_dimension
def test_blanks_are_last_and_missing(dimension: LibraryDimension) -> None:
    assert [category.code for category in dimension.categories[-3:]] == ["unknown", "not_asked", "declined"]
    assert [category.missing for category in dimension.categories] == [False] * len(dimension.answers) + [
        True
    ] * 3
    positions = [category.position for category in dimension.categories]
    assert positions == list(range(1, len(positions) + 1))


@every_dimension
def test_standard_codes_are_of_their_system(dimension: LibraryDimension) -> None:
    for category in dimension.categories:
        if category.standard_code:
            assert CHECKED_CODES[category.standard_system](category.standard_code), category
        else:
            assert category.standard_system == ""


@pytest.mark.parametrize("wrong", ["1003-5", "69856-4", "2181-8"])
def test_check_digit_finds_a_slip_in_race_and_loinc_codes(wrong: str) -> None:
    assert not _luhn_holds(wrong)


@pytest.mark.parametrize("wrong", ["446141000124108", "38628008", "20340005"])
def test_check_digit_finds_a_slip_in_snomed_codes(wrong: str) -> None:
    assert not _verhoeff_holds(wrong)


@every_dimension
def test_dimension_fits_into_the_models(dimension: LibraryDimension) -> None:
    def longest(model: type[Dimension] | type[Category], field: str) -> int:
        column = model._meta.get_field(field)
        assert isinstance(column, CharField)
        return column.max_length or 0

    assert len(dimension.code) <= longest(Dimension, "code")
    assert len(dimension.name) <= longest(Dimension, "name")
    for category in dimension.categories:
        assert len(category.code) <= longest(Category, "code")
        assert len(category.label) <= longest(Category, "label")
        assert len(category.short) <= longest(Category, "short_label")
        assert len(category.standard_system) <= longest(Category, "standard_system")
        assert len(category.standard_code) <= longest(Category, "standard_code")


@every_dimension
def test_words_are_plain_and_the_question_is_one_sentence(dimension: LibraryDimension) -> None:
    for text in (dimension.ask, dimension.caution, *(one.explanation for one in dimension.groupings)):
        for sentence in re.split(r"(?<=[.?!])\s+", text):
            assert len(sentence.split()) <= LONGEST_SENTENCE, sentence
    assert dimension.source


def test_race_has_the_seven_groups_of_2024_and_several_answers() -> None:
    race = LIBRARY.dimension("race_ethnicity")
    assert race.multiple
    assert {code: standard for code, standard in _codes(race).items() if code in SEVEN_MINIMUM_GROUPS} == (
        SEVEN_MINIMUM_GROUPS
    )
    assert set(_codes(race)) - set(SEVEN_MINIMUM_GROUPS) == {"more_than_one", "other"}
    (derived,) = [category for category in race.answers if category.derived]
    assert (derived.code, derived.standard_code) == ("more_than_one", "")


def test_race_is_counted_in_two_ways_that_are_told_apart() -> None:
    ways = {grouping.code: grouping for grouping in LIBRARY.dimension("race_ethnicity").groupings}
    assert (ways["every_group_named"].partition, ways["every_group_named"].several) == (False, "")
    assert (ways["one_group_each"].partition, ways["one_group_each"].several) == (True, "more_than_one")


def test_disability_is_asked_with_the_six_questions() -> None:
    disability = LIBRARY.dimension("disability")
    assert disability.multiple
    assert _codes(disability) == {**SIX_DISABILITY_QUESTIONS, "none": ""}


def test_immigration_status_is_not_collected_and_says_why() -> None:
    assert [one.code for one in LIBRARY.dimensions if not one.collect] == ["immigration_status"]
    immigration = LIBRARY.dimension("immigration_status")
    assert immigration.ask.startswith("Do not ask.")
    assert "danger" in immigration.caution
    assert [metric.code for metric in LIBRARY.metrics if "immigration_status" in metric.dimensions] == []


@pytest.mark.parametrize(
    ("code", "good", "bad"),
    [
        ("zip_area", "02118", "2118"),
        ("census_tract", "25025070402", "704.02"),
        ("neighborhood", "mill-hill", "Mill Hill"),
    ],
)
def test_places_bring_their_own_list(code: str, good: str, bad: str) -> None:
    place = LIBRARY.dimension(code)
    assert place.answers == ()
    assert re.fullmatch(place.place, good)
    assert not re.fullmatch(place.place, bad)


def test_crosswalk_of_1997_says_where_middle_eastern_people_were() -> None:
    (forward,) = [one for one in LIBRARY.crosswalks if one.code == "race-1997-to-2024"]
    assert {(link.target, link.relation) for link in forward.links if link.source == "white"} == {
        ("white", Relation.BROADER),
        ("middle_eastern", Relation.BROADER),
    }
    (back,) = [one for one in LIBRARY.crosswalks if one.code == "race-2024-to-1997"]
    assert [(link.target, link.relation) for link in back.links if link.source == "middle_eastern"] == [
        ("white", Relation.NARROWER)
    ]


def test_crosswalks_there_and_back_agree() -> None:
    opposite = {
        Relation.SAME: Relation.SAME,
        Relation.BROADER: Relation.NARROWER,
        Relation.NARROWER: Relation.BROADER,
    }
    forward, back = (
        {(link.source, link.target): link.relation for link in crosswalk.links}
        for crosswalk in LIBRARY.crosswalks
    )
    assert {(target, source): opposite[relation] for (source, target), relation in forward.items()} == back


def test_crosswalks_link_every_group_to_a_real_one() -> None:
    for crosswalk in LIBRARY.crosswalks:
        source = LIBRARY.dimension(crosswalk.source.dimension, crosswalk.source.version)
        target = LIBRARY.dimension(crosswalk.target.dimension, crosswalk.target.version)
        assert {link.source for link in crosswalk.links} == set(_codes(source))
        assert {link.target for link in crosswalk.links} == set(_codes(target))
        assert [
            link for link in crosswalk.links if link.relation is not Relation.SAME and not link.lost
        ] == []


def test_example_groups_have_the_codes_of_the_library() -> None:
    example = {
        dimension["code"]: dimension
        for dimension in tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))["dimension"]
    }
    for code in ("race_ethnicity", "language"):
        ready = LIBRARY.dimension(code)
        assert ready.standard_system == example[code]["standard_system"]
        for category in example[code]["category"]:
            if not category.get("missing"):
                assert _codes(ready)[category["code"]] == category.get("standard", "")
