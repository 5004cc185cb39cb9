"""Main pages of the running house under an offered load: statements, CPU time, and how long people wait.

The load is open: a request leaves every tenth of a second whether or not the one before has been answered.
"""

from __future__ import annotations

import http.client
import json
import os
import statistics
import threading
import time
import urllib.parse
from pathlib import Path

import pytest

from tests.functional.browser import chromium
from tests.functional.house import running_house

pytestmark = pytest.mark.browser

RATE, SECONDS = 10, 6
REAL = "hospitals-130"
COUNTS = json.loads((Path(__file__).parents[1] / "architecture" / "query_counts.json").read_text())
MEASURED_AS = {
    "/p/willow-ferry/": "/p/riverside/",
    f"/p/{REAL}/measures/readmission-30-day/": "/p/riverside/measures/seen-in-time/",
}
"""Pages whose statements were counted at an institution of the tests, with another measure."""

PAGES = {
    "/": "",
    "/p/willow-ferry/": "",
    f"/p/{REAL}/measures/readmission-30-day/": "",
    "/guides/light-and-heat/steps/": "",
    f"/api/v1/observations?institution={REAL}&limit=200": "",
    "/me/": "council",
    f"/o/{REAL}/": "council",
    f"/o/{REAL}/programme/": "council",
    f"/o/{REAL}/measures/patient/": "council",
    f"/o/{REAL}/community/": "rosa",
}


def cookies_of(browser, house, account):
    context = browser.new_context(base_url=house.address)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.get_by_label("Email address").fill(f"{account}@{REAL}.example")
    page.get_by_label("Password").fill(house.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/me/")
    header = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in context.cookies())
    context.close()
    return header


def web_cpu_seconds(port):
    """CPU time so far of the processes that serve this port, from the kernel's own account."""
    ticks = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if (
                f":{port}".encode() in (folder / "cmdline").read_bytes()
                and b"gunicorn" in (folder / "cmdline").read_bytes()
            ):
                fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
                ticks += int(fields[11]) + int(fields[12])
        except OSError:
            continue
    return ticks / os.sysconf("SC_CLK_TCK")


def ask(host, path, cookies, waits, faults):
    started = time.perf_counter()
    connection = http.client.HTTPConnection(host, timeout=30)
    connection.request("GET", path, headers={"Cookie": cookies, "Accept-Encoding": "gzip"})
    response = connection.getresponse()
    response.read()
    connection.close()
    waits.append(time.perf_counter() - started)
    if response.status != 200:
        faults.append(response.status)


def offered(host, path, cookies):
    waits, faults, threads = [], [], []
    begin = time.perf_counter()
    for number in range(RATE * SECONDS):
        time.sleep(max(0, begin + number / RATE - time.perf_counter()))
        threads.append(threading.Thread(target=ask, args=(host, path, cookies, waits, faults)))
        threads[-1].start()
    for thread in threads:
        thread.join()
    assert not faults, (path, faults)
    return waits


def test_pages(tmp_path, monkeypatch):
    monkeypatch.setenv("API_RATE_PER_MINUTE_WITHOUT_KEY", "100000")
    with running_house(tmp_path / "house") as house:
        host = urllib.parse.urlsplit(house.address).netloc
        port = host.rsplit(":", 1)[1]
        with chromium() as browser:
            cookies = {"": ""} | {name: cookies_of(browser, house, name) for name in ("council", "rosa")}
        print(
            f"\n{'page':58} {'statements':>10} {'CPU ms':>7} {'p50 ms':>7} {'p95 ms':>7}   at {RATE} requests/s"
        )
        for path, name in PAGES.items():
            offered(host, path, cookies[name])
            before = web_cpu_seconds(port)
            waits = sorted(offered(host, path, cookies[name]))
            cpu = 1000 * (web_cpu_seconds(port) - before) / len(waits)
            known = COUNTS[MEASURED_AS.get(path, path.replace(REAL, "riverside"))]
            middle, late = statistics.median(waits) * 1000, waits[int(len(waits) * 0.95)] * 1000
            print(f"{path:58} {known:>10} {cpu:7.1f} {middle:7.1f} {late:7.1f}")
