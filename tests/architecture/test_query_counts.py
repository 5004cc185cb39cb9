"""How many statements each main page sends, kept in a file that a person reads when it changes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

pytestmark = pytest.mark.django_db

REVIEWED = Path(__file__).with_name("query_counts.json")
"""Set WRITE_QUERY_COUNTS=1 to write it anew, then read the difference."""

MOST = 10
SENT = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
PAGES = {
    "/": "",
    "/guides/": "",
    "/guides/light-and-heat/steps/": "",
    "/p/riverside/": "",
    "/p/riverside/measures/seen-in-time/": "",
    "/api/v1/observations?institution=riverside&limit=200": "",
    "/api/v1/inequality?institution=riverside&metric=seen-in-time": "",
    "/me/": "alice",
    "/o/riverside/": "alice",
    "/o/riverside/people/": "alice",
    "/o/riverside/history/": "alice",
    "/o/riverside/programme/": "alice",
    "/o/riverside/programme/practices/": "alice",
    "/o/riverside/measures/": "alice",
    "/o/riverside/measures/patient/": "alice",
    "/o/riverside/measures/patient/seen-in-time/": "alice",
    "/o/riverside/measures/patient/seen-in-time/inequality/": "alice",
    "/o/riverside/measures/analysis/": "alice",
    "/o/riverside/measures/due/": "alice",
    "/o/riverside/measures/choose/": "alice",
    "/o/riverside/measures/choose/proposals/": "alice",
    "/o/riverside/measures/choose/ours/seen-in-time/": "alice",
    "/o/riverside/measures/choose/groups/": "alice",
    "/o/riverside/measures/choose/groups/of/race/": "alice",
    "/o/riverside/units/": "alice",
    "/o/riverside/measures/imports/": "alice",
    "/o/riverside/measures/releases/": "alice",
    "/o/riverside/keys/": "alice",
    "/o/riverside/community/": "carmen",
    "/o/riverside/reports/": "alice",
}


def statements(client, address):
    with CaptureQueriesContext(connections["owner"]) as captured:
        assert client.get(address).status_code == 200
    told = [query["sql"] for query in captured.captured_queries if query["sql"].lstrip("(").startswith(SENT)]
    return len([sql for sql in told if "set_config" not in sql])


def test_statements_of_each_page(client, stands):
    counted = {}
    for address, name in PAGES.items():
        if name:
            client.force_login(stands.house.accounts[name])
        statements(client, address)
        counted[address] = statements(client, address)
    if os.environ.get("WRITE_QUERY_COUNTS"):
        REVIEWED.write_text(json.dumps(counted, indent=2) + "\n")
    assert counted == json.loads(REVIEWED.read_text())


def test_no_page_of_a_member_sends_more_than_ten_statements():
    """Signing in, the person and their roles are among them."""
    counted = json.loads(REVIEWED.read_text())
    assert {address: sent for address, sent in counted.items() if PAGES[address] and sent > MOST} == {}
