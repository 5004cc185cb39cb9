"""A line list is counted while it arrives, and nothing but counts is left of it."""

from __future__ import annotations

import gzip
import logging
import lzma
import tempfile
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client, RequestFactory

from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona
from metrics.example import make_readmission_counts
from metrics.known import Definitions
from metrics.models import Batch
from metrics.reading.counts import KnownCodes
from metrics.reading.mapping_file import load_mapping
from metrics.uploads import LineListUploadHandler, PreparedFile
from tests.cast import House
from tests.metrics.importing import address, again, apply, content, define, observations, run_jobs
from tests.metrics.test_reading_example import _rebuilt_line_list, _true_counts

HEADER = "race,gender,age,payer_code,readmitted"
ROW = "Caucasian,Female,[50-60),MC,NO"
SECRET = "Zebulon-Quintessa"


@pytest.fixture
def client_of_bea(client: Client, house: House) -> Client:
    define(house)
    client.force_login(house.accounts["bea"])
    return client


def send(client: Client, content: bytes, name: str = "stays.csv", mapping: str = "diabetes130") -> Any:
    file = SimpleUploadedFile(name, content, content_type="text/csv")
    return client.post(f"{address('import_line_list')}?mapping={mapping}", {"file": file})


def batch_at(house: House, response: Any) -> Batch:
    assert response.status_code == 302, response.content.decode()
    run_jobs(house)
    return again(house, response["Location"].rstrip("/").rsplit("/", 1)[1])


def key_of(stratum: tuple[tuple[str, str], ...]) -> str:
    return "&".join(f"{dimension}={category}" for dimension, category in stratum)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress])
def test_line_list_sent_by_the_analyst_becomes_true_observations(
    client_of_bea: Client, house: House, tmp_path: Path, pack: Any
) -> None:
    response = send(client_of_bea, pack(_rebuilt_line_list(tmp_path).read_bytes()))
    batch = batch_at(house, response)
    assert (batch.state, batch.rows_read, batch.kind) == ("uploaded", 101_766, "line_list")
    assert batch.report["check"]["new"] == 131
    apply(house, batch)
    assert observations(house) == {
        ("all", "1999-01-01", key_of(stratum), numerator, denominator, "")
        for stratum, (numerator, denominator) in _true_counts().items()
    }
    page = client_of_bea.get(address("import_batch", pk=batch.pk)).content.decode()
    assert "131 new" in page
