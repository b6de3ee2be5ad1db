"""A server of the pages and a browser, one of each a file of tests."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import duckdb
import pytest
from playwright.sync_api import Page, sync_playwright

from ..support.pages import ARGUMENTS, CHROMIUM, PATIENCE, Pages, served


@pytest.fixture(scope="module")
def pages(samples_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """One server on a free port of this machine, ended by its handle, and one browser."""
    folder = tmp_path_factory.mktemp("dashboard")
    file = folder / "yusuan.duckdb"
    shutil.copy(samples_warehouse, file)
    with served(file, folder / "server.log") as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        shown = Pages(address, file, samples_warehouse, browser)
        yield shown
        browser.close()
    assert shown.outside == []
    assert b"Traceback" not in (folder / "server.log").read_bytes()


@pytest.fixture
def page(pages: Pages) -> Iterator[Page]:
    """A fresh window; every address it asks for outside of this machine is noted."""
    context = pages.browser.new_context(viewport={"width": 2200, "height": 3200}, accept_downloads=True, locale="zh-CN")
    context.set_default_timeout(PATIENCE)

    def note(address: str) -> None:
        if urlsplit(address).scheme not in ("data", "blob") and urlsplit(address).hostname != "127.0.0.1":
            pages.outside.append(address)

    context.on("request", lambda request: note(request.url))
    yield context.new_page()
    context.close()


@pytest.fixture
def shown_file(pages: Pages) -> Iterator[Callable[[Callable[[duckdb.DuckDBPyConnection], None]], None]]:
    """Publish a changed copy of the samples; the samples themselves come back afterwards."""

    def publish(change: Callable[[duckdb.DuckDBPyConnection], None]) -> None:
        changed = pages.file.with_name("changed.duckdb")
        shutil.copy(pages.good, changed)
        with duckdb.connect(str(changed)) as connection:
            change(connection)
        pages.publish(changed)

    yield publish
    pages.publish(pages.good)
