"""The pages for a test: their server, the file that it shows, and what a browser makes of them."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import duckdb
import pytest
from playwright.sync_api import Browser, Page, expect

from .paths import ROOT

CHROMIUM = next((path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(path).exists()), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (Debian: apt install chromium)")

# Nothing but the pages' own server can be reached.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
PAGES = {
    "overview": ("总览", "Overview"),
    "unit": ("单位", "Unit"),
    "three-public": ("三公经费", "Three public"),
    "projects": ("项目", "Projects"),
    "compare": ("对比", "Compare"),
    "findings": ("发现", "Findings"),
    "source": ("出处", "Source"),
    "status": ("运行状态", "Run status"),
}
PATIENCE = 60_000  # ms; a slow machine with other work
expect.set_options(timeout=20_000)
UNIT = "示例省清溪县文化馆"


class Pages:
    """The server of this module, the file that it shows, and what the browser asked for."""

    def __init__(self, address: str, file: Path, good: Path, browser: Browser) -> None:
        self.address, self.file, self.good, self.browser = address, file, good, browser
        self.outside: list[str] = []

    def publish(self, source: Path) -> None:
        """Move a copy of a file over the shown one in one step, as a publication does."""
        part = self.file.with_name("part.duckdb")
        shutil.copy(source, part)
        os.replace(part, self.file)

    def open(self, page: Page, path: str = "", **parameters: str) -> None:
        """Go to a page by its address and wait until it is drawn."""
        page.goto(f"{self.address}/{path}" + (f"?{urlencode(parameters)}" if parameters else ""))
        drawn(page)

    def sql(self, question: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Rows of the file that is shown."""
        with duckdb.connect(str(self.good), read_only=True) as connection:
            return connection.execute(question, list(parameters)).fetchall()

    def unit_key(self) -> str:
        """Key of the unit of the samples that has two years."""
        return str(self.sql("select unit_key from reports.rpt_unit where unit_name = ?", UNIT)[0][0])


def drawn(page: Page, head: str | None = None) -> None:
    """Wait until the page of the address, with that head, has been drawn to its end."""
    name = urlsplit(page.url).path.strip("/") or "."
    page.wait_for_selector(f'.page-end[href^="{name}?"]', state="attached", timeout=PATIENCE)
    if head is not None:
        expect(page.locator("h1")).to_have_text(head, timeout=PATIENCE)
    for _ in range(2):
        page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=PATIENCE)
        page.wait_for_timeout(200)


def tables(page: Page) -> list[list[dict[str, str]]]:
    """Every table of the page by its accessible text: rows of head → cell, as far as they are in view."""
    # A grid gets its cells when it is drawn, which comes after its frame.
    page.wait_for_function(
        """() => {
            const frames = [...document.querySelectorAll('[data-testid=stDataFrame]')];
            return frames.length > 0 && frames.every(frame => frame.querySelector('table[role=grid] td'));
        }""",
        timeout=PATIENCE,
    )
    found = page.locator("[data-testid=stDataFrame] table[role=grid]").evaluate_all(
        """grids => grids.map(grid => {
            const heads = [...grid.querySelectorAll('th')].map(cell => cell.innerText);
            return [...grid.querySelectorAll('tbody tr')].map(row =>
                Object.fromEntries([...row.querySelectorAll('td')].map(
                    cell => [heads[+cell.getAttribute('aria-colindex') - 1], cell.innerText])));
        })"""
    )
    assert isinstance(found, list)
    return found


def tile(page: Page, label: str) -> str:
    """Value of the tile with that label, once it is drawn: its text comes after its frame."""
    found = page.locator("[data-testid=stMetric]", has=page.get_by_text(label, exact=True))
    value = found.locator("[data-testid=stMetricValue]")
    expect(value).not_to_be_empty(timeout=PATIENCE)
    return value.inner_text().strip()


@contextmanager
def served(file: Path, log: Path) -> Iterator[str]:
    """The address of a server of the pages on a free port of this machine, which is ended by its handle."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "dashboard" / "app.py"), "--server.port", str(port)]
    environment = {**os.environ, "YUSUAN_WAREHOUSE": str(file), "PYTHONPATH": str(ROOT)}
    with log.open("wb") as out:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out)
        try:
            _wait_for(f"http://127.0.0.1:{port}/_stcore/health", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=30)


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert server.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the server did not answer")
