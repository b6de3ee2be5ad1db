"""Word of a failed run: sent where the environment says so, silent otherwise, and never with a secret in it."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pipeline.cli import cli
from pipeline.notify import Failure, failure

WORD = Failure("yusuan.duckdb", "run", 5, "dbt error: 某模型", "2024-05-01T02:00:00")


class Hook(HTTPServer):
    """A server on loopback that keeps what it is sent."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.got: list[tuple[str, Any]] = []
        super().__init__(("127.0.0.1", 0), HookHandler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hooks/secret-token"


class HookHandler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Hook)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, json.loads(body)))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class Mail(socketserver.ThreadingTCPServer):
    """A mail server on loopback, as far as a message needs one."""

    allow_reuse_address = True

    def __init__(self) -> None:
        self.got: list[str] = []
        super().__init__(("127.0.0.1", 0), MailHandler)

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class MailHandler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, Mail)
        self.say("220 here")
        while line := self.rfile.readline().decode().strip():
            word = line.partition(" ")[0].upper()
            if word == "DATA":
                self.say("354 go on")
                text = ""
                while (part := self.rfile.readline().decode()) != ".\r\n":
                    text += part
                self.server.got.append(text)
            self.say("221 bye" if word == "QUIT" else "250 good")
            if word == "QUIT":
                return

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


def serving(server: Any) -> Iterator[Any]:
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def hook() -> Iterator[Hook]:
    yield from serving(Hook())


@pytest.fixture
def mail() -> Iterator[Mail]:
    yield from serving(Mail())


def test_nothing_is_sent_unless_the_environment_says_where(hook: Hook) -> None:
    assert failure(WORD, {}) == []
    assert hook.got == []


def test_a_failed_run_posts_once(hook: Hook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUSUAN_ON_FAILURE_WEBHOOK", hook.url)
    at = ("--warehouse", str(tmp_path / "house/yusuan.duckdb"))
    result = CliRunner().invoke(cli, ["run", str(tmp_path / "nowhere"), *at])
    assert result.exit_code == 2
    ((path, told),) = hook.got
    assert path == "/hooks/secret-token"
    assert (told["warehouse"], told["command"], told["exit_code"]) == ("yusuan.duckdb", "run", 2)
    assert "no such file or folder" in told["error"]
    assert "secret-token" not in result.output + result.stderr
    assert CliRunner().invoke(cli, ["status", *at]).exit_code == 2
    assert len(hook.got) == 1  # only runs tell


def test_a_mail_names_the_run_and_what_failed(mail: Mail) -> None:
    settings = {"YUSUAN_ON_FAILURE_MAIL": "house@example.org", "YUSUAN_SMTP": mail.place}
    assert failure(WORD, settings) == []
    (text,) = mail.got
    assert "Subject: Yusuan: run failed with exit code 5 (yusuan.duckdb)" in text
    assert "To: house@example.org" in text


def test_what_cannot_be_sent_is_a_warning_without_the_address(mail: Mail) -> None:
    refusing = Hook(status=500)
    for server in serving(refusing):
        problems = failure(WORD, {"YUSUAN_ON_FAILURE_WEBHOOK": server.url})
    problems += failure(WORD, {"YUSUAN_ON_FAILURE_WEBHOOK": refusing.url})  # nobody listens any more
    problems += failure(WORD, {"YUSUAN_ON_FAILURE_WEBHOOK": "file:///etc/secret-token"})
    settings = {"YUSUAN_ON_FAILURE_MAIL": "a@example.org", "YUSUAN_SMTP": mail.place, "YUSUAN_SMTP_USER": "u"}
    problems += failure(WORD, {**settings, "YUSUAN_SMTP_PASSWORD": "secret-token"})  # without TLS: no password is sent
    assert [problem.rpartition("(")[2] for problem in problems] == [
        "HTTPError 500)",
        "URLError)",
        "ValueError)",
        "SMTPNotSupportedError)",
    ]
    assert mail.got == []
    assert "secret-token" not in " ".join(problems)
