"""How long the pages take: first useful paint and interactions, on a published file and on many copies of it.

    python -m benchmarks.dashboard_speed FILE [--times 100] [--rounds 3]

Copies the tables of the reports and of quality TIMES times under other units, documents and projects into a file of
its own, then opens every page in Chromium. Prints seconds: the median over the rounds. First paint is of a new window
until the page is drawn to its end; the interaction is the choice of another unit of account on the drawn page.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import duckdb
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("", "unit", "three-public", "projects", "compare", "findings", "source", "status")
# Names that tell one copy from another; other columns stay as they are.
KEYS = {"unit_key", "document_id", "prior_document_id", "series_key", "project_key", "line_key", "superseded_by"}


def multiply(file: Path, target: Path, times: int) -> int:
    """A copy of `file` at `target` whose report and quality tables stand there `times` times; gives its size."""
    shutil.copy(file, target)
    with duckdb.connect(str(target)) as connection:
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where schema_name in ('reports', 'quality')"
            " and table_name <> 'rpt_label'"
        ).fetchall()
        for schema, table in tables:
            columns = [row[0] for row in connection.execute(f"describe {schema}.{table}").fetchall()]
            shown = ", ".join(
                f"md5({name} || '-' || copy) as {name}"
                if name in KEYS or name.endswith("_key")
                else f"{name} || ' ' || copy as {name}"
                if name == "unit_name"
                else name
                for name in columns
            )
            connection.execute(
                f"insert into {schema}.{table} select {shown} from {schema}.{table},"
                f" (select cast(range as varchar) as copy from range(1, {times})) order by copy"
            )
        connection.execute("checkpoint")
    return target.stat().st_size


def drawn(page: Page, name: str) -> None:
    """Wait for the end of a page that is not being drawn any more."""
    page.wait_for_selector(f'.page-end[href^="{name or "."}?"]', state="attached", timeout=120_000)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=120_000)


def measure(file: Path, rounds: int) -> dict[str, tuple[float, float]]:
    """Page → median seconds of the first paint and of an interaction."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "dashboard" / "app.py"), "--server.port", str(port)]
    environment = {**os.environ, "YUSUAN_WAREHOUSE": str(file), "PYTHONPATH": str(ROOT)}
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=quiet, stderr=quiet) as server:
        try:
            while True:
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2).close()
                    break
                except OSError:
                    time.sleep(0.2)
            return _measure(f"http://127.0.0.1:{port}", rounds)
        finally:
            server.terminate()


def _measure(address: str, rounds: int) -> dict[str, tuple[float, float]]:
    found: dict[str, tuple[float, float]] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
        )
        for name in PAGES:
            paints, clicks = [], []
            for _ in range(rounds):
                page = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
                start = time.perf_counter()
                page.goto(f"{address}/{name}")
                drawn(page, name)
                paints.append(time.perf_counter() - start)
                start = time.perf_counter()
                page.get_by_role("radio", name="元", exact=True).click()
                page.wait_for_selector('.page-end[href*="money=yuan"]', state="attached", timeout=120_000)
                drawn(page, name)
                clicks.append(time.perf_counter() - start)
                page.context.close()
            found[name or "overview"] = statistics.median(paints), statistics.median(clicks)
        browser.close()
    return found


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("file", type=Path)
    arguments.add_argument("--times", type=int, default=100)
    arguments.add_argument("--rounds", type=int, default=3)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = {1: chosen.file.absolute()}
        if chosen.times > 1:
            files[chosen.times] = Path(folder) / "yusuan.duckdb"
            start = time.perf_counter()
            size = multiply(chosen.file, files[chosen.times], chosen.times)
            print(f"{chosen.times} copies: {size / 1e6:.0f} MB, made in {time.perf_counter() - start:.0f} s")
        for times, file in files.items():
            for name, (paint, click) in measure(file, chosen.rounds).items():
                print(f"x{times:<4} {name:14} first paint {paint:5.2f} s   interaction {click:5.2f} s", flush=True)


if __name__ == "__main__":
    main()
