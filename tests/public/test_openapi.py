"""The OpenAPI document is valid, covers every address, and says of every answer what it is."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client as Browser
from django.urls import reverse
from jsonschema import Draft202012Validator

from equity.public import api_urls, rows
from equity.public.problems import PROBLEMS
from tests.public.conftest import FIGURES, World
from tests.public.published import finding
from tests.public.test_feed import tombstone

NOT_DATA = {"docs", "schema", "nothing"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """As `manage.py spectacular` writes it; a warning is a failure."""
    text = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", stdout=text)
    return dict(json.loads(text.getvalue()))


def validator(document: dict[str, Any], component: str) -> Draft202012Validator:
    schema = {"$ref": f"#/components/schemas/{component}", "components": document["components"]}
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def test_document_is_openapi_3_1_and_covers_every_address(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    named = {pattern.name for pattern in api_urls.urlpatterns} - NOT_DATA
    assert set(document["paths"]) == {f"/api/v1/{name}" for name in named}


def test_served_document_is_the_same(document: dict[str, Any], visitor: Browser, world: World) -> None:
    served = visitor.get("/api/v1/schema/")
    assert served.json() == document
    assert served.headers["Cache-Control"] == "public, max-age=300"


def test_every_address_names_every_error_with_an_example(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        answers = methods["get"]["responses"]
        assert {"200", "304", "400", "401", "403", "404", "405", "406", "429", "500"} == set(answers), path
        for status, answer in answers.items():
            if int(status) < 400:
                continue
            content = answer["content"]["application/problem+json"]
            for example in content["examples"].values():
                assert example["value"]["status"] == int(status)
                validator(document, "ProblemDocument").validate(example["value"])


def test_key_is_optional_and_described(document: dict[str, Any]) -> None:
    assert document["components"]["securitySchemes"]["apiKey"]["scheme"] == "bearer"
    for methods in document["paths"].values():
        assert methods["get"]["security"] == [{"apiKey": []}, {}]


def test_csv_columns_are_told(document: dict[str, Any]) -> None:
    told = document["paths"]["/api/v1/observations"]["get"]["responses"]["200"]["content"]["text/csv"]
    assert next(iter(told["examples"].values()))["value"].split(",") == list(rows.COLUMNS)


@pytest.mark.parametrize(
    ("address", "component"),
    [
        ("/api/v1/observations", "ObservationPage"),
        ("/api/v1/observations?limit=2", "ObservationPage"),
        ("/api/v1/findings", "FindingPage"),
        ("/api/v1/institutions", "InstitutionPage"),
        ("/api/v1/inequality?institution=riverside&metric=readmission", "InequalityAnswer"),
    ],
)
def test_answer_has_the_shape_that_is_told(
    document: dict[str, Any], published: World, visitor: Browser, address: str, component: str
) -> None:
    published.publish(tombstone(FIGURES[2]), tombstone(finding("1.1")), kind="withdrawal")
    answer = visitor.get(address).json()
    assert answer["data"]
    validator(document, component).validate(answer)
    for row in answer["data"]:
        told = document["components"]["schemas"][component]["properties"]["data"]["items"]["$ref"].rsplit(
            "/", 1
        )[1]
        assert set(row) == set(document["components"]["schemas"][told]["properties"])


def test_refusals_have_the_shape_that_is_told(
    document: dict[str, Any], published: World, visitor: Browser
) -> None:
    for query in ({"hospital": "x"}, {"limit": "0"}, {"cursor": "x"}, {"format": "xml"}):
        validator(document, "ProblemDocument").validate(visitor.get("/api/v1/observations", query).json())


def test_types_are_addresses_on_the_page_of_the_api() -> None:
    assert {problem.type.split("#")[0] for problem in PROBLEMS} == {reverse("api:docs")}
