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

from equity.api.problems import PROBLEMS
from equity.public import api_urls, rows
from metrics.reading.counts_document import read_document
from tests.keys.systems import ask, send, system
from tests.metrics.importing import define
from tests.public.conftest import FIGURES, World
from tests.public.published import finding
from tests.public.test_feed import tombstone

NOT_DATA = {"docs", "schema", "nothing"}
SENDING = "/api/v1/organizations/{organization}/batches"
SENT = SENDING + "/{id}"
OF_SYSTEMS = {SENDING: "post", SENT: "get"}
"""Addresses for systems of an institution, with their one method."""


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
    assert set(document["paths"]) == {f"/api/v1/{name}" for name in named} | OF_SYSTEMS.keys()


def test_served_document_is_the_same(document: dict[str, Any], visitor: Browser, world: World) -> None:
    served = visitor.get("/api/v1/schema/")
    assert served.json() == document
    assert served.headers["Cache-Control"] == "public, max-age=300"


def test_every_address_names_every_error_with_an_example(document: dict[str, Any]) -> None:
    common = {"400", "401", "403", "404", "405", "406", "429", "500"}
    more = {SENDING: {"202", "411", "413", "415", "422"}, SENT: {"200"}}
    for path, methods in document["paths"].items():
        answers = methods[OF_SYSTEMS.get(path, "get")]["responses"]
        assert common | more.get(path, {"200", "304"}) == set(answers), path
        for status, answer in answers.items():
            if int(status) < 400:
                continue
            content = answer["content"]["application/problem+json"]
            for example in content["examples"].values():
                assert example["value"]["status"] == int(status)
                shape = "RefusedDocument" if status == "422" else "ProblemDocument"
                validator(document, shape).validate(example["value"])


def test_key_is_optional_and_described(document: dict[str, Any]) -> None:
    assert document["components"]["securitySchemes"]["apiKey"]["scheme"] == "bearer"
    for path, methods in document["paths"].items():
        if path not in OF_SYSTEMS:
            assert methods["get"]["security"] == [{"apiKey": []}, {}]


def test_key_of_a_system_is_needed_and_described(document: dict[str, Any]) -> None:
    assert document["components"]["securitySchemes"]["systemKey"]["bearerFormat"] == "lhi_live_…"
    for path, method in OF_SYSTEMS.items():
        assert set(document["paths"][path]) == {method}
        assert document["paths"][path][method]["security"] == [{"systemKey": []}]


def test_what_is_sent_and_answered_has_the_shape_that_is_told(document: dict[str, Any], house: Any) -> None:
    """The example of the document is one that is taken, and the answers are as they are described."""
    told = document["paths"][SENDING]["post"]["requestBody"]["content"]["application/json"]
    (example,) = [one["value"] for one in told["examples"].values()]
    validator(document, "SentDocument").validate(example)
    read_document(json.dumps(example).encode())
    key = system(house).secret
    refused = send(key, example)
    validator(document, "RefusedDocument").validate(refused.json())
    validator(document, "BatchState").validate(ask(key, refused.headers["Location"]).json())
    define(house)
    count = {
        "metric": "pain-30-minutes",
        "unit": "east",
        "period": "2024-01",
        "numerator": 3,
        "denominator": 6,
    }
    taken = send(key, {"counts": [count]}, "second")
    assert taken.status_code == 202
    validator(document, "ReceivedBatch").validate(taken.json())
    validator(document, "BatchState").validate(ask(key, taken.headers["Location"]).json())


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
