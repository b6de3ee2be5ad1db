"""Whoever asks for another host, or from the page of another site, is refused; with a server as users start it."""

from __future__ import annotations

import base64
import re
import socket
from collections.abc import Iterator

import pytest
from playwright.sync_api import sync_playwright
from streamlit import config

from dashboard.guard import configured_hosts, is_own

from ..support.pages import CHROMIUM, needs_chromium, served
from ..support.paths import ROOT

HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": base64.b64encode(bytes(16)).decode(),
}
# What answers with the words of documents or leads to them: the page, its settings, files to download, the websocket.
PATHS = ("/", "/unit?lang=en", "/_stcore/health", "/_stcore/host-config", "/media/0.csv")


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("guard")
    with served(folder / "none.duckdb", folder / "server.log") as address:
        yield int(address.rpartition(":")[2])


def status(port: int, path: str, *headers: tuple[str, str]) -> int:
    """Status of the answer to a request with exactly these headers."""
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers), "", ""]
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall("\r\n".join(lines).encode("latin-1"))
        return int(connection.recv(64).split()[1])


def handshake(port: int, host: str, *origin: str) -> int:
    """Status of the answer to a websocket: 101 if it is opened."""
    more = [("Origin", value) for value in origin]
    return status(port, "/_stcore/stream", ("Host", host), *HANDSHAKE.items(), *more)


def test_pages_answer_under_the_names_of_this_machine(port: int) -> None:
    for host in (f"127.0.0.1:{port}", f"localhost:{port}", f"LOCALHOST:{port}", f"[::1]:{port}", "127.0.0.1"):
        assert status(port, "/", ("Host", host)) == 200, host
    for host in (f"127.0.0.1:{port}", f"localhost:{port}"):
        assert handshake(port, host, f"http://{host}") == 101, host
        assert handshake(port, host) == 101, host  # no page: a program of this machine


@pytest.mark.parametrize(
    "host",
    [
        "rebound.example",
        "rebound.example:{port}",
        "127.0.0.1.rebound.example:{port}",
        "localhost.rebound.example:{port}",
        "localhost@rebound.example:{port}",
        "127.0.0.1:{port}@rebound.example",
        "localhost:{port}.rebound.example",
        "192.0.2.7:{port}",
        "0.0.0.0:{port}",
        "[2001:db8::1]:{port}",
        "127.0.0.1, rebound.example",
        "127.0.0.1 rebound.example",
        "",
    ],
)
def test_another_host_is_refused_everywhere(port: int, host: str) -> None:
    named = host.format(port=port)
    assert {status(port, path, ("Host", named)) for path in PATHS} <= {400, 403}
    assert handshake(port, named, f"http://{named}") in (400, 403)
    assert handshake(port, named) in (400, 403)


def test_no_host_and_two_hosts_are_refused(port: int) -> None:
    own = ("Host", f"127.0.0.1:{port}")
    assert status(port, "/") in (400, 403)
    assert status(port, "/", own, ("Host", "rebound.example")) in (400, 403)
    assert status(port, "/", ("Host", "rebound.example"), own) in (400, 403)


@pytest.mark.parametrize(
    "origin",
    [
        "http://rebound.example",
        "http://127.0.0.1.rebound.example:{port}",
        "http://127.0.0.1:1",  # another server of this machine
        "http://localhost:{port}",  # asks for 127.0.0.1
        "http://127.0.0.1:{port}/path",
        "null",
        "file://",
        "",
    ],
)
def test_the_page_of_another_site_is_refused(port: int, origin: str) -> None:
    host, named = f"127.0.0.1:{port}", origin.format(port=port)
    assert handshake(port, host, named) == 403
    assert handshake(port, host, f"http://{host}", named) in (400, 403)
    assert status(port, "/_stcore/host-config", ("Host", host), ("Origin", named)) == 403


def test_hosts_that_are_configured_are_served(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a proxy: under its name, also where it passes the name of this machine on; nothing else is let in."""
    options = {"server.address": "0.0.0.0", "browser.serverAddress": "Pages.example"}
    monkeypatch.setattr(config, "get_option", options.__getitem__)
    hosts = frozenset(configured_hosts())
    assert hosts == {"pages.example"}

    def own(host: str, *origin: str) -> bool:
        return is_own([(b"Host", host.encode()), *((b"Origin", value.encode()) for value in origin)], hosts)

    assert own("pages.example")
    assert own("pages.example", "https://pages.example")
    assert own("127.0.0.1:8501", "https://pages.example")
    assert not own("0.0.0.0:8501")
    assert not own("pages.example", "https://rebound.example")
    assert not own("rebound.example", "https://pages.example")


@needs_chromium
def test_a_rebound_name_shows_a_browser_nothing(port: int) -> None:
    """The name of a stranger that leads to this machine, as DNS rebinding makes it."""
    arguments = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP rebound.example 127.0.0.1"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        page = browser.new_page()
        answer = page.goto(f"http://rebound.example:{port}/status")
        assert answer is not None
        assert answer.status == 403
        assert page.locator("[data-testid=stApp]").count() == 0
        page.goto(f"http://127.0.0.1:{port}/status")
        page.wait_for_selector("[data-testid=stApp]")
        browser.close()


def test_every_start_of_the_pages_is_guarded() -> None:
    """Nobody is told to start what the guard does not stand before."""
    said = [ROOT / "Makefile", *ROOT.glob("docs/*.md"), *ROOT.glob("*.md"), *ROOT.glob("dashboard/*.py")]
    started = {name for path in said for name in re.findall(r"streamlit run ([\w./]+\w)", path.read_text("utf-8"))}
    assert started == {"dashboard/app.py"}
